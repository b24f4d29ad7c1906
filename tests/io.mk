# tests of io/, a program a module
pv_tests += tests/test_schema tests/test_table tests/test_csv
tests_test_schema_SOURCES = tests/test_schema.c tests/io_fixture.h
tests_test_schema_LDADD = $(pv_test_libs)
tests_test_table_SOURCES = tests/test_table.c tests/io_fixture.h
tests_test_table_LDADD = $(pv_test_libs)
tests_test_csv_SOURCES = tests/test_csv.c tests/io_fixture.h
tests_test_csv_LDADD = $(pv_test_libs)
pv_tests += tests/test_hdf5 tests/test_release
tests_test_hdf5_SOURCES = tests/test_hdf5.c tests/io_fixture.h
tests_test_hdf5_LDADD = $(pv_test_libs)
tests_test_release_SOURCES = tests/test_release.c tests/io_fixture.h
tests_test_release_LDADD = $(pv_test_libs)
io_scripts = tests/test-privet-table.sh tests/test-hdf5-python.sh
dist_check_SCRIPTS += $(io_scripts)
TESTS += $(io_scripts)
