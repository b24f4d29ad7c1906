#!/bin/sh
# privet-audit counts as a user calls it.
set -u
LC_ALL=C
export LC_ALL
audit=$top_builddir/privet-audit
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-counts-XXXXXX") || exit 99
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

# has WORD, lacks WORD: in the output
has() {
    grep -qF -e "$1" out || fail "no \"$1\" in: $(cat out)"
}
lacks() {
    grep -qF -e "$1" out && fail "\"$1\" in: $(cat out)"
}

# value ID: of the JSON in out, "null" where there is none
value() {
    awk -v id="\"$1\"," '$1 == "\"id\":" { on = $2 == id }
        on && $1 == "\"value\":" { print $2; exit }' out
}
# reason ID
reason() {
    awk -v id="\"$1\"," '$1 == "\"id\":" { on = $2 == id }
        on && $1 == "\"reason\":" { sub(/^ *"reason": /, ""); print; exit }' out
}

# help and wrong use
expect 0 '' "$audit" counts --help
has --claim
expect 0 '' "$audit" counts --version
has privet-audit
expect 2 'four counts' "$audit" counts
expect 2 'four counts' "$audit" counts 1 2 3
expect 2 'four counts' "$audit" counts 1 2 3 4 5
expect 2 'negative' "$audit" counts 5 -3 4 5
expect 2 'FN takes a number' "$audit" counts -- 5 3 4 -5
expect 2 'TP takes a number' "$audit" counts 1.5 3 4 5
expect 2 'TP takes a number' "$audit" counts many 3 4 5
expect 2 'FP takes a number' "$audit" counts 1 9999999999 4 5
expect 2 'TP + FN is 0' "$audit" counts 0 5 5 0
expect 2 'FP + TN is 0' "$audit" counts 5 0 0 5
for a in 0 1 -0.1 2; do
    expect 2 'alpha must be' "$audit" counts 5 5 5 5 --alpha $a
done
expect 2 '--alpha takes a number' "$audit" counts 5 5 5 5 --alpha nan
for d in -0.1 1 1.5; do
    expect 2 'delta must be' "$audit" counts 5 5 5 5 --delta $d
done
expect 2 '--claim' "$audit" counts 5 5 5 5 --claim -1
expect 2 '--claim' "$audit" counts 5 5 5 5 --claim inf
expect 2 '--prior' "$audit" counts 5 5 5 5 --prior flat
for r in 5 5,4 5,6,3 5,3,4 5,0,0 -5,3,2 5,3,2,1 a,b,c; do
    expect 2 '--one-run' "$audit" counts 5 5 5 5 --one-run=$r
done
expect 2 unrecognized "$audit" counts 5 5 5 5 --nonsense

# the text
expect 0 '' "$audit" counts 900 100 900 100 --delta 1e-5
has 'Clopper-Pearson      1.9897                2.4141'
has 'Bayes                2.1095     2.2424     2.3880'
has '95 % confidence no epsilon below 1.9897'
has 5.6006
lacks VIOLATION
[ "$(tr -d '\n[:print:]' <out | wc -c)" -eq 0 ] || fail 'colour in a file'
expect 0 '' "$audit" counts 500 500 500 500
has 'refute no epsilon'
expect 0 '' "$audit" counts 100 900 100 900 --delta 1e-5
has '90 % confidence no epsilon below 1.9897'

# claims: the Bayesian interval never accuses, GDP only when it may
expect 3 '' "$audit" counts 900 100 900 100 --delta 1e-5 --claim 1.9
has 'VIOLATION: above the claim of 1.9 lies epsilon.clopper_pearson.lo.'
expect 0 '' "$audit" counts 900 100 900 100 --delta 1e-5 --claim 2.05
has 'no violation shown'
expect 3 '' "$audit" counts 900 100 900 100 --delta 1e-5 --claim 2.05 --gaussian
has 'lies epsilon.gdp.lo.'
expect 3 '' "$audit" counts 500 500 500 500 --claim 1 --one-run 1000,100,90
has 'lies epsilon.one_run.lo.'
expect 0 '' "$audit" counts 500 500 500 500 --claim 2 --one-run 1000,100,90

# JSON: infinite is null, with the reason; options are kept
expect 0 '' "$audit" counts 1000 0 1000 0 --json
[ "$(value epsilon.clopper_pearson.hi)" = null ] || fail 'an infinite value'
[ "$(reason epsilon.clopper_pearson.hi)" = '"infinite",' ] || fail 'no reason'
[ "$(value epsilon.gdp.lo)" = null ] || fail 'GDP at delta 0'
[ "$(value epsilon.one_run.lo)" = null ] || fail 'one run without a run'
has '"schema": "privet/findings/1"'
has '"command": "counts"'
lacks epsilon.claim
for id in bayes.lo bayes.hi bayes.median bayes.onesided_lo clopper_pearson.lo \
    clopper_pearson.largest jeffreys.lo point; do
    has "\"epsilon.$id\""
done
case $(value epsilon.bayes.lo) in 7.20722*) ;; *) fail 'epsilon.bayes.lo' ;; esac
expect 0 '' "$audit" counts 1000 0 1000 0 --json --prior uniform
case $(value epsilon.bayes.lo) in 6.50296*) ;; *) fail 'the uniform prior' ;; esac
has '"prior": "uniform"'
expect 3 '' "$audit" counts 1000 0 1000 0 --json --claim 1
case $(value epsilon.claim.exceeded) in 1.0*) ;; *) fail 'a claim in JSON' ;; esac
expect 0 '' "$audit" counts 9 1 9 1 --json --alpha 1e-9
case $(reason epsilon.bayes.lo) in *'too small'*) ;; *) fail 'a tiny alpha' ;; esac
[ "$(value epsilon.clopper_pearson.lo)" != null ] || fail 'all for one'

# -o: whole files, kept from others, replaced with --force alone
expect 0 '' "$audit" counts 9 1 9 1 --json -o new.json
[ "$(ls -l new.json | cut -c1-10)" = -rw------- ] || fail 'new.json is readable'
expect 1 new.json "$audit" counts 9 1 9 1 -o new.json
expect 0 '' "$audit" counts 9 1 9 1 -o new.json --force
expect 0 '' "$audit" counts 9 1 9 1 -o -
cmp new.json out || fail '-o - differs from a file'

# several points a model: fewer runs' worth, and no accusation
expect 3 '' "$audit" counts 900 100 900 100 --claim 1
expect 0 '' "$audit" counts 900 100 900 100 --claim 1 --per-model 1000,0.01 --json
has '"design-effect": "10.99"'
expect 0 '' "$audit" counts 900 100 900 100 --claim 1 --per-model 10
for wrong in 0 10,2 10,-1 10, x 10,0.5,1; do
    expect 2 --per-model "$audit" counts 900 100 900 100 --per-model $wrong
done
# two sets of counts that may accuse share alpha: 1.97 lies between the bounds
expect 3 '' "$audit" counts 900 100 900 100 --claim 1.97
expect 0 '' "$audit" counts 900 100 900 100 --claim 1.97 --one-run 10,10,5

[ "$failures" -eq 0 ]
