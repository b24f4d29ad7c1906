#!/bin/sh
# --queries of privet-audit fidelity and report.
set -u
LC_ALL=C
export LC_ALL
audit=$top_builddir/privet-audit
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-queries-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS WORD COMMAND...: exits with STATUS and says WORD on stderr
expect() {
    wanted=$1 word=$2
    shift 2
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$* exits $got, not $wanted: $(cat err)"
    [ -z "$word" ] || grep -qF -e "$word" err ||
        fail "$* does not say \"$word\": $(cat err)"
}

# value ID WANTED: the metric in the findings `out` is that number, or null
value() {
    command -v python3 >/dev/null 2>&1 || {
        echo "SKIPPED: $1 is not looked at: no python3" >&2
        return
    }
    python3 - "$1" "$2" <<'END' || fail "$1 is not $2"
import json, sys
found = [m for m in json.load(open("out"))["metrics"] if m["id"] == sys.argv[1]]
if sys.argv[2] == "null":
    sys.exit(not (found and found[0]["value"] is None and found[0]["reason"]))
sys.exit(not (found and abs(found[0]["value"] - float(sys.argv[2])) < 1e-12))
END
}

cat >schema.json <<'END'
{"fields": [
 {"name": "age", "type": "integer", "privet": {"bins": [0, 50, 99]},
  "constraints": {"required": true, "minimum": 0, "maximum": 99}},
 {"name": "sex", "type": "string", "categories": ["f", "m"],
  "constraints": {"required": true}}]}
END
printf 'age,sex\n10,f\n30,m\n50,f\n40,f\n' >real.csv
printf 'age,sex\n60,f\n30,m\n' >synthetic.csv
printf 'age,sex\n' >empty.csv
cat >own.json <<'END'
{"schema": "privet/queries/1", "groups": [
 {"name": "ages", "queries": [{"age": {"below": 30}},
   {"age": {"minimum": 30, "below": 60}}], "cross": "sex"}]}
END
tables="--real real.csv --synthetic synthetic.csv --schema schema.json"

# 1: f 3/4 and 1/2, m the rest; ages below 50 3/4 and 1/2: all four differ by 1/4.
# 2: below 30: f 1/4 and 0; from 30 to 60: f 1/2 and 0, m 1/4 and 1/2.
# 3: age in halves at 49.5, quarters at 25, 50, 75: rows 1 2 1 0 / 4 and 0 1 1 0 / 2
expect 0 '' "$audit" fidelity $tables --queries marginals:1,own.json,tree:1:2 \
    --holdout real.csv --json
value queries.1.mean 0.25
value queries.1.max 0.25
value queries.2.mean 0.25
value queries.2.max 0.5
value queries.3.mean 0.16666666666666666
value queries.3.max 0.25
value queries.2.max.holdout 0
grep -q '"queries": *"marginals:1,own.json,tree:1:2"' out || fail "no option"
grep -q '"rule": *"own.json"' out || fail "no family is named"
"$audit" fidelity $tables --queries prefix:20,halfspace:20 --threads 1 \
    --json >one || fail "threads 1"
"$audit" fidelity $tables --queries prefix:20,halfspace:20 --threads 2 \
    --json >two || fail "threads 2"
cmp one two || fail "threads matter"

# without the option, without rows, and wrong use
expect 0 '' "$audit" fidelity $tables --json
grep -q '"queries\.' out && fail "queries that nobody asked for"
expect 0 '' "$audit" fidelity --real real.csv --synthetic empty.csv \
    --schema schema.json --queries tree:1 --json
value queries.1.mean null
value queries.1.max null
expect 2 'no family' "$audit" fidelity $tables --queries nonsense
expect 1 absent.json "$audit" fidelity $tables --queries absent.json
printf '{"schema": "privet/queries/1", "groups": [{"grid": {"year": true}}]}' \
    >wrong.json
expect 1 'wrong.json: group 1' "$audit" fidelity $tables --queries wrong.json
expect 1 'more than' "$audit" fidelity $tables --queries prefix:100000000

# the report shows the mean; a shareable one not the largest, nor the file's name
"$audit" report $tables --queries own.json -o internal >out 2>err
grep -q 'queries\.1\.max' internal/report.html || fail "not in the report"
"$audit" report $tables --queries own.json -o shared --mode shareable >out 2>err
[ -f shared/report.json ] || fail "no report: $(cat err)"
grep -q 'queries\.1\.max' shared/report.json && fail "the largest is shown"
grep -q 'own\.json' shared/report.json && fail "a file's name is shown"

[ "$failures" -eq 0 ]
