# the report for approval
libpv_audit_la_SOURCES += audit/report/about.c audit/report/attachment.c \
	audit/report/chart.h audit/report/chart_bars.c \
	audit/report/chart_curves.c audit/report/chart_matrix.c \
	audit/report/claim.c audit/report/claim_answers.c \
	audit/report/claim_findings.c audit/report/claim_internal.h \
	audit/report/criteria.c audit/report/criteria_default.c \
	audit/report/document.c audit/report/document.h \
	audit/report/drawing.c audit/report/drawing.h \
	audit/report/figure_levels.c audit/report/figure_others.c \
	audit/report/judge.c audit/report/markup.c audit/report/markup.h \
	audit/report/registry.c audit/report/report.c \
	audit/report/section.c audit/report/section.h \
	audit/report/section_claim.c audit/report/section_evidence.c \
	audit/report/section_fidelity.c audit/report/section_front.c \
	audit/report/section_rest.c audit/report/share.c \
	audit/report/share_series.c audit/report/share_series.h \
	audit/report/style.c audit/report/svg.c audit/report/text.c \
	audit/report/text.h audit/report/twin.c audit/report/xhtml.c \
	audit/report/xhtml.h
nobase_pkginclude_HEADERS += audit/report/about.h audit/report/claim.h \
	audit/report/criteria.h audit/report/report.h audit/report/share.h
privet_audit_SOURCES += audit/command_report.c audit/command_report.h \
	audit/command_report_options.c
