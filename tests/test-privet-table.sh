#!/bin/sh
# privet-table from the outside: exit statuses, streams, files.
set -u
tool=$top_builddir/privet-table
dir=$(mktemp -d "${TMPDIR:-/tmp}/privet-table.XXXXXX") || exit 99
trap 'rm -rf "$dir"' EXIT
trap 'exit 99' HUP INT TERM
failed=0

# expect STATUS WHAT COMMAND...: stdout in $dir/out, stderr in $dir/err
expect() {
    want=$1 what=$2
    shift 2
    "$@" >"$dir/out" 2>"$dir/err"
    got=$?
    if [ "$got" -ne "$want" ]; then
        echo "FAILED: $what: exit status $got, not $want"
        cat "$dir/out" "$dir/err"
        failed=1
    fi
}
says() { # FILE TEXT
    grep -q -e "$2" "$dir/$1" && return
    echo "FAILED: no '$2' in $1 of: $what"
    cat "$dir/$1"
    failed=1
}
silent() { # FILE
    [ ! -s "$dir/$1" ] && return
    echo "FAILED: $1 is not empty: $what"
    cat "$dir/$1"
    failed=1
}

cat >"$dir/s.json" <<'EOF'
{"title": "People", "fields": [
 {"name": "age", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 99},
  "privet": {"bins": 10}},
 {"name": "married", "type": "string", "categories": ["no", "yes"],
  "privet": {"role": "secret"}},
 {"name": "wage", "type": "number",
  "constraints": {"minimum": 0, "maximum": 100}, "privet": {"bins": 4}}],
 "privet": {"zeros": [{"when": {"age": {"maximum": 14}},
                       "never": {"married": ["yes"]}}]}}
EOF
printf 'wage,age,married\n1.5,30,yes\n,7,no\n99.25,64,\n' >"$dir/t.csv"

# --- help, version, usage
expect 0 help "$tool" --help; says out 'privet-table import'; silent err
expect 0 version "$tool" --version; says out '^privet-table [0-9]'
for s in check draft import export info; do
    expect 0 "help of $s" "$tool" $s --help
    says out "Usage: privet-table $s"
    expect 2 "$s of nothing" "$tool" $s
    expect 2 "$s of two" "$tool" $s a b
    expect 2 "$s with an unknown option" "$tool" $s --no-such-option x
done
expect 2 'no subcommand' "$tool"
expect 2 'unknown subcommand' "$tool" frobnicate; says err 'frobnicate'
expect 2 'an option of another subcommand' "$tool" check -o x "$dir/s.json"
expect 2 'a wrong layout' "$tool" export "$dir/x" -o y --layout=paper
expect 2 'a wrong delimiter' "$tool" import "$dir/t.csv" -s s -o y -d ab

# --- check
expect 0 check "$tool" check "$dir/s.json"; silent err
says out '^People$'
says out 'age  *bins (int)  *11  no'
says out 'married  *labels  *3  yes  *secret'
says out 'structural zeros: 1'
says out 'pairs: 3 marginals, 103 cells, the largest 55'
says out 'triples: 1 marginals, 165 cells'
expect 1 'check of an absent schema' "$tool" check "$dir/none.json"
says err 'none.json: cannot open'
printf '{"fields": [{"name": "x", "type": "datetime"}]}' >"$dir/bad.json"
expect 1 'check of a bad schema' "$tool" check "$dir/bad.json"
says err "bad.json: field 1 'x': .*bin it beforehand"; silent out

# --- draft
expect 2 'draft without consent' "$tool" draft "$dir/t.csv" -o "$dir/d.json"
says err 'from-public-data'
[ ! -e "$dir/d.json" ] || { echo 'FAILED: drafted anyway'; failed=1; }
expect 0 draft "$tool" draft "$dir/t.csv" -o "$dir/d.json" --from-public-data
expect 1 'draft over a file' \
    "$tool" draft "$dir/t.csv" -o "$dir/d.json" --from-public-data
says err 'use --force'
expect 0 'draft by force' \
    "$tool" draft "$dir/t.csv" -o "$dir/d.json" --from-public-data --force
expect 0 'draft to stdout' "$tool" draft "$dir/t.csv" -o - --from-public-data
says out '"categories"'
expect 0 'check of a draft' "$tool" check "$dir/d.json"
expect 0 'import under a draft' \
    "$tool" import -q "$dir/t.csv" -s "$dir/d.json" -o "$dir/d.h5"
