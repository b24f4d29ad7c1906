/* One level of least absolute deviations by HiGHS. */
#include "audit/attack/solve_internal.h"
#include "core/memory.h"

#include <interfaces/highs_c_api.h>
#include <math.h>
#include <stdlib.h>

const char *const pv_lp_name = "HiGHS";

/* The dual program by columns: y, then z. */
typedef struct program {
    HighsInt columns, rows, entries;
    double *cost, *lower, *upper, *row_lower, *row_upper, *value;
    HighsInt *start, *index;
    double *column_value, *column_dual, *row_value, *row_dual;
    HighsInt *column_basis, *row_basis;
} program;

static void free_program(program *p)
{
    double *const numbers[] = {p->cost,        p->lower,     p->upper,
                               p->row_lower,   p->row_upper, p->value,
                               p->column_value, p->column_dual, p->row_value,
                               p->row_dual};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        free(numbers[i]);
    free(p->start);
    free(p->index);
    free(p->column_basis);
    free(p->row_basis);
}

static bool alloc_program(const pv_incidence *a, program *p)
{
    const size_t n = a->users, m = a->queries + n, z = a->entries + n;
    double **const of_columns[] = {&p->cost, &p->lower, &p->upper,
                                   &p->column_value, &p->column_dual};
    double **const of_rows[] = {&p->row_lower, &p->row_upper, &p->row_value,
                                &p->row_dual};
    bool all = true;
    *p = (program){.columns = (HighsInt)m, .rows = (HighsInt)n,
                   .entries = (HighsInt)z};
    for (size_t i = 0; i < sizeof of_columns / sizeof *of_columns; i++)
        all &= (*of_columns[i] = pv_array_calloc(m, sizeof(double))) != NULL;
    for (size_t i = 0; i < sizeof of_rows / sizeof *of_rows; i++)
        all &= (*of_rows[i] = pv_array_calloc(n, sizeof(double))) != NULL;
    p->value = pv_array_alloc(z, sizeof *p->value);
    p->start = pv_array_alloc(m + 1, sizeof *p->start);
    p->index = pv_array_alloc(z, sizeof *p->index);
    p->column_basis = pv_array_alloc(m, sizeof *p->column_basis);
    p->row_basis = pv_array_alloc(n, sizeof *p->row_basis);
    return all && p->value != NULL && p->start != NULL && p->index != NULL &&
           p->column_basis != NULL && p->row_basis != NULL;
}

static void fill_program(const pv_instance *in, size_t level, program *p)
{
    const pv_incidence *a = in->incidence;
    size_t at = 0;
    for (size_t i = 0; i < a->queries; i++) {
        p->cost[i] = in->answer[i * in->levels + level];
        p->lower[i] = -1;
        p->upper[i] = 1;
        p->start[i] = (HighsInt)at;
        for (size_t e = a->query_start[i]; e < a->query_start[i + 1]; e++) {
            p->index[at] = (HighsInt)a->user[e];
            p->value[at++] = 1;
        }
    }
    for (size_t j = 0; j < a->users; j++) {
        const size_t z = a->queries + j;
        p->cost[z] = -1;
        p->upper[z] = INFINITY;
        p->start[z] = (HighsInt)at;
        p->index[at] = (HighsInt)j;
        p->value[at++] = -1;
        p->row_lower[j] = -INFINITY;
    }
    p->start[a->queries + a->users] = (HighsInt)at;
}

pv_status pv_lp_level(const pv_instance *in, size_t level,
                      const pv_solve_options *options, double *multiplier,
                      pv_solution *solution, pv_error *err)
{
    pv_status status = PV_OK;
    HighsInt found = kHighsModelStatusNotset;
    program p;
    (void)options; /* the one-call interface takes no limit of steps */
    if (!alloc_program(in->incidence, &p)) {
        status = pv_fail_memory(err, "a linear program");
        goto out;
    }
    fill_program(in, level, &p);
    const HighsInt called = Highs_lpCall(
        p.columns, p.rows, p.entries, kHighsMatrixFormatColwise,
        kHighsObjSenseMaximize, 0, p.cost, p.lower, p.upper, p.row_lower,
        p.row_upper, p.start, p.index, p.value, p.column_value, p.column_dual,
        p.row_value, p.row_dual, p.column_basis, p.row_basis, &found);
    if (called == kHighsStatusError || found != kHighsModelStatusOptimal) {
        status = pv_fail(err, PV_ENUMERIC,
                         "HiGHS found no optimum (status %d); pdhg gives a "
                         "certified approximation",
                         (int)found);
        goto out;
    }
    for (HighsInt c = 0; c < p.columns; c++)
        solution->bound += p.cost[c] * p.column_value[c];
    for (size_t j = 0; j < in->incidence->users; j++)
        multiplier[j] = p.row_dual[j];
out:
    free_program(&p);
    return status;
}
