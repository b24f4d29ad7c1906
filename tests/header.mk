# which columns a file has, and a schema of some of them
pv_tests += tests/test_header
tests_test_header_SOURCES = tests/test_header.c tests/io_fixture.h
tests_test_header_LDADD = $(pv_test_libs)
