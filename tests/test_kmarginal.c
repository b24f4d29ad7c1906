#include "audit/fidelity/nist.h"
#include "audit/probe.h"
#include "io/rows.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static pv_schema *parse_schema(const char *text)
{
    pv_schema *schema = NULL;
    cr_assert_eq(pv_schema_parse(text, strlen(text), "test", &schema, &err),
                 PV_OK, "%s", err.message);
    return schema;
}

static const char areas[] =
    "{\"fields\":["
    "{\"name\":\"x\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":3}},"
    "{\"name\":\"area\",\"type\":\"string\",\"categories\":"
    "[\"north\",\"south\",\"none\"],\"constraints\":{\"required\":true}},"
    "{\"name\":\"y\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":2}},"
    "{\"name\":\"INDP\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":4}}]}";

/* Random rows; the area is one of the first `used`. */
static pv_table *make_table(const pv_schema *schema, size_t rows, uint64_t seed,
                            uint32_t used)
{
    pv_table *table = NULL;
    cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err), PV_OK);
    for (size_t c = 0; c < pv_schema_columns(schema); c++)
        for (size_t r = 0; r < rows; r++) {
            const uint32_t levels =
                c == 1 ? used : pv_schema_column(schema, c)->levels;
            const uint32_t code = draw(&seed) % (1 + draw(&seed) % levels);
            pv_table_put(table, c, r, 1, &code);
        }
    return table;
}

static uint32_t at(const pv_table *table, size_t column, size_t row)
{
    return pv_codes_at(pv_table_codes(table, column), row);
}

/* Rows with these codes; column `i` or the area is not looked at when the code
 * is PV_NO_LEVEL. */
static double share(const pv_table *t, uint32_t area, size_t i, uint32_t a,
                    size_t j, uint32_t b)
{
    size_t count = 0;
    for (size_t r = 0; r < pv_table_rows(t); r++)
        count += (area == PV_NO_LEVEL || at(t, 1, r) == area) &&
                 (a == PV_NO_LEVEL || at(t, i, r) == a) &&
                 (b == PV_NO_LEVEL || at(t, j, r) == b);
    return (double)count / (double)pv_table_rows(t);
}

static double l1(const pv_table *a, const pv_table *b, uint32_t area, size_t i,
                 size_t j)
{
    const pv_schema *schema = pv_table_schema(a);
    double sum = 0;
    for (uint32_t x = 0; x < pv_schema_column(schema, i)->levels; x++)
        for (uint32_t y = 0; y < pv_schema_column(schema, j)->levels; y++)
            sum +=
                fabs(share(a, area, i, x, j, y) - share(b, area, i, x, j, y));
    return sum;
}

static pv_findings *audit(const pv_table *real, const pv_table *synthetic,
                          const char *group, bool nist)
{
    pv_findings *findings = NULL;
    const pv_probe_input input = {.schema = pv_table_schema(real),
                                  .real = real,
                                  .synthetic = synthetic,
                                  .group = group,
                                  .nist = nist};
    cr_assert_eq(pv_findings_new("test", "fidelity", &findings, &err), PV_OK);
    cr_assert_eq(pv_probe_kmarginal.run(&input, findings, &err), PV_OK, "%s",
                 err.message);
    return findings;
}

static void check(const pv_findings *f, const char *id, double expected)
{
    const pv_metric *m = pv_findings_find(f, id);
    cr_assert_not_null(m, "%s", id);
    cr_assert_eq(m->status, PV_METRIC_OK, "%s: %s", id, m->reason);
    cr_assert_float_eq(m->value, expected, 1e-9, "%s: %f, not %f", id, m->value,
                       expected);
}

Test(kmarginal, all_pairs_by_definition)
{
    pv_schema *schema = parse_schema(areas);
    pv_table *a = make_table(schema, 60, 1, 3),
             *b = make_table(schema, 45, 2, 3);
    double sum = 0;
    for (size_t i = 0; i < 4; i++)
        for (size_t j = i + 1; j < 4; j++)
            sum += l1(a, b, PV_NO_LEVEL, i, j);
    pv_findings *f = audit(a, b, NULL, false);
    check(f, "kmarginal.score", 500 * (2 - sum / 6));
    cr_assert_null(pv_findings_find(f, "kmarginal.score.with_indp"));
    pv_findings_free(f);
    pv_table_free(a);
    pv_table_free(b);
    pv_schema_free(schema);
}

