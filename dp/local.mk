noinst_LTLIBRARIES += libpv_dp.la
libpv_dp_la_SOURCES = dp/account.c dp/sampler.c
nobase_pkginclude_HEADERS += dp/account.h dp/sampler.h
