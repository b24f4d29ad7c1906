# fidelity metrics, a program a module
pv_metrics_tests = tests/test_association tests/test_matches tests/test_metrics \
	tests/test_neighbours tests/test_oneway tests/test_pca \
	tests/test_propensity tests/test_subgroups
pv_tests += $(pv_metrics_tests)
tests_test_association_SOURCES = tests/metrics_fixture.h tests/test_association.c
tests_test_association_LDADD = $(pv_test_libs)
tests_test_matches_SOURCES = tests/metrics_fixture.h tests/test_matches.c
tests_test_matches_LDADD = $(pv_test_libs)
tests_test_metrics_SOURCES = tests/metrics_fixture.h tests/test_metrics.c
tests_test_metrics_LDADD = $(pv_test_libs)
tests_test_neighbours_SOURCES = tests/metrics_fixture.h tests/test_neighbours.c
tests_test_neighbours_LDADD = $(pv_test_libs)
tests_test_oneway_SOURCES = tests/metrics_fixture.h tests/test_oneway.c
tests_test_oneway_LDADD = $(pv_test_libs)
tests_test_pca_SOURCES = tests/metrics_fixture.h tests/test_pca.c
tests_test_pca_LDADD = $(pv_test_libs)
tests_test_propensity_SOURCES = tests/metrics_fixture.h tests/test_propensity.c
tests_test_propensity_LDADD = $(pv_test_libs)
tests_test_subgroups_SOURCES = tests/metrics_fixture.h tests/test_subgroups.c
tests_test_subgroups_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/metrics-oracle.py tests/metrics-oracle.sh
EXTRA_DIST += tests/oracle_cells.py tests/oracle_read.py tests/oracle_rows.py \
	tests/oracle_uses.py
pv_tests += tests/test_tables
tests_test_tables_SOURCES = tests/metrics_fixture.h tests/test_tables.c
tests_test_tables_LDADD = $(pv_test_libs)