Test(kmarginal, groups_by_definition)
{
    static const size_t pair[3][2] = {{0, 2}, {0, 3}, {2, 3}};
    pv_schema *schema = parse_schema(areas);
    /* the third area is not in the real table, but in the synthetic one */
    pv_table *a = make_table(schema, 80, 3, 2),
             *b = make_table(schema, 50, 4, 3);
    double sum = 0, missed[2] = {0, 0};
    for (uint32_t g = 0; g < 3; g++)
        for (size_t p = 0; p < 3; p++) {
            const double here = l1(a, b, g, pair[p][0], pair[p][1]);
            const double all = share(a, g, 0, PV_NO_LEVEL, 0, PV_NO_LEVEL);
            sum += here;
            if (g < 2)
                missed[g] += fmin(here, all) / all;
        }
    pv_findings *f = audit(a, b, "area", false);
    check(f, "kmarginal.score", 500 * (2 - sum / 3));
    check(f, "kmarginal.group.north", 1000 * (1 - missed[0] / 3));
    check(f, "kmarginal.group.south", 1000 * (1 - missed[1] / 3));
    const pv_metric *none = pv_findings_find(f, "kmarginal.group.none");
    cr_assert_eq(none->status, PV_METRIC_SKIPPED);
    cr_assert_str_eq(none->reason, "the group has no real rows");
    pv_findings_free(f);
    f = audit(a, b, "area", true); /* INDP apart */
    check(f, "kmarginal.score.with_indp", 500 * (2 - sum / 3));
    double plain = 0;
    for (uint32_t g = 0; g < 3; g++)
        plain += l1(a, b, g, 0, 2);
    check(f, "kmarginal.score", 500 * (2 - plain));
    pv_findings_free(f);
    pv_table_free(a);
    pv_table_free(b);
    pv_schema_free(schema);
}

Test(kmarginal, nothing_to_score)
{
    pv_schema *schema = parse_schema(areas);
    pv_table *a = make_table(schema, 8, 3, 2),
             *none = make_table(schema, 0, 4, 3);
    pv_findings *f = audit(a, none, "area", false);
    cr_assert_eq(pv_findings_find(f, "kmarginal.score")->status,
                 PV_METRIC_SKIPPED);
    pv_findings_free(f);
    f = audit(none, a, NULL, false);
    cr_assert_eq(pv_findings_find(f, "kmarginal.score")->status,
                 PV_METRIC_SKIPPED);
    pv_findings_free(f);
    f = audit(a, a, "area", false);
    check(f, "kmarginal.score", 1000);
    check(f, "kmarginal.group.north", 1000);
    pv_findings_free(f);
    pv_table_free(a);
    pv_table_free(none);
    pv_schema_free(schema);
}

/* --- NIST bins ------------------------------------------------------------ */

static const char excerpts[] =
    "{\"fields\":["
    "{\"name\":\"AGEP\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":0,\"maximum\":99},\"privet\":{\"bins\":4}},"
    "{\"name\":\"id\",\"type\":\"string\",\"privet\":{\"role\":\"id\"}},"
    "{\"name\":\"DENSITY\",\"type\":\"number\",\"constraints\":"
    "{\"required\":true,\"minimum\":0,\"maximum\":60000},"
    "\"privet\":{\"bins\":3}},"
    "{\"name\":\"SEX\",\"type\":\"string\",\"categories\":[\"2\",\"1\"]},"
    "{\"name\":\"WGTP\",\"type\":\"integer\",\"constraints\":"
    "{\"required\":true,\"minimum\":-5,\"maximum\":500}},"
    "{\"name\":\"other\",\"type\":\"integer\",\"constraints\":"
    "{\"minimum\":7,\"maximum\":9}}],"
    "\"missingValues\":[\"N\"],\"privet\":{\"zeros\":[{\"when\":"
    "{\"AGEP\":{\"maximum\":14}},\"never\":{\"SEX\":[\"1\"]}}]}}";

