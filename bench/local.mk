# Each program prints its figure beside its reference; `make bench` builds and
# runs all. They are not built by `make`.
include bench/attack.mk
include bench/count.mk
include bench/csv.mk
include bench/columns.mk
include bench/epsilon.mk
include bench/fidelity.mk
include bench/gsd.mk
include bench/nearest.mk
include bench/primitive.mk
EXTRA_DIST += bench/wide-table.py
bench_programs += bench/bench_noise bench/bench_inference
bench_bench_noise_SOURCES = bench/bench_noise.c bench/clock.h
bench_bench_noise_LDADD = $(pv_layers) $(pv_libs)
bench_bench_inference_SOURCES = bench/bench_inference.c bench/clock.h
bench_bench_inference_LDADD = $(pv_layers) $(pv_libs)
bench_programs += bench/bench_solvers
bench_bench_solvers_SOURCES = bench/bench_solvers.c bench/clock.h
bench_bench_solvers_LDADD = $(pv_layers) $(pv_libs)
EXTRA_PROGRAMS += $(bench_programs)
EXTRA_DIST += bench/end-to-end.sh bench/game-curves.sh bench/floor.py bench/plan_error.py
CLEANFILES += $(bench_programs)

.PHONY: bench
bench: all
	$(AM_V_at)$(MAKE) $(AM_MAKEFLAGS) $(bench_programs)
	$(AM_V_at). ./tests/env.sh; for b in $(bench_programs); do echo "== $$b"; ./$$b || exit 1; done; \
	echo "== end to end"; sh $(srcdir)/bench/end-to-end.sh
