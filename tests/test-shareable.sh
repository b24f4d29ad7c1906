#!/bin/sh
# A shareable report of real people, searched for them; the internal one has them.
set -u
shared=${PRIVET_SHARED:-}
if [ -z "$shared" ] || [ ! -d "$shared/data/adult_raw" ] ||
    ! command -v python3 >/dev/null 2>&1; then
    echo "SKIPPED: no data/adult_raw in \$PRIVET_SHARED or no python3: no shareable report was searched" >&2
    exit 77
fi
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-shareable-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
data=$shared/data/adult_raw
"$top_builddir/privet-gen" mst "$data/train.csv.gz" --schema "$data/schema.json" \
    --epsilon 1 --delta 1e-9 --insecure-test-seed 1 -o "$work/release.h5" --quiet ||
    exit 1 # the same release each time: numbers may be equal by chance
for mode in shareable internal; do
    "$top_builddir/privet-audit" report --real "$data/train.csv.gz" \
        --synthetic "$work/release.h5" --release "$work/release.h5" \
        --holdout "$data/test.csv.gz" --schema "$data/schema.json" --group race \
        --target 'income>50K' --model 'age ~ sex + race' --mode $mode \
        -o "$work/$mode" --quiet
    [ $? -eq 3 ] || exit 1 # NOT PRIVATE
done
search() {
    python3 "$top_srcdir/tests/shareable-search.py" "$data/train.csv.gz" \
        "$data/schema.json" "$work/$1"
}
search shareable || exit 1
if search internal; then
    echo "FAIL: nothing is found in the internal report either" >&2
    exit 1
fi
exit 0
