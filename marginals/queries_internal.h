/* marginals/queries_internal.h - what queries are made of; for the queries_*.c files
 * alone.
 *
 * A specification is read twice over: first every family says which limits it speaks
 * of (and random ones draw), then the axes are made of all limits, then every family
 * adds its groups. All memory belongs to the queries and is freed with them. */
#ifndef PV_MARGINALS_QUERIES_INTERNAL_H
#define PV_MARGINALS_QUERIES_INTERNAL_H

#include "core/stream.h"
#include "marginals/queries.h"

#include <jansson.h>

enum { PV_TREE_LEVELS = 10, PV_TREE_DEFAULT = 5 };

typedef struct pv_limits {
    double *value;
    size_t count, room;
} pv_limits;

typedef enum pv_family_kind {
    PV_FAMILY_MARGINALS,
    PV_FAMILY_TREE,
    PV_FAMILY_PREFIX,
    PV_FAMILY_HALFSPACE,
    PV_FAMILY_FILE
} pv_family_kind;

/* A random query: numbers a and b below thresholds, crossed with a category. */
typedef struct pv_prefix {
    ptrdiff_t category;      /* -1: none */
    size_t thresholds;
    uint32_t column[2];      /* increasing */
    double below[2];
} pv_prefix;

typedef struct pv_family {
    const char *text; /* as it was written */
    pv_family_kind kind;
    size_t number;    /* K or N */
    unsigned levels;  /* of a tree */
    uint64_t seed;
    pv_prefix *prefix;
    json_t *file;
} pv_family;

struct pv_queries {
    const pv_schema *schema;
    size_t columns, most_cells;
    pv_axis *axis;      /* a column; of none where it is determined */
    bool **ramp;        /* a column: see pv_cells_below */
    pv_limits *limits;  /* a column; only while parsing */
    pv_partition *part; /* a column and level; see pv_level_partition */
    /* columns that are not determined: all; LABELS; the others; increasing */
    size_t free_count, label_count, number_count;
    uint32_t *free_column, *label, *number;
    size_t families;
    pv_family *family;
    size_t groups, room, cells;
    pv_group *group;
    const char **text; /* of each group: it in words */
    struct pv_chunk *chunk;
};

/* queries_memory.c: zeroed and owned by the queries; NULL when memory is short. */
void *pv_queries_alloc(pv_queries *q, size_t count, size_t size);
char *pv_queries_text(pv_queries *q, const char *fmt, ...) PV_PRINTF(2, 3);
void pv_queries_free_chunks(pv_queries *q);

/* Adds a group whose kind and parts are set: counts its cells, and keeps `text` for
 * it. PV_ETOOBIG when there would be too many. */
PV_CHECKED pv_status pv_queries_add(pv_queries *q, pv_group *group,
                                    const char *text, pv_error *err);
/* PV_ETOOBIG when `more` groups or cells more are too many: before any work. */
PV_CHECKED pv_status pv_queries_room(const pv_queries *q, size_t more,
                                     pv_error *err);

/* queries_spec.c: the families of a specification, files not yet looked at. */
PV_CHECKED pv_status pv_queries_spec(pv_queries *q, const char *specification,
                                     pv_error *err);

/* queries_axis.c. A limit that some query of a column names; of columns without bins
 * none is kept. */
PV_CHECKED pv_status pv_limits_add(pv_queries *q, uint32_t column, double limit,
                                   pv_error *err);
PV_CHECKED pv_status pv_axes_make(pv_queries *q, pv_error *err);
/* Numbers that a column can have: fewer than two leave nothing to ask. */
bool pv_column_varies(const pv_column *column);
/* How many cells, from the first, hold numbers below `limit` alone; `limit` has been
 * added before. */
uint32_t pv_cells_below(const pv_queries *q, uint32_t column, double limit);
/* The least number of a cell that is not missing. */
double pv_cell_least(const pv_queries *q, uint32_t column, uint32_t cell);
/* Whether a cell is among the first `cells`, for all of them; shared. */
const bool *pv_cells_first(const pv_queries *q, uint32_t column, uint32_t cells);

/* queries_part.c: partitions, owned by the queries. By the schema's codes; by
 * increasing limits that have been added; in 2^level equal parts (level 0: by code),
 * each kept: equal ones of a column have the same map. */
PV_CHECKED pv_status pv_code_partition(pv_queries *q, uint32_t column,
                                       pv_partition *part, pv_error *err);
PV_CHECKED pv_status pv_limit_partition(pv_queries *q, uint32_t column,
                                        const double *limit, size_t limits,
                                        pv_partition *part, pv_error *err);
PV_CHECKED pv_status pv_level_partition(pv_queries *q, uint32_t column,
                                        unsigned level, pv_partition *part,
                                        pv_error *err);
/* Limit i (1..2^level - 1) between the equal parts of a column of bins. */
double pv_level_limit(const pv_column *column, unsigned level, size_t i);

/* queries_grid.c, queries_prefix.c, queries_plane.c, queries_file.c: what families
 * draw and which limits they name; then their groups. */
PV_CHECKED pv_status pv_tree_limits(pv_queries *q, const pv_family *family,
                                    pv_error *err);
PV_CHECKED pv_status pv_marginals_add(pv_queries *q, const pv_family *family,
                                      pv_error *err);
PV_CHECKED pv_status pv_tree_add(pv_queries *q, const pv_family *family,
                                 pv_error *err);
PV_CHECKED pv_status pv_prefix_limits(pv_queries *q, pv_family *family,
                                      pv_error *err);
PV_CHECKED pv_status pv_prefix_add(pv_queries *q, const pv_family *family,
                                   pv_error *err);
PV_CHECKED pv_status pv_halfspace_add(pv_queries *q, const pv_family *family,
                                      pv_error *err);
PV_CHECKED pv_status pv_file_limits(pv_queries *q, pv_family *family,
                                    pv_error *err);
PV_CHECKED pv_status pv_file_add(pv_queries *q, const pv_family *family,
                                 pv_error *err);

/* The key of what is random in a family: public, by its kind and seed alone. */
void pv_family_key(const char *kind, uint64_t seed, pv_key *key);

/* queries_most.c: at least the number of boxes that one row can be in. */
PV_CHECKED pv_status pv_boxes_most(const pv_queries *q, const pv_box *box,
                                   size_t boxes, uint32_t *most, pv_error *err);

#endif
