# linear reconstruction and the attack on one release
pv_tests += tests/test_queries tests/test_solve tests/test_score \
	tests/test_published
tests_test_queries_SOURCES = tests/infer_fixture.h tests/queries_fixture.h \
	tests/test_queries.c
tests_test_queries_LDADD = $(pv_test_libs)
tests_test_solve_SOURCES = tests/infer_fixture.h tests/test_solve.c
tests_test_solve_LDADD = $(pv_test_libs)
tests_test_score_SOURCES = tests/infer_fixture.h tests/test_score.c
tests_test_score_LDADD = $(pv_test_libs)
tests_test_published_SOURCES = tests/infer_fixture.h tests/test_published.c
tests_test_published_LDADD = $(pv_test_libs)
pv_tests += tests/test_reconstruction
tests_test_reconstruction_SOURCES = tests/infer_fixture.h \
	tests/test_reconstruction.c
tests_test_reconstruction_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-attack.sh
TESTS += tests/test-attack.sh
pv_tests += tests/test_queries_measured
tests_test_queries_measured_SOURCES = tests/infer_fixture.h \
	tests/queries_fixture.h tests/test_queries_measured.c
tests_test_queries_measured_LDADD = $(pv_test_libs)
