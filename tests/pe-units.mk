# private evolution, part by part
pv_tests += tests/test_pe_axes
tests_test_pe_axes_SOURCES = tests/test_pe_axes.c tests/pe_fixture.h tests/io_fixture.h
tests_test_pe_axes_LDADD = $(pv_test_libs)
