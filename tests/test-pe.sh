#!/bin/sh
# privet-gen pe as a user calls it: rows of a table and records of a pool, the same bytes
# for any threads and after any kill, refusals that leave nothing behind, and the plan.
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
table=$top_builddir/privet-table
audit=$top_builddir/privet-audit
embed=$top_builddir/tests/embed
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-pe-XXXXXX") || exit 99
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
    [ -z "$word" ] || cat out err | tr '\n' ' ' | grep -qF -e "$word" ||
        fail "$* does not say \"$word\": $(cat err)"
}

# refused STATUS WORD COMMAND...: and nothing is left behind but a run that spent nothing
refused() {
    expect "$@"
    [ ! -e refused.h5 ] || fail "$* leaves a release"
    if [ -d refused.h5.run ]; then
        ! grep -q '"kind":"reserve"' refused.h5.run/ledger.jsonl ||
            fail "$* spends before it refuses"
        rm -rf refused.h5.run
    fi
}

: >out
: >err
# the class is whether two numbers are on the same side; the pet goes by the class
awk 'BEGIN {
    x = 11
    print "a,b,pet,class,kind"
    for (i = 0; i < 3000; i++) {
        x = (x * 16807) % 2147483647; a = x % 1000 / 100
        x = (x * 16807) % 2147483647; b = x % 11
        x = (x * 16807) % 2147483647
        class = (a > 5) == (b > 5) ? "same" : "apart"
        pet = x % 5 ? (class == "same" ? "cat" : "dog") : "owl"
        printf "%s,%s,%s,%s,%s\n", x % 40 ? a : "", b, pet, class, pet == "owl" ? "wild" : "tame"
    }
}' >in.csv
cat >schema.json <<'END'
{"fields":[
 {"name":"a","type":"number","constraints":{"minimum":0,"maximum":10},"privet":{"bins":20}},
 {"name":"b","type":"integer","constraints":{"required":true,"minimum":0,"maximum":10}},
 {"name":"pet","type":"string","categories":["cat","dog","owl"],"constraints":{"required":true}},
 {"name":"class","type":"string","categories":["same","apart"],"constraints":{"required":true}},
 {"name":"kind","type":"string","categories":["tame","wild"],"constraints":{"required":true}}],
 "privet":{"zeros":[{"when":{"pet":["owl"]},"never":{"kind":["tame"]}},
                    {"when":{"pet":["cat","dog"]},"never":{"kind":["wild"]}}]}}
END
seed="--insecure-test-seed c0ffee --force --quiet"
usual="in.csv --schema schema.json --target class --epsilon 2 --delta 1e-6"

# --- tables -----------------------------------------------------------------------

for way in "" "--select sample --candidates 200" "--select rank --init marginals" \
    "--init uniform" "--rounds 0"; do
    rm -rf one.* two.* four.*
    # shellcheck disable=SC2086
    {
        expect 0 "" "$gen" pe $usual $way $seed --threads 1 -o one.h5
        expect 0 "" "$gen" pe $usual $way $seed --threads 2 -o two.h5
        expect 0 "" "$gen" pe $usual $way $seed --threads 4 -o four.h5
    }
    cmp -s one.h5 two.h5 && cmp -s one.h5 four.h5 ||
        fail "pe $way depends on the number of threads"
    expect 0 "" "$table" export one.h5 -o one.csv --force
    # the zeros hold in every row
    awk -F, 'NR > 1 && (($3 == "owl") != ($5 == "wild")) { bad++ } END { exit bad > 0 }' \
        one.csv || fail "pe $way writes rows that cannot be"
    expect 0 "the chain of hashes" "$gen" ledger one.h5
done
# what is found holds: the class follows from a and b, which are independent
rm -rf one.*
# shellcheck disable=SC2086
expect 0 "" "$gen" pe $usual $seed --epsilon 8 -o one.h5
expect 0 "" "$table" export one.h5 -o one.csv --force
awk -F, 'NR > 1 && $1 != "" { n++; ok += (($1 > 5) == ($2 > 5)) == ($4 == "same") }
    END { exit !(ok > 0.8 * n && n > 2000) }' one.csv ||
    fail "pe does not find what a and b say of the class together"
# shellcheck disable=SC2086
expect 0 "" "$gen" pe $usual $seed --rows 77 -o few.h5
expect 0 "77 rows" "$table" info few.h5
expect 0 "" "$audit" fidelity --real in.csv --synthetic one.csv --schema schema.json --json

# a run that is stopped goes on, and ends the same
rm -rf one.* two.*
# shellcheck disable=SC2086
expect 0 "" "$gen" pe $usual $seed -o one.h5
# shellcheck disable=SC2086
"$gen" pe $usual $seed -o two.h5 >out 2>err &
pid=$!
while [ ! -s two.h5.run/answers/000004.bin ] && kill -0 $pid 2>/dev/null; do
    sleep 0.01
