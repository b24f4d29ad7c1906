# inference: factors, junction trees, models, fits, rows
pv_tests += tests/test_factor tests/test_model tests/test_estimate \
	tests/test_sample
tests_test_factor_SOURCES = tests/test_factor.c
tests_test_factor_LDADD = $(pv_test_libs)
tests_test_model_SOURCES = tests/test_model.c tests/model_fixture.h
tests_test_model_LDADD = $(pv_test_libs)
tests_test_estimate_SOURCES = tests/test_estimate.c tests/model_fixture.h
tests_test_estimate_LDADD = $(pv_test_libs)
tests_test_sample_SOURCES = tests/test_sample.c tests/model_fixture.h
tests_test_sample_LDADD = $(pv_test_libs)
