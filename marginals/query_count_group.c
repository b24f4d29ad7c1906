/* The inner loops. What they keep of rows is on the stack and wiped. */
#include "marginals/query_count_internal.h"

#include <sodium.h>
#include <string.h>

static void count_layer(const pv_layer *layer, const pv_query_rows *rows,
                        size_t *at, int64_t *counts)
{
    const size_t n = rows->count;
    memset(at, 0, n * sizeof *at);
    for (size_t i = 0; i < layer->partitions; i++) {
        const pv_partition *p = &layer->partition[i];
        const uint32_t *cell = rows->view[p->column].cell + rows->first;
        const uint32_t *map = p->map;
        const size_t parts = p->parts;
        for (size_t r = 0; r < n; r++)
            at[r] = at[r] * parts + map[cell[r]];
    }
    for (size_t r = 0; r < n; r++)
        counts[at[r]]++;
}

void pv_count_grid(const pv_group *group, const pv_query_rows *rows,
                   int64_t *counts)
{
    size_t at[PV_QUERY_BLOCK];
    for (size_t l = 0; l < group->layers; l++) {
        count_layer(&group->layer[l], rows, at, counts);
        counts += group->layer[l].cells;
    }
    sodium_memzero(at, sizeof at);
}

/* Counts the rows that are in, by the cells of the crossed column. */
static void add_rows(const pv_group *group, const pv_query_rows *rows,
                     const unsigned char *in, int64_t *counts)
{
    if (group->cross < 0) {
        int64_t sum = 0;
        for (size_t r = 0; r < rows->count; r++)
            sum += in[r];
        *counts += sum;
        return;
    }
    const uint32_t *cell = rows->view[group->cross].cell + rows->first;
    for (size_t r = 0; r < rows->count; r++)
        counts[cell[r]] += in[r];
}

void pv_count_boxes(const pv_group *group, const pv_query_rows *rows,
                    int64_t *counts)
{
    unsigned char in[PV_QUERY_BLOCK];
    const size_t n = rows->count;
    for (size_t b = 0; b < group->boxes; b++) {
        const pv_box *box = &group->box[b];
        memset(in, 1, sizeof in);
        for (size_t i = 0; i < box->conditions; i++) {
            const bool *holds = box->condition[i].in;
            const uint32_t *cell =
                rows->view[box->condition[i].column].cell + rows->first;
            for (size_t r = 0; r < n; r++)
                in[r] = (unsigned char)(in[r] & holds[cell[r]]);
        }
        add_rows(group, rows, in, counts);
        counts += group->crossed;
    }
    sodium_memzero(in, sizeof in);
}

static void add_weights(const double *weight, const uint32_t *cell, size_t n,
                        double *restrict sum)
{
    for (size_t r = 0; r < n; r++)
        sum[r] += weight[cell[r]];
}

static void add_slope(const pv_plane_term *term, const double *scaled,
                      const double *missing, size_t n, double *restrict sum)
{
    const double slope = term->slope, none = term->missing;
    for (size_t r = 0; r < n; r++)
        sum[r] += slope * scaled[r] + none * missing[r];
}

/* Adds up in the order of the terms, and as pv_plane_part: every row gets the same
 * bits as when it is looked at alone. */
void pv_count_plane(const pv_group *group, const pv_query_rows *rows,
                    int64_t *counts)
{
    double sum[PV_QUERY_BLOCK];
    unsigned char in[PV_QUERY_BLOCK];
    const size_t n = rows->count;
    memset(sum, 0, sizeof sum);
    for (size_t t = 0; t < group->terms; t++) {
        const pv_plane_term *term = &group->term[t];
        const pv_query_view *view = &rows->view[term->column];
        if (term->weight != NULL)
            add_weights(term->weight, view->cell + rows->first, n, sum);
        else
            add_slope(term, view->scaled + rows->first,
                      view->missing + rows->first, n, sum);
    }
    for (size_t r = 0; r < n; r++)
        in[r] = sum[r] > group->bound;
    add_rows(group, rows, in, counts);
    sodium_memzero(sum, sizeof sum);
    sodium_memzero(in, sizeof in);
}
