noinst_LTLIBRARIES += libpv_audit.la
libpv_audit_la_SOURCES = audit/fidelity/distance.c audit/fidelity/distance.h \
	audit/fidelity/kmarginal.c audit/fidelity/nist.c audit/fidelity/nist.h \
	audit/fidelity/marginals.c audit/fidelity/validity.c audit/findings.c \
	audit/probe.c audit/summary.c audit/summary.h
libpv_audit_la_SOURCES += audit/attack/describe.c audit/attack/describe.h \
	audit/attack/distance.c audit/attack/inference.c \
	audit/attack/interval.c audit/attack/interval.h \
	audit/attack/linkability.c audit/attack/match.c audit/attack/match.h \
	audit/attack/membership.c audit/attack/nearest.c \
	audit/attack/nearest.h audit/attack/people.c audit/attack/people.h \
	audit/attack/predicate.c audit/attack/predicate.h \
	audit/attack/predict.c audit/attack/predict.h \
	audit/attack/predict_model.c audit/attack/singling.c \
	audit/attack/terms.c audit/attack/terms.h audit/attack/tries.c \
	audit/attack/tries.h
nobase_pkginclude_HEADERS += audit/findings.h audit/probe.h

bin_PROGRAMS += privet-audit
privet_audit_SOURCES = audit/command.h audit/command_fidelity.c \
	audit/privet-audit.c
privet_audit_LDADD = libprivet.la
dist_man_MANS += man/privet-audit.1
