# the report
pv_tests += tests/test_findings_read tests/test_criteria tests/test_claim \
	tests/test_share tests/test_page
tests_test_findings_read_SOURCES = tests/test_findings_read.c
tests_test_findings_read_LDADD = $(pv_test_libs)
tests_test_criteria_SOURCES = tests/test_criteria.c
tests_test_criteria_LDADD = $(pv_test_libs)
tests_test_claim_SOURCES = tests/test_claim.c tests/dp_fixture.h
tests_test_claim_LDADD = $(pv_test_libs)
tests_test_share_SOURCES = tests/test_share.c
tests_test_share_LDADD = $(pv_test_libs)
tests_test_page_SOURCES = tests/test_page.c
tests_test_page_LDADD = $(pv_test_libs)
dist_check_SCRIPTS += tests/test-report.sh tests/test-peers.sh tests/test-shareable.sh
TESTS += tests/test-report.sh tests/test-peers.sh tests/test-shareable.sh
EXTRA_DIST += tests/check-report.py tests/shareable-search.py tests/page-look.py tests/page-look.sh
if FUZZING
noinst_PROGRAMS += tests/fuzz/fuzz_criteria tests/fuzz/fuzz_findings
tests_fuzz_fuzz_criteria_SOURCES = tests/fuzz/fuzz_criteria.c
tests_fuzz_fuzz_criteria_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_criteria_LDFLAGS = -fsanitize=fuzzer
tests_fuzz_fuzz_findings_SOURCES = tests/fuzz/fuzz_findings.c
tests_fuzz_fuzz_findings_LDADD = $(pv_layers) $(pv_libs)
tests_fuzz_fuzz_findings_LDFLAGS = -fsanitize=fuzzer
endif
