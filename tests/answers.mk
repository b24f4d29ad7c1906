# functions, workloads, measurements made elsewhere, answers
pv_tests += tests/test_functions
tests_test_functions_SOURCES = tests/test_functions.c tests/io_fixture.h
tests_test_functions_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-answers.sh
TESTS += tests/test-answers.sh
pv_tests += tests/test_workload_ways
tests_test_workload_ways_SOURCES = tests/test_workload_ways.c tests/io_fixture.h
tests_test_workload_ways_LDADD = $(pv_test_libs)
pv_tests += tests/test_measured
tests_test_measured_SOURCES = tests/test_measured.c tests/io_fixture.h
tests_test_measured_LDADD = $(pv_test_libs)
pv_tests += tests/test_answers
tests_test_answers_SOURCES = tests/test_answers.c tests/io_fixture.h
tests_test_answers_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-rules.sh
TESTS += tests/test-rules.sh
EXTRA_DIST += tests/acs-rules.py
dist_check_SCRIPTS += tests/test-persons.sh
TESTS += tests/test-persons.sh
dist_check_SCRIPTS += tests/test-odd-tables.sh
TESTS += tests/test-odd-tables.sh
pv_tests += tests/test_determined
tests_test_determined_SOURCES = tests/test_determined.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_determined_LDADD = $(pv_test_libs)
