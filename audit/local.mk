noinst_LTLIBRARIES += libpv_audit.la
libpv_audit_la_SOURCES =
