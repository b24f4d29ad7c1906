# exact counting and the audit
pv_tests += tests/test_clique tests/test_count tests/test_workload
tests_test_clique_SOURCES = tests/test_clique.c
tests_test_clique_LDADD = $(pv_test_libs)
tests_test_count_SOURCES = tests/test_count.c
tests_test_count_LDADD = $(pv_test_libs)
tests_test_workload_SOURCES = tests/test_workload.c
tests_test_workload_LDADD = $(pv_test_libs)
