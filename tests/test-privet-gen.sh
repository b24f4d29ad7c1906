#!/bin/sh
# privet-gen as its users call it: results, refusals, exit statuses.
gen=$top_builddir/privet-gen
audit=$top_builddir/privet-audit
dir=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$dir"; rm -rf "$dir"' EXIT
cd "$dir" || exit 99
seed=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; cat err 2>/dev/null | head -n 3; }
check() { what=$1; shift; if "$@"; then ok; else bad "$what"; fi; }
# expect STATUS TEXT-IN-STDERR ARGUMENTS...
expect() {
    want=$1 text=$2; shift 2
    "$gen" "$@" >out 2>err; got=$?
    if [ $got -ne "$want" ]; then bad "exit $got, not $want: privet-gen $*"; return; fi
    case $(cat err) in *"$text"*) ok ;; *) bad "no \"$text\" in: $(cat err)" ;; esac
}

# 1237 people: sex and job depend on each other; a structural zero; numbers
awk 'BEGIN { srand(3); print "sex,job,age,wage"
    for (i = 0; i < 1237; i++) {
        sex = rand() < .5 ? "F" : "M"; age = int(rand() * 80)
        job = age < 15 ? "" : (sex == "F" ? (rand() < .7 ? "nurse" : "driver") : (rand() < .2 ? "nurse" : "driver"))
        printf "%s,%s,%d,%.2f\n", sex, job, age, age < 15 ? 0 : 1000 * rand() } }' > t.csv
cat > s.json <<'S'
{"fields": [
 {"name": "sex", "type": "string", "categories": ["F", "M"], "constraints": {"required": true}},
 {"name": "job", "type": "string", "categories": ["nurse", "driver"]},
 {"name": "age", "type": "integer", "constraints": {"required": true, "minimum": 0, "maximum": 90}, "privet": {"bins": 9}},
 {"name": "wage", "type": "number", "constraints": {"required": true, "minimum": 0, "maximum": 1000}, "privet": {"bins": 8}}],
 "privet": {"zeros": [{"when": {"age": {"maximum": 14}}, "never": {"job": ["nurse", "driver"]}}]}}
S
base="t.csv --schema s.json --epsilon 3 --delta 1e-9"

expect 0 "" --help
expect 0 "" --version
expect 0 "" methods
check "methods lists three" [ "$(wc -l < out)" -ge 3 ]
expect 2 "missing"
expect 2 "neither a command nor a method" nonsense
expect 2 "usage" mst t.csv
expect 2 "--nonsense: not" mst t.csv --nonsense
expect 2 "-x: not" mst t.csv -xv
expect 2 "-o: not" mst t.csv -o
expect 2 "--rho: not" mst t.csv --rho
expect 2 "budget is missing" mst t.csv --schema s.json -o x.h5
expect 2 "positive" mst t.csv --schema s.json --epsilon -1 --delta 1e-9 -o x.h5
expect 2 "not as both" mst t.csv --schema s.json --rho 1 --epsilon 1 --delta 1e-9 -o x.h5
expect 2 "needs --workload" direct $base -o x.h5
expect 2 "leave nothing" mst $base -o x.h5 --one-way-share .6 --select-share .5
expect 2 "64 hexadecimal" mst $base -o x.h5 --insecure-test-seed 12x
expect 2 "64 hexadecimal" mst $base -o x.h5 --insecure-test-seed 0$seed
expect 1 "nowhere.json" mst t.csv --schema nowhere.json --rho 1 -o x.h5
expect 1 "nowhere.csv" mst nowhere.csv --schema s.json --rho 1 -o x.h5
expect 5 "" mst t.csv --schema s.json --epsilon 1e-7 --delta 1e-9 -o tiny.h5
rm -rf x.h5* tiny.h5*

