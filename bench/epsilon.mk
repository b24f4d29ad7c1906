bench_programs += bench/bench_epsilon
bench_bench_epsilon_SOURCES = bench/bench_epsilon.c bench/clock.h
bench_bench_epsilon_LDADD = $(pv_layers) $(pv_libs)
# minutes of its own: not run by `make bench`
EXTRA_PROGRAMS += bench/epsilon_coverage
CLEANFILES += bench/epsilon_coverage
bench_epsilon_coverage_SOURCES = bench/epsilon_coverage.c
bench_epsilon_coverage_LDADD = $(pv_layers) $(pv_libs)
