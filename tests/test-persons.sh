#!/bin/sh
# The unit is a person with several rows: noise, truncation, nothing of the id.
gen=$top_builddir/privet-gen
table=$top_builddir/privet-table
dir=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$dir"; rm -rf "$dir"' EXIT
cd "$dir" || exit 99
seed=a1b2c3
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; head -n 3 err 2>/dev/null; }
check() { what=$1; shift; if "$@"; then ok; else bad "$what"; fi; }
run() {
    want=$1 text=$2; shift 2
    "$@" >out 2>err; got=$?
    if [ $got -ne "$want" ]; then bad "exit $got, not $want: $*"; return; fi
    case $(cat err) in *"$text"*) ok ;; *) bad "no \"$text\" in: $(cat err)" ;; esac
}

# 400 people: most have one to three rows, every tenth has eight
awk 'BEGIN { srand(11); print "pid,visit,drug"
    for (p = 1; p <= 400; p++) {
        n = p % 10 == 0 ? 8 : 1 + int(3 * rand())
        for (i = 0; i < n; i++)
            printf "zz%05dqq,%d,%s\n", p * 7919 % 99991, 1 + int(4 * rand()), rand() < .3 ? "a" : "b" } }' > t.csv
schema() { # UNIT
cat <<S
{"fields": [
 {"name": "visit", "type": "integer", "constraints": {"required": true, "minimum": 1, "maximum": 4}},
 {"name": "drug", "type": "string", "categories": ["a", "b"], "constraints": {"required": true}},
 {"name": "pid", "type": "string", "privet": {"role": "id"}}]$1}
S
}
unit() { schema ", \"privet\": {\"unit\": {\"column\": \"pid\", \"max_rows\": $1}}"; }
schema "" > row.json
for k in 1 3; do unit $k > $k.json; done
run 0 "" "$table" check 3.json
check "check states the unit" grep -q "unit: a person, by column pid, at most 3 rows" out

# sigma2 of the measurements, as n/d, for the same budget
sigma2() { "$gen" ledger "$1" --json 2>/dev/null | tr -d ' \n' | sed 's/.*"sigma2":\["\([0-9/]*\)".*/\1/'; }
# about A B WANTED: A is so many times B, but for the rounding of sigma2 to few
# digits, always upward
about() { awk -v a="$1" -v b="$2" -v w="$3" 'BEGIN { split(a, x, "/"); split(b, y, "/"); q = x[1] / x[2] / (y[1] / y[2]) / w; exit !(q > .98 && q < 1.02) }'; }
for method in independent mst; do
    run 0 wrote "$gen" $method t.csv --schema row.json --rho 0.5 -o $method-row.h5
    run 0 wrote "$gen" $method t.csv --schema 1.json --rho 0.5 -o $method-1.h5
    run 0 wrote "$gen" $method t.csv --schema 3.json --rho 0.5 -o $method-3.h5
    run 0 wrote "$gen" $method t.csv --schema 3.json --rho 0.5 --neighbors replace -o $method-3r.h5
    row=$(sigma2 $method-row.h5)
    check "$method: one row a person costs as a row" [ "$(sigma2 $method-1.h5)" = "$row" ]
    check "$method: sigma2 grows as k^2" about "$(sigma2 $method-3.h5)" "$row" 9
    check "$method: and as 2 k^2 when people are replaced" about "$(sigma2 $method-3r.h5)" "$row" 18
    run 0 "" "$table" info $method-3.h5
    check "$method: the release states the unit" grep -q "person, at most 3 rows" out
    check "$method: with replacement too, the number of rows is not public" sh -c "\"$table\" info $method-3r.h5 | grep -q 'replaced by another'"
done

# nothing of the id: not in the release, nor in the run's ledger and answers
for id in $(awk -F, 'NR > 1 && !seen[$1]++ { print $1 }' t.csv | head -n 40); do
    if grep -rqa "$id" mst-3.h5 mst-3.h5.run; then bad "the id $id is in the release"; fi
done
ok
run 0 "" "$table" export mst-3.h5 -o out.csv
check "no column of ids" [ "$(head -n 1 out.csv)" = "visit,drug" ]
run 0 "" "$table" info mst-3.h5
check "no persons are counted" sh -c '! grep -q 400 out'

# truncation: with next to no noise the release has the rows of people cut to k
kept=$(awk -F, -v k=3 'NR > 1 && ++n[$1] <= k { rows++ } END { print rows }' t.csv)
run 0 wrote "$gen" independent t.csv --schema 3.json --rho 60000 -o cut.h5 --insecure-test-seed $seed
"$table" info cut.h5 > out 2>err
rows=$(sed -n 's/^\([0-9]*\) rows.*/\1/p' out)
check "people are cut to three rows: $rows of $kept" [ $((rows - kept)) -ge -1 -a $((rows - kept)) -le 1 ]
rows1=$("$gen" independent t.csv --schema 1.json --rho 60000 -o cut1.h5 --insecure-test-seed $seed 2>/dev/null; "$table" info cut1.h5 | sed -n 's/^\([0-9]*\) rows.*/\1/p')
check "people are cut to one row: $rows1" [ $((rows1 - 400)) -ge -1 -a $((rows1 - 400)) -le 1 ]

# which rows stay depends on those rows alone, not on the order of the file: the
# same key counts the same in any order. (Whole runs differ: noise is drawn by
# the file's digest.) The noise is far below a row here.
{ head -n 1 t.csv; tail -n +2 t.csv | sort -t, -k3,3 -k2,2r -k1,1; } > sorted.csv
{ head -n 1 t.csv; tail -n +2 t.csv | tac; } > reversed.csv
for order in sorted reversed; do
    run 0 wrote "$gen" direct $order.csv --schema 3.json --workload all-2way --rho 60000 -o $order.h5 --insecure-test-seed $seed
done
run 0 wrote "$gen" direct t.csv --schema 3.json --workload all-2way --rho 60000 -o plain.h5 --insecure-test-seed $seed
counts() { "$gen" answer "$1" --marginal visit,drug 2>/dev/null | awk -F, 'NR > 1 { printf "%d ", $4 + .5 }'; }
check "the answers are there" [ "$(counts plain.h5 | wc -w)" = 8 ]
for order in sorted reversed; do
    check "$order rows give the same counts" [ "$(counts plain.h5)" = "$(counts $order.h5)" ]
done
# another key keeps others of the eight rows
run 0 wrote "$gen" direct t.csv --schema 3.json --workload all-2way --rho 60000 -o other.h5 --insecure-test-seed 77
check "another key cuts otherwise" [ "$(counts plain.h5)" != "$(counts other.h5)" ]

# a file without the unit's column cannot be protected by it
cut -d, -f2,3 t.csv > nounit.csv
run 1 "pid" "$gen" independent nounit.csv --schema 3.json --rho 1 -o x.h5
check "nothing was spent" [ ! -s x.h5.run/ledger.jsonl ]

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
