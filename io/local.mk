noinst_LTLIBRARIES += libpv_io.la
libpv_io_la_SOURCES = \
	io/csv_block.c \
	io/csv_header.c \
	io/csv_internal.h \
	io/csv_lex.c \
	io/csv_lex.h \
	io/csv_read.c \
	io/csv_write.c \
	io/date.c \
	io/date.h \
	io/domain.c \
	io/draft.c \
	io/hdf5_column.c \
	io/hdf5_column.h \
	io/hdf5_internal.h \
	io/hdf5_make.c \
	io/hdf5_open.c \
	io/hdf5_pytables.c \
	io/hdf5_read.c \
	io/hdf5_write.c \
	io/header.c \
	io/load.c \
	io/number.c \
	io/number.h \
	io/numbers.c \
	io/measured.c \
	io/measured_csv.c \
	io/release_internal.h \
	io/release_measurement.c \
	io/release_name.c \
	io/release_read.c \
	io/release_write.c \
	io/schema.c \
	io/schema_bins.c \
	io/schema_condition.c \
	io/schema_condition.h \
	io/schema_field.c \
	io/schema_functions.c \
	io/schema_internal.h \
	io/schema_labels.c \
	io/schema_parse.c \
	io/schema_part.c \
	io/schema_resolve.c \
	io/schema_roots.c \
	io/schema_zeros.c \
	io/table.c \
	io/table_internal.h \
	io/table_raw.c \
	io/textmap.c \
	io/texts.c \
	io/texts.h \
	io/textmap.h \
	io/vectors.c
nobase_pkginclude_HEADERS += io/csv.h io/draft.h io/hdf5.h io/header.h io/load.h \
	io/measured.h io/numbers.h io/release.h io/rows.h io/schema.h io/table.h \
	io/private_vectors.h io/vectors.h

bin_PROGRAMS += privet-table
privet_table_SOURCES = io/privet-table.c io/privet-table.h \
	io/privet-table-convert.c io/privet-table-report.c
privet_table_LDADD = libprivet.la -lm
dist_man_MANS += man/privet-table.1 man/privet-schema.5
