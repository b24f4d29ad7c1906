# candidates from jobs and co-processes
pv_tests += tests/test_steps
tests_test_steps_SOURCES = tests/test_steps.c tests/response_fixture.h \
	tests/sources_fixture.h tests/io_fixture.h
tests_test_steps_LDADD = $(pv_test_libs)
