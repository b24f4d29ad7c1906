/* Rows, values outside the domain, combinations that cannot exist and
 * columns that must follow from others. */
#include "audit/probe.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const char no_rules[] = "the schema declares no structural zeros";
/* No row breaks a rule, and none shows that it would not. */
static const char no_rows[] = "the table has no rows";
static const char no_functions[] = "the schema declares no functions";

static pv_status add_value(const pv_probe_input *input, pv_findings *findings,
                           const char *id, double value, pv_error *err)
{
    const pv_metric m = {.id = id, .value = value};
    return pv_probe_add(input, findings, &m, err);
}

static pv_status add_rows(const pv_probe_input *input, pv_findings *findings,
                          pv_error *err)
{
    const size_t real = pv_table_rows(input->real);
    const size_t synthetic = pv_table_rows(input->synthetic);
    if (real > 0)
        return add_value(input, findings, "rows.ratio",
                         (double)synthetic / (double)real, err);
    const pv_metric m = {.id = "rows.ratio",
                         .status = PV_METRIC_SKIPPED,
                         .reason = "the real table has no rows"};
    return pv_probe_add(input, findings, &m, err);
}

static pv_status add_domain(const pv_probe_input *input, pv_findings *findings,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const pv_load_report *r = input->synthetic_report;
    if (r == NULL)
        return PV_OK;
    PV_TRY(add_value(input, findings, "domain.violations",
                     (double)(r->clamped + r->to_missing + r->to_other), err));
    PV_TRY(
        add_value(input, findings, "domain.clamped", (double)r->clamped, err));
    PV_TRY(add_value(input, findings, "domain.to_missing",
                     (double)r->to_missing, err));
    PV_TRY(add_value(input, findings, "domain.to_other", (double)r->to_other,
                     err));
out:
    return status;
}

/* Rows that a rule forbids; marks them in `broken`. */
static uint64_t count_rule(const pv_table *table, const pv_zero *zero,
                           bool *broken)
{
    uint64_t count = 0;
    for (size_t r = 0; r < pv_table_rows(table); r++) {
        bool all = true;
        for (size_t j = 0; all && j < zero->columns; j++) {
            const pv_codes codes = pv_table_codes(table, zero->column[j]);
            all = zero->mask[j][pv_codes_at(codes, r)];
        }
        if (all) {
            broken[r] = true;
            count++;
        }
    }
    return count;
}

/* Rows that break rules, of a table that has some. */
static pv_status add_broken(const pv_probe_input *input, pv_findings *findings,
                            const char *id, const pv_table *table,
                            double broken, const char *none, pv_error *err)
{
    const bool empty = pv_table_rows(table) == 0;
    const pv_metric m = {
        .id = id,
        .value = broken,
        .scope = {.table = table == input->real ? "real" : NULL},
        .status = empty ? PV_METRIC_SKIPPED : PV_METRIC_OK,
        .reason = empty ? no_rows : none};
    return pv_probe_add(input, findings, &m, err);
}

static pv_status add_rule(const pv_probe_input *input, pv_findings *findings,
                          size_t rule, uint64_t count, pv_error *err)
{
    const pv_zero *zero = pv_schema_zero(input->schema, rule);
    const char **names = pv_array_alloc(zero->columns, sizeof *names);
    char id[64];
    if (names == NULL)
        return pv_fail_memory(err, "a rule");
    for (size_t j = 0; j < zero->columns; j++)
        names[j] = pv_schema_column(input->schema, zero->column[j])->name;
    snprintf(id, sizeof id, "zeros.violations.rule.%zu", rule + 1);
    const pv_metric m = {.id = id,
                         .value = (double)count,
                         .scope = {.columns = zero->columns,
                                   .column = names,
                                   .rule = zero->text}};
    const pv_status status = pv_probe_add(input, findings, &m, err);
    free(names);
    return status;
}

/* Counts rows of `table` that break any rule; each rule's own number goes to
 * the findings when `each` is true. */
static pv_status count_zeros(const pv_probe_input *input, const pv_table *table,
                             bool each, pv_findings *findings, double *total,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const size_t rows = pv_table_rows(table);
    uint64_t any = 0;
    bool *broken = pv_array_calloc(rows, sizeof *broken);
    if (broken == NULL)
        return pv_fail_memory(err, "structural zeros");
    for (size_t i = 0; i < pv_schema_zeros(input->schema); i++) {
        const pv_zero *zero = pv_schema_zero(input->schema, i);
        const uint64_t count = count_rule(table, zero, broken);
        if (each)
            PV_TRY(add_rule(input, findings, i, count, err));
    }
    for (size_t r = 0; r < rows; r++)
        any += broken[r];
    *total = (double)any;
out:
    free(broken);
    return status;
}

/* The rules hold for the real table too, or the schema is wrong: its count
 * stands beside the synthetic one. */
static pv_status add_zeros(const pv_probe_input *input, pv_findings *findings,
                           pv_error *err)
{
    pv_status status = PV_OK;
    double synthetic, real;
    const char *reason = pv_schema_zeros(input->schema) > 0 ? NULL : no_rules;
    PV_TRY(
        count_zeros(input, input->synthetic, true, findings, &synthetic, err));
    PV_TRY(add_broken(input, findings, "zeros.violations", input->synthetic,
                      synthetic, reason, err));
    if (input->yardstick)
        goto out;
    PV_TRY(count_zeros(input, input->real, false, findings, &real, err));
    PV_TRY(add_broken(input, findings, "zeros.violations.real", input->real,
                      real, reason, err));
out:
    return status;
}

/* Rows whose determined columns are not what the functions say. */
static pv_status count_functions(const pv_schema *schema, const pv_table *table,
                                 double *total, pv_error *err)
{
    const size_t rows = pv_table_rows(table);
    uint64_t any = 0;
    bool *broken = pv_array_calloc(rows, sizeof *broken);
    if (broken == NULL)
        return pv_fail_memory(err, "functions");
    for (size_t i = 0; i < pv_schema_functions(schema); i++) {
        const pv_function *f = pv_schema_function(schema, i);
        const pv_codes of = pv_table_codes(table, f->of);
        const pv_codes gives = pv_table_codes(table, f->gives);
        for (size_t r = 0; r < rows; r++)
            if (pv_codes_at(gives, r) != f->map[pv_codes_at(of, r)])
                broken[r] = true;
    }
    for (size_t r = 0; r < rows; r++)
        any += broken[r];
    *total = (double)any;
    free(broken);
    return PV_OK;
}

static pv_status add_functions(const pv_probe_input *input,
                               pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    double broken;
    const char *none =
        pv_schema_functions(input->schema) > 0 ? NULL : no_functions;
    PV_TRY(count_functions(input->schema, input->synthetic, &broken, err));
    PV_TRY(add_broken(input, findings, "functions.violations", input->synthetic,
                      broken, none, err));
    if (input->yardstick)
        goto out;
    PV_TRY(count_functions(input->schema, input->real, &broken, err));
    PV_TRY(add_broken(input, findings, "functions.violations.real",
                      input->real, broken, none, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(add_rows(input, findings, err));
    PV_TRY(add_domain(input, findings, err));
    PV_TRY(add_zeros(input, findings, err));
    PV_TRY(add_functions(input, findings, err));
out:
    return status;
}

const pv_probe pv_probe_validity = {
    .name = "validity",
    .kind = "fidelity",
    .summary = "rows, values outside the domain, structural zeros, functions",
    .yardstick = true,
    .run = run};
