# declared uses
pv_tests += tests/test_utility
tests_test_utility_SOURCES = tests/test_utility.c tests/dp_fixture.h
tests_test_utility_LDADD = $(pv_test_libs)
pv_tests += tests/test_scale
tests_test_scale_SOURCES = tests/test_scale.c tests/dp_fixture.h
tests_test_scale_LDADD = $(pv_test_libs)
