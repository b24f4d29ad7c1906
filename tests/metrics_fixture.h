/* Tables for the tests of fidelity metrics. */
#ifndef PV_TESTS_METRICS_FIXTURE_H
#define PV_TESTS_METRICS_FIXTURE_H

#include "audit/probe.h"
#include "io/load.h"
#include "io/rows.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

__attribute__((unused)) static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

__attribute__((unused)) static pv_schema *parse(const char *fields)
{
    char text[8192];
    pv_schema *schema = NULL;
    snprintf(text, sizeof text, "{\"fields\":[%s]}", fields);
    cr_assert_eq(pv_schema_parse(text, strlen(text), "test", &schema, &err),
                 PV_OK, "%s", err.message);
    return schema;
}

#define LABELS(name, more) \
    "{\"name\":\"" name "\",\"type\":\"string\",\"categories\":" \
    "[\"p\",\"q\",\"r\"]" more "}"
#define REQUIRED ",\"constraints\":{\"required\":true}"
#define INTEGER(name, most) \
    "{\"name\":\"" name "\",\"type\":\"integer\",\"constraints\":" \
    "{\"required\":true,\"minimum\":0,\"maximum\":" #most "}}"
#define NUMBER(name, most) \
    "{\"name\":\"" name "\",\"type\":\"number\",\"constraints\":" \
    "{\"minimum\":0,\"maximum\":" #most "},\"privet\":{\"bins\":4}}"

/* Rows of cells: the code of a label, the number of a numeric column; NAN is
 * missing. */
__attribute__((unused)) static pv_table *
fill(const pv_schema *schema, size_t rows, const double *cell)
{
    pv_table *table = NULL;
    const size_t columns = pv_schema_columns(schema);
    cr_assert_eq(pv_table_alloc(schema, rows, true, &table, &err), PV_OK);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++) {
            const pv_column *column = pv_schema_column(schema, c);
            const double x = cell[r * columns + c];
            const uint32_t code = isnan(x) ? column->levels - 1
                                  : column->kind == PV_COLUMN_LABELS
                                      ? (uint32_t)x
                                      : pv_column_encode_number(column, x);
            pv_table_put(table, c, r, 1, &code);
            if (column->kind == PV_COLUMN_BINS)
                pv_table_put_values(table, c, r, 1, &x);
        }
    return table;
}

__attribute__((unused)) static pv_findings *
probe_group(const pv_probe *probe, const pv_table *real,
            const pv_table *synthetic, const char *group)
{
    pv_findings *findings = NULL;
    const pv_probe_input input = {.schema = pv_table_schema(real),
                                  .real = real,
                                  .synthetic = synthetic,
                                  .group = group};
    cr_assert_eq(pv_findings_new("test", "fidelity", &findings, &err), PV_OK);
    cr_assert_eq(probe->run(&input, findings, &err), PV_OK, "%s: %s",
                 probe->name, err.message);
    return findings;
}

__attribute__((unused)) static pv_findings *
probe(const pv_probe *which, const pv_table *real, const pv_table *synthetic)
{
    return probe_group(which, real, synthetic, NULL);
}

__attribute__((unused)) static double value_of(const pv_findings *f,
                                               const char *id)
{
    const pv_metric *m = pv_findings_find(f, id);
    cr_assert_not_null(m, "%s", id);
    cr_assert_eq(m->status, PV_METRIC_OK, "%s: %s", id, m->reason);
    return m->value;
}

__attribute__((unused)) static void check(const pv_findings *f, const char *id,
                                          double expected)
{
    cr_assert_float_eq(value_of(f, id), expected, 1e-12,
                       "%s: %.17g, not %.17g", id, value_of(f, id), expected);
}

__attribute__((unused)) static void
check_skipped(const pv_findings *f, const char *id, const char *reason)
{
    const pv_metric *m = pv_findings_find(f, id);
    cr_assert_not_null(m, "%s", id);
    cr_assert_eq(m->status, PV_METRIC_SKIPPED, "%s is %g", id, m->value);
    cr_assert_str_eq(m->reason, reason, "%s: %s", id, m->reason);
}

#endif
