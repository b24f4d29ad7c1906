# candidates from jobs and co-processes
pv_tests += tests/test_steps tests/test_steps_faults
pv_steps_fixtures = tests/io_fixture.h tests/response_fixture.h \
	tests/sources_fixture.h tests/steps_fixture.h
tests_test_steps_SOURCES = tests/test_steps.c $(pv_steps_fixtures)
tests_test_steps_LDADD = $(pv_test_libs)
tests_test_steps_faults_SOURCES = tests/test_steps_faults.c $(pv_steps_fixtures)
tests_test_steps_faults_LDADD = $(pv_test_libs)
pv_tests += tests/test_process tests/test_process_faults
pv_process_fixtures = tests/io_fixture.h tests/process_fixture.h \
	tests/sources_fixture.h
tests_test_process_SOURCES = tests/test_process.c $(pv_process_fixtures)
tests_test_process_LDADD = $(pv_test_libs)
tests_test_process_faults_SOURCES = tests/test_process_faults.c \
	$(pv_process_fixtures)
tests_test_process_faults_LDADD = $(pv_test_libs)
# what the two run
check_PROGRAMS += tests/coprocess
tests_coprocess_SOURCES = tests/coprocess.c
