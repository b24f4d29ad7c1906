#!/bin/sh
# Tables at the edges: narrow, empty, missing, flat, very wide domains. Each gives
# a sensible release or a clear error, by every method.
gen=$top_builddir/privet-gen
audit=$top_builddir/privet-audit
table=$top_builddir/privet-table
dir=$(mktemp -d) || exit 99
trap 'chmod -R u+rwx "$dir"; rm -rf "$dir"' EXIT
cd "$dir" || exit 99
passed=0 failed=0 n=0
ok() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED: $*"; head -n 3 err 2>/dev/null; }
check() { what=$1; shift; if "$@"; then ok; else bad "$what"; fi; }
run() {
    want=$1 text=$2; shift 2
    "$@" >out 2>err; got=$?
    if [ $got -ne "$want" ]; then bad "exit $got, not $want: $*"; return; fi
    case $(cat err) in *"$text"*) ok ;; *) bad "no \"$text\" in: $(cat err)" ;; esac
}
label() { # NAME required|optional LABELS...
    name=$1 required=$2; shift 2
    printf '{"name": "%s", "type": "string", "categories": [' "$name"
    separator=; for l; do printf '%s"%s"' "$separator" "$l"; separator=', '; done
    printf ']'; [ "$required" = required ] && printf ', "constraints": {"required": true}'; printf '}'
}
whole() { # NAME MAXIMUM
    printf '{"name": "%s", "type": "integer", "constraints": {"required": true, "minimum": 0, "maximum": %s}}' "$1" "$2"
}
schema() { # FIELDS... [with commas between]
    printf '{"fields": ['; separator=; for f; do printf '%s%s' "$separator" "$f"; separator=', '; done; echo ']}'
}
# all TABLE SCHEMA ROWS...: each method makes a release whose rows are near ROWS
# (rho 50: noise well below one row of those here)
all() {
    for method in independent mst aim direct; do
        n=$((n + 1)) workload=
        [ $method = direct ] && workload="--degree 2"
        [ $method = direct ] && [ $(head -n 1 "$1" | tr ',' '\n' | wc -l) = 1 ] && workload="--degree 1"
        run 0 wrote "$gen" $method "$1" --schema "$2" --rho 50 $workload -o $n.h5
        "$table" info $n.h5 > out 2>err
        rows=$(sed -n 's/^\([0-9]*\) rows.*/\1/p' out)
        check "$method on $1: $rows rows, wanted $3" [ $((rows - $3)) -ge -3 -a $((rows - $3)) -le 3 ]
        run 0 "" "$gen" ledger $n.h5
        run 0 "" "$audit" fidelity --real "$1" --synthetic $n.h5 --schema "$2" --json
    done
}

# narrow
schema "$(label sex required f m)" > one.json
awk 'BEGIN { print "sex"; for (i = 0; i < 300; i++) print i % 3 ? "f" : "m" }' > one.csv
all one.csv one.json 300
schema "$(label sex required f m)" "$(label job optional a b c)" > two.json
awk 'BEGIN { print "sex,job"; for (i = 0; i < 300; i++) printf "%s,%s\n", i % 3 ? "f" : "m", i % 5 ? "a" : "" }' > two.csv
all two.csv two.json 300
run 2 "has only 1" "$gen" direct one.csv --schema one.json --rho 1 --workload all-2way -o x.h5

# empty: a header and no rows (at least one row is drawn: a total below is as one)
head -n 1 two.csv > empty.csv
all empty.csv two.json 1
run 0 wrote "$gen" mst empty.csv --schema two.json --rho 1 --rows 0 -o none.h5
run 0 "" "$table" info none.h5
check "no rows when asked for none" grep -q "^0 rows" out
: > nothing.csv
run 1 "nothing.csv" "$gen" mst nothing.csv --schema two.json --rho 1 -o x.h5
check "nothing was spent" [ ! -s x.h5.run/ledger.jsonl ]

# one row
head -n 2 two.csv > single.csv
all single.csv two.json 1

