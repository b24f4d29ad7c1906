# private evolution, part by part
pv_tests += tests/test_pe_axes
tests_test_pe_axes_SOURCES = tests/test_pe_axes.c tests/pe_fixture.h tests/io_fixture.h
tests_test_pe_axes_LDADD = $(pv_test_libs)
pv_tests += tests/test_pe_population tests/test_pe_evidence
tests_test_pe_population_SOURCES = tests/test_pe_population.c tests/pe_fixture.h tests/io_fixture.h
tests_test_pe_population_LDADD = $(pv_test_libs)
tests_test_pe_evidence_SOURCES = tests/test_pe_evidence.c tests/pe_fixture.h tests/io_fixture.h
tests_test_pe_evidence_LDADD = $(pv_test_libs)
pv_tests += tests/test_pe_particles
tests_test_pe_particles_SOURCES = tests/test_pe_particles.c tests/pe_fixture.h tests/io_fixture.h
tests_test_pe_particles_LDADD = $(pv_test_libs)
pv_tests += tests/test_pe_source tests/test_pe_options
tests_test_pe_source_SOURCES = tests/test_pe_source.c tests/pe_fixture.h tests/io_fixture.h
tests_test_pe_source_LDADD = $(pv_test_libs)
tests_test_pe_options_SOURCES = tests/test_pe_options.c tests/pe_fixture.h tests/io_fixture.h
tests_test_pe_options_LDADD = $(pv_test_libs)
pv_tests += tests/test_pe_pool tests/test_pe_run
tests_test_pe_pool_SOURCES = tests/test_pe_pool.c tests/pe_pool_fixture.h \
	tests/curator_fixture.h tests/dp_fixture.h
tests_test_pe_pool_LDADD = $(pv_test_libs)
tests_test_pe_run_SOURCES = tests/test_pe_run.c tests/pe_pool_fixture.h \
	tests/curator_fixture.h tests/dp_fixture.h
tests_test_pe_run_LDADD = $(pv_test_libs)
pv_tests += tests/test_pe_table
tests_test_pe_table_SOURCES = tests/test_pe_table.c tests/curator_fixture.h \
	tests/dp_fixture.h
tests_test_pe_table_LDADD = $(pv_test_libs)
