/* Levels found by asking: bins, bounds and labels of whole runs. */
#include "curator_fixture.h"

#include "gen/columns.h"
#include "gen/shortest.h"
#include "io/load.h"

#include <float.h>

#define FIELD(type, constraints, privet)                                       \
    "{\"fields\":[{\"name\":\"v\",\"type\":\"" type "\",\"constraints\":{"       \
    constraints "},\"privet\":{" privet "}}]}"
#define PRIVATE "\"bins\":\"private\""
#define BOTH PRIVATE ",\"bounds\":\"private\""

static const double rich = 1000, poor = 1e-4; /* rho */

static void set_up(void)
{
    fixture_open();
    f.options.test_key = &f.seed;
}

TestSuite(bins, .init = set_up, .fini = fixture_close);

static pv_request request_of(double rho)
{
    static pv_generator method = {.name = "test"};
    uint64_t units = 0;
    cr_assert_eq(pv_units_of_rho(rho, &units, &f.err), PV_OK);
    f.options.budget = units;
    cr_assert_eq(pv_label_delta(f.schema, 1e-9, &f.options.delta_labels, &f.err),
                 PV_OK);
    return (pv_request){.method = &method, .schema = f.schema, .budget = units,
                        .columns_share = 0.1,
                        .delta_labels = f.options.delta_labels};
}

/* Asks for everything in a fresh run; the resolved column v. */
static const pv_column *find(const char *schema, double rho)
{
    static unsigned run;
    char *place = pv_sprintf_alloc("%s/run%u", f.directory, run++);
    pv_curator_close(f.curator);
    f.curator = NULL;
    while (f.schemas > 0)
        pv_schema_free(f.made[--f.schemas]);
    use_schema(schema);
    f.options.run_dir = place;
    const pv_request request = request_of(rho);
    open_well();
    cr_assert_eq(pv_columns_ask(&request, f.curator, &f.err), PV_OK, "%s",
                 f.err.message);
    cr_assert_leq(f.curator->spent, f.options.budget / 10);
    free(place);
    return pv_schema_column(pv_curator_schema(f.curator), 0);
}

static char *csv_of(const double *values, size_t count)
{
    char *text = pv_array_alloc(count + 1, 40), *to = text;
    to += sprintf(to, "v\n");
    for (size_t i = 0; i < count; i++)
        to += sprintf(to, "%.17g\n", values[i]);
    return text;
}

static void use_values(const double *values, size_t count)
{
    char *text = csv_of(values, count);
    use_csv(text);
    free(text);
}

static uint32_t bins_of(const pv_column *c)
{
    return c->levels - c->missing;
}

static bool has_edge(const pv_column *c, double edge)
{
    for (uint32_t i = 0; i <= bins_of(c); i++)
        if (c->edges[i] == edge)
            return true;
    return false;
}

/* ---- pieces ------------------------------------------------------------ */

Test(bins, shortest)
{
    cr_assert_eq(pv_shortest_between(39.99, 40.2), 40);
    cr_assert_eq(pv_shortest_between(0.3333, 0.33334), 0.3333);
    cr_assert_eq(pv_shortest_between(1234.4, 1234.6), 1234.5);
    cr_assert_eq(pv_shortest_between(-1.05, -0.95), -1);
    for (double x = 1e-9; x < 1e12; x *= 7.3) {
        const double v = pv_shortest_between(x, nextafter(x, INFINITY));
        cr_assert_eq(v, x);
    }
}

Test(bins, split)
{
    double edges[PV_SPLIT];
    const pv_column whole = {.integer = true}, any = {.integer = false};
    cr_assert_eq(pv_split(&whole, 3, 8, edges), 5);
    for (size_t i = 0; i < 5; i++)
        cr_assert_eq(edges[i], 4 + (double)i);
    cr_assert_eq(pv_split(&any, 0, 16, edges), 16);
    cr_assert_eq(edges[15], 16);
    cr_assert_eq(pv_split(&any, 1, nextafter(1, 2), edges), 1);
    cr_assert_eq(pv_split(&whole, -0x1p53, 0x1p53, edges), 16);
    cr_assert_eq(edges[15], 0x1p53);
}

/* ---- bins -------------------------------------------------------------- */

