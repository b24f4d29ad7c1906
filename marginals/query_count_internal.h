/* marginals/query_count_internal.h - counting a group over a block of rows; for the
 * query_count*.c files alone. */
#ifndef PV_MARGINALS_QUERY_COUNT_INTERNAL_H
#define PV_MARGINALS_QUERY_COUNT_INTERNAL_H

#include "marginals/query_count.h"

enum { PV_QUERY_BLOCK = 2048 };

/* What is known of a stretch of rows in one column; NULL where it is not in use. */
typedef struct pv_query_view {
    uint32_t *cell;
    double *scaled;  /* numbers: (x - minimum) / (maximum - minimum); 0 if missing */
    double *missing; /* numbers: 1 if missing, else 0; in the block of `scaled` */
} pv_query_view;

/* A block of rows: `count` of the stretch, at most PV_QUERY_BLOCK, from `first` on. */
typedef struct pv_query_rows {
    size_t first, count;
    pv_query_view *view; /* a column */
} pv_query_rows;

/* Add the block's rows to the counts of a group. */
void pv_count_grid(const pv_group *group, const pv_query_rows *rows,
                   int64_t *counts);
void pv_count_boxes(const pv_group *group, const pv_query_rows *rows,
                    int64_t *counts);
void pv_count_plane(const pv_group *group, const pv_query_rows *rows,
                    int64_t *counts);

#endif