done
kill -TERM $pid
wait $pid
got=$?
[ $got -eq 75 ] || [ $got -eq 0 ] || fail "a stopped run exits $got: $(cat err)"
# shellcheck disable=SC2086
expect 0 "" "$gen" pe $usual $seed -o two.h5
cmp -s one.h5 two.h5 || fail "a run that was stopped ends otherwise"
# shellcheck disable=SC2086
expect 1 "the method's options changed" "$gen" pe $usual $seed --rounds 9 -o two.h5

# --- pools ---------------------------------------------------------------------------

cat >label.json <<'END'
{"fields":[{"name":"label","type":"integer","constraints":{"required":true,"minimum":0,"maximum":2}}]}
END
"$embed" data.h5 || fail "no embeddings"
of_pool="data.h5 --schema label.json --epsilon 2 --delta 1e-6 --api pool data.h5"
for way in "" "--one-shot auto" "--one-shot 12" "--select sample --threshold 2" \
    "--select rank" "--select sample --lookahead 3" "--rounds 0" "--metric cosine"; do
    rm -rf one.* two.*
    # shellcheck disable=SC2086
    {
        expect 0 "" "$gen" pe $of_pool $way $seed --threads 1 -o one.h5
        expect 0 "" "$gen" pe $of_pool $way $seed --threads 4 -o two.h5
    }
    cmp -s one.h5 two.h5 || fail "pe of a pool $way depends on threads"
    expect 0 "" "$table" export one.h5 -o one.csv --force
    head -1 one.csv | grep -qx 'label,row_id,weight,generation' ||
        fail "a release of a pool has columns $(head -1 one.csv)"
    # rows of the pool are numbered 5000 on
    awk -F, 'NR > 1 && ($2 < 5000 || $2 >= 5600) { bad++ } END { exit bad > 0 || NR < 300 }' \
        one.csv || fail "a release of a pool names rows that are not in it"
done
# a record that was drawn several times is one, of as much weight as its copies
rm -rf one.*
# shellcheck disable=SC2086
expect 0 "" "$gen" pe $of_pool --select sample --threshold 2 $seed -o one.h5
expect 0 "" "$table" export one.h5 -o one.csv --force
awk -F, 'NR > 1 { k = $1 " " $2; n[k]++; w[k] = $3 }
    END { for (k in n) if (n[k] > w[k] + 1 || n[k] < w[k] - 1) exit 1 }' one.csv ||
    fail "weights are not what rows are drawn by"
# as many candidates as asked for
# shellcheck disable=SC2086
expect 0 "" "$gen" pe $usual $seed --candidates 100 --rounds 1 -o hundred.h5
expect 0 "vote among 100" "$gen" ledger hundred.h5
# that one histogram would do better is said
# shellcheck disable=SC2086
expect 0 "--one-shot auto" "$gen" pe $of_pool --insecure-test-seed 1 -o advice.h5
# clouds of the pool belong to labels: 5000 + 3 i + label
rm -rf one.*
# shellcheck disable=SC2086
expect 0 "" "$gen" pe $of_pool --one-shot auto $seed -o one.h5
expect 0 "" "$table" export one.h5 -o one.csv --force
awk -F, 'NR > 1 { n++; ok += ($2 - 5000) % 3 == $1 } END { exit !(ok > 0.8 * n) }' one.csv ||
    fail "a histogram over a pool does not find what labels its clouds have"

# --- refusals -------------------------------------------------------------------------

