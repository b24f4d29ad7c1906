noinst_LTLIBRARIES += libpv_marginals.la
libpv_marginals_la_SOURCES = marginals/balance.c marginals/balance.h \
	marginals/clique.c \
	marginals/contract.c marginals/contract.h \
	marginals/count.c marginals/estimate.c marginals/expmath.c \
	marginals/factor.c marginals/goals.c marginals/goals.h marginals/group.c \
	marginals/infer.c marginals/jtree.c marginals/jtree_size.c \
	marginals/lbfgs.c marginals/lbfgs.h marginals/model.c \
	marginals/model_internal.h marginals/sample.c marginals/sweep.c marginals/sweep.h marginals/sweep_list.c \
	marginals/tally.c marginals/tally.h \
	marginals/workload.c marginals/workload_file.c \
	marginals/workload_internal.h
nobase_pkginclude_HEADERS += marginals/clique.h marginals/count.h \
	marginals/estimate.h marginals/factor.h marginals/jtree.h \
	marginals/model.h marginals/workload.h

# queries beyond marginals
libpv_marginals_la_SOURCES += marginals/queries.c marginals/queries_axis.c \
	marginals/queries_digest.c marginals/queries_file.c \
	marginals/queries_file.h marginals/queries_file_box.c \
	marginals/queries_file_plane.c \
	marginals/queries_grid.c marginals/queries_internal.h \
	marginals/queries_memory.c marginals/queries_most.c \
	marginals/queries_part.c \
	marginals/queries_plane.c marginals/queries_prefix.c \
	marginals/queries_spec.c marginals/query_count.c \
	marginals/query_count_group.c marginals/query_count_internal.h
nobase_pkginclude_HEADERS += marginals/queries.h marginals/query_count.h
