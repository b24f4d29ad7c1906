#!/bin/sh
# privet-gen gsd as a user calls it: the same bytes for any threads and after any kill,
# refusals that name what is wrong and leave nothing behind, refits, and the auditor.
set -u
LC_ALL=C
export LC_ALL
# the program itself, not the script around it, which a signal would end in its place
gen=$top_builddir/privet-gen
if [ -x "$top_builddir/.libs/privet-gen" ]; then
    gen=$top_builddir/.libs/privet-gen
    LD_LIBRARY_PATH=$top_builddir/.libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export LD_LIBRARY_PATH
fi
audit=$top_builddir/privet-audit
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-gsd-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS WORD COMMAND...: exits with STATUS and says WORD
expect() {
    wanted=$1 word=$2
    shift 2
    "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$* exits $got, not $wanted: $(cat err)"
    [ -z "$word" ] || cat out err | grep -qF -e "$word" ||
        fail "$* does not say \"$word\": $(cat err)"
}

# refused STATUS WORD COMMAND...: and nothing is left behind
refused() {
    ls -A >before
    expect "$@"
    ls -A >after
    cmp -s before after || fail "$* leaves $(comm -13 before after | tr '\n' ' ')"
}

has() { # FILE WORD
    grep -qF -e "$2" "$1" || fail "$1 lacks \"$2\""
}

: >out
: >err
: >after
# the pet goes by the age, and the pay by both
awk 'BEGIN {
    x = 7
    print "age,sex,pet,pay"
    for (i = 0; i < 2000; i++) {
        x = (x * 16807) % 2147483647
        age = x % 81
        x = (x * 16807) % 2147483647
        pay = x % 50 ? (age + x % 20) * 100 + x % 97 : ""
        pet = age > 40 ? "cat" : x % 3 ? "dog" : "none"
        print age "," (x % 2 ? "f" : "m") "," pet "," pay
    } }' >in.csv
fields='{"fields": [
 {"name": "age", "type": "integer",
  "constraints": {"required": true, "minimum": 0, "maximum": 99},
  "privet": {"bins": 20}},
 {"name": "sex", "type": "string", "categories": ["f", "m"],
  "constraints": {"required": true}},
 {"name": "pet", "type": "string", "categories": ["cat", "dog", "none"],
  "constraints": {"required": true}},
 {"name": "pay", "type": "number", "constraints": {"minimum": 0, "maximum": 12000},
  "privet": {"bins": 8}}]'
echo "$fields}" >schema.json
budget='--epsilon 1 --delta 1e-6'
mixed='marginals:2,tree:2:3,prefix:20,halfspace:5'

# gsd OUT OPTIONS...: a run with a test seed
gsd() {
    out=$1
    shift
    # shellcheck disable=SC2086
    "$gen" gsd in.csv --schema schema.json $budget -o "$out" --quiet \
        --insecure-test-seed 5 "$@"
}

# --- help and plan ---------------------------------------------------------------
for option in --queries --base --base-share --rounds --picks --search; do
    expect 0 "$option " "$gen" --help
done
# shellcheck disable=SC2086
for queries in marginals:2 tree:2 "$mixed"; do
    refused 0 "${queries%%,*}: " "$gen" plan gsd --schema schema.json $budget \
        --queries "$queries"
done

# --- the same bytes ----------------------------------------------------------------
gsd one.h5 --queries "$mixed" --threads 1 || fail "gsd fails"
for threads in 2 4; do
    gsd more.h5 --queries "$mixed" --threads $threads || fail "gsd fails"
    cmp -s one.h5 more.h5 || fail "$threads threads give another release"
    rm -rf more.h5*
done
gsd paper1.h5 --search faithful --threads 1 || fail "faithful fails"
gsd paper4.h5 --search faithful --threads 4 || fail "faithful fails"
cmp -s paper1.h5 paper4.h5 || fail "faithful differs with threads"
cmp -s one.h5 paper1.h5 && fail "faithful is as fast"

# the trace: a header, then a line a sweep, with F never rising
has one.h5.run/search.csv sweep,cpu_seconds,objective,floor,distance,scored,moved
awk -F, 'NF != 7 { exit 1 }
    NR > 1 { if ($1 != NR - 1 || (NR > 2 && $3 > f * 1.0001)) exit 1; f = $3 }
    END { if (NR < 2) exit 1 }' one.h5.run/search.csv || fail "an odd trace"

# --- stopped and killed --------------------------------------------------------------
# whenever it is stopped, the same command ends with the same release
stop() { # SIGNAL SECONDS
    # shellcheck disable=SC2086
    "$gen" gsd in.csv --schema schema.json $budget -o stopped.h5 --quiet \
        --insecure-test-seed 5 --queries "$mixed" --threads 1 &
    pid=$!
    sleep "$2"
    kill -"$1" $pid 2>err
    wait $pid 2>err
    got=$?
    case $1:$got in
    TERM:0 | TERM:75 | TERM:143 | KILL:0 | KILL:137) ;;
    *) fail "$1 after $2 s gives $got" ;;
    esac
    if [ ! -f stopped.h5 ]; then
        gsd stopped.h5 --queries "$mixed" --threads 2 || fail "no resumption"
    fi
    cmp -s one.h5 stopped.h5 || fail "$1 after $2 s gives another release"
    rm -rf stopped.h5*
}
for seconds in 0.05 0.2 0.4; do
    stop TERM $seconds
    stop KILL $seconds
done

# --- from measurements ------------------------------------------------------------------
"$gen" gsd --from-measurements one.h5 -o again.h5 --quiet || fail "no refit"
# shellcheck disable=SC2086
"$gen" mst in.csv --schema schema.json $budget -o mst.h5 --quiet ||
    fail "mst fails"
