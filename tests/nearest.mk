# nearest neighbours among vectors
pv_tests += tests/test_nearest_search
tests_test_nearest_search_SOURCES = tests/test_nearest_search.c
tests_test_nearest_search_LDADD = $(pv_test_libs)
