# columns whose levels are found privately, and dates
pv_tests += tests/test_columns tests/test_raw tests/test_bins
tests_test_columns_SOURCES = tests/test_columns.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_columns_LDADD = $(pv_test_libs)
tests_test_raw_SOURCES = tests/test_raw.c tests/io_fixture.h
tests_test_raw_LDADD = $(pv_test_libs)
tests_test_bins_SOURCES = tests/test_bins.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_bins_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-columns.sh
TESTS += tests/test-columns.sh
