#!/bin/sh
# privet-audit epsilon --primitive as a user calls it.
set -u
LC_ALL=C
export LC_ALL
audit="$top_builddir/privet-audit"
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-primitive-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work" || exit 99
failures=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

# expect STATUS WORD ARGUMENT...: exits with STATUS and says WORD on stderr
expect() {
    wanted=$1 word=$2
    shift 2
    "$audit" epsilon "$@" >out 2>err
    got=$?
    [ "$got" -eq "$wanted" ] || fail "$* exits $got, not $wanted: $(cat err)"
    [ -z "$word" ] || grep -qF -e "$word" err ||
        fail "$* does not say \"$word\": $(cat err)"
}

# has WORD, lacks WORD: in the output
has() {
    grep -qF -e "$1" out || fail "no \"$1\" in: $(cat out)"
}
lacks() {
    grep -qF -e "$1" out && fail "\"$1\" in: $(cat out)"
}

# number of lines with WORD
lines() {
    grep -cF -e "$1" out
}

# help and wrong use
expect 0 '' --primitive all --help
has --select-epsilon
expect 0 '' --primitive all --version
has privet-audit
expect 2 '--runs is needed' --primitive measure
expect 2 'not "prices"' --primitive prices --runs 1000
expect 2 'not "vote"' --primitive vote --runs 1000
for n in 0 99 -5 many 1e6 50000001; do
    expect 2 '--runs takes a number from 100 to' --primitive all --runs $n
done
for n in 0 1 65537; do
    expect 2 '--cells takes' --primitive all --runs 1000 --cells $n
done
for n in 0 1 10001; do
    expect 2 '--candidates takes' --primitive all --runs 1000 --candidates $n
done
for n in 0 1001; do
    expect 2 '--rows-per-person takes' --primitive all --runs 1000 \
        --rows-per-person $n
done
for a in 0 1 -0.1 2 nan; do
    expect 2 '--alpha takes' --primitive all --runs 1000 --alpha $a
    expect 2 '--delta takes' --primitive all --runs 1000 --delta $a
done
expect 2 '--labels-delta takes' --primitive labels --runs 1000 --labels-delta 0.6
expect 2 'together' --primitive labels --runs 1000 --labels-delta 0.5 --delta 0.5
for s in 0 -1 1/0 1/ /2 a 1/257 1/2/3 ' 4' 99999999999; do
    expect 2 '--sigma2' --primitive all --runs 1000 --sigma2 "$s"
done
for e in 0 65 nan; do
    expect 2 '--select-epsilon takes' --primitive all --runs 1000 \
        --select-epsilon $e
done
expect 2 '--neighbors is' --primitive all --runs 1000 --neighbors add
expect 2 '--unit is' --primitive all --runs 1000 --unit rows
expect 2 '--seed takes' --primitive all --runs 1000 --seed xyz
expect 2 'is no option' --primitive all --runs 1000 more
expect 2 unrecognized --primitive all --runs 1000 --nonsense
expect 1 '--sigma2' --primitive labels --runs 100 --sigma2 10000000000

# all cases, narrowed
expect 0 '' --primitive all --runs 1000 --seed 1 --cells 10
lacks VIOLATION
has 'select, replace, person of 3 rows'
[ "$(lines ', row')" -eq 24 ] || fail "cases of rows: $(cat out)"
[ "$(lines ', person of')" -eq 24 ] || fail "cases of persons: $(cat out)"
has 'votes, replace, person of 3 rows, in several classes'
has 'votes, add-remove, row, among equals'
has '96 at alpha 0.01'
expect 0 '' --primitive measure --runs 1000 --seed 1 --neighbors replace --unit row
[ "$(lines 'measure, ')" -eq 2 ] || fail "not narrowed: $(cat out)"
lacks add-remove
has '4 at alpha 0.01'
[ "$(tr -d '\n[:print:]' <out | wc -c)" -eq 0 ] || fail 'colour in a file'

# JSON; the same bytes for any number of processes, others for another seed
common="--primitive all --cells 8 --runs 1200 --json"
# shellcheck disable=SC2086
{
    expect 0 '' $common --seed 7 --threads 1 -o one.json
    expect 0 '' $common --seed 7 --threads 2 -o two.json
    expect 0 '' $common --seed 8 -o other.json
    expect 0 '' $common -o random.json
}
cmp one.json two.json || fail 'findings depend on the number of processes'
cmp -s one.json other.json && fail 'findings do not depend on the seed'
cmp -s one.json random.json && fail 'a seed that is not random'
[ "$(ls -l one.json | cut -c1-10)" = -rw------- ] || fail 'one.json is readable'
expect 1 one.json --primitive select --runs 1000 --json -o one.json
expect 0 '' --primitive select --runs 1000 --json -o one.json --force
cp two.json out
has '"schema": "privet/findings/1"'
has '"command": "epsilon"'
has '"seed": "0000000000000000000000000000000000000000000000000000000000000007"'
for id in rho.lo rho.claim rho.tp epsilon.claim epsilon.fn mu.claim delta.lo \
    delta.claim delta noise.mean.z noise.variance.z noise.next.z noise.chunks.z \
    noise.tables.z noise.runs.z noise.law.z violation; do
    has "\"primitive.$id\""
done
has '"epsilon.clopper_pearson.lo"'
has '"epsilon.gdp.mu_lo"'
has '"table": "labels, replace, person of 3 rows, of the unit alone"'
if command -v python3 >/dev/null; then
    python3 -m json.tool two.json >/dev/null || fail 'no JSON'
fi

# stopped: status 75, no output
"$audit" epsilon --primitive measure --runs 20000000 --json -o stopped.json \
    --quiet 2>err &
pid=$!
sleep 1
kill -TERM $pid
wait $pid
[ $? -eq 75 ] || fail "stopped: $(cat err)"
[ ! -e stopped.json ] || fail 'stopped, and yet an output'

[ "$failures" -eq 0 ]
