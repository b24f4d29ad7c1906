# doc
EXTRA_DIST += doc/metrics.md