"$gen" gsd --from-measurements mst.h5 -o searched.h5 --quiet --rows 300 ||
    fail "no search from mst"
"$gen" gsd --from-measurements mst.h5 -o paper.h5 --quiet --search faithful \
    --rows 300 || fail "no faithful search from mst"
refused 2 --queries "$gen" gsd --from-measurements one.h5 -o no.h5 \
    --queries tree:2
refused 2 --search "$gen" mst --from-measurements one.h5 -o no.h5 \
    --search faithful

# --- few rows ---------------------------------------------------------------------------
for rows in 0 1 2; do
    gsd few.h5 --queries "$mixed" --rows $rows || fail "--rows $rows fails"
    gsd paper-few.h5 --search faithful --rows $rows || fail "--rows $rows fails"
    "$top_builddir/privet-table" export few.h5 -o few.csv >err 2>&1 ||
        fail "few.h5 cannot be read: $(cat err)"
    lines=$(wc -l <few.csv)
    [ "$lines" -eq $((rows + 1)) ] || fail "--rows $rows gives $lines lines"
    rm -rf few.* paper-few.*
done

# --- zeros -------------------------------------------------------------------------------
cat >zeros.json <<END2
$fields, "privet": {"zeros": [
 {"when": {"age": {"maximum": 4}}, "never": {"pet": ["cat", "dog"]}},
 {"when": {"sex": ["f"]}, "never": {"pet": ["none"]}}]}}
END2
awk -F, 'NR == 1 || !($1 < 5 && $3 != "none" || $2 == "f" && $3 == "none")' \
    in.csv >legal.csv
for search in fast faithful; do
    # shellcheck disable=SC2086
    "$gen" gsd legal.csv --schema zeros.json $budget -o zeros.h5 --quiet \
        --queries "$mixed" --search $search || fail "zeros fail ($search)"
    "$top_builddir/privet-table" export zeros.h5 -o zeros.csv >err 2>&1 ||
        fail "zeros.h5 cannot be read: $(cat err)"
    awk -F, 'NR > 1 && ($1 < 5 && $3 != "none" || $2 == "f" && $3 == "none") {
        exit 1 }' zeros.csv || fail "a zero is broken ($search)"
    rm -rf zeros.h5* zeros.csv
done

# --- refusals ------------------------------------------------------------------------------
ask() { # OPTIONS: as a user would, to no.h5
    # shellcheck disable=SC2086
    "$gen" gsd in.csv --schema schema.json $budget -o no.h5 "$@"
}
cat >labels.json <<'END2'
{"fields": [
 {"name": "sex", "type": "string", "categories": ["f", "m"]},
 {"name": "pet", "type": "string", "categories": ["cat", "dog", "none"]}]}
END2
# shellcheck disable=SC2086
for queries in tree:2 prefix:10; do
    refused 2 "$queries" "$gen" gsd in.csv --schema labels.json $budget \
        -o no.h5 --ignore-extra --queries $queries
done
refused 1 --memory ask --queries tree:2 --memory 64K
refused 2 marginals:9 ask --queries marginals:9
# shellcheck disable=SC2086
refused 2 --queries "$gen" mst in.csv --schema schema.json $budget -o no.h5 \
    --queries tree:2
refused 2 --base ask --queries tree:2 --base magic
refused 2 --base ask --queries tree:2 --base gsd
refused 2 --search ask --search slowly
refused 2 --rounds ask --rounds -1
refused 2 --picks ask --picks 0
refused 2 --base-share ask --base-share 1
refused 2 tree ask --queries tree:
refused 2 nonsense ask --queries nonsense
echo '{"schema": "privet/queries/1", "groups": [{"queries": [' >broken.json
refused 1 broken.json ask --queries broken.json
echo '{"schema": "privet/queries/1", "groups": [{"queries": [{"shoe": [1]}]}]}' \
    >shoe.json
refused 1 shoe ask --queries shoe.json
refused 1 missing.json ask --queries missing.json
cat >none.json <<END2
$fields, "privet": {"zeros": [
 {"when": {"sex": ["f", "m"]}, "never": {"pet": ["cat", "dog", "none"]}}]}}
END2
# shellcheck disable=SC2086
refused 1 zero "$gen" gsd in.csv --schema none.json $budget -o no.h5 \
    --queries tree:2
sed 's/"bins": 8/"bins": "private"/' schema.json >private.json
# shellcheck disable=SC2086
refused 2 "schema of a release" "$gen" gsd in.csv --schema private.json $budget -o no.h5 \
    --queries tree:2
refused 5 budget "$gen" gsd in.csv --schema schema.json --rho 1e-10 -o no.h5 \
    --queries tree:2

# --- the auditor --------------------------------------------------------------------------
head -n 300 in.csv >small.csv
for options in '' ' --queries tree:2:2,prefix:5' ' --search faithful'; do
    mechanism="privet-gen gsd$options --epsilon 1 --delta 1e-6"
    expect 0 '' "$audit" game --real small.csv --schema schema.json \
        --secret pet --rows-per-trial 60 --releases 60 --order 2 --trials 4 \
        --threads 2 --mechanism "$mechanism" --json -o game.json --quiet
    [ -s game.json ] || fail "no findings of a game ($options)"
    expect 0 '' "$audit" epsilon --real small.csv --schema schema.json \
        --target 1 --people 100 --runs 20 --threads 2 --rows 60 \
        --mechanism "$mechanism" --json -o epsilon.json --quiet
    [ -s epsilon.json ] || fail "no findings of epsilon ($options)"
    rm -rf game.* epsilon.*
done

[ "$failures" -eq 0 ] || exit 1
echo "all as it should be"
