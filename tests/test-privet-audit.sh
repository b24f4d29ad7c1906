#!/bin/sh
# privet-audit as a user calls it: options, exit statuses, output.
set -u
LC_ALL=C
export LC_ALL
audit=$top_builddir/privet-audit
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-audit-XXXXXX") || exit 99
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

# has FILE WORD
has() {
    grep -qF -e "$2" "$1" || fail "$1 lacks \"$2\""
}

cat >schema.json <<'END'
{"fields": [
 {"name": "age", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 99}},
 {"name": "sex", "type": "string", "categories": ["f", "m"]},
 {"name": "job", "type": "string", "categories": ["none", "some"],
  "constraints": {"required": true}}],
 "privet": {"zeros": [
  {"when": {"age": {"maximum": 14}}, "never": {"job": ["some"]}}]}}
END
printf 'age,sex,job\n10,f,none\n30,m,some\n50,,none\n40,f,some\n' >real.csv
printf 'job,sex,age\nsome,f,12\nnone,m,30\n' >synthetic.csv
printf 'age,sex,job\n20,f,none\n35,m,some\n' >holdout.csv
tables="--real real.csv --synthetic synthetic.csv --schema schema.json"

# help and wrong use
expect 0 '' "$audit" --help
has out fidelity
expect 0 '' "$audit" --version
has out privet-audit
expect 0 '' "$audit" fidelity --help
has out --holdout
expect 2 usage "$audit"
expect 2 'no command nonsense' "$audit" nonsense
expect 2 '--real is missing' "$audit" fidelity --synthetic x --schema y
expect 2 '--synthetic is missing' "$audit" fidelity --real x --schema y
expect 2 '--schema is missing' "$audit" fidelity --real x --synthetic y
expect 2 'schema or nist' "$audit" fidelity $tables --binning other
expect 2 'no column "more"' "$audit" fidelity $tables --group more
expect 2 --threads "$audit" fidelity $tables --threads none
expect 2 unrecognized "$audit" fidelity $tables --nonsense
expect 2 'what is "more"' "$audit" fidelity $tables more

# files that are not there or do not fit
expect 1 absent.csv "$audit" fidelity --real absent.csv \
    --synthetic synthetic.csv --schema schema.json
expect 1 absent.json "$audit" fidelity --real real.csv \
    --synthetic synthetic.csv --schema absent.json
printf 'age,sex,job,more\n10,f,none,1\n' >extra.csv
expect 1 more "$audit" fidelity --real real.csv --synthetic extra.csv \
    --schema schema.json
expect 0 '' "$audit" fidelity --real real.csv --synthetic extra.csv \
    --schema schema.json --ignore-extra

# the text
expect 0 '' "$audit" fidelity $tables --binning schema
has out 'real.csv  (4 rows)'
has out 'synthetic.csv  (2 rows)'
has out 'Worst pairs'
has out '1  rows that break a structural zero (real table: 0)'
has out 'Internal:'
[ "$(tr -d '\n[:print:]' <out | wc -c)" -eq 0 ] || fail 'colour in a file'

# a holdout, in text and JSON
expect 0 '' "$audit" fidelity $tables --holdout holdout.csv
has out 'ho. mean'
expect 0 '' "$audit" fidelity $tables --holdout holdout.csv --json
has out '"tv.2way.mean.holdout"'
has out '"schema": "privet/findings/1"'
has out '"rows.ratio"'
has out '"zeros.violations.rule.1"'
has out '"verdicts": []'

# scores by group; NIST bins leave other columns as they are
expect 0 '' "$audit" fidelity $tables --group sex
has out 'all pairs, by sex'
expect 0 '' "$audit" fidelity $tables --group sex --binning nist --json
has out '"binning": "nist"'
has out '"kmarginal.group.m"'
has out '"kmarginal.group.(missing)"'

# no result depends on threads
"$audit" fidelity $tables --json --threads 1 >one.json || fail 'one thread'
"$audit" fidelity $tables --json --threads 2 >two.json || fail 'two threads'
cmp one.json two.json || fail 'one and two threads differ'

# -o: whole files, kept from others, replaced with --force alone
expect 0 '' "$audit" fidelity $tables --json -o new.json
cmp one.json new.json || fail '-o differs from standard output'
[ "$(ls -l new.json | cut -c1-10)" = -rw------- ] || fail 'new.json is readable'
expect 1 new.json "$audit" fidelity $tables --json -o new.json
expect 0 '' "$audit" fidelity $tables --json -o new.json --force
expect 1 absent "$audit" fidelity $tables --json -o absent/new.json
expect 0 '' "$audit" fidelity $tables --json -o -
cmp one.json out || fail '-o - differs from standard output'
if [ -w /dev/full ]; then
    "$audit" fidelity $tables >/dev/full 2>err
    [ $? -eq 1 ] || fail 'a full disk goes unnoticed'
fi

# HDF5 as well as CSV
table=$top_builddir/privet-table
if [ -x "$table" ]; then
    "$table" import real.csv --schema schema.json -o real.h5 || fail import
    expect 0 '' "$audit" fidelity --real real.h5 --synthetic synthetic.csv \
        --schema schema.json --json
    sed 's/real\.h5/real.csv/' out | cmp - one.json || fail 'HDF5 differs'
else
    echo 'SKIPPED: no privet-table: HDF5 not tried' >&2
fi

# no rows, one column
printf 'age,sex,job\n' >empty.csv
expect 0 '' "$audit" fidelity --real real.csv --synthetic empty.csv \
    --schema schema.json
has out 'the synthetic table has no rows'
printf '{"fields": [{"name": "a", "type": "string", "categories": ["x"]}]}' \
    >one-schema.json
printf 'a\nx\n' >one.csv
expect 0 '' "$audit" fidelity --real one.csv --synthetic one.csv \
    --schema one-schema.json
has out 'fewer than 3 columns'

# hostile names stay text: no escape sequence reaches the terminal
printf '{"fields": [{"name": "a\\u001b[31m", "type": "string", "categories": ["x", "y"]}]}' \
    >hostile-schema.json
printf 'a\033[31m\nx\n' >hostile-real.csv
printf 'a\033[31m\ny\n' >hostile.csv
"$audit" fidelity --real hostile-real.csv --synthetic hostile.csv \
    --schema hostile-schema.json >out 2>err &&
    [ "$(tr -d '\n[:print:]' <out | wc -c)" -ne 0 ] &&
    fail 'an escape sequence in the text'

# private values stay out of messages
printf 'age,sex,job\n10,f,none\n30,m,unheard-of\n' >strange.csv
"$audit" fidelity --real strange.csv --synthetic synthetic.csv \
    --schema schema.json >out 2>err
grep -q unheard-of out err && fail 'a value of the real table in a message'

[ "$failures" -eq 0 ]
