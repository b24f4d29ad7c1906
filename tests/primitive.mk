# questions tried again and again, and the audit of them
pv_tests += tests/test_trial
tests_test_trial_SOURCES = tests/test_trial.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_trial_LDADD = $(pv_test_libs)
pv_tests += tests/test_primitive
tests_test_primitive_SOURCES = tests/test_primitive.c tests/dp_fixture.h
tests_test_primitive_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-primitive.sh
TESTS += tests/test-primitive.sh
