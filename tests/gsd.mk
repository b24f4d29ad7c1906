# the search for rows
gsd_tests = tests/test_gsd_state
pv_tests += $(gsd_tests)
tests_test_gsd_state_SOURCES = tests/test_gsd_state.c tests/gsd_fixture.h \
	tests/query_fixture.h tests/io_fixture.h
tests_test_gsd_state_LDADD = $(pv_test_libs)
