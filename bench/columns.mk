bench_programs += bench/bench_columns
bench_bench_columns_SOURCES = bench/bench_columns.c
bench_bench_columns_LDADD = $(pv_layers) $(pv_libs)
