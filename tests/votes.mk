# votes on a population
pv_tests += tests/test_votes tests/test_ask_votes tests/test_space
tests_test_votes_SOURCES = tests/test_votes.c tests/votes_fixture.h \
	tests/curator_fixture.h tests/dp_fixture.h
tests_test_votes_LDADD = $(pv_test_libs)
tests_test_ask_votes_SOURCES = tests/test_ask_votes.c tests/votes_fixture.h \
	tests/curator_fixture.h tests/dp_fixture.h
tests_test_ask_votes_LDADD = $(pv_test_libs)
tests_test_space_SOURCES = tests/test_space.c tests/io_fixture.h
tests_test_space_LDADD = $(pv_test_libs)
pv_tests += tests/test_cluster
tests_test_cluster_SOURCES = tests/test_cluster.c
tests_test_cluster_LDADD = $(pv_test_libs)
# what the auditor hears of them
pv_tests += tests/test_witness_votes
tests_test_witness_votes_SOURCES = tests/test_witness_votes.c \
	tests/curator_fixture.h tests/dp_fixture.h
tests_test_witness_votes_LDADD = $(pv_test_libs)
# embeddings as private rows
pv_tests += tests/test_embedded tests/test_embedded_persons
tests_test_embedded_SOURCES = tests/test_embedded.c tests/embedded_fixture.h \
	tests/curator_fixture.h tests/dp_fixture.h
tests_test_embedded_LDADD = $(pv_test_libs)
tests_test_embedded_persons_SOURCES = tests/test_embedded_persons.c \
	tests/embedded_fixture.h tests/curator_fixture.h tests/dp_fixture.h
tests_test_embedded_persons_LDADD = $(pv_test_libs)
