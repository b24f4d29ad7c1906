noinst_LTLIBRARIES += libpv_io.la
libpv_io_la_SOURCES =
nobase_pkginclude_HEADERS += io/csv.h io/hdf5.h io/load.h io/release.h \
	io/rows.h io/schema.h io/table.h