# what can only fail is refused before a run begins
unspent() { check "nothing begun: $1" [ ! -e x.h5.run ]; }
expect 1 "--memory" direct $base -o x.h5 --workload all-2way --memory 1K; unspent model
expect 1 "--memory" mst $base -o x.h5 --memory 1K; unspent pairs
expect 1 "--memory" plan mst --schema s.json --rho 1 --memory 1K
sed 's/"never": {"job".*}}\]}}/"never": {"sex": ["F", "M"]}}]}}/; s/"maximum": 14/"maximum": 90/' s.json > never.json
expect 1 "no possible row" mst t.csv --schema never.json --rho 1 -o x.h5; unspent zeros
sed 's/"bins": 8/"bins": "private"/' s.json > private.json
expect 5 "column \"wage\"" mst t.csv --schema private.json --rho 1e-10 -o x.h5; unspent bins
expect 2 "below 1" plan mst --schema private.json --rho 1 --columns-share 1
expect 0 "" plan mst --schema private.json --rho 1
expect 1 "ask for fewer" mst $base -o x.h5 --rows 4294967294; unspent rows
expect 1 "is the input" mst $base -o t.csv --force; unspent input
expect 1 "is the schema" mst $base -o s.json --force
expect 1 "is a directory" mst $base -o . --force
expect 1 "empty" mst $base -o ""
expect 1 "no possible row" plan independent --schema never.json --rho 1

# a run, its release, its ledger
for method in independent mst; do
    expect 0 "wrote" $method $base -o $method.h5
    check "$method: key wiped" [ ! -e $method.h5.run/key ]
    check "$method: ledger holds" "$gen" ledger $method.h5 --json >out 2>err
    check "$method: no structural zero broken" sh -c "\"$audit\" fidelity --real t.csv --synthetic $method.h5 --schema s.json --json | grep -A 6 '\"zeros.violations\"' | grep -q '\"value\": 0'"
    expect 0 "was finished" $method $base -o $method.h5
done
expect 1 "not at" mst $base -o other.h5 --run-dir mst.h5.run
expect 1 "exists already" mst $base -o mst.h5 --run-dir fresh.run
expect 0 "wrote" mst $base -o mst.h5 --run-dir fresh2.run --force
echo '{"marginals": [["sex", "job"], {"columns": ["age", "job"], "weight": 2}]}' > w.json
expect 0 "wrote" direct $base --workload w.json -o direct.h5
expect 1 "--memory" direct $base --workload all-3way -o big.h5 --memory 1K
check "a model too large is refused before any question" [ ! -e big.h5.run ]
expect 0 "wrote" mst $base --neighbors replace -o replace.h5
check "replacement makes the row count public" sh -c "\"$top_builddir/privet-table\" info replace.h5 | grep -q '^1237 rows'"
expect 0 "wrote" mst $base --rows 50 -o fifty.h5
check "--rows is kept" sh -c "\"$top_builddir/privet-table\" info fifty.h5 | grep -q '^50 rows'"
expect 0 "no further cost" mst --from-measurements mst.h5 -o refit.h5
expect 0 "no further cost" independent --from-measurements mst.h5 -o refit1.h5
expect 2 "give it with --schema" mst --from-measurements t.csv -o refit2.h5
expect 0 "" plan mst --schema s.json --epsilon 1 --delta 1e-9
check "the plan shows a column" grep -q '^sex' out
expect 0 "" plan direct --schema s.json --rho 0.1 --workload all-2way --json
expect 0 "" account --epsilon 1 --delta 1e-9 --json
check "epsilon 1 at 1e-9" grep -q '"rho": 0.01497305767' out
expect 2 "two of" account --epsilon 1

# what changed since a run began
expect 0 "" mst $base -o r.h5 --insecure-test-seed $seed
cp -r r.h5.run keep.run
sed -i '$d' keep.run/ledger.jsonl # the run as it was before it ended
cp t.csv t2.csv; sed -i '5d' t2.csv
expect 1 "the input changed" mst t2.csv --schema s.json --epsilon 3 --delta 1e-9 -o r2.h5 --run-dir keep.run --insecure-test-seed $seed
expect 1 "budget" mst t.csv --schema s.json --epsilon 4 --delta 1e-9 -o r2.h5 --run-dir keep.run --insecure-test-seed $seed
sed 's/"bins": 8/"bins": 7/' s.json > s2.json
expect 1 "schema changed" mst t.csv --schema s2.json --epsilon 3 --delta 1e-9 -o r2.h5 --run-dir keep.run --insecure-test-seed $seed
expect 1 "insecure-test-seed" mst $base -o r2.h5 --run-dir keep.run
sed 's/"units":/"units":1/' keep.run/ledger.jsonl > l && cp l keep.run/ledger.jsonl
expect 1 "line" mst $base -o r2.h5 --run-dir keep.run --insecure-test-seed $seed

