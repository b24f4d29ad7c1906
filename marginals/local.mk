noinst_LTLIBRARIES += libpv_marginals.la
libpv_marginals_la_SOURCES = marginals/clique.c marginals/count.c \
	marginals/tally.c marginals/tally.h marginals/workload.c
nobase_pkginclude_HEADERS += marginals/clique.h marginals/count.h \
	marginals/workload.h