/* Near quantiles of a skewed column, and the values of much mass alone. */
Test(bins, quantiles_and_points)
{
    enum { n = 20000 };
    static double v[n];
    for (size_t i = 0; i < n; i++)
        v[i] = i % 4 == 0   ? 0
               : i % 9 == 0 ? 40000
                            : 1e5 * pow(((double)i + 1) / (n + 1), 4);
    use_values(v, n);
    const pv_column *c = find(
        FIELD("number", "\"minimum\":-1000,\"maximum\":1e8,\"required\":true",
              PRIVATE ",\"levels\":32"),
        rich);
    cr_assert_leq(bins_of(c), 32);
    cr_assert_geq(bins_of(c), 28);
    const double points[] = {0, 40000};
    for (size_t i = 0; i < 2; i++) {
        cr_assert(has_edge(c, points[i]));
        cr_assert(has_edge(c, nextafter(points[i], INFINITY)));
    }
    cr_assert(!has_edge(c, nextafter(-1000, INFINITY)));
    /* no other bin has much more than its share */
    for (uint32_t b = 0; b < bins_of(c); b++) {
        size_t inside = 0;
        for (size_t i = 0; i < n; i++)
            inside += v[i] >= c->edges[b] && v[i] < c->edges[b + 1];
        cr_assert(inside < 5 * n / 64 || c->edges[b] == 0 ||
                  c->edges[b] == 40000, "bin %u has %zu", b, inside);
    }
}

/* The maximum of the range may be a point too: of numbers and of integers. */
Test(bins, point_at_the_end)
{
    enum { n = 3000 };
    static double v[n];
    for (size_t i = 0; i < n; i++)
        v[i] = i % 2 ? 5000 : (double)(i % 700);
    use_values(v, n);
    const pv_column *c =
        find(FIELD("integer", "\"minimum\":0,\"maximum\":5000",
                   PRIVATE ",\"levels\":8"), rich);
    const uint32_t last = bins_of(c);
    cr_assert(c->edges[last] == 5000 && c->edges[last - 1] == 5000);
    c = find(FIELD("number", "\"minimum\":0,\"maximum\":5000",
                   PRIVATE ",\"levels\":8"), rich);
    cr_assert(c->edges[bins_of(c)] == 5000 && c->edges[bins_of(c) - 1] == 5000);
}

/* A range of few integers is all levels and no question. */
Test(bins, few_integers_are_free)
{
    use_csv("v\n3\n4\n4\n");
    const pv_column *c = find(FIELD("integer", "\"minimum\":3,\"maximum\":9",
                                    PRIVATE ",\"levels\":8"), 1);
    cr_assert_eq(bins_of(c), 7);
    cr_assert_eq(f.curator->spent, 0);
}

/* Whatever the table, the budget and the number of levels: increasing edges of
 * the declared range, no more bins than declared. */
Test(bins, always_sensible)
{
    static const char *const tables[] = {"v\n", "v\n\"\"\n\"\"\n\"\"\n",
                                         "v\n5\n5\n5\n5\n5\n",
                                         "v\n-1e308\n1e308\n0\n\"\"\n17\n"};
    static const char *const schemas[] = {
        FIELD("number", "\"minimum\":-1,\"maximum\":1e9", PRIVATE),
        FIELD("number", "\"minimum\":0,\"maximum\":1", PRIVATE ",\"levels\":2"),
        FIELD("number", "\"minimum\":-1e308,\"maximum\":-1", PRIVATE),
        FIELD("integer", "\"minimum\":0,\"maximum\":9007199254740991", PRIVATE),
        FIELD("integer", "\"minimum\":-70000,\"maximum\":70000",
              PRIVATE ",\"levels\":65536"),
        FIELD("integer", "", BOTH ",\"levels\":3"),
        FIELD("number", "", BOTH),
        FIELD("number", "", "\"bins\":7,\"bounds\":\"private\""),
        FIELD("date", "", BOTH),
        FIELD("date", "\"minimum\":\"1900-01-01\",\"maximum\":\"2100-01-01\"",
              PRIVATE),
        FIELD("string", "", "\"open\":true"),
        FIELD("string", "\"required\":true", "\"open\":true,\"levels\":65536")};
    static const double rhos[] = {1e-6, 0.01, 30};
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++)
        for (size_t s = 0; s < sizeof schemas / sizeof *schemas; s++)
            for (size_t r = 0; r < 3; r++) {
                use_csv(tables[t]);
                f.seed.bytes[3] = (unsigned char)r;
                const pv_column *c = find(schemas[s], rhos[r]);
                const pv_column *before = pv_schema_column(f.schema, 0);
                cr_assert_leq(bins_of(c), before->private_levels);
                cr_assert_geq(c->levels, 1);
                if (c->kind != PV_COLUMN_BINS)
                    continue;
                for (uint32_t b = 1; b < bins_of(c); b++)
                    cr_assert_gt(c->edges[b], c->edges[b - 1]);
                if ((before->needs & PV_NEEDS_BOUNDS) == 0)
                    cr_assert(c->edges[0] == before->minimum &&
                              c->edges[bins_of(c)] == before->maximum);
            }
}

