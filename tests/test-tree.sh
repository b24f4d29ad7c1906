#!/bin/sh
# The method tree as its users call it.
gen=$top_builddir/privet-gen
audit=$top_builddir/privet-audit
table=$top_builddir/privet-table
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
seed=202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; head -n 3 err 2>/dev/null; }
check() { what=$1; shift; if "$@"; then ok; else bad "$what"; fi; }
expect() { # STATUS TEXT-IN-STDERR ARGUMENTS...
    want=$1 text=$2; shift 2
    "$gen" "$@" >out 2>err; got=$?
    if [ $got -ne "$want" ]; then bad "exit $got, not $want: privet-gen $*"; return; fi
    case $(cat err) in *"$text"*) ok ;; *) bad "no \"$text\" in: $(cat err)" ;; esac
}
# table ROWS LEVELS...: rows of columns that each lean on the one before
table() {
    awk -v rows="$1" -v levels="$2" 'BEGIN {
        n = split(levels, l, " "); x = 4711
        for (c = 1; c <= n; c++) printf "c%d%s", c, c < n ? "," : "\n"
        for (r = 0; r < rows; r++) {
            v = 0
            for (c = 1; c <= n; c++) {
                x = (x * 16807) % 2147483647
                v = (x % 4 ? v : int(x / 7) % 97) % l[c]
                printf "%d%s", v, c < n ? "," : "\n" } } }' >"$3.csv"
    awk -v levels="$2" 'BEGIN {
        n = split(levels, l, " "); printf "{\"fields\":["
        for (c = 1; c <= n; c++)
            printf "%s{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":{\"required\":true,\"minimum\":0,\"maximum\":%d}}", (c > 1 ? "," : ""), c, l[c] - 1
        print "]}" }' >"$3.json"
}
# tv FILE TABLE: mean total variation of pairs, in millionths
tv() {
    "$audit" fidelity --real "$2.csv" --synthetic "$1" --schema "$2.json" --json 2>/dev/null |
        awk '/"tv.2way.mean"/ { on = 1 }
            on && /"value"/ { sub(/.*: */, ""); sub(/,.*/, ""); printf "%d", 1e6 * $0; exit }'
}

table 3000 "2 3 4 5 6 7 8 9" eight
base="eight.csv --schema eight.json --epsilon 2 --delta 1e-9"

# complete runs, the same bytes for any number of threads, any memory that suffices
for n in 1 2; do expect 0 "wrote" tree $base -o t$n.h5 --threads $n --insecure-test-seed $seed; done
check "2 threads give the bytes of 1" cmp t1.h5 t2.h5
check "the ledger holds" "$gen" ledger t1.h5 --json >out 2>err
check "five questions: one-way, and twice distances and marginals" \
    [ "$(grep -c '"kind":"reserve"' t1.h5.run/ledger.jsonl)" -eq 5 ]
check "two of them are of distances" \
    [ "$(grep -c '"ask":"scores"' t1.h5.run/ledger.jsonl)" -eq 2 ]
expect 0 "wrote" independent $base -o i.h5 --insecure-test-seed $seed
t=$(tv t1.h5 eight) i=$(tv i.h5 eight)
check "pairs are much nearer than independent columns' ($t, $i)" [ $((3 * t)) -lt "$i" ]
expect 0 "no further cost" tree --from-measurements t1.h5 -o refit.h5
expect 0 "wrote" tree $base --neighbors replace -o r.h5
check "replacement makes the row count public" \
    sh -c "\"$table\" info r.h5 | grep -q '^3000 rows'"

# workloads: pairs; a file; one-way marginals; a target
expect 0 "wrote" tree $base --workload all-2way -o pairs.h5
expect 0 "wrote" tree $base --workload all-1way -o ones.h5
check "nothing is chosen for one-way marginals" \
    [ "$(grep -c '"kind":"reserve"' ones.h5.run/ledger.jsonl)" -eq 1 ]
echo '{"marginals": [["c1", "c2", "c3", "c4"], ["c7", "c8"]]}' >w.json
expect 0 "wrote" tree $base --workload w.json -o w.h5
check "what is not in the workload is not measured" \
    sh -c '! grep -q "\"c1\",\"c8\"" w.h5.run/ledger.jsonl'
expect 0 "wrote" tree $base --target c8 -o target.h5

# small tables, and columns of one level
table 500 "4" one; table 500 "4 3" two; table 500 "1 5 1 2 1" fixed; table 200 "1 1" nothing
for t in one two fixed nothing; do
    expect 0 "wrote" tree $t.csv --schema $t.json --rho 0.1 -o $t.h5
    check "$t: rows come out" "$table" info $t.h5 >out
    expect 0 "" plan tree --schema $t.json --rho 0.1
done
head -n 1 two.csv >empty.csv
expect 0 "wrote" tree empty.csv --schema two.json --rho 0.1 -o empty.h5

# structural zeros and persons
sed 's/]}$/],"privet":{"zeros":[{"when":{"c3":[3]},"never":{"c5":[0,1]}}]}}/' eight.json >zeros.json
expect 0 "wrote" tree eight.csv --schema zeros.json --epsilon 2 --delta 1e-9 -o zeros.h5
"$table" export zeros.h5 -o zeros.csv 2>err
check "no structural zero is broken" \
    awk -F, 'NR > 1 && $3 == 3 && $5 < 2 { bad = 1 } END { exit bad }' zeros.csv

# the plan, and what is refused before anything is spent
expect 0 "" plan tree --schema eight.json --rho 0.1 --rows-hint 3000
check "the plan shows the rounds" [ "$(grep -c '^round' out)" -eq 4 ]
expect 5 "" tree eight.csv --schema eight.json --rho 1e-9 -o poor.h5
check "too small a budget is refused unspent" [ ! -e poor.h5.run ]
expect 1 "--memory" tree $base -o big.h5 --memory 1K
check "too little memory is refused unspent" [ ! -e big.h5.run ]
expect 2 "leave nothing" tree $base -o x.h5 --one-way-share .6 --select-share .5
awk 'BEGIN { printf "{\"fields\":["
    for (c = 1; c <= 100; c++) printf "%s{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":{\"required\":true,\"minimum\":0,\"maximum\":%d}}", (c > 1 ? "," : ""), c, c
    print "]}" }' >wide.json
expect 0 "" plan tree --schema wide.json --epsilon 1 --delta 1e-9 --rows-hint 1000000
check "all pairs of a wide table" grep -q "each of 4950 candidates" out

# killed at any point, it goes on to the same release
kills=$(PV_KILL_METHOD=tree PV_KILL_POINTS=${PV_KILL_POINTS:-15} sh "$top_srcdir/tests/test-kill.sh" 2>err)
got=$?
if [ $got -eq 77 ]; then echo "kills: skipped"; else
    check "kills: $kills" [ $got -eq 0 ]
fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
