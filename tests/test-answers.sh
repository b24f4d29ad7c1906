#!/bin/sh
# Functions, workloads, measurements made elsewhere and answers, as users call
# them.
gen=$top_builddir/privet-gen
audit=$top_builddir/privet-audit
table=$top_builddir/privet-table
dir=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$dir"; rm -rf "$dir"' EXIT
cd "$dir" || exit 99
passed=0 failed=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; head -n 3 err 2>/dev/null; }
check() { what=$1; shift; if "$@"; then ok; else bad "$what"; fi; }
# run STATUS TEXT-IN-STDERR COMMAND...
run() {
    want=$1 text=$2; shift 2
    "$@" >out 2>err; got=$?
    if [ $got -ne "$want" ]; then bad "exit $got, not $want: $*"; return; fi
    case $(cat err) in *"$text"*) ok ;; *) bad "no \"$text\" in: $(cat err)" ;; esac
}
# metric ID: its value in the findings of the last audit (in out)
metric() {
    awk -v id="\"$1\"" '{ if (index($0, "\"id\": " id)) found = 1 } found && /"value"/ { print $2 + 0; exit }' out
}

# --- functions: edu gives years, years gives level ---------------------------
awk 'BEGIN { srand(5); print "edu,years,level,sex"
    split("school college phd", e, " "); split("9 13 16", y, " "); split("low high high", l, " ")
    for (i = 0; i < 2000; i++) {
        k = 1 + int(3 * rand()); s = rand() < .2 * k ? "f" : "m"
        if (i % 50 == 0) printf ",,low,%s\n", s
        else if (i % 77 == 0) printf "%s,2,high,%s\n", e[k], s # contradicts
        else printf "%s,%s,%s,%s\n", e[k], y[k], l[k], s } }' > f.csv
cat > f.json <<'S'
{"fields": [
 {"name": "edu", "type": "string", "categories": ["school", "college", "phd"]},
 {"name": "years", "type": "integer", "constraints": {"minimum": 1, "maximum": 20}},
 {"name": "level", "type": "string", "categories": ["low", "high"], "constraints": {"required": true}},
 {"name": "sex", "type": "string", "categories": ["f", "m"], "constraints": {"required": true}}],
 "privet": {
  "zeros": [{"when": {"years": {"minimum": 14}}, "never": {"sex": ["m"]}}],
  "functions": [
   {"of": "edu", "gives": "years", "map": {"school": 9, "college": 13, "phd": 16}},
   {"of": "edu", "gives": "level", "map": {"school": "low", "college": "high", "phd": "high", "": "low"}}]}}
S
run 0 "" "$table" check f.json
check "check shows what follows" grep -q "years follows from edu" out
for method in independent mst direct; do
    workload=; [ $method = direct ] && workload="--workload all-2way"
    run 0 wrote "$gen" $method f.csv --schema f.json --rho 1 $workload -o f-$method.h5
    run 0 "" "$audit" fidelity --real f.csv --synthetic f-$method.h5 --schema f.json --json
    check "$method: functions hold" [ "$(metric functions.violations)" = 0 ]
    check "$method: zeros hold" [ "$(metric zeros.violations)" = 0 ]
    check "the data contradict" [ "$(metric functions.violations.real)" -ge 20 ]
    run 0 "" "$gen" ledger f-$method.h5 --json
    check "$method: nothing is asked about years" sh -c '! grep -q "\"years\"" out'
    check "$method: something is asked about edu" grep -q '"edu"' out
done
run 0 "" "$gen" plan independent --schema f.json --rho 1
check "the plan measures two columns" [ "$(grep -c '^\(edu\|sex\|years\|level\) ' out)" = 2 ]

# --- workloads -----------------------------------------------------------------
base="f.csv --schema f.json --rho 1"
run 2 "contradict" "$gen" direct $base -o w.h5 --workload all-2way --degree 3
run 2 "it has edu, years, level, sex" "$gen" direct $base -o w.h5 --target income
run 2 "takes no --workload, --degree" "$gen" mst $base -o w.h5 --degree 2
run 2 "needs --workload" "$gen" direct $base -o w.h5
run 2 "whole number" "$gen" direct $base -o w.h5 --degree 0
echo '{"marginals": [["sex", "nobody"]]}' > w.json
run 1 'names the column "nobody", which the schema does not have; it has edu' "$gen" direct $base -o w.h5 --workload w.json
echo '{"degree": 2, "target": "level", "weights": {"sex": 3}}' > w.json
run 0 "" "$gen" plan direct --schema f.json --rho 1 --workload w.json
check "the target's root is planned" grep -q "^edu x sex" out
run 0 "" "$gen" plan direct --schema f.json --rho 1 --target sex --degree 1
check "the target alone" grep -q "^sex " out

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