# values outside the schema: refused without being shown
sed '7s/^[FM]/secretvalue/' t.csv > o.csv
expect 1 "sex" mst o.csv --schema s.json --epsilon 3 --delta 1e-9 -o o.h5
check "the value is not in the message" sh -c '! grep -q secretvalue err'
check "nothing was spent" [ ! -s o.h5.run/ledger.jsonl ]

# no room, no rights
mkdir locked && chmod 500 locked
if [ "$(id -u)" -ne 0 ]; then
    expect 1 "cannot" mst $base -o locked/x.h5
fi
(trap '' XFSZ; ulimit -f 1; "$gen" mst $base -o full.h5 >out 2>err); got=$?
check "a full disk gives an error ($got)" [ $got -eq 1 ]
check "and no release" [ ! -e full.h5 ]
expect 0 "wrote" mst $base -o full.h5

# a signal before the first question: resumable
mkfifo pipe
"$gen" mst - --schema s.json --epsilon 3 --delta 1e-9 -o sig.h5 <pipe >out 2>err & pid=$!
exec 3>pipe
sleep 0.3; kill -TERM $pid; sleep 0.1; cat t.csv >&3; exec 3>&-
wait $pid; got=$?
check "SIGTERM gives 75 ($got)" [ $got -eq 75 ]
check "the run can go on" sh -c "\"$gen\" mst t.csv --schema s.json --epsilon 3 --delta 1e-9 -o sig.h5 2>err && [ -f sig.h5 ]"

# one account for two releases
expect 1 "" mst $base -o a1.h5 --account nodir/acc --account-cap 0.2
expect 5 "no such account" mst $base -o a1.h5 --account acc
expect 0 "wrote" mst $base -o a1.h5 --account acc --account-cap 0.2
expect 5 "would pass the cap" mst $base -o a2.h5 --account acc
expect 1 "cap is" mst t.csv --schema s.json --rho 0.01 -o a3.h5 --account acc --account-cap 0.9
expect 0 "wrote" mst t.csv --schema s.json --rho 0.01 -o a3.h5 --account acc

# the same bytes for any number of threads
for n in 1 2 4; do
    "$gen" mst $base -o threads$n.h5 --threads $n --insecure-test-seed $seed 2>err
done
check "2 threads give the bytes of 1" cmp threads1.h5 threads2.h5
check "4 threads give the bytes of 1" cmp threads1.h5 threads4.h5
"$gen" mst $base -o short.h5 --insecure-test-seed ${seed#000} 2>err
check "leading zeros of a seed may be left out" cmp threads1.h5 short.h5
expect 0 "wrote" mst $base -o both.h5 --run-dir both1.run --insecure-test-seed 1
expect 0 "wrote" mst $base -o both.h5 --run-dir both2.run --force
expect 1 "exists already" mst $base -o both.h5 --run-dir both1.run --insecure-test-seed 1
expect 1 "exists already" mst $base -o both.h5 --run-dir both3.run --insecure-test-seed 1
check "a test run does not displace a release" [ -f both.h5 -a ! -L both.h5 ]
cp t.csv in.NOT-PRIVATE.csv
expect 1 "no test release" mst in.NOT-PRIVATE.csv --schema s.json --rho 0.1 -o in.csv --insecure-test-seed 1
check "nor a file that is no test release" cmp t.csv in.NOT-PRIVATE.csv
check "a test release says so in its name" [ -f threads1.NOT-PRIVATE.h5 ]
expect 0 "no further cost" mst --from-measurements threads1.h5 -o heir.h5
check "and so does what is made from it" [ -f heir.NOT-PRIVATE.h5 ]

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
