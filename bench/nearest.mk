bench_programs += bench/bench_nearest
bench_bench_nearest_SOURCES = bench/bench_nearest.c
bench_bench_nearest_LDADD = $(pv_layers) $(pv_libs)
EXTRA_DIST += bench/nearest-faiss.py
EXTRA_DIST += bench/pe-compare.py
