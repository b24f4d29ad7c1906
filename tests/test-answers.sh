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

# --- marginals measured elsewhere ------------------------------------------------
mkdir m
{ echo "sex,count,sigma2"; echo "f,812.25,30"; echo "m,1190.5,30"; } > m/sex.csv
{ echo "edu,sex,count,sigma2"
  for e in school,f,130.5 school,m,530.25 college,f,260 college,m,390.5 phd,f,380 phd,m,260.5 ,f,16.75 ,m,-2.5; do echo "$e,12.5"; done; } > m/edu_sex.csv
run 0 "no further cost" "$gen" mst --from-measurements m --schema f.json -o m.h5 --rows 1000
check "the claim is unknown" grep -q "unknown: measured elsewhere" err
run 0 "" "$table" info m.h5
check "info: nothing vouches" grep -q "measured elsewhere" out
check "info: no epsilon" grep -q "^epsilon: *not stated" out
check "info: no promise" sh -c '! grep -q "differentially private" out'
run 1 "no ledger" "$gen" ledger m.h5
run 0 "" "$audit" fidelity --real f.csv --synthetic m.h5 --schema f.json --json
check "functions and zeros hold" [ "$(metric functions.violations)$(metric zeros.violations)" = 00 ]
run 0 "the source's own statement: epsilon 1, by Laplace" "$gen" independent --from-measurements m/sex.csv --schema f.json --claim "epsilon 1, by Laplace" -o m1.h5
run 0 "" "$table" info m1.h5
check "the statement is passed on" grep -q "own statement: epsilon 1, by Laplace" out
run 0 "own statement" "$gen" mst --from-measurements m1.h5 -o m2.h5
run 1 "w.json" "$gen" mst --from-measurements m.h5 --schema w.json -o m3.h5
run 2 "with --schema" "$gen" mst --from-measurements m -o m3.h5
run 2 "needs --from-measurements" "$gen" mst f.csv --schema f.json --rho 1 --claim x -o m3.h5
run 2 "states its privacy itself" "$gen" mst --from-measurements f-mst.h5 --claim "epsilon 0" -o m3.h5
{ echo "years,count,sigma2"; for y in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 ''; do echo "$y,1,1"; done; } > years.csv
run 1 'column "years" follows from "edu"' "$gen" mst --from-measurements years.csv --schema f.json -o m3.h5
sed -i 1,2d m/sex.csv
run 1 "m/sex.csv" "$gen" mst --from-measurements m --schema f.json -o m3.h5
check "nothing was written" [ ! -e m3.h5 ]

# pandas and h5py write what is read
python=${PYTHON:-/usr/bin/python3}
if "$python" -c 'import h5py, pandas' 2>/dev/null; then
    "$python" - <<'P' || bad "python"
import h5py, numpy as np, pandas as pd
t = pd.read_csv("f.csv", keep_default_na=False)
m = t.groupby(["sex", "edu"]).size().reset_index(name="count")
m["count"] += np.random.default_rng(1).laplace(0, 2, len(m))
m["sigma2"] = 8
m.to_csv("pandas.csv", index=False)
with h5py.File("h5py.h5", "w", libver="latest") as f:
    f["schema"] = np.bytes_(open("f.json").read())
    f.attrs["epsilon"] = 0.5
    g = f.create_group("privacy/measurements/0000")
    g.attrs["columns"] = np.array(["sex", "edu"], dtype="S")
    g.attrs["sigma2"] = 8.0
    a = t.groupby(["sex", "edu"]).size().unstack()[["school", "college", "phd", ""]]
    g["counts"] = a.loc[["f", "m"]].to_numpy() + 0.25
P
    run 0 "unknown" "$gen" mst --from-measurements pandas.csv --schema f.json -o p.h5
    run 0 "own statement: epsilon 0.5" "$gen" mst --from-measurements h5py.h5 -o p2.h5
    "$python" -c '
import h5py
with h5py.File("p2.h5") as f:
    assert f.attrs["epsilon"] == 0.5 and "own statement" in f.attrs["privacy_claim"]
    g = f["privacy/measurements/0000"]
    assert list(g.attrs["columns"]) == ["edu", "sex"] and g["counts"].shape == (4, 2)' || bad "p2.h5"
else
    echo "SKIPPED: $python has not h5py and pandas" >&2
fi

# --- answers ------------------------------------------------------------------------
run 0 "1 marginals measured, 0 inside a measured one, 1 model-based" "$gen" answer f-independent.h5 --marginal sex --marginal edu,sex
check "a row for each cell" [ "$(wc -l < out)" = 11 ]
check "the header" [ "$(head -n 1 out)" = "marginal,edu,sex,count,standard_error,support" ]
check "measured" grep -q "^sex,,f,[0-9.]*,[0-9.]*,measured$" out
check "not of sampling is said" grep -q "not of sampling" err
run 0 "" "$gen" answer f-direct.h5 --marginal level,sex --json --replicates 5
check "json: columns" grep -q '"columns": \[' out
check "json: support" grep -q '"support": "measured"' out
run 0 "" "$gen" answer f-direct.h5 --degree 1 -o a.csv
run 1 "exists" "$gen" answer f-direct.h5 --degree 1 -o a.csv
run 1 "is the release" "$gen" answer f-direct.h5 --degree 1 -o f-direct.h5 --force
run 0 "" "$gen" answer f-direct.h5 --degree 1 -o b.csv --threads 2
check "the same bytes for any number of threads" cmp a.csv b.csv
run 0 "" "$gen" answer m.h5 --marginal edu,years
run 2 "which marginals" "$gen" answer f-direct.h5
run 2 'no column "age"' "$gen" answer f-direct.h5 --marginal edu,age
run 2 "commas between" "$gen" answer f-direct.h5 --marginal edu,
run 2 "whole number" "$gen" answer f-direct.h5 --marginal edu --replicates 1
run 1 "cannot be opened" "$gen" answer nowhere.h5 --marginal edu

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
