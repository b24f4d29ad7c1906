/* Noisy answers made to agree. */
#include "gen/gsd/targets.h"

#include "tests/gsd_fixture.h"

enum { total_rows = 500 };

/* --- agreeing -------------------------------------------------------------------- */

typedef struct grid {
    const pv_layer *layer;
    const double *value;
} grid;

static size_t list_grids(const pv_gsd_targets *t, grid *list)
{
    size_t n = 0;
    for (size_t i = 0; i < t->groups; i++) {
        const double *value = t->group[i].answer;
        for (size_t l = 0; l < t->group[i].group->layers; l++) {
            list[n++] = (grid){&t->group[i].group->layer[l], value};
            value += t->group[i].group->layer[l].cells;
        }
    }
    return n;
}

static bool same_parts(const pv_queries *q, const pv_partition *a,
                       const pv_partition *b)
{
    if (a->column != b->column || a->parts != b->parts)
        return false;
    for (uint32_t c = 0; c < pv_queries_axis(q, a->column)->cells; c++)
        if (a->map[c] != b->map[c])
            return false;
    return true;
}

/* What the cells with these parts at these positions (SIZE_MAX: any) add up to. */
static double margin_of(const grid *g, const size_t at[2],
                        const uint32_t part[2])
{
    double sum = 0;
    for (size_t c = 0; c < g->layer->cells; c++) {
        size_t rest = c;
        bool in = true;
        for (size_t k = g->layer->partitions; k-- > 0;) {
            const uint32_t parts = g->layer->partition[k].parts;
            for (int i = 0; i < 2; i++)
                in = in && (at[i] != k || rest % parts == part[i]);
            rest /= parts;
        }
        sum += in ? g->value[c] : 0;
    }
    return sum;
}

static size_t find_same(const pv_queries *q, const grid *in,
                        const pv_partition *wanted)
{
    for (size_t k = 0; k < in->layer->partitions; k++)
        if (same_parts(q, &in->layer->partition[k], wanted))
            return k;
    return SIZE_MAX;
}

static size_t check_pair(const pv_queries *q, const grid *a, const grid *b)
{
    size_t checked = 0;
    for (size_t i = 0; i < a->layer->partitions; i++)
        for (size_t j = i; j < a->layer->partitions; j++) {
            const pv_partition *first = &a->layer->partition[i];
            const pv_partition *second = &a->layer->partition[j];
            const size_t here[] = {i, j};
            const size_t there[] = {find_same(q, b, first),
                                    find_same(q, b, second)};
            if (there[0] == SIZE_MAX || there[1] == SIZE_MAX)
                continue;
            for (uint32_t x = 0; x < first->parts; x++)
                for (uint32_t y = 0; y < second->parts; y++) {
                    const uint32_t part[] = {x, i == j ? x : y};
                    cr_assert_float_eq(margin_of(a, here, part),
                                       margin_of(b, there, part), 1e-6);
                    checked++;
                }
        }
    return checked;
}

static void check_agreeing(const char *spec)
{
    grid list[400];
    const size_t none[] = {SIZE_MAX, SIZE_MAX};
    const uint32_t any[] = {0, 0};
    size_t checked = 0;
    pv_schema *schema = schema_of(tiny_schema);
    pv_queries *q = queries_of(schema, spec);
    pv_gsd_targets t = noisy_targets(q, 60);
    cr_assert_eq(pv_gsd_targets_agree(&t, total_rows, &err), PV_OK);
    const size_t n = list_grids(&t, list);
    for (size_t a = 0; a < n; a++) {
        cr_assert_float_eq(margin_of(&list[a], none, any), total_rows, 1e-6);
        for (size_t b = 0; b < a; b++)
            checked += check_pair(q, &list[a], &list[b]);
    }
    cr_assert(checked > 20);
    pv_gsd_targets_clear(&t);
    pv_queries_free(q);
    pv_schema_free(schema);
}

Test(agree, pairs)
{
    check_agreeing("marginals:2");
}

/* Tables that are a margin of others, before and behind them. */
Test(agree, single_columns_and_pairs)
{
    check_agreeing("marginals:1,marginals:2");
    check_agreeing("marginals:2,marginals:1");
}

Test(agree, triples_and_trees)
{
    check_agreeing("marginals:1,marginals:3,marginals:2");
    check_agreeing("tree:2:3,marginals:1");
    check_agreeing("marginals:2,tree:3:2,tree:1:4");
}

