# queries beyond marginals
pv_tests += tests/test_query_groups tests/test_query_count \
	tests/test_query_file
tests_test_query_groups_SOURCES = tests/test_query_groups.c \
	tests/query_fixture.h tests/io_fixture.h
tests_test_query_groups_LDADD = $(pv_test_libs)
tests_test_query_count_SOURCES = tests/test_query_count.c \
	tests/query_fixture.h tests/io_fixture.h
tests_test_query_count_LDADD = $(pv_test_libs)
tests_test_query_file_SOURCES = tests/test_query_file.c \
	tests/query_fixture.h tests/io_fixture.h
tests_test_query_file_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-queries.sh
TESTS += tests/test-queries.sh
