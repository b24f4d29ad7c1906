# attacks that need no training: intervals, nearest rows, guesses, probes
pv_tests += tests/test_interval
tests_test_interval_SOURCES = tests/test_interval.c
tests_test_interval_LDADD = $(pv_test_libs)