/* With little budget there are few bins, not many that follow the noise. */
Test(bins, few_when_poor)
{
    enum { n = 2000 };
    static double v[n];
    for (size_t i = 0; i < n; i++)
        v[i] = (double)i * 7;
    use_values(v, n);
    const pv_column *c =
        find(FIELD("integer", "\"minimum\":0,\"maximum\":20000", PRIVATE), poor);
    cr_assert_leq(bins_of(c), 3);
    c = find(FIELD("integer", "\"minimum\":0,\"maximum\":20000", PRIVATE), rich);
    cr_assert_geq(bins_of(c), 28);
}

/* ---- bounds ------------------------------------------------------------ */

static void assert_range(const char *schema, const double *v, size_t n,
                         double least, double greatest)
{
    use_values(v, n);
    const pv_column *c = find(schema, rich);
    const double low = c->edges[0], high = c->edges[bins_of(c)];
    const double eighth = fmax(fabs(least), fabs(greatest)) / 8 + 1.5;
    cr_assert(low <= least && low > least - eighth, "%g for %g", low, least);
    cr_assert(high >= greatest && high < greatest + eighth, "%g for %g", high,
              greatest);
}

Test(bins, bounds)
{
    enum { n = 1000 };
    static double v[n];
    for (size_t i = 0; i < n; i++)
        v[i] = 17 + (double)(i % 81);
    assert_range(FIELD("integer", "", BOTH), v, n, 17, 97);
    assert_range(FIELD("number", "", BOTH), v, n, 17, 97);
    for (size_t i = 0; i < n; i++)
        v[i] = -3000 + 40 * (double)(i % 100);
    assert_range(FIELD("number", "", BOTH), v, n, -3000, 960);
    assert_range(FIELD("integer", "", "\"bins\":9,\"bounds\":\"private\""), v, n,
                 -3000, 960);
    cr_assert_eq(bins_of(pv_schema_column(pv_curator_schema(f.curator), 0)), 9);
    for (size_t i = 0; i < n; i++)
        v[i] = i % 2 ? 0 : 1e-30 * (double)i;
    assert_range(FIELD("number", "", BOTH), v, n, 0, 0);
    /* a few rows far out do not stretch the range */
    for (size_t i = 0; i < n; i++)
        v[i] = i == 7 ? 1e300 : (double)(i % 50);
    use_values(v, n);
    const pv_column *c = find(FIELD("number", "", BOTH), 0.5);
    cr_assert_leq(c->edges[bins_of(c)], 64);
}

/* False outermost octaves are rare: none in two hundred runs on rows near 10. */
Test(bins, bounds_are_not_noise)
{
    enum { n = 3000, runs = 200 };
    static double v[n];
    unsigned out = 0;
    for (size_t i = 0; i < n; i++)
        v[i] = 8 + (double)(i % 8);
    use_values(v, n);
    for (unsigned r = 0; r < runs; r++) {
        f.seed.bytes[9] = (unsigned char)r;
        const pv_column *c = find(FIELD("number", "", BOTH), 0.02);
        out += c->edges[0] < 8 || c->edges[bins_of(c)] > 16;
    }
    cr_assert_eq(out, 0);
}

/* ---- refusals, zeros, replay ------------------------------------------- */

