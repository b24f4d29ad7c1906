#!/bin/sh
# The figures of two tables that another tool released, to four digits.
set -u
data=$PRIVET_SHARED/data
if [ ! -r "$data/adult/schema.json" ] || [ ! -d "$data/peers" ]; then
    echo "SKIPPED: no data/adult and data/peers in $PRIVET_SHARED:" \
        "nothing compared with published figures" >&2
    exit 77
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-peers-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failures=0

# check NAME METRIC=VALUE...
check() {
    name=$1
    shift
    "$top_builddir/privet-audit" fidelity --real "$data/adult/data.csv.gz" \
        --synthetic "$data/peers/$name.csv.gz" \
        --schema "$data/adult/schema.json" --json -o "$work/$name.json" ||
        exit 1
    for pair in "$@"; do
        id=${pair%%=*} wanted=${pair#*=}
        got=$(awk -v id="\"$id\"," '
            $1 == "\"id\":" { here = $2 == id }
            here && $1 == "\"value\":" { printf "%.4f", $2 }' \
            "$work/$name.json")
        if [ "$got" != "$wanted" ]; then
            echo "FAIL: $name: $id is $got, not $wanted" >&2
            failures=$((failures + 1))
        fi
    done
}

check mst_hdadult_eps1.0 tv.1way.mean=0.0048 error.2way.l1=0.0867 \
    tv.2way.mean=0.0434 error.3way.l1=0.1867 tv.3way.mean=0.0933
check aim_hdadult_3way_eps1_mb5_it100 tv.1way.mean=0.0067 \
    error.2way.l1=0.0558 tv.2way.mean=0.0279 error.3way.l1=0.1237 \
    tv.3way.mean=0.0619

[ "$failures" -eq 0 ]
