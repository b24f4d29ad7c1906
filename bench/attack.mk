bench_programs += bench/bench_attack
bench_bench_attack_SOURCES = bench/bench_attack.c bench/clock.h
bench_bench_attack_LDADD = $(pv_layers) $(pv_libs)
