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
pv_tests += tests/test_pe_examples
tests_test_pe_examples_SOURCES = tests/test_pe_examples.c \
	tests/io_fixture.h tests/sources_fixture.h
tests_test_pe_examples_LDADD = $(pv_test_libs)
# what test_process and test_process_faults run
check_PROGRAMS += tests/coprocess
tests_coprocess_SOURCES = tests/coprocess.c
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_frame tests/fuzz/fuzz_response
tests_fuzz_fuzz_frame_SOURCES = tests/fuzz/fuzz_frame.c
tests_fuzz_fuzz_frame_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_frame_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_response_SOURCES = tests/fuzz/fuzz_response.c \
	tests/fuzz/fuzz_file.h
tests_fuzz_fuzz_response_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_response_LDFLAGS = -fsanitize=fuzzer
endif
