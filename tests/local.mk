# A Criterion program a module, linked with the layers to reach what is hidden.
AM_TESTS_ENVIRONMENT = . ./tests/env.sh;
TEST_EXTENSIONS = .sh
pv_tests =
pv_test_libs = $(pv_layers) $(pv_libs) $(CRITERION_LIBS)
include tests/aim.mk
include tests/audit.mk
include tests/io.mk
include tests/dp.mk
include tests/marginals.mk
include tests/metrics.mk
include tests/metrics-more.mk
include tests/gen.mk
include tests/answers.mk
include tests/fuzz.mk
include tests/core.mk
include tests/tree.mk
include tests/columns.mk
include tests/attack.mk
include tests/game.mk
include tests/infer.mk
include tests/epsilon.mk
include tests/utility.mk
include tests/primitive.mk
include tests/header.mk
include tests/report.mk
include tests/queries.mk
include tests/gsd.mk
include tests/queries-dp.mk
include tests/nearest.mk
include tests/votes.mk
include tests/pe.mk
include tests/pe-sources.mk
include tests/pe-units.mk
if HAVE_CRITERION
check_PROGRAMS += $(pv_tests)
TESTS += $(pv_tests)
endif

dist_check_SCRIPTS += tests/check-layers tests/summarise tests/test-layers.sh
TESTS += tests/test-layers.sh

# sanitizers, valgrind, fuzzing, kills, mutants, both compilers, distcheck:
# about two hours with the default of ten minutes a fuzz target
dist_check_SCRIPTS += tests/check-long.sh
.PHONY: check-long
check-long: all
	$(AM_V_at). ./tests/env.sh; sh $(srcdir)/tests/check-long.sh
