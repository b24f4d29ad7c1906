#!/bin/sh
# Tables of another tool, as CSV with no release: audited, and the claim NOT-RUN.
set -u
shared=${PRIVET_SHARED:-}
if [ -z "$shared" ] || [ ! -d "$shared/data/peers" ]; then
    echo "SKIPPED: no data/peers in \$PRIVET_SHARED: no peer's table was audited" >&2
    exit 77
fi
audit=$top_builddir/privet-audit
work=$(mktemp -d "${TMPDIR:-/tmp}/privet-peers-XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
failures=0
audited=0

fail() {
    echo "FAIL: $*" >&2
    failures=$((failures + 1))
}

for table in "$shared"/data/peers/*.csv.gz; do
    name=$(basename "$table" .csv.gz)
    "$audit" report --real "$shared/data/adult/data.csv.gz" --synthetic "$table" \
        --schema "$shared/data/adult/schema.json" --no-yardstick -o "$work/$name" \
        >"$work/said" 2>&1
    [ $? -eq 4 ] || fail "$name: not inconclusive: $(cat "$work/said")"
    grep -q '^NOT-RUN P1' "$work/said" || fail "$name: $(cat "$work/said")"
    grep -q '^PASS    V3' "$work/said" || fail "$name: $(cat "$work/said")"
    grep -q 'no release was given' "$work/$name/report.html" || fail "$name: the page"
    audited=$((audited + 1))
done
[ "$audited" -ge 2 ] || fail "only $audited tables"
[ "$failures" -eq 0 ] || exit 1
