bench_programs += bench/bench_gsd
bench_bench_gsd_SOURCES = bench/bench_gsd.c bench/clock.h
bench_bench_gsd_LDADD = $(pv_layers) $(pv_libs)
EXTRA_DIST += bench/gsd-compare.sh bench/gsd-trace.py
