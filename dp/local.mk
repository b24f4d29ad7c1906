noinst_LTLIBRARIES += libpv_dp.la
libpv_dp_la_SOURCES = dp/account.c dp/accountfile.c dp/ask_intervals.c \
	dp/ask_labels.c dp/ask_measure.c dp/ask_queries.c dp/ask_scores.c dp/ask_select.c dp/curator.c dp/curator_internal.h dp/inquiry.c dp/intake.c \
	dp/ledger.c dp/ledgercheck.c dp/publish.c dp/question.c dp/rundir.c dp/sampler.c \
	dp/trial.c dp/truth.c
# votes on a population
libpv_dp_la_SOURCES += dp/ask_votes.c dp/intake_vectors.c dp/votes.c
nobase_pkginclude_HEADERS += dp/account.h dp/accountfile.h dp/curator.h \
	dp/ledger.h dp/sampler.h dp/trial.h
