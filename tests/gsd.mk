# the search for rows
gsd_tests = tests/test_gsd_state tests/test_gsd_targets \
	tests/test_gsd_search tests/test_gsd_start
gsd_fixtures = tests/gsd_fixture.h tests/query_fixture.h tests/io_fixture.h
pv_tests += $(gsd_tests)
tests_test_gsd_state_SOURCES = tests/test_gsd_state.c $(gsd_fixtures)
tests_test_gsd_state_LDADD = $(pv_test_libs)
tests_test_gsd_targets_SOURCES = tests/test_gsd_targets.c $(gsd_fixtures)
tests_test_gsd_targets_LDADD = $(pv_test_libs)
tests_test_gsd_start_SOURCES = tests/test_gsd_start.c $(gsd_fixtures)
tests_test_gsd_start_LDADD = $(pv_test_libs)
tests_test_gsd_search_SOURCES = tests/test_gsd_search.c $(gsd_fixtures)
tests_test_gsd_search_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-gsd.sh
TESTS += tests/test-gsd.sh