silent err

# --- import, export
expect 2 'import without schema' "$tool" import "$dir/t.csv" -o "$dir/t.h5"
expect 2 'import without output' "$tool" import "$dir/t.csv" -s "$dir/s.json"
expect 0 import "$tool" import "$dir/t.csv" --schema "$dir/s.json" -o "$dir/t.h5"
says err '3 rows'; silent out
expect 1 'import over a file' \
    "$tool" import "$dir/t.csv" --schema "$dir/s.json" -o "$dir/t.h5"
expect 0 'import by force' \
    "$tool" import "$dir/t.csv" --schema "$dir/s.json" -o "$dir/t.h5" --force
expect 0 'export to stdout' "$tool" export "$dir/t.h5" -o -; silent err
printf 'age,married,wage\n30,yes,1.5\n7,no,\n64,,99.25\n' >"$dir/want.csv"
cmp "$dir/want.csv" "$dir/out" || failed=1
expect 0 'export to gzip' "$tool" export "$dir/t.h5" -o "$dir/t.csv.gz"
gzip -dc "$dir/t.csv.gz" | cmp - "$dir/want.csv" || failed=1
expect 0 'import from stdin' sh -c \
    '"$0" import - -q -s "$1/s.json" -o "$1/u.h5" <"$1/t.csv.gz"' "$tool" "$dir"
cmp "$dir/t.h5" "$dir/u.h5" || failed=1
expect 0 'export to HDF5' "$tool" export "$dir/t.h5" -o "$dir/v.h5"
cmp "$dir/t.h5" "$dir/v.h5" || failed=1
expect 0 'export to pytables' \
    "$tool" export "$dir/t.h5" -o "$dir/p.h5" --layout=pytables
expect 2 'a layout of CSV' \
    "$tool" export "$dir/t.h5" -o "$dir/w.csv" --layout=pytables
expect 1 'export of CSV' "$tool" export "$dir/t.csv" -o "$dir/w.csv"
says err 'not an HDF5 file'
expect 1 'export into a missing directory' \
    "$tool" export "$dir/t.h5" -o "$dir/none/w.csv"
printf 'age,married,wage\n30,maybe,1\nx,no,1\n' >"$dir/bad.csv"
expect 1 'import of bad rows' \
    "$tool" import "$dir/bad.csv" -s "$dir/s.json" -o "$dir/b.h5"
says err "bad.csv: line 3: column 'age': 'x' is outside the schema"
[ ! -e "$dir/b.h5" ] && [ ! -e "$dir/b.h5.tmp" ] ||
    { echo 'FAILED: a failed import left a file'; failed=1; }
printf 'age,married,wage,x\n30,no,1,1\n' >"$dir/extra.csv"
expect 1 'an extra column' \
    "$tool" import "$dir/extra.csv" -s "$dir/s.json" -o "$dir/e.h5"
says err 'ignore-extra'
expect 0 'an extra column ignored' "$tool" import "$dir/extra.csv" \
    -s "$dir/s.json" -o "$dir/e.h5" --ignore-extra

# --- info
expect 0 info "$tool" info "$dir/t.h5"; silent err
says out '3 rows, 3 columns'
says out 'treat it as private data'
expect 1 'info of CSV' "$tool" info "$dir/t.csv"
expect 1 'info of nothing' "$tool" info "$dir/none.h5"

# --- real tables
for name in adult adult_raw acs national2019 titanic; do
    from=$PRIVET_SHARED/data/$name
    if [ ! -e "$from/schema.json" ]; then
        echo "SKIPPED: $from is absent; set PRIVET_SHARED" >&2
        continue
    fi
    for csv in "$from"/*.csv.gz; do
        expect 0 "import of $csv" "$tool" import "$csv" \
            -s "$from/schema.json" -o "$dir/r.h5" -q --force
        silent err
        expect 0 "export of $csv" \
            "$tool" export "$dir/r.h5" -o "$dir/r.csv" --force
        expect 0 "import again of $csv" "$tool" import "$dir/r.csv" \
            -s "$from/schema.json" -o "$dir/r2.h5" -q --force
        cmp "$dir/r.h5" "$dir/r2.h5" || failed=1
    done
done
exit $failed
