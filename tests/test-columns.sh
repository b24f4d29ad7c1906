#!/bin/sh
# Private bins, bounds, labels and dates from the outside.
gen=$top_builddir/privet-gen
table=$top_builddir/privet-table
audit=$top_builddir/privet-audit
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
cd "$dir" || exit 99
seed=101112131415161718191a1b1c1d1e1f000102030405060708090a0b0c0d0e0f
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
# between LOW N HIGH
between() { [ "$1" -le "$2" ] && [ "$2" -le "$3" ]; }

# 8000 rows: a third of the wages 0, some jobs too rare to name, days
awk 'BEGIN { srand(7); print "wage,job,day,sex"
    for (i = 0; i < 8000; i++) {
        r = rand(); sex = rand() < .5 ? "F" : "M"
        job = r < .4 ? "nurse" : r < .7 ? "driver" : r < .95 ? "cook" : "rare" i
        wage = rand() < .3333 ? 0 : int(100 * exp(8 + 2 * rand())) / 100
        day = rand() < .1 ? "" : sprintf("%d-%02d-%02d", 1995 + 10 * rand(), 1 + 12 * rand(), 1 + 28 * rand())
        printf "%s,%s,%s,%s\n", wage, job, day, sex } }' >t.csv
cat >s.json <<'S'
{"fields": [
 {"name": "wage", "type": "number", "constraints": {"minimum": 0, "maximum": 1e7, "required": true}, "privet": {"bins": "private", "levels": 16}},
 {"name": "job", "type": "string", "constraints": {"required": true}, "privet": {"open": true, "other": "else"}},
 {"name": "day", "type": "date", "privet": {"bins": "private", "bounds": "private", "levels": 12}},
 {"name": "sex", "type": "string", "categories": ["F", "M"], "constraints": {"required": true}}],
 "privet": {"zeros": [{"when": {"day": {"maximum": "1999-12-31"}}, "never": {"sex": ["M"]}}]}}
S
base="t.csv --schema s.json --epsilon 4 --delta 1e-9 --insecure-test-seed $seed"
expect 0 "" plan mst --schema s.json --epsilon 4 --delta 1e-9
check "the plan shows bins" grep -q "bins (7 questions) of wage" out
check "the plan shows bounds" grep -q "bounds of day" out
check "the plan shows labels and their threshold" grep -q "labels of [0-9]* rows and more (delta 1e-10) of job" out
check "the plan shows delta" grep -q "labels takes 1e-10 of delta" out

for method in independent mst; do
    expect 0 "wrote" $method $base -o $method.h5
    "$table" export $method.h5 -o $method.csv --force 2>err || bad "export"
    rows=$(($(wc -l <$method.csv) - 1))
    zeros=$(cut -d, -f1 $method.csv | grep -cx 0)
    check "$method: $zeros wages of $rows are exactly zero" between $((rows * 28 / 100)) "$zeros" $((rows * 38 / 100))
    check "$method: no wage below zero" sh -c "! cut -d, -f1 $method.csv | grep -q '^-'"
    check "$method: frequent labels" sh -c "cut -d, -f2 $method.csv | sort -u | tr '\n' ' ' | grep -qx 'cook driver else job nurse '"
    check "$method: rare labels stay inside" sh -c "! grep -q rare $method.csv"
    check "$method: and are not in the release" sh -c "! strings $method.h5 | grep -q rare"
    days=$(cut -d, -f3 $method.csv | grep -cE '^[12][90][0-9][0-9]-[01][0-9]-[0-3][0-9]$')
    none=$(cut -d, -f3 $method.csv | grep -cx '')
    check "$method: days are dates or missing" [ $((days + none)) -eq "$rows" ]
    check "$method: missing days" between $((rows * 7 / 100)) "$none" $((rows * 13 / 100))
    check "$method: no day before 1990" sh -c "! cut -d, -f3 $method.csv | grep -q '^19[0-8]'"
    check "$method: the rule on days holds" sh -c "! grep -qE '^[^,]*,[^,]*,199[0-9]-..-..,M' $method.csv"
    "$gen" ledger $method.h5 --json >ledger 2>err
    check "$method: the ledger holds" [ -s ledger ]
    check "$method: it shows the delta of labels" grep -q '"delta_labels": 9.99' ledger
    expect 0 "" ledger $method.h5
    check "$method: it names the questions" grep -q "labels of job, threshold" out
    "$table" info $method.h5 >out 2>err
    check "$method: info shows the delta of labels" grep -q "of delta: *1e-10" out
    check "$method: the schema stands alone" sh -c "! grep -qE 'bounds|bins $|labels$' out"
    cp -L $method.h5 whole.h5
    # the schema with what was found is what an audit takes
    "$table" schema $method.h5 >found.json 2>err || bad "the release's schema"
    "$audit" fidelity --real t.csv --synthetic $method.h5 --schema found.json --json >fidelity 2>err || bad "fidelity"
    check "$method: an audit sees no rule broken" sh -c "grep -A 6 '\"zeros.violations\"' fidelity | grep -q '\"value\": 0'"
    # the release's own marginals, again
    expect 0 "no further cost" $method --from-measurements $method.h5 -o again.h5 --force --insecure-test-seed $seed
    "$table" info again.h5 >out 2>err
    check "$method: and what their labels took" grep -q "of delta: *1e-10" out
    # killed after each question in turn, the run goes on to the same bytes
    for line in 3 8 15 22; do
        rm -rf k.h5 k.*.h5 k.run; cp -r $method.h5.run k.run
        head -n $line k.run/ledger.jsonl >l && mv l k.run/ledger.jsonl
        for a in k.run/answers/*; do
            n=${a##*/}; n=${n%.bin}
            [ "$(echo "$n" | sed 's/^0*//')" -le $((line / 2)) ] || rm "$a"
        done
        expect 0 "wrote" $method $base -o k.h5 --run-dir k.run
        check "$method: the same release after a cut at line $line" cmp -s k.h5 whole.h5
    done
