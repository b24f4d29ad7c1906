noinst_LTLIBRARIES += libpv_audit.la
libpv_audit_la_SOURCES = audit/fidelity/alpha.c audit/fidelity/alpha.h \
	audit/fidelity/association.c \
	audit/fidelity/association.h audit/fidelity/association_labels.c \
	audit/fidelity/association_numbers.c audit/fidelity/distance.c \
	audit/fidelity/distance.h audit/fidelity/effects.c audit/fidelity/effects.h \
	audit/fidelity/kmarginal.c audit/fidelity/logistic.c \
	audit/fidelity/logistic.h audit/fidelity/marginals.c \
	audit/fidelity/matches.c audit/fidelity/neighbours.c audit/fidelity/nist.c \
	audit/fidelity/nist.h audit/fidelity/numbers.c audit/fidelity/numbers.h \
	audit/fidelity/moments.c audit/fidelity/moments.h audit/fidelity/oneway.c \
	audit/fidelity/pca.c audit/fidelity/propensity.c \
	audit/fidelity/queries.c \
	audit/fidelity/subgroups.c audit/fidelity/tables.c \
	audit/fidelity/tree.c audit/fidelity/validity.c \
	audit/fidelity/write.c audit/fidelity/write.h audit/findings.c \
	audit/findings_internal.h audit/findings_read.c \
	audit/probe.c audit/summary.c audit/summary.h audit/summary_attack.c \
	audit/summary_fidelity.c \
	audit/summary_text.h
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

# linear reconstruction
libpv_audit_la_SOURCES += audit/attack/believe.c audit/attack/believe.h \
	audit/attack/published.c audit/attack/published.h \
	audit/attack/queries_measured.c \
	audit/attack/reconstruction.c audit/attack/score.c \
	audit/attack/score.h audit/attack/shift.c audit/attack/shift.h \
	audit/attack/cell_map.c audit/attack/incidence.c \
	audit/attack/instance_file.c audit/attack/instance_file.h \
	audit/attack/queries.c audit/attack/queries_answer.c \
	audit/attack/queries_choose.c audit/attack/queries_internal.h \
	audit/attack/solve.c audit/attack/solve_internal.h \
	audit/attack/solve_lp.c audit/attack/solve_ls.c \
	audit/attack/solve_pdhg.c
if HAVE_HIGHS
libpv_audit_la_SOURCES += audit/attack/lp_highs.c
else
libpv_audit_la_SOURCES += audit/attack/lp_glpk.c
endif
nobase_pkginclude_HEADERS += audit/attack/incidence.h audit/attack/queries.h \
	audit/attack/solve.h audit/attack/terms.h

bin_PROGRAMS += privet-audit
privet_audit_SOURCES = audit/attack_options.c audit/attack_options.h \
	audit/command.c audit/command.h audit/command_attack.c \
	audit/columns.c audit/columns.h \
	audit/comparison.c audit/comparison.h \
	audit/command_fidelity.c \
	audit/command_reconstruct.c audit/output.c audit/output.h \
	audit/privet-audit.c
privet_audit_LDADD = libprivet.la
dist_man_MANS += man/privet-audit.1

# mechanisms and the coin-flip game
libpv_audit_la_SOURCES += audit/attack/game.c audit/attack/game.h \
	audit/attack/game_deal.c \
	audit/attack/game_findings.c audit/attack/game_findings.h \
	audit/attack/game_internal.h audit/attack/game_record.c \
	audit/attack/game_record.h audit/trials.h audit/trials_dir.c \
	audit/trials_lines.c audit/trials_run.c \
	audit/external.c audit/external.h \
	audit/mechanism.c audit/mechanism.h \
	audit/mechanism_internal.h audit/mechanism_program.c audit/pick.c audit/pick.h \
	audit/stop.c audit/stop.h audit/summary_game.c
nobase_pkginclude_HEADERS += audit/attack/game.h audit/mechanism.h audit/pick.h
privet_audit_SOURCES += audit/command_game.c audit/command_game.h \
	audit/command_game_options.c audit/command_game_setup.c
privet_audit_LDADD += $(JANSSON_LIBS) $(GSL_LIBS)

# empirical epsilon from counts
libpv_audit_la_SOURCES += audit/epsilon/beta.c audit/epsilon/beta.h \
	audit/epsilon/contest.c audit/epsilon/contest.h \
	audit/epsilon/contest_findings.c audit/epsilon/contest_findings.h \
	audit/epsilon/contest_record.c \
	audit/epsilon/distinguish.c audit/epsilon/distinguish.h \
	audit/epsilon/pair.c audit/epsilon/pair.h audit/epsilon/pair_real.c \
	audit/epsilon/witness.c audit/epsilon/witness.h \
	audit/epsilon/witness_hear.c audit/epsilon/witness_queries.c \
	audit/epsilon/witness_votes.c \
	audit/epsilon/witness_internal.h \
	audit/epsilon/epsilon_findings.c audit/epsilon/epsilon_findings.h \
	audit/epsilon/estimate_bayes.c audit/epsilon/estimate_bounds.c \
	audit/epsilon/estimate_gdp.c audit/epsilon/estimate_one_run.c \
	audit/epsilon/estimate_zcdp.c \
	audit/summary_contest.c audit/summary_epsilon.c
privet_audit_SOURCES += audit/command_counts.c audit/command_epsilon.c \
	audit/command_epsilon.h audit/command_epsilon_options.c \
	audit/command_epsilon_setup.c
nobase_pkginclude_HEADERS += audit/epsilon/estimate.h

# the curator's questions one by one
libpv_audit_la_SOURCES += audit/epsilon/primitive.c \
	audit/epsilon/primitive.h audit/epsilon/primitive_ask.c \
	audit/epsilon/primitive_draw.c audit/epsilon/primitive_internal.h \
	audit/epsilon/primitive_queries.c audit/epsilon/primitive_run.c audit/epsilon/primitive_tables.c \
	audit/epsilon/primitive_votes.c \
	audit/summary_primitive.c
privet_audit_SOURCES += audit/command_primitive.c

# declared uses
libpv_audit_la_SOURCES += audit/utility/design.c audit/utility/design.h \
	audit/utility/linear.c audit/utility/linear.h \
	audit/utility/regression.c audit/utility/survival.c \
	audit/utility/transfer.c audit/utility/tree.c audit/utility/tree.h \
	audit/utility/uses.c audit/utility/uses.h
libpv_audit_la_SOURCES += audit/fidelity/scale.c audit/fidelity/scale.h

include audit/report/local.mk
