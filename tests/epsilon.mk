# empirical epsilon from counts
pv_tests += tests/test_epsilon
tests_test_epsilon_SOURCES = tests/test_epsilon.c
tests_test_epsilon_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-counts.sh
TESTS += tests/test-counts.sh
pv_tests += tests/test_zcdp
tests_test_zcdp_SOURCES = tests/test_zcdp.c
tests_test_zcdp_LDADD = $(pv_test_libs)
pv_tests += tests/test_beta
tests_test_beta_SOURCES = tests/test_beta.c
tests_test_beta_LDADD = $(pv_test_libs)
# what is learned of runs in two worlds
pv_tests += tests/test_distinguish
tests_test_distinguish_SOURCES = tests/test_distinguish.c
tests_test_distinguish_LDADD = $(pv_test_libs)
# privet-audit epsilon
dist_check_SCRIPTS += tests/test-epsilon.sh
TESTS += tests/test-epsilon.sh
pv_tests += tests/test_pair tests/test_witness tests/test_contest
tests_test_pair_SOURCES = tests/test_pair.c tests/dp_fixture.h
tests_test_pair_LDADD = $(pv_test_libs)
tests_test_witness_SOURCES = tests/test_witness.c tests/dp_fixture.h
tests_test_witness_LDADD = $(pv_test_libs)
tests_test_contest_SOURCES = tests/test_contest.c tests/dp_fixture.h
tests_test_contest_LDADD = $(pv_test_libs)
# faults that the auditor has to catch: all by check-long, two here
dist_check_SCRIPTS += tests/museum.sh tests/test-museum.sh
TESTS += tests/test-museum.sh
