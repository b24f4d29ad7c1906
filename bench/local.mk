# Each program prints its figure beside its reference; `make bench` runs all.
include bench/count.mk
EXTRA_PROGRAMS += $(bench_programs)
