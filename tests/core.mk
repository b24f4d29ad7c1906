# messages, memory, files, threads, log
pv_tests += tests/test_core
tests_test_core_SOURCES = tests/test_core.c
tests_test_core_LDADD = $(pv_test_libs)
