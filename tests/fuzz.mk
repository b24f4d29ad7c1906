# libFuzzer targets: configure --enable-fuzzing CC=clang, then
# tests/fuzz/fuzz_csv tests/fuzz/corpus/csv
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/lsan.supp
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_csv tests/fuzz/fuzz_hdf5 \
	tests/fuzz/fuzz_schema tests/fuzz/fuzz_measured
tests_fuzz_fuzz_measured_SOURCES = tests/fuzz/fuzz_measured.c \
	tests/fuzz/fuzz_file.h
tests_fuzz_fuzz_measured_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_measured_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_csv_SOURCES = tests/fuzz/fuzz_csv.c tests/fuzz/fuzz_file.h
tests_fuzz_fuzz_csv_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_csv_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_hdf5_SOURCES = tests/fuzz/fuzz_hdf5.c tests/fuzz/fuzz_file.h
tests_fuzz_fuzz_hdf5_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_hdf5_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_schema_SOURCES = tests/fuzz/fuzz_schema.c
tests_fuzz_fuzz_schema_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_schema_LDFLAGS = -fsanitize=fuzzer
endif
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_ledger
tests_fuzz_fuzz_ledger_SOURCES = tests/fuzz/fuzz_ledger.c
tests_fuzz_fuzz_ledger_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_ledger_LDFLAGS = -fsanitize=fuzzer
endif
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_instance
tests_fuzz_fuzz_instance_SOURCES = tests/fuzz/fuzz_instance.c
tests_fuzz_fuzz_instance_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_instance_LDFLAGS = -fsanitize=fuzzer
endif
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_queries
tests_fuzz_fuzz_queries_SOURCES = tests/fuzz/fuzz_queries.c \
	tests/fuzz/fuzz_file.h
tests_fuzz_fuzz_queries_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_queries_LDFLAGS = -fsanitize=fuzzer
endif
