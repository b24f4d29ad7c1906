# Each program prints its figure beside its reference; `make bench` builds and
# runs all. They are not built by `make`.
include bench/count.mk
include bench/csv.mk
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
.PHONY: bench
bench: $(bench_programs)
	@for program in $(bench_programs); do ./$$program || exit 1; done
