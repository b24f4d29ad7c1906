noinst_LTLIBRARIES += libpv_gen.la
libpv_gen_la_SOURCES = gen/aim.c gen/answers.c gen/binning.c gen/bins.c \
	gen/budget.c gen/budget.h gen/candidates.c gen/candidates.h gen/choice.c gen/choice.h gen/columns.c gen/columns.h \
	gen/columns_plan.c gen/command.h gen/command_options.c \
	gen/command_request.c gen/command_usage.c gen/direct.c gen/fit.c gen/fit.h gen/mechanism.c gen/shortest.c gen/shortest.h \
	gen/bins.h \
	gen/generator.c gen/independent.c gen/methods.h gen/mst.c gen/plan.c gen/tree.c gen/tree.h gen/tree_plan.c gen/tree_pool.c
nobase_pkginclude_HEADERS += gen/answers.h gen/generator.h \
	gen/mechanism.h

bin_PROGRAMS += privet-gen
privet_gen_SOURCES = gen/command.h gen/command_account.c gen/command_answer.c gen/command_info.c \
	gen/command_run.c gen/privet-gen.c
privet_gen_LDADD = libprivet.la $(JANSSON_LIBS) $(GSL_LIBS) $(BLAS_LIBS) -lm
dist_man_MANS += man/privet-gen.1
# the search for rows
libpv_gen_la_SOURCES += gen/gsd/agree.c gen/gsd/counts.c gen/gsd/faithful.c gen/gsd/fit.c \
	gen/gsd/fit.h gen/gsd/fit_internal.h gen/gsd/layers.c gen/gsd/learn.c gen/gsd/method.c gen/gsd/model.c \
	gen/gsd/model.h gen/gsd/pairs.c gen/gsd/plan.c gen/gsd/plan.h gen/gsd/planes.c gen/gsd/score.c gen/gsd/search.c \
	gen/gsd/search.h gen/gsd/search_internal.h gen/gsd/shape.c gen/gsd/start.c \
	gen/gsd/start.h gen/gsd/state.c gen/gsd/state.h gen/gsd/state_internal.h \
	gen/gsd/tables.c gen/gsd/targets.c gen/gsd/targets.h
# Private Evolution
libpv_gen_la_SOURCES += gen/pe/axes.c gen/pe/axes.h gen/pe/cells.c \
	gen/pe/cells.h gen/pe/embedded.c gen/pe/embedded.h gen/pe/evidence.c \
	gen/pe/evidence.h gen/pe/finite.c gen/pe/identified.c \
	gen/pe/identified.h gen/pe/learn.c gen/pe/learn.h gen/pe/loop.c \
	gen/pe/oneshot.c gen/pe/options.c gen/pe/options.h gen/pe/particles.c \
	gen/pe/particles.h gen/pe/particles_internal.h gen/pe/particles_move.c \
	gen/pe/pe.c gen/pe/plan.c gen/pe/plan.h gen/pe/pool.c gen/pe/pool.h \
	gen/pe/population.c gen/pe/population.h gen/pe/rows_source.c \
	gen/pe/rows_source.h gen/pe/run.c gen/pe/run.h gen/pe/source.c \
	gen/pe/source.h gen/pe/table.c gen/pe/table.h
libpv_gen_la_SOURCES += gen/pe/catalogue.c gen/pe/catalogue.h gen/pe/steps.c gen/pe/steps.h \
	gen/pe/steps_internal.h gen/pe/steps_request.c gen/pe/steps_response.c
libpv_gen_la_SOURCES += gen/pe/child.c gen/pe/child.h gen/pe/frame.c gen/pe/frame.h \
	gen/pe/process.c gen/pe/process.h gen/pe/process_ask.c gen/pe/process_internal.h gen/pe/process_store.c