done
# HDF5 made under a public schema gives the same columns
sed 's/"bins": "private", "levels": 16/"bins": 3/
     s/{"open": true, "other": "else"}/{"other": "?"}, "categories": ["cook", "driver", "nurse", "?"]/
     s/"type": "date", "privet": {"bins": "private", "bounds": "private", "levels": 12}/"type": "date", "constraints": {"minimum": "1900-01-01", "maximum": "2100-01-01"}, "privet": {"bins": 5}/' s.json >public.json
"$table" import t.csv --schema public.json -o t.h5 2>err || bad "import"
expect 0 "wrote" mst t.h5 --schema s.json --epsilon 4 --delta 1e-9 --insecure-test-seed $seed -o h.h5
"$table" export h.h5 -o h.csv 2>err || bad "export"
check "from HDF5: zeros" sh -c "[ \$(cut -d, -f1 h.csv | grep -cx 0) -gt 2000 ]"
check "from HDF5: days" sh -c "[ \$(cut -d, -f3 h.csv | grep -c '^199[5-9]-') -gt 2000 ]"
check "from HDF5: labels" sh -c "[ \$(grep -c ',nurse,' h.csv) -gt 2500 ]"

# options that may not change, and what is refused before a run begins
expect 1 "options changed" mst $base -o mst.h5 --force --columns-share 0.2
expect 5 "delta is too small" mst t.csv --schema s.json --epsilon 1 --delta 1e-18 -o x.h5
expect 5 "" mst t.csv --schema s.json --rho 1e-9 -o x.h5
check "nothing begun" [ ! -e x.h5.run ]
expect 0 "" plan independent --schema s.json --rho 0.01
check "the default delta is split" grep -q "takes 1e-10 of delta" out
# bad input: no rows, nothing but missing values, one value
for rows in '' 'NA' '5,a,2001-01-01,F' '0,,,F\n0,,,F'; do
    printf 'wage,job,day,sex\n%b\n' "$rows" | sed '/^$/d; s/^NA$/0,x,,M/' >e.csv
    rm -rf e.h5*
    expect 0 "wrote" mst e.csv --schema s.json --epsilon 1 --delta 1e-9 -o e.h5 --rows 50
done
sed 's/"levels": 16/"levels": 65536/' s.json >many.json
expect 0 "wrote" independent t.csv --schema many.json --epsilon 1 --delta 1e-9 -o many.h5

# killed at any call of a run that finds levels
kills=$(PV_KILL_COLUMNS=private PV_KILL_POINTS=${PV_KILL_POINTS:-15} sh "$top_srcdir/tests/test-kill.sh" 2>err)
case $? in
0) ok; echo "kills: $kills" | tail -n 1 ;;
77) echo "SKIPPED: kills: $(cat err)" ;;
*) bad "kills: $(cat err)" ;;
esac

# a real schema
data=$PRIVET_SHARED/data/national2019/data.csv.gz
if [ -f "$data" ]; then
    expect 0 "wrote" mst "$data" --schema "$top_srcdir/examples/national2019.schema.json" --epsilon 1 --delta 1e-9 -o n.h5
    "$audit" fidelity --real "$data" --synthetic n.h5 --schema "$PRIVET_SHARED/data/national2019/schema.json" --json >fidelity 2>err || bad "fidelity"
else
    echo "SKIPPED: $data is absent; set PRIVET_SHARED"
fi
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