Test(nist, the_schema_keeps_names_and_labels)
{
    pv_schema *schema = parse_schema(excerpts), *made = NULL;
    cr_assert_eq(pv_nist_schema(schema, &made, &err), PV_OK, "%s", err.message);
    static const char *const name[] = {"AGEP", "DENSITY", "SEX", "WGTP",
                                       "other"};
    static const uint32_t levels[] = {21, 14, 3, 20, 4};
    cr_assert_eq(pv_schema_columns(made), 5);
    for (size_t c = 0; c < 5; c++) {
        cr_assert_str_eq(pv_schema_column(made, c)->name, name[c]);
        cr_assert_eq(pv_schema_column(made, c)->levels, levels[c], "%s",
                     name[c]);
    }
    cr_assert_str_eq(pv_schema_column(made, 2)->labels[0], "2");
    cr_assert_eq(pv_schema_zeros(made), 0);
    pv_schema_free(made);
    pv_schema_free(schema);
}

/* A table of the excerpts' columns from numbers; NAN is missing. */
static pv_table *excerpt(const pv_schema *schema, size_t rows,
                         const double *age, const double *density,
                         const uint32_t *weight)
{
    pv_table *table = NULL;
    cr_assert_eq(pv_table_alloc(schema, rows, true, &table, &err), PV_OK);
    for (size_t r = 0; r < rows; r++) {
        const pv_column *column = pv_schema_column(schema, 0);
        uint32_t code = isnan(age[r]) ? column->levels - 1
                                      : pv_column_encode_number(column, age[r]);
        pv_table_put(table, 0, r, 1, &code);
        column = pv_schema_column(schema, 1);
        code = pv_column_encode_number(column, density[r]);
        pv_table_put(table, 1, r, 1, &code);
        code = (uint32_t)(r % 3);
        pv_table_put(table, 2, r, 1, &code);
    }
    pv_table_put_values(table, 0, 0, rows, age);
    pv_table_put_values(table, 1, 0, rows, density);
    pv_table_put(table, 3, 0, rows, weight);
    return table;
}

static void check_codes(const pv_table *table, size_t column,
                        const uint32_t *expected)
{
    for (size_t r = 0; r < pv_table_rows(table); r++)
        cr_assert_eq(at(table, column, r), expected[r],
                     "column %zu row %zu: %u, not %u", column, r,
                     at(table, column, r), expected[r]);
}

Test(nist, ranks_edges_and_labels)
{
    pv_schema *schema = parse_schema(excerpts), *made = NULL;
    cr_assert_eq(pv_nist_schema(schema, &made, &err), PV_OK);
    /* ages: mean ranks of 4 numbers 1.5, 1.5, 3, 4: bins 7, 7, 15, 19 */
    const double age[] = {10, 10, 30, 60, NAN};
    const double density[] = {0, 150, 150.9, 151, 60000};
    const uint32_t weight[] = {5, 5, 5, 5, 5}; /* ranks 3 of 5: bin 12 */
    pv_table *real = excerpt(schema, 5, age, density, weight), *out = NULL;
    cr_assert_eq(pv_nist_recode(real, real, made, &out, &err), PV_OK, "%s",
                 err.message);
    check_codes(out, 0, (const uint32_t[]){7, 7, 15, 19, 20});
    check_codes(out, 1, (const uint32_t[]){0, 0, 0, 1, 13});
    check_codes(out, 2, (const uint32_t[]){0, 1, 2, 0, 1});
    check_codes(out, 3, (const uint32_t[]){12, 12, 12, 12, 12});
    pv_table_free(out);
    /* others go to the first bin that reaches up to them, or the last */
    const double ages[] = {0, 10, 11, 31, 99};
    const uint32_t weights[] = {0, 5, 6, 505, 4};
    pv_table *other = excerpt(schema, 5, ages, density, weights);
    cr_assert_eq(pv_nist_recode(other, real, made, &out, &err), PV_OK);
    check_codes(out, 0, (const uint32_t[]){7, 7, 15, 19, 19});
    check_codes(out, 3, (const uint32_t[]){12, 12, 12, 12, 12});
    pv_table_free(out);
    pv_table_free(other);
    pv_table_free(real);
    pv_schema_free(made);
    pv_schema_free(schema);
}

Test(nist, needs_the_numbers)
{
    pv_schema *schema = parse_schema(excerpts), *made = NULL;
    pv_table *table, *out = NULL;
    cr_assert_eq(pv_nist_schema(schema, &made, &err), PV_OK);
    cr_assert_eq(pv_table_alloc(schema, 3, false, &table, &err), PV_OK);
    cr_assert_eq(pv_nist_recode(table, table, made, &out, &err), PV_EINVAL);
    pv_table_free(table);
    pv_schema_free(made);
    pv_schema_free(schema);
}
