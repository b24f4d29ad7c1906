bench_programs += bench/bench_csv
bench_bench_csv_SOURCES = bench/bench_csv.c
bench_bench_csv_LDADD = $(pv_layers) $(pv_libs)
