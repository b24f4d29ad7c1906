#include "core/memory.h"
#include "gen/columns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_status add(const pv_request *request, const pv_column *column,
                     const char *what, uint64_t units, unsigned parts,
                     size_t cells, pv_plan *plan, pv_error *err)
{
    char text[160];
    pv_rational sigma2;
    const pv_status status = pv_part_sigma2(
        units, parts, pv_sensitivity2(request->schema, request->neighbours),
        &sigma2, err);
    if (status != PV_OK)
        return status;
    (void)snprintf(text, sizeof text, "%s of %s", what, column->name);
    return pv_plan_add(plan, text, sigma2, cells,
                       (double)units / (double)request->budget,
                       request->rows_hint, err);
}

static pv_status add_labels(const pv_request *request, const pv_column *column,
                            const pv_column_task *task, pv_plan *plan,
                            pv_error *err)
{
    char text[80];
    pv_rational sigma2;
    uint64_t threshold = 0;
    const pv_status status = pv_part_sigma2(
        task->labels, 1, pv_sensitivity2(request->schema, request->neighbours),
        &sigma2, err);
    if (status != PV_OK)
        return status;
    if (!pv_label_threshold(sigma2, pv_schema_unit_rows(request->schema),
                            task->delta, &threshold))
        return pv_fail(err, PV_EBUDGET,
                       "column \"%s\": delta is too small to find its labels",
                       column->name);
    (void)snprintf(text, sizeof text,
                   "labels of %llu rows and more (delta %.2g)",
                   (unsigned long long)threshold,
                   pv_delta_of_units(task->delta));
    return add(request, column, text, task->labels, 1, column->private_levels,
               plan, err);
}

pv_status pv_columns_plan(const pv_request *request, pv_plan *plan,
                          uint64_t *units, pv_error *err)
{
    pv_status status = PV_OK;
    pv_column_task *tasks = NULL;
    size_t count = 0;
    *units = 0;
    if (!pv_schema_has_needs(request->schema))
        return PV_OK;
    PV_TRY(pv_column_tasks(request, &tasks, &count, err));
    for (size_t i = 0; i < count; i++) {
        const pv_column_task *task = &tasks[i];
        const pv_column *column =
            pv_schema_column(request->schema, task->column);
        const unsigned depth =
            task->bounds > 0 ? PV_MAX_DEPTH
                             : pv_bins_depth(column, column->minimum,
                                             column->maximum);
        *units += task->bounds + task->bins + task->labels;
        if (task->bounds > 0)
            PV_TRY(add(request, column, "bounds", task->bounds, 2,
                       2 * PV_SPLIT, plan, err));
        if (task->bins > 0) {
            char what[64];
            const unsigned questions = pv_bins_questions(depth);
            (void)snprintf(what, sizeof what, "bins (%u questions)", questions);
            PV_TRY(add(request, column, what, task->bins, questions, PV_SPLIT,
                       plan, err));
        }
        if (task->labels > 0)
            PV_TRY(add_labels(request, column, task, plan, err));
    }
out:
    free(tasks);
    return status;
}

/* --- levels that there may be ------------------------------------------- */

/* Texts that no file would hold as missing values or labels of its own. */
static pv_status assume_labels(uint32_t count, pv_labels *labels, pv_error *err)
{
    labels->label = pv_array_calloc(count, sizeof *labels->label);
    for (uint32_t i = 0; labels->label != NULL && i < count; i++) {
        labels->label[i] = pv_sprintf_alloc("\x01label %u", (unsigned)i);
        if (labels->label[i] == NULL)
            return pv_fail_memory(err, "the plan");
        labels->count++;
    }
    return labels->label != NULL ? PV_OK : pv_fail_memory(err, "the plan");
}

static pv_status assume(const pv_column *column, bool fewest, pv_found *found,
                        double **edges, pv_labels *labels, pv_error *err)
{
    pv_status status = PV_OK;
    const uint32_t levels = column->private_levels;
    const bool bounds = (column->needs & PV_NEEDS_BOUNDS) != 0;
    if (fewest)
        return PV_OK;
    if (column->kind == PV_COLUMN_LABELS) {
        PV_TRY(assume_labels(levels - 1, labels, err));
        found->labels = (const char *const *)labels->label;
        found->label_count = labels->count;
        return PV_OK;
    }
    PV_TRY(pv_equal_edges(column, bounds ? 0 : column->minimum,
                          bounds ? levels : column->maximum, levels, edges,
                          &found->edge_count, err));
    found->edges = *edges;
out:
    return status;
}

pv_status pv_columns_assume(const pv_schema *schema, bool fewest,
                            pv_schema **assumed, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(schema);
    size_t count = 0;
    pv_found *found = pv_array_calloc(columns, sizeof *found);
    double **edges = pv_array_calloc(columns, sizeof *edges);
    pv_labels *labels = pv_array_calloc(columns, sizeof *labels);
    if (found == NULL || edges == NULL || labels == NULL) {
        status = pv_fail_memory(err, "the plan");
        goto out;
    }
    for (size_t i = 0; i < columns; i++) {
        const pv_column *column = pv_schema_column(schema, i);
        if (column->needs == 0)
            continue;
        found[count].column = i;
        PV_TRY(assume(column, fewest, &found[count], &edges[count],
                      &labels[count], err));
        count++;
    }
    PV_TRY(pv_schema_resolve(schema, found, count, assumed, err));
out:
    for (size_t i = 0; i < columns; i++) {
        if (edges != NULL)
            free(edges[i]);
        if (labels != NULL)
            pv_labels_clear(&labels[i]);
    }
    free(found);
    free(edges);
    free(labels);
    return status;
}
