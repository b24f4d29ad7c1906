/* Declared regressions, fitted to both tables: do the coefficients and their
 * intervals agree? (Karr et al. 2006) */
#include "audit/fidelity/numbers.h"
#include "audit/probe.h"
#include "audit/utility/linear.h"
#include "audit/utility/uses.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double half_width = 1.959963984540054; /* of a 95 % interval */
static const char no_models[] = "no regression was declared (--model)";

typedef struct comparison {
    const pv_probe_input *input;
    pv_findings *findings;
    const pv_use_model *model;
    size_t number;
    pv_design design;
    pv_linear fit[2]; /* real, synthetic */
    double overlaps, least, covered;
    size_t compared, left_out;
} comparison;

/* A metric of a model: "regression.1.overlap.mean"; of a term when `name` is
 * given. */
static pv_status add(comparison *c, const char *what, const char *column,
                     const char *term, double value, const char *reason,
                     pv_metric_status status, pv_error *err)
{
    char id[96];
    const char *const names[] = {
        pv_schema_column(c->input->schema, c->model->response)->name, column};
    (void)snprintf(id, sizeof id, "regression.%zu.%s", c->number, what);
    const pv_metric m = {
        .id = id,
        .value = value,
        .status = status,
        .reason = reason,
        .scope = {.columns = column != NULL ? 2 : 1, .column = names,
                  .rule = term}};
    return pv_probe_add(c->input, c->findings, &m, err);
}

/* J of Karr et al.: the mean share of each interval that is common to both;
 * negative when they are apart. */
static double overlap_of(const pv_linear *a, const pv_linear *b, size_t term)
{
    const double lo[2] = {
        a->coefficient[term] - half_width * a->error[term],
        b->coefficient[term] - half_width * b->error[term]};
    const double hi[2] = {
        a->coefficient[term] + half_width * a->error[term],
        b->coefficient[term] + half_width * b->error[term]};
    const double common = fmin(hi[0], hi[1]) - fmax(lo[0], lo[1]);
    return (common / (hi[0] - lo[0]) + common / (hi[1] - lo[1])) / 2;
}

static pv_status add_term(comparison *c, size_t t, pv_error *err)
{
    pv_status status = PV_OK;
    char text[256];
    const char *label = NULL;
    const pv_term *term = &c->design.term[t];
    const pv_linear *real = &c->fit[0], *synthetic = &c->fit[1];
    const char *column = NULL;
    if (term->column != PV_NO_LEVEL) {
        const pv_column *of = pv_schema_column(c->input->schema, term->column);
        column = of->name;
        if (term->code != PV_NO_LEVEL) {
            pv_column_describe(of, term->code, text, sizeof text);
            label = text;
        }
    }
    if (real->aliased[t] || synthetic->aliased[t] ||
        !(real->error[t] > 0 && synthetic->error[t] > 0)) {
        c->left_out++;
        return add(c, "overlap", column, label, NAN,
                   real->aliased[t] ? "the real table cannot tell this term "
                                      "apart from others"
                                    : "the synthetic table cannot tell this "
                                      "term apart from others",
                   PV_METRIC_SKIPPED, err);
    }
    const double overlap = overlap_of(real, synthetic, t);
    const double apart = (synthetic->coefficient[t] - real->coefficient[t]) /
                         real->error[t];
    c->overlaps += overlap;
    c->least = c->compared++ > 0 ? fmin(c->least, overlap) : overlap;
    c->covered += fabs(apart) <= half_width;
    PV_TRY(add(c, "real", column, label, real->coefficient[t], NULL,
               PV_METRIC_OK, err));
    PV_TRY(add(c, "synthetic", column, label, synthetic->coefficient[t], NULL,
               PV_METRIC_OK, err));
    PV_TRY(add(c, "overlap", column, label, overlap, NULL, PV_METRIC_OK, err));
    PV_TRY(add(c, "std_diff", column, label, apart, NULL, PV_METRIC_OK, err));
out:
    return status;
}

