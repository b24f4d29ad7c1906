# exact counting and the audit
pv_tests += tests/test_clique tests/test_count tests/test_workload
tests_test_clique_SOURCES = tests/test_clique.c
tests_test_clique_LDADD = $(pv_test_libs)
tests_test_count_SOURCES = tests/test_count.c
tests_test_count_LDADD = $(pv_test_libs)
tests_test_workload_SOURCES = tests/test_workload.c
tests_test_workload_LDADD = $(pv_test_libs)
pv_tests += tests/test_fidelity tests/test_findings
tests_test_fidelity_SOURCES = tests/test_fidelity.c
tests_test_fidelity_LDADD = $(pv_test_libs)
tests_test_findings_SOURCES = tests/test_findings.c
tests_test_findings_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-audit-peers.sh tests/test-privet-audit.sh
TESTS += tests/test-audit-peers.sh tests/test-privet-audit.sh
pv_tests += tests/test_kmarginal
tests_test_kmarginal_SOURCES = tests/test_kmarginal.c
tests_test_kmarginal_LDADD = $(pv_test_libs)
