noinst_LTLIBRARIES += libpv_embeddings.la
libpv_embeddings_la_SOURCES = embeddings/nearest.c \
	embeddings/nearest_candidates.c embeddings/nearest_double.c \
	embeddings/nearest_internal.h embeddings/nearest_scan.c
nobase_pkginclude_HEADERS += embeddings/metric.h embeddings/nearest.h
# rows as vectors, and vectors in clusters
libpv_embeddings_la_SOURCES += embeddings/cluster.c embeddings/space.c
nobase_pkginclude_HEADERS += embeddings/cluster.h embeddings/space.h
