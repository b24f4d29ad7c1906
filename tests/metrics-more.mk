# fidelity metrics: tenths, typical rows, hazards
pv_tests += tests/test_alpha tests/test_hazard tests/test_moments
tests_test_alpha_SOURCES = tests/metrics_fixture.h tests/test_alpha.c
tests_test_alpha_LDADD = $(pv_test_libs)
tests_test_hazard_SOURCES = tests/metrics_fixture.h tests/test_hazard.c
tests_test_hazard_LDADD = $(pv_test_libs)
tests_test_moments_SOURCES = tests/metrics_fixture.h tests/test_moments.c
tests_test_moments_LDADD = $(pv_test_libs)
