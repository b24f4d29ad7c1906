bench_programs += bench/bench_primitive
bench_bench_primitive_SOURCES = bench/bench_primitive.c bench/clock.h
bench_bench_primitive_LDADD = $(pv_layers) $(pv_libs)