/* Boxes and planes are between none and all rows. */
Test(agree, others_are_cut_off)
{
    pv_schema *schema = schema_of(tiny_schema);
    pv_queries *q = queries_of(schema, "prefix:10,halfspace:10");
    pv_gsd_targets t = noisy_targets(q, 4 * total_rows);
    size_t none = 0, all = 0;
    cr_assert_eq(pv_gsd_targets_agree(&t, total_rows, &err), PV_OK);
    for (size_t i = 0; i < t.groups; i++)
        for (size_t c = 0; c < t.group[i].group->cells; c++) {
            const double x = t.group[i].answer[c];
            cr_assert(x >= 0 && x <= total_rows);
            none += x <= 0;
            all += x >= total_rows;
        }
    cr_assert(none > 0 && all > 0);
    cr_assert(isnan(pv_gsd_targets_total(&t)));
    pv_gsd_targets_clear(&t);
    pv_queries_free(q);
    pv_schema_free(schema);
}

static const char two_by_two[] =
    "{\"fields\":["
    "{\"name\":\"a\",\"type\":\"string\",\"categories\":[\"x\",\"y\"],"
    "\"constraints\":{\"required\":true}},"
    "{\"name\":\"b\",\"type\":\"string\",\"categories\":[\"u\",\"v\"],"
    "\"constraints\":{\"required\":true}}]}";

/* Groups of "marginals:1,marginals:2": a, b, a and b. */
static const double told_a[] = {61, 33}, told_ab[] = {40, 30, 12, 25};

static double misfit(const double *x)
{
    double sum = 0;
    for (int i = 0; i < 2; i++)
        sum += pow(x[2 * i] + x[2 * i + 1] - told_a[i], 2) / 2;
    for (int i = 0; i < 4; i++)
        sum += pow(x[i] - told_ab[i], 2) / 5;
    return sum;
}

/* Nothing that has the total is nearer: no exchange between two cells gains. */
Test(agree, is_least_squares)
{
    pv_schema *schema = schema_of(two_by_two);
    pv_queries *q = queries_of(schema, "marginals:1,marginals:2");
    pv_gsd_targets t;
    cr_assert_eq(pv_gsd_targets_init(&t, q, &err), PV_OK);
    cr_assert_eq(pv_gsd_targets_add(&t, pv_queries_group(q, 0), told_a, 2, &err),
                 PV_OK);
    cr_assert_eq(pv_gsd_targets_add(&t, pv_queries_group(q, 2), told_ab, 5, &err),
                 PV_OK);
    /* 94 with a variance of 4, 107 with one of 20 */
    cr_assert_float_eq(pv_gsd_targets_total(&t), (94.0 * 5 + 107) / 6, 1e-9);
    cr_assert_eq(pv_gsd_targets_agree(&t, 100, &err), PV_OK);
    double *x = t.group[1].answer;
    cr_assert_float_eq(x[0] + x[1] + x[2] + x[3], 100, 1e-9);
    cr_assert_float_eq(x[0] + x[1], t.group[0].answer[0], 1e-9);
    const double least = misfit(x);
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < 4; j++) {
            double other[4];
            memcpy(other, x, sizeof other);
            other[i] += 1e-3;
            other[j] -= 1e-3;
            cr_assert(misfit(other) >= least - 1e-9, "%d, %d", i, j);
        }
    pv_gsd_targets_clear(&t);
    pv_queries_free(q);
    pv_schema_free(schema);
}

Test(merge, by_inverse_variance)
{
    pv_schema *schema = schema_of(two_by_two);
    pv_queries *q = queries_of(schema, "marginals:1");
    static const double first[] = {10, 20}, second[] = {30, 60};
    uint32_t column[] = {0};
    double values[] = {50, 100};
    const pv_measurement m = {
        .columns = 1, .column = column, .cells = 2, .values = values, .variance = 1};
    pv_gsd_targets t;
    cr_assert_eq(pv_gsd_targets_init(&t, q, &err), PV_OK);
    const pv_group *g = pv_queries_group(q, 0);
    cr_assert_eq(pv_gsd_targets_add(&t, g, first, 1, &err), PV_OK);
    cr_assert_eq(pv_gsd_targets_add(&t, g, second, 3, &err), PV_OK);
    cr_assert_eq(t.groups, 1);
    cr_assert_float_eq(t.group[0].answer[0], 15, 1e-12);
    cr_assert_float_eq(t.group[0].answer[1], 30, 1e-12);
    cr_assert_float_eq(t.group[0].variance, 0.75, 1e-12);
    /* a marginal is a group of its own, and is merged with itself */
    cr_assert_eq(pv_gsd_targets_marginal(&t, &m, &err), PV_OK);
    values[0] = 60;
    cr_assert_eq(pv_gsd_targets_marginal(&t, &m, &err), PV_OK);
    cr_assert_eq(t.groups, 2);
    cr_assert_float_eq(t.group[1].answer[0], 55, 1e-12);
    cr_assert_float_eq(t.group[1].answer[1], 100, 1e-12);
    cr_assert_float_eq(t.group[1].variance, 0.5, 1e-12);
    pv_gsd_targets_clear(&t);
    pv_queries_free(q);
    pv_schema_free(schema);
}