# a column that is missing throughout stays so
awk 'BEGIN { print "sex,job"; for (i = 0; i < 300; i++) printf "%s,\n", i % 3 ? "f" : "m" }' > missing.csv
all missing.csv two.json 300
"$table" export $((n - 1)).h5 -o m.csv
check "nearly all stay missing" [ "$(grep -c '^[fm],$' m.csv)" -gt 290 ]
awk 'BEGIN { print "sex,job"; for (i = 0; i < 9; i++) print ",a" }' > required.csv
run 1 "sex" "$gen" mst required.csv --schema two.json --rho 1 -o x.h5
check "nothing was spent on it" [ ! -s x.h5.run/ledger.jsonl ]

# columns of one level: nothing is asked about them, unless there is nothing else
schema "$(label sex required f m)" "$(label land required here)" "$(label job optional a b)" > flat.json
awk 'BEGIN { print "sex,land,job"; for (i = 0; i < 300; i++) printf "%s,here,%s\n", i % 3 ? "f" : "m", i % 2 ? "a" : "b" }' > flat.csv
all flat.csv flat.json 300
for i in 0 1 2; do
    "$gen" ledger $((n - i)).h5 --json > out 2>err
    check "nothing is asked about a single level" sh -c '! grep -q "\"land\"" out'
done
schema "$(label land required here)" "$(label year required now)" > still.json
awk 'BEGIN { print "land,year"; for (i = 0; i < 300; i++) print "here,now" }' > still.csv
all still.csv still.json 300
run 0 "" "$gen" plan mst --schema still.json --rho 1
check "one marginal tells the rows" [ "$(grep -c '^land ' out)" = 1 ]

# 65,536 levels: fine alone, too large together, more refused
schema "$(whole code 65535)" "$(label sex required f m)" > wide.json
awk 'BEGIN { srand(2); print "code,sex"; for (i = 0; i < 20000; i++) printf "%d,%s\n", 65536 * rand(), i % 2 ? "f" : "m" }' > wide.csv
for method in independent mst; do
    run 0 wrote "$gen" $method wide.csv --schema wide.json --rho 5 --rows 1000 -o wide-$method.h5
done
schema "$(whole a 65535)" "$(whole b 65535)" "$(whole c 65535)" > wider.json
run 1 "more than the" "$gen" plan mst --schema wider.json --rho 1
run 1 "--memory" "$gen" plan direct --schema wider.json --rho 1 --workload all-2way
schema "$(whole a 65536)" > toomany.json
run 1 "write" "$table" check toomany.json

# workloads that name what is not there, by file and option
echo '{"marginals": [["sex", "age"]]}' > w.json
run 1 'the column "age", which the schema does not have; it has sex, job' "$gen" direct two.csv --schema two.json --rho 1 --workload w.json -o x.h5
run 2 'the target "age" is not a column of the schema; it has sex, job' "$gen" direct two.csv --schema two.json --rho 1 --target age -o x.h5
echo '{"marginals": []}' > w.json
run 1 "not a list" "$gen" direct two.csv --schema two.json --rho 1 --workload w.json -o x.h5
echo 'sex,job' > w.json
run 1 "w.json:1:" "$gen" direct two.csv --schema two.json --rho 1 --workload w.json -o x.h5
run 2 "nor a file" "$gen" direct two.csv --schema two.json --rho 1 --workload all-threeway -o x.h5

# a function that leaves a single column
cat > chain.json <<'S'
{"fields": [{"name": "a", "type": "string", "categories": ["x", "y"], "constraints": {"required": true}},
 {"name": "b", "type": "string", "categories": ["x", "y"], "constraints": {"required": true}},
 {"name": "c", "type": "string", "categories": ["x", "y"], "constraints": {"required": true}}],
 "privet": {"functions": [{"of": "c", "gives": "b", "map": {"x": "y", "y": "x"}}, {"of": "b", "gives": "a", "map": {"x": "x", "y": "y"}}]}}
S
awk 'BEGIN { print "a,b,c"; for (i = 0; i < 300; i++) print i % 3 ? "y,y,x" : "x,x,y" }' > chain.csv
all chain.csv chain.json 300
"$table" export $((n - 1)).h5 -o c.csv
check "the chain holds in every row" [ "$(grep -c '^\(y,y,x\|x,x,y\)$' c.csv)" = $(($(wc -l < c.csv) - 1)) ]

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
