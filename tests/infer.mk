# attacks that need no training: intervals, nearest rows, guesses, probes
pv_tests += tests/test_interval
tests_test_interval_SOURCES = tests/test_interval.c
tests_test_interval_LDADD = $(pv_test_libs)
pv_tests += tests/test_nearest tests/test_predict tests/test_terms
tests_test_nearest_SOURCES = tests/infer_fixture.h tests/test_nearest.c
tests_test_nearest_LDADD = $(pv_test_libs)
tests_test_predict_SOURCES = tests/infer_fixture.h tests/test_predict.c
tests_test_predict_LDADD = $(pv_test_libs)
tests_test_terms_SOURCES = tests/infer_fixture.h tests/test_terms.c
tests_test_terms_LDADD = $(pv_test_libs)
pv_tests += tests/test_inference_attacks tests/test_match
tests_test_inference_attacks_SOURCES = tests/infer_fixture.h \
	tests/test_inference_attacks.c
tests_test_inference_attacks_LDADD = $(pv_test_libs)
tests_test_match_SOURCES = tests/infer_fixture.h tests/test_match.c
tests_test_match_LDADD = $(pv_test_libs)
