#!/bin/sh
# The coin-flip game of every method over budgets and sizes of release:
#
#   sh bench/game-curves.sh REAL SCHEMA SECRET TRIALS [METHOD...]
#
# with top_builddir set. A line a method, budget and size: accuracies of ls, wls,
# model, nearest and whitebox in percent; 50 is guessing. RELEASES (100,1000,10000,
# 100000), BUDGETS (epsilons, or none: no noise), THREADS and RUNS (where trials are
# kept, so that the script may be stopped and goes on) may be set.
set -eu
if [ $# -lt 4 ]; then
    sed -n '2,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
fi
real=$1 schema=$2 secret=$3 trials=$4
shift 4
[ $# -gt 0 ] || set -- independent mst tree aim
releases=${RELEASES:-100,1000,10000,100000}
budgets=${BUDGETS:-0.3 1 3 10 100 none}
runs=${RUNS:-game-curves.runs}
mkdir -p "$runs"

# value ID FILE: in percent
value() {
    awk -v id="\"$1\"," '$1 == "\"id\":" { here = $2 == id }
        here && $1 == "\"value\":" { found = 1
            if ($2 == "null,") print "-"; else printf "%.1f\n", 100 * $2
            exit }
        END { if (!found) print "-" }' "$2"
}

printf '%-12s %7s %8s %6s %6s %6s %8s %9s\n' method epsilon rows ls wls model \
    nearest whitebox
for method; do
    for budget in $budgets; do
        options="--epsilon $budget --delta 1e-9" noise=
        [ "$budget" != none ] || { options="--rho 1" noise=--no-noise; }
        # without noise aim fits as large a model as it may
        [ "$method" != aim ] || options="$options --model-size 4M"
        run=$runs/$method-$budget-$releases
        # shellcheck disable=SC2086
        "$top_builddir/privet-audit" game --real "$real" --schema "$schema" \
            --secret "$secret" --mechanism "privet-gen $method $options" $noise \
            --releases "$releases" --trials "$trials" --threads "${THREADS:-1}" \
            --seed 1 --run-dir "$run" --quiet --json -o "$run.json" --force
        for rows in $(echo "$releases" | tr , ' '); do
            printf '%-12s %7s %8s' "$method" "$budget" "$rows"
            for a in ls wls model nearest; do
                printf ' %6s' "$(value "game.$a.accuracy.rows.$rows" "$run.json")"
            done
            printf ' %9s\n' "$(value game.whitebox.accuracy "$run.json")"
        done
    done
done
