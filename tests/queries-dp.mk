# groups of queries asked of a curator
pv_tests += tests/test_ask_queries tests/test_ask_replay
tests_test_ask_queries_SOURCES = tests/test_ask_queries.c \
	tests/ask_fixture.h tests/curator_fixture.h tests/dp_fixture.h
tests_test_ask_queries_LDADD = $(pv_test_libs)
tests_test_ask_replay_SOURCES = tests/test_ask_replay.c \
	tests/ask_fixture.h tests/curator_fixture.h tests/dp_fixture.h
tests_test_ask_replay_LDADD = $(pv_test_libs)
pv_tests += tests/test_queries_moved
tests_test_queries_moved_SOURCES = tests/test_queries_moved.c \
	tests/query_fixture.h tests/curator_fixture.h tests/io_fixture.h \
	tests/dp_fixture.h
tests_test_queries_moved_LDADD = $(pv_test_libs)
# what the auditor hears of them
pv_tests += tests/test_witness_queries
tests_test_witness_queries_SOURCES = tests/test_witness_queries.c \
	tests/dp_fixture.h
tests_test_witness_queries_LDADD = $(pv_test_libs)
