# candidates from jobs and co-processes
pv_tests += tests/test_steps
tests_test_steps_SOURCES = tests/test_steps.c tests/response_fixture.h \
	tests/sources_fixture.h tests/io_fixture.h
tests_test_steps_LDADD = $(pv_test_libs)
pv_tests += tests/test_process
tests_test_process_SOURCES = tests/test_process.c tests/sources_fixture.h \
	tests/io_fixture.h
tests_test_process_LDADD = $(pv_test_libs)
# what test_process runs
check_PROGRAMS += tests/coprocess
tests_coprocess_SOURCES = tests/coprocess.c
