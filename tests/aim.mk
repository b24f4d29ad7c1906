# adaptive selection
pv_tests += tests/test_candidates
tests_test_candidates_SOURCES = tests/test_candidates.c tests/model_fixture.h
tests_test_candidates_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-aim.sh
TESTS += tests/test-aim.sh
