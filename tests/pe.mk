# private evolution
check_PROGRAMS += tests/embed
tests_embed_SOURCES = tests/embed.c
tests_embed_LDADD = $(HDF5_LIBS) -lm
dist_check_SCRIPTS += tests/test-pe.sh
TESTS += tests/test-pe.sh
dist_check_SCRIPTS += tests/test-pe-others.sh
TESTS += tests/test-pe-others.sh
