#include "audit/fidelity/scale.h"
#include "dp_fixture.h"
#include "io/rows.h"

#include <stdint.h>

static const char text[] =
    "{\"fields\": [{\"name\": \"a\", \"type\": \"integer\", \"constraints\":"
    " {\"minimum\": 0, \"maximum\": 999, \"required\": true}},"
    "{\"name\": \"b\", \"type\": \"integer\", \"constraints\":"
    " {\"minimum\": 0, \"maximum\": 999, \"required\": true}}]}";

enum { rows = 1000 };

static pv_error err;
static pv_schema *schema;
static pv_table *real;
static pv_findings *findings;

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

static void set_up(void)
{
    must(pv_crypto_init(&err));
    must(pv_schema_parse(text, strlen(text), "s", &schema, &err));
    must(pv_table_alloc(schema, rows, false, &real, &err));
    for (uint32_t i = 0; i < rows; i++)
        for (size_t c = 0; c < 2; c++)
            pv_table_put(real, c, i, 1, &i);
    must(pv_findings_new("privet-audit", "fidelity", &findings, &err));
}

static void tear_down(void)
{
    pv_findings_free(findings);
    pv_table_free(real);
    pv_schema_free(schema);
}

TestSuite(scale, .init = set_up, .fini = tear_down);

static void add(pv_findings *to, const char *id, double value)
{
    const pv_metric m = {.id = id, .value = value};
    must(pv_findings_add(to, &m, &err));
}

/* Scores that follow from the number of rows, and of how many columns go
 * together; samples must be real rows, none twice. */
static pv_status measure(void *context, const pv_table *table,
                         pv_findings *to, pv_error *e)
{
    bool seen[rows] = {false};
    size_t together = 0;
    const size_t n = pv_table_rows(table);
    size_t *calls = context;
    for (size_t i = 0; i < n; i++) {
        const uint32_t a = pv_codes_at(pv_table_codes(table, 0), i);
        cr_assert(!seen[a], "a row is there twice");
        seen[a] = true;
        together += pv_codes_at(pv_table_codes(table, 1), i) == a;
    }
    (*calls)++;
    add(to, "x.mean", 1.0 / (double)n);
    add(to, "x.score", (double)n);
    add(to, "together.mean", (double)together / (double)n);
    if (n > 500)
        add(to, "seldom.mean", 1);
    (void)e;
    return PV_OK;
}

static double value(const char *id)
{
    const pv_metric *m = pv_findings_find(findings, id);
    cr_assert_not_null(m, "no %s", id);
    return m->value;
}

Test(scale, reads_like_a_sample)
{
    size_t calls = 0;
    const pv_key key = {{5}};
    add(findings, "x.score", 250);
    add(findings, "x.mean", 1.0 / 950);
    add(findings, "together.mean", 0.5);
    add(findings, "seldom.mean", 1);
    add(findings, "other.mean", 1);
    add(findings, "x.count", 7);
    must(pv_scale_add(real, &key, measure, &calls, findings, &err));
    cr_expect_eq(calls, 11 * 3 + 1);
    cr_expect(near(value("yardstick.x.score"), 25, 1e-12));
    cr_expect_eq(value("yardstick.x.mean"), 90);
    cr_expect(strstr(pv_findings_find(findings, "yardstick.x.mean")->reason,
                     "better") != NULL);
    cr_expect_eq(value("x.score.independent"), rows);
    cr_expect_lt(value("together.mean.independent"), 0.02);
    cr_expect_null(pv_findings_find(findings, "yardstick.seldom.mean"));
    cr_expect_null(pv_findings_find(findings, "yardstick.other.mean"));
    cr_expect_null(pv_findings_find(findings, "yardstick.x.count"));
}

Test(scale, worse_than_all_samples_is_said)
{
    size_t calls = 0;
    const pv_key key = {{5}};
    add(findings, "x.mean", 1);
    must(pv_scale_add(real, &key, measure, &calls, findings, &err));
    cr_expect_eq(value("yardstick.x.mean"), 1);
    cr_expect(strstr(pv_findings_find(findings, "yardstick.x.mean")->reason,
                     "worse") != NULL);
}

Test(scale, nothing_of_a_row)
{
    size_t calls = 0;
    const pv_key key = {{5}};
    must(pv_table_resize(real, 1, &err));
    must(pv_scale_add(real, &key, measure, &calls, findings, &err));
    cr_expect_eq(calls, 0);
}