static pv_status plan_of(double rho, double delta)
{
    pv_plan plan = {0};
    uint64_t units;
    pv_request request = request_of(rho);
    request.rows_hint = 1000;
    pv_status status =
        pv_label_delta(f.schema, delta, &request.delta_labels, &f.err);
    if (status == PV_OK)
        status = pv_columns_plan(&request, &plan, &units, &f.err);
    if (status == PV_OK)
        cr_assert_leq(units, request.budget / 10);
    pv_plan_clear(&plan);
    return status;
}

/* Too little for a question is said by the plan, before anything is asked. */
Test(bins, too_little)
{
    use_schema(FIELD("number", "\"minimum\":0,\"maximum\":1", PRIVATE));
    cr_assert_eq(plan_of(1e-11, 1e-9), PV_EBUDGET);
    cr_assert(strstr(f.err.message, "\"v\"") != NULL);
    cr_assert_eq(plan_of(0.1, 1e-9), PV_OK);
    use_schema(FIELD("string", "", "\"open\":true"));
    cr_assert_eq(plan_of(1e-11, 1e-9), PV_EBUDGET);
    cr_assert_eq(plan_of(0.1, 1e-18), PV_EBUDGET);
    cr_assert(strstr(f.err.message, "delta") != NULL);
    cr_assert_eq(plan_of(0.1, 1e-12), PV_OK);
}

/* Rules on labels and numbers that no row has hold all the same. */
Test(bins, zeros_of_what_is_not_there)
{
    static const char schema[] =
        "{\"fields\":[{\"name\":\"v\",\"type\":\"number\",\"privet\":{"
        "\"bins\":\"private\",\"bounds\":\"private\"}},{\"name\":\"l\",\"type\":"
        "\"string\",\"privet\":{\"open\":true}}],\"privet\":{\"zeros\":[{"
        "\"when\":{\"v\":{\"minimum\":5000}},\"never\":{\"l\":[\"unseen\"]}}]}}";
    use_csv("v,l\n1,a\n2,b\n");
    (void)find(schema, 1);
    const pv_schema *resolved = pv_curator_schema(f.curator);
    cr_assert_eq(pv_schema_zeros(resolved), 1);
    cr_assert(has_edge(pv_schema_column(resolved, 0), 5000));
    cr_assert_str_eq(pv_schema_column(resolved, 1)->labels[0], "unseen");
}

/* A run cut at any line of its ledger finds the same levels again, and spends
 * no more. */
Test(bins, replay)
{
    static const char schema[] =
        "{\"fields\":[{\"name\":\"v\",\"type\":\"number\",\"privet\":{"
        "\"bins\":\"private\",\"bounds\":\"private\"}},{\"name\":\"l\",\"type\":"
        "\"string\",\"privet\":{\"open\":true}}]}";
    char csv[1 << 15], *to = csv;
    to += sprintf(to, "v,l\n");
    for (unsigned i = 0; i < 1500; i++)
        to += sprintf(to, "%u.5,%s\n", i * i % 1000, i % 3 ? "often" : "so so");
    use_csv(csv);
    f.options.test_key = NULL;
    use_schema(schema);
    const pv_request request = request_of(1);
    open_well();
    cr_assert_eq(pv_columns_ask(&request, f.curator, &f.err), PV_OK);
    char *whole = pv_strdup(pv_schema_json(pv_curator_schema(f.curator)));
    const uint64_t spent = f.curator->spent;
    const size_t lines = pv_ledger_lines(f.curator->ledger);
    cr_assert(strstr(whole, "\"often\"") != NULL);
    for (size_t line = lines - 1; line > 1; line -= line > 3 ? 3 : 1) {
        pv_curator_close(f.curator);
        f.curator = NULL;
        cut_lines(lines - line);
        for (size_t a = line / 2 + 1; a <= lines; a++) {
            char *name = pv_sprintf_alloc("%s/answers/%06zu.bin", f.run_dir, a);
            (void)unlink(name);
            free(name);
        }
        open_well();
        cr_assert_eq(pv_columns_ask(&request, f.curator, &f.err), PV_OK, "%s",
                     f.err.message);
        cr_assert_str_eq(pv_schema_json(pv_curator_schema(f.curator)), whole);
        cr_assert_eq(f.curator->spent, spent);
    }
    free(whole);
}
