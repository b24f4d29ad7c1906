noinst_LTLIBRARIES += libpv_marginals.la
libpv_marginals_la_SOURCES =
nobase_pkginclude_HEADERS += marginals/clique.h marginals/count.h \
	marginals/workload.h
