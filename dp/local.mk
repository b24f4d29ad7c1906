noinst_LTLIBRARIES += libpv_dp.la
libpv_dp_la_SOURCES =
