bench_programs += bench/bench_epsilon
bench_bench_epsilon_SOURCES = bench/bench_epsilon.c bench/clock.h
bench_bench_epsilon_LDADD = $(pv_layers) $(pv_libs)
