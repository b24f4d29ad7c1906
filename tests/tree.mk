# the method tree: its question, its choice, the method from the outside
pv_tests += tests/test_scores tests/test_choice
tests_test_scores_SOURCES = tests/test_scores.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_scores_LDADD = $(pv_test_libs)
tests_test_choice_SOURCES = tests/test_choice.c tests/dp_fixture.h
tests_test_choice_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-tree.sh
TESTS += tests/test-tree.sh
