bench_programs += bench/bench_count
bench_bench_count_SOURCES = bench/bench_count.c
bench_bench_count_LDADD = $(pv_layers) $(pv_libs)
