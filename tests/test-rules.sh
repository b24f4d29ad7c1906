#!/bin/sh
# Structural zeros and functions of real tables, at a million rows: no row breaks
# one, and the rules do not make runs slow. Needs the shared tables (see env.sh).
python=${PYTHON:-/usr/bin/python3}
acs=$PRIVET_SHARED/data/national2019 raw=$PRIVET_SHARED/data/adult_raw
if [ ! -e "$acs/data.csv.gz" ] || [ ! -e "$raw/train.csv.gz" ]; then
    echo "SKIPPED: $acs or $raw is absent; set PRIVET_SHARED" >&2
    exit 77
fi
if ! "$python" -c 'import json, csv, gzip' 2>/dev/null; then
    echo "SKIPPED: no $python" >&2
    exit 77
fi
gen=$top_builddir/privet-gen
audit=$top_builddir/privet-audit
dir=$(mktemp -d) || exit 99
trap 'rm -rf "$dir"' EXIT
passed=0 failed=0
check() { what=$1; shift; if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "FAILED: $what"; fi; }
# metric ID: its value in $dir/audit.json
metric() {
    awk -v id="\"$1\"" '{ if (index($0, "\"id\": " id)) found = 1 } found && /"value"/ { print $2 + 0; exit }' "$dir/audit.json"
}
fidelity() { "$audit" fidelity --real "$1" --synthetic "$2" --schema "$3" --json > "$dir/audit.json" 2> "$dir/err" || cat "$dir/err"; }

# twenty structural zeros over twelve columns, and two functions
for mode in plain rules full; do
    "$python" "$top_srcdir/tests/acs-rules.py" "$acs/schema.json" "$acs/data.csv.gz" "$dir/$mode.json" $mode || exit 99
    start=$(date +%s%N)
    check "mst, $mode" "$gen" mst "$acs/data.csv.gz" --schema "$dir/$mode.json" --epsilon 1 --delta 1e-9 --rows 1000000 -o "$dir/$mode.h5" --quiet
    echo "mst, a million rows, $mode: $((($(date +%s%N) - start) / 1000000)) ms"
done
fidelity "$acs/data.csv.gz" "$dir/rules.h5" "$dir/rules.json"
check "rules: none broken" [ "$(metric zeros.violations)" = 0 ]
check "rules: they hold in the data" [ "$(metric zeros.violations.real)" = 0 ]
with=$(metric tv.2way.mean)
fidelity "$acs/data.csv.gz" "$dir/full.h5" "$dir/full.json"
check "full: none broken" [ "$(metric zeros.violations)" = 0 ]
check "full: functions hold" [ "$(metric functions.violations)" = 0 ]
check "full: functions hold in the data" [ "$(metric functions.violations.real)" = 0 ]
full=$(metric tv.2way.mean)
fidelity "$acs/data.csv.gz" "$dir/plain.h5" "$dir/full.json"
check "without the rules they are broken" [ "$(metric zeros.violations)" -gt 10000 ]
check "without the functions they are broken" [ "$(metric functions.violations)" -gt 10000 ]
plain=$(metric tv.2way.mean)
echo "distance of pairs: plain $plain, rules $with, rules and functions $full"
check "rules sharpen" [ "$(echo "$with $plain" | awk '{ print ($1 < $2) }')" = 1 ]

# adult: education gives education-num
"$python" - "$raw" "$dir/adult.json" <<'P' || exit 99
import csv, gzip, json, sys
schema = json.load(open(sys.argv[1] + "/schema.json"))
rows = csv.DictReader(gzip.open(sys.argv[1] + "/train.csv.gz", "rt"))
schema.setdefault("privet", {})["functions"] = [{
    "of": "education", "gives": "education-num",
    "map": {r["education"]: int(r["education-num"]) for r in rows}}]
json.dump(schema, open(sys.argv[2], "w"), indent=1)
P
for mode in plain function; do
    schema=$dir/adult.json
    [ $mode = plain ] && schema=$raw/schema.json
    check "adult, $mode" "$gen" mst "$raw/train.csv.gz" --schema "$schema" --epsilon 1 --delta 1e-9 -o "$dir/adult-$mode.h5" --quiet
    fidelity "$raw/train.csv.gz" "$dir/adult-$mode.h5" "$dir/adult.json"
    broken=$(metric functions.violations)
    echo "adult, $mode: $broken rows break the function, pairs $(metric tv.2way.mean)"
done
check "adult: no row breaks the function" [ "$broken" = 0 ]
check "adult: it holds in the data" [ "$(metric functions.violations.real)" = 0 ]

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
