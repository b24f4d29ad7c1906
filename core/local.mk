noinst_LTLIBRARIES += libpv_core.la
libpv_core_la_SOURCES = core/atomicfile.c core/log.c core/memory.c core/scratch.c core/status.c core/stream.c core/threads.c core/words.c core/words.h
nobase_pkginclude_HEADERS += core/api.h core/atomicfile.h core/log.h core/memory.h core/scratch.h core/status.h core/stream.h core/threads.h
