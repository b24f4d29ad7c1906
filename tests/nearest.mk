# nearest neighbours among vectors
pv_tests += tests/test_nearest_search tests/test_nearest_limits
tests_test_nearest_search_SOURCES = tests/test_nearest_search.c \
	tests/vectors_fixture.h
tests_test_nearest_search_LDADD = $(pv_test_libs)
tests_test_nearest_limits_SOURCES = tests/test_nearest_limits.c \
	tests/vectors_fixture.h
tests_test_nearest_limits_LDADD = $(pv_test_libs)
