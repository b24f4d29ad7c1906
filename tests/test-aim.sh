#!/bin/sh
# Method aim from the outside: what it writes, that threads do not matter, that
# it goes on after a stop, that its limits hold, and that it beats mst where
# three columns depend on each other.
set -u
LC_ALL=C
export LC_ALL
gen=$top_builddir/privet-gen
audit=$top_builddir/privet-audit
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-aim-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
passed=0 failed=0
check() { # check WHAT COMMAND...: the command succeeds
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        echo "FAIL: $what" >&2
        failed=$((failed + 1))
    fi
}
metric() { # metric FILE ID
    "$audit" fidelity --real t.csv --synthetic "$1" --schema s.json --json |
        awk -v id="\"$2\"" 'index($0, "\"id\": " id) { found = 1 }
            found && /"value"/ { gsub(/[^0-9.e-]/, ""); print; exit }'
}
less() { awk "BEGIN { exit !($1 < $2) }"; }

# c is the exclusive or of a and b, d follows c, e goes its own way
awk 'BEGIN {
    x = 4711
    print "a,b,c,d,e"
    for (r = 0; r < 4000; r++) {
        for (i = 0; i < 4; i++) { x = (x * 16807) % 2147483647; u[i] = int(x / 1000) }
        a = u[0] % 2; b = u[1] % 2; c = (a + b) % 2
        d = u[2] % 10 ? c * 3 : u[2] % 4
        print a "," b "," c "," d "," u[3] % 6
    }
}' >t.csv
field() { printf '{"name":"%s","type":"integer","constraints":{"required":true,"minimum":0,"maximum":%s}}' "$1" "$2"; }
printf '{"fields":[%s,%s,%s,%s,%s]}\n' "$(field a 1)" "$(field b 1)" "$(field c 1)" "$(field d 3)" "$(field e 5)" >s.json
base="t.csv --schema s.json --rho 0.5 --insecure-test-seed 5 --quiet"

check "a run" "$gen" aim $base --threads 1 -o one.h5
for t in 2 4; do
    check "threads $t" "$gen" aim $base --threads $t -o t$t.h5
    check "the same bytes with $t threads" cmp one.h5 t$t.h5
done
check "mst" "$gen" mst $base -o mst.h5
check "aim sees what pairs do not show" less "$(metric one.h5 tv.3way.mean)" "$(metric mst.h5 tv.3way.mean) / 2"
check "aim is near the rows" less "$(metric one.h5 tv.3way.mean)" 0.04
check "the ledger adds up" "$gen" ledger one.h5.run >/dev/null

# stopped by a signal between questions, and gone on with
"$gen" aim $base -o stop.h5 --run-dir run --threads 1 &
pid=$!
kill -TERM $pid 2>/dev/null
wait $pid
status=$?
check "stops with 75, or was done: $status" [ $status = 75 -o $status = 0 -o $status = 143 ]
check "goes on" "$gen" aim $base -o stop.h5 --run-dir run --threads 1
check "to the same bytes" cmp one.h5 stop.h5
"$gen" aim $base -o stop.h5 --run-dir run --model-size 1M --force 2>err
check "a changed option is refused" [ $? = 1 ]

# limits, workloads and budgets
check "a small model" "$gen" aim $base --model-size 1K -o small.h5 -v 2>/dev/null
check "a target" "$gen" aim $base --target d --degree 2 -o target.h5
check "pairs" "$gen" aim $base --workload all-2way -o pairs.h5
"$gen" aim t.csv --schema s.json --rho 1e-10 -o no.h5 2>err
check "a budget too small is refused: $?" [ ! -e no.h5 -a ! -e no.h5.run ]
check "and said" grep -qi budget err
"$gen" aim $base --workload nothing.json -o no.h5 2>err
check "a workload that is not there" grep -q nothing.json err
check "a plan" "$gen" plan aim --schema s.json --rho 0.5 >plan
check "with lines for rounds" grep -q "first rounds" plan

echo "$passed checks passed, $failed failed"
[ $failed = 0 ]
