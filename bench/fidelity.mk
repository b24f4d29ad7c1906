bench_programs += bench/bench_fidelity
bench_bench_fidelity_SOURCES = bench/bench_fidelity.c bench/clock.h
bench_bench_fidelity_LDADD = $(pv_layers) $(pv_libs)
