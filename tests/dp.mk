# tests of dp/, a program a module
pv_tests += tests/test_stream tests/test_sampler tests/test_sampler_fit \
	tests/test_sampler_oracle tests/test_account
tests_test_stream_SOURCES = tests/test_stream.c tests/dp_fixture.h
tests_test_stream_LDADD = $(pv_test_libs)
tests_test_sampler_SOURCES = tests/test_sampler.c tests/dp_fixture.h
tests_test_sampler_LDADD = $(pv_test_libs)
tests_test_sampler_fit_SOURCES = tests/test_sampler_fit.c tests/dp_fixture.h
tests_test_sampler_fit_LDADD = $(pv_test_libs)
tests_test_sampler_oracle_SOURCES = tests/test_sampler_oracle.c
tests_test_sampler_oracle_LDADD = $(pv_test_libs)
tests_test_account_SOURCES = tests/test_account.c tests/dp_fixture.h
tests_test_account_LDADD = $(pv_test_libs)
pv_tests += tests/test_ledger tests/test_accountfile
tests_test_ledger_SOURCES = tests/test_ledger.c tests/dp_fixture.h
tests_test_ledger_LDADD = $(pv_test_libs)
tests_test_accountfile_SOURCES = tests/test_accountfile.c tests/dp_fixture.h
tests_test_accountfile_LDADD = $(pv_test_libs)
pv_tests += tests/test_curator tests/test_replay tests/test_sensitivity
tests_test_curator_SOURCES = tests/test_curator.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_curator_LDADD = $(pv_test_libs)
tests_test_replay_SOURCES = tests/test_replay.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_replay_LDADD = $(pv_test_libs)
tests_test_sensitivity_SOURCES = tests/test_sensitivity.c \
	tests/curator_fixture.h tests/dp_fixture.h
tests_test_sensitivity_LDADD = $(pv_test_libs)
# kills at chosen calls by a preloaded shim; a module is built for it alone
check_LTLIBRARIES = tests/killat.la
tests_killat_la_SOURCES = tests/killat.c
tests_killat_la_LDFLAGS = -module -avoid-version -shared -rpath /nowhere
tests_killat_la_LIBADD = -ldl
dist_check_SCRIPTS += tests/test-kill.sh
TESTS += tests/test-kill.sh
dist_check_SCRIPTS += tests/mutants.sh