new="--schema label.json --epsilon 2 --delta 1e-6 $seed -o refused.h5"
pool="--api pool data.h5"
# shellcheck disable=SC2086
{
    "$embed" wide.h5 wide
    refused 1 "must come from one model" "$gen" pe wide.h5 $new $pool
    "$embed" nan.h5 nan
    expect 0 "" "$gen" pe nan.h5 --schema label.json --epsilon 2 --delta 1e-6 $seed $pool -o nan-out.h5
    refused 1 "is not finite" "$gen" pe data.h5 $new --api pool nan.h5
    "$embed" zero.h5 zero
    refused 1 "it has no direction" "$gen" pe data.h5 $new --api pool zero.h5 --metric cosine
    refused 1 "fewer than the" "$gen" pe data.h5 $new $pool --one-shot 601
    refused 1 "fewer than the" "$gen" pe data.h5 $new $pool --select rank --candidates 6000
    "$embed" empty.h5 empty
    expect 0 "" "$gen" pe empty.h5 --schema label.json --epsilon 2 --delta 1e-6 $seed $pool -o empty-out.h5
    "$embed" strange.h5 strange
    expect 0 "" "$gen" pe strange.h5 --schema label.json --epsilon 2 --delta 1e-6 $seed $pool -o strange-out.h5
    refused 1 "holds no group /private" "$gen" pe pool-only.h5 $new $pool
    refused 2 "FILE.h5" "$gen" pe data.h5 $new --api pool
    refused 2 "is not table, pool" "$gen" pe data.h5 $new --api lake
    refused 2 "--one-shot is for a pool" "$gen" pe in.csv $new --one-shot 5
    refused 2 "the schema declares one column" "$gen" pe data.h5 --schema schema.json --epsilon 1 --delta 1e-6 $pool -o refused.h5
    refused 2 "is no column of labels" "$gen" pe in.csv --schema schema.json --target a --epsilon 1 --delta 1e-6 -o refused.h5
    refused 2 "not fit, sample or rank" "$gen" pe in.csv $new --select best
    refused 2 "the larger first" "$gen" pe in.csv $new --degrees 0.1,0.5
    refused 2 "takes no options of private evolution" "$gen" mst in.csv --schema schema.json --epsilon 1 --delta 1e-6 --api table -o refused.h5
    refused 2 "--keep-parents and --lookahead" "$gen" pe data.h5 $new $pool --keep-parents no
    refused 2 "--children and --degrees" "$gen" pe in.csv $new --children 2
    refused 2 "not for --select rank" "$gen" pe in.csv $new --select rank --threshold 1
    refused 2 "leave out --candidates" "$gen" pe data.h5 $new $pool --one-shot 9 --candidates 9
    refused 2 "at most 1000 rounds" "$gen" pe in.csv $new --rounds 1001
    refused 2 "holds no vote" "$gen" pe --from-measurements few.h5 --select rank -o refused.h5
    refused 1 "is the pool" "$gen" pe data.h5 --schema label.json --epsilon 2 --delta 1e-6 --force --api pool pool-only.h5 -o pool-only.h5
    expect 1 "takes embeddings" "$audit" epsilon --mechanism "privet-gen pe --api pool data.h5 --epsilon 1 --delta 1e-6" --runs 100
    refused 1 "public" "$gen" pe in.csv --schema open.json --epsilon 1 --delta 1e-6 -o refused.h5
}

# noise that drowns all votes is said to, and a release comes all the same
# shellcheck disable=SC2086
expect 0 "more than the votes it can expect" "$gen" pe data.h5 --schema label.json \
    --epsilon 0.05 --delta 1e-6 --insecure-test-seed 1 --force $pool --select sample \
    --candidates 300 --threshold 3 -o drowned.h5
grep -q "drawn from all its candidates alike" err || fail "drowned classes are not named"

# --- plan and account -------------------------------------------------------------------

# shellcheck disable=SC2086
expect 0 "votes a candidate" "$gen" plan pe --schema schema.json --target class --epsilon 1 --delta 1e-6
expect 0 "noise will drown the votes" "$gen" plan pe --schema label.json $pool --one-shot 600 \
    --epsilon 0.1 --delta 1e-6 --rows-hint 600
# deltas 1e-5 and 1/(N ln N); what continuous noise needs, as published
account() { # WANTED FIELD OPTIONS...
    wanted=$1 field=$2
    shift 2
    "$gen" account --json "$@" >out 2>err || fail "account $* fails: $(cat err)"
    got=$(sed -n "s/^  \"$field\": \([0-9.e+-]*\),*$/\1/p" out)
    awk -v a="$got" -v b="$wanted" 'BEGIN { d = a / b - 1; exit !(d < 5e-4 && d > -5e-4) }' ||
        fail "account $*: $field is $got, not $wanted"
}
continuous=sigma_continuous_gaussian
account 16.304 $continuous --epsilon 0.2 --delta 1e-5
account 7.032 $continuous --epsilon 0.5 --delta 1e-5
account 3.731 $continuous --epsilon 1 --delta 1e-5
account 1.994 $continuous --epsilon 2 --delta 1e-5
account 1.081 $continuous --epsilon 4 --delta 1e-5
account 0.500 $continuous --epsilon 10 --delta 1e-5
account 51.56 $continuous --epsilon 0.2 --delta 1e-5 --rounds 10
account 11.797 $continuous --epsilon 1 --delta 1e-5 --rounds 10
account 1.581 $continuous --epsilon 10 --delta 1e-5 --rounds 10
account 4.0451 sigma --epsilon 1 --delta 1e-5
account 12.7918 sigma --epsilon 1 --delta 1e-5 --rounds 10
continuous=epsilon_continuous_gaussian
account 3.3414 $continuous --sigma 2.8284271247461903 --rounds 5 --delta 1e-5
account 2.594 $continuous --sigma 7.0710678118654755 --rounds 20 --delta 1e-5
account 9.921 $continuous --sigma 2.8284271247461903 --rounds 29 --delta 3e-6
account 7.890 $continuous --sigma 2 --rounds 17 --delta 1e-3
account 0.99999 $continuous --sigma 11.60 --rounds 10 --delta 1.3183224e-05
account 3.61697 epsilon --sigma 2.8284271247461903 --rounds 5 --delta 1e-5
account 1.41421356 sensitivity --sigma 1 --delta 1e-5 --neighbors replace
expect 2 "two of" "$gen" account --sigma 1 --rho 1
expect 2 "two of" "$gen" account --epsilon 1 --delta 1e-5 --rounds 0

[ $failures -eq 0 ] || exit 1
echo "pe: all as it should be"
