noinst_LTLIBRARIES += libpv_gen.la
libpv_gen_la_SOURCES =