/* The response of every row; NAN where missing. */
static double *responses(const pv_table *table, uint32_t column)
{
    const size_t rows = pv_table_rows(table);
    const pv_column *c = pv_schema_column(pv_table_schema(table), column);
    const pv_codes codes = pv_table_codes(table, column);
    double *y = pv_array_alloc(rows, sizeof *y);
    for (size_t i = 0; y != NULL && i < rows; i++) {
        const uint32_t code = pv_codes_at(codes, i);
        y[i] = pv_is_numeric(c) ? pv_design_number(table, column, i)
               : c->missing && code == c->levels - 1 ? NAN
                                                     : (double)code;
    }
    return y;
}

/* *why is why the fit is of no use, or NULL. */
static pv_status fit(comparison *c, const pv_table *table, pv_linear *to,
                     const char **why, pv_error *err)
{
    pv_error inner = PV_ERROR_INIT;
    const bool logistic = !pv_is_numeric(
        pv_schema_column(c->input->schema, c->model->response));
    double *y = responses(table, c->model->response);
    if (y == NULL)
        return pv_fail_memory(err, "a response");
    pv_status status = pv_linear_fit(&c->design, table, NULL,
                                     pv_table_rows(table), y, logistic, 0, to,
                                     &inner);
    free(y);
    if (status == PV_EINVAL) {
        *why = "no row of one of the tables has all values of the model";
        return PV_OK;
    }
    if (status != PV_OK)
        return pv_fail(err, status, "%s", inner.message);
    if (to->separated)
        *why = "the terms predict the response without error in one of the "
               "tables: its coefficients are infinite";
    else if (!to->converged)
        *why = "the fit to one of the tables does not converge";
    return PV_OK;
}

static pv_status add_whole(comparison *c, const char *why, pv_error *err)
{
    static const char *const id[] = {"overlap.mean", "overlap.min",
                                     "covered.share"};
    pv_status status = PV_OK;
    const double n = (double)c->compared;
    const double value[] = {c->overlaps / n, c->least, c->covered / n};
    if (why == NULL && c->compared == 0)
        why = "no term could be compared";
    for (size_t i = 0; i < sizeof id / sizeof *id; i++)
        PV_TRY(add(c, id[i], NULL, NULL, why == NULL ? value[i] : NAN, why,
                   why == NULL ? PV_METRIC_OK : PV_METRIC_SKIPPED, err));
    if (why == NULL)
        PV_TRY(add(c, "left_out", NULL, NULL, (double)c->left_out, NULL,
                   PV_METRIC_OK, err));
out:
    return status;
}

static pv_status compare(const pv_probe_input *input, size_t i,
                         pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    const char *why = NULL;
    comparison c = {.input = input, .findings = findings,
                    .model = &input->uses->model[i], .number = i + 1};
    PV_TRY(pv_design_make(input->schema, c.model->column, c.model->columns,
                          false, &c.design, err));
    PV_TRY(fit(&c, input->real, &c.fit[0], &why, err));
    if (why == NULL)
        PV_TRY(fit(&c, input->synthetic, &c.fit[1], &why, err));
    for (size_t t = 0; why == NULL && t < c.design.terms; t++)
        PV_TRY(add_term(&c, t, err));
    PV_TRY(add_whole(&c, why, err));
out:
    pv_linear_clear(&c.fit[0]);
    pv_linear_clear(&c.fit[1]);
    pv_design_clear(&c.design);
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    if (input->uses == NULL || input->uses->models == 0) {
        const pv_metric none = {.id = "regression.1.overlap.mean",
                                .status = PV_METRIC_SKIPPED,
                                .reason = no_models};
        return pv_probe_add(input, findings, &none, err);
    }
    for (size_t i = 0; i < input->uses->models; i++)
        PV_TRY(compare(input, i, findings, err));
out:
    return status;
}

const pv_probe pv_probe_regression = {
    .name = "regression",
    .kind = "fidelity",
    .summary = "declared regressions: coefficients and their intervals",
    .yardstick = true,
    .run = run};
