# empirical epsilon from counts
pv_tests += tests/test_epsilon
tests_test_epsilon_SOURCES = tests/test_epsilon.c
tests_test_epsilon_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-counts.sh
TESTS += tests/test-counts.sh
# what is learned of runs in two worlds
pv_tests += tests/test_distinguish
tests_test_distinguish_SOURCES = tests/test_distinguish.c
tests_test_distinguish_LDADD = $(pv_test_libs)
