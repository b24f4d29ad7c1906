#!/bin/sh
# The fidelity metrics beside those of other libraries, for check-long.
python=/usr/bin/python3
"$python" -c 'import scipy, sklearn, statsmodels, pandas' 2>/dev/null || {
    echo "SKIPPED: no $python with scipy, sklearn and statsmodels:" \
        "no metric was compared" >&2
    exit 0
}
[ -d "$PRIVET_SHARED/data/peers" ] || {
    echo "SKIPPED: no data/peers in $PRIVET_SHARED: no metric was compared" >&2
    exit 0
}
exec "$python" -W ignore "$top_srcdir/tests/metrics-oracle.py" \
    "$top_builddir/privet-audit" "$PRIVET_SHARED/data"
