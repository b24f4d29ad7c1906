/* marginals/queries_file.h - a file of queries on its way in; for queries_file*.c
 * alone.
 *
 * The file is walked twice: the first time everything in it is checked and its limits
 * go to the axes, the second time the groups are made. */
#ifndef PV_MARGINALS_QUERIES_FILE_H
#define PV_MARGINALS_QUERIES_FILE_H

#include "marginals/queries_internal.h"

enum { PV_WHERE_ROOM = 192 };

typedef struct pv_query_file {
    pv_queries *q;
    const char *path;
    bool making;               /* the second walk */
    char where[PV_WHERE_ROOM]; /* the group, and the query in it */
} pv_query_file;

/* PV_EFORMAT with the file and the place before the message. */
pv_status pv_file_fail(const pv_query_file *f, pv_error *err, const char *fmt,
                       ...) PV_PRINTF(3, 4);

/* PV_EFORMAT for a key of `object` that is not in `known` (ends with NULL). */
PV_CHECKED pv_status pv_file_keys(const pv_query_file *f, json_t *object,
                                  const char *const *known, pv_error *err);

/* A column by name: refused when there is none or it is determined. */
PV_CHECKED pv_status pv_file_column(const pv_query_file *f, const char *name,
                                    uint32_t *column, pv_error *err);
/* The same for all keys of an object: which columns it names. */
PV_CHECKED pv_status pv_file_columns(const pv_query_file *f, json_t *object,
                                     pv_error *err);
/* The code of a label of a column. */
PV_CHECKED pv_status pv_file_label(const pv_query_file *f, uint32_t column,
                                   const char *label, uint32_t *code,
                                   pv_error *err);

/* queries_file_box.c: one query of "queries"; `box` is made on the second walk. */
PV_CHECKED pv_status pv_file_box(pv_query_file *f, json_t *query, pv_box *box,
                                 pv_error *err);
/* queries_file_plane.c: "plane" and "above"; "grid". They set what belongs to them
 * in `group`, on the second walk. */
PV_CHECKED pv_status pv_file_plane(pv_query_file *f, json_t *entry,
                                   pv_group *group, pv_error *err);
PV_CHECKED pv_status pv_file_grid(pv_query_file *f, json_t *entry,
                                  pv_group *group, pv_error *err);

#endif
