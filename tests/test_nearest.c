#include "audit/attack/nearest.h"

#include "core/threads.h"
#include "tests/infer_fixture.h"

static pv_error err;

/* Gower's distance as the header defines it, column by column. */
static uint32_t distance_of(const pv_table *a, size_t row, const pv_table *b,
                            size_t other, const uint32_t *column, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i++) {
        const pv_column *c = pv_schema_column(pv_table_schema(a), column[i]);
        const uint32_t x = code_at(a, column[i], row);
        const uint32_t y = code_at(b, column[i], other);
        const double range = c->maximum - c->minimum;
        const double u = pv_column_number(c, x), v = pv_column_number(c, y);
        if (x == y)
            continue;
        if (c->kind == PV_COLUMN_LABELS || isnan(u) || isnan(v)) {
            sum += PV_NEAREST_UNIT;
            continue;
        }
        const double p = nearbyint((u - c->minimum) / range * PV_NEAREST_UNIT);
        const double q = nearbyint((v - c->minimum) / range * PV_NEAREST_UNIT);
        sum += (uint32_t)fabs(p - q);
    }
    return sum;
}

typedef struct hit {
    uint32_t distance, row;
} hit;

static int compare_hits(const void *left, const void *right)
{
    const hit *a = left, *b = right;
    if (a->distance != b->distance)
        return a->distance < b->distance ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static void check_person(const pv_table *rows, const pv_table *people,
                         size_t person, const uint32_t *column, size_t columns,
                         size_t k, const uint32_t *found,
                         const uint32_t *distance)
{
    const size_t n = pv_table_rows(rows);
    hit *hits = pv_array_alloc(n, sizeof *hits);
    for (size_t r = 0; r < n; r++)
        hits[r] = (hit){
            distance_of(people, person, rows, r, column, columns), (uint32_t)r};
    qsort(hits, n, sizeof *hits, compare_hits);
    for (size_t j = 0; j < k; j++) {
        cr_assert_eq(found[j], j < n ? hits[j].row : PV_NEAREST_NONE);
        cr_assert_eq(distance[j], j < n ? hits[j].distance : PV_NEAREST_NONE);
    }
    free(hits);
}

static void check_find(size_t rows, size_t k, const uint32_t *column,
                       size_t columns)
{
    enum { people = 37 };
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *t = random_table(schema, rows, 1);
    pv_table *asked = random_table(schema, 2 * people, 2);
    pv_nearest *nearest = NULL;
    uint32_t row[people];
    for (uint32_t i = 0; i < people; i++)
        row[i] = 2 * people - 1 - 2 * i;
    uint32_t *found = pv_array_alloc(people * k, sizeof *found);
    uint32_t *distance = pv_array_alloc(people * k, sizeof *distance);
    const pv_people who = {asked, row, people};
    cr_assert_eq(pv_nearest_new(t, column, columns, &nearest, &err), PV_OK);
    cr_assert_eq(pv_nearest_find(nearest, &who, k, found, distance, &err),
                 PV_OK);
    for (size_t i = 0; i < people; i++)
        check_person(t, asked, row[i], column, columns, k, found + i * k,
                     distance + i * k);
    pv_nearest_free(nearest);
    free(found);
    free(distance);
    pv_table_free(t);
    pv_table_free(asked);
    pv_schema_free(schema);
}

Test(nearest, by_all_distances)
{
    static const uint32_t all[] = {0, 1, 2, 3, 4};
    check_find(3000, 1, all, 5); /* several blocks of rows */
    check_find(3000, 7, all, 5);
    check_find(1024, 3, all + 1, 1);
    check_find(1025, 3, all + 2, 2);
    check_find(5, 9, all, 5);
    check_find(0, 2, all, 5);
    check_find(20, 2, all, 0); /* no columns: all equal, lowest rows first */
}

Test(nearest, missing_is_near_missing_alone)
{
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *t = NULL;
    pv_nearest *nearest = NULL;
    const uint32_t column[] = {2, 3};
    /* bins 0..4, missing 5; integers 0..2, missing 3 */
    const uint32_t bins[] = {5, 0, 4, 5}, numbers[] = {3, 3, 0, 0};
    uint32_t found[4], distance[4];
    cr_assert_eq(pv_table_alloc(schema, 4, false, &t, &err), PV_OK);
    pv_table_put(t, 2, 0, 4, bins);
    pv_table_put(t, 3, 0, 4, numbers);
    const pv_people who = {t, NULL, 1};
    cr_assert_eq(pv_nearest_new(t, column, 2, &nearest, &err), PV_OK);
    cr_assert_eq(pv_nearest_find(nearest, &who, 4, found, distance, &err),
                 PV_OK);
    const uint32_t order[] = {0, 1, 3, 2}, units[] = {0, 1, 1, 2};
    for (size_t j = 0; j < 4; j++) {
        cr_assert_eq(found[j], order[j]);
        cr_assert_eq(distance[j], units[j] * PV_NEAREST_UNIT);
    }
    pv_nearest_free(nearest);
    pv_table_free(t);
    pv_schema_free(schema);
}

Test(nearest, all_equally_near_vote)
{
    enum { people = 50, rows = 2500, classes = 3 };
    static const uint32_t column[] = {0, 1, 2, 3};
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *t = random_table(schema, rows, 5);
    pv_table *asked = random_table(schema, people, 6);
    pv_nearest *nearest = NULL;
    uint32_t class_of[rows], votes[people * classes], ties = 0;
    for (size_t r = 0; r < rows; r++)
        class_of[r] = code_at(t, 4, r);
    const pv_people who = {asked, NULL, people};
    cr_assert_eq(pv_nearest_new(t, column, 4, &nearest, &err), PV_OK);
    cr_assert_eq(
        pv_nearest_vote(nearest, &who, class_of, classes, votes, &err), PV_OK);
    for (size_t i = 0; i < people; i++) {
        uint32_t least = UINT32_MAX, count[classes] = {0};
        for (size_t r = 0; r < rows; r++) {
            const uint32_t d = distance_of(asked, i, t, r, column, 4);
            if (d < least)
                memset(count, 0, sizeof count);
            least = d < least ? d : least;
            count[class_of[r]] += d == least;
        }
        for (size_t c = 0; c < classes; c++)
            cr_assert_eq(votes[i * classes + c], count[c]);
        ties += count[0] + count[1] + count[2] > 1;
    }
    cr_assert_gt(ties, 10);
    pv_nearest_free(nearest);
    pv_table_free(t);
    pv_table_free(asked);
    pv_schema_free(schema);
}

/* Label columns of 200, 300 and 65,536 labels: codes of 1, 2 and 4 bytes. */
static pv_schema *labels_schema(void)
{
    static const uint32_t labels[] = {200, 300, 65536};
    size_t size = 0;
    char *text = pv_array_alloc(1 << 20, 1);
    cr_assert_not_null(text);
    size += (size_t)sprintf(text, "{\"fields\":[");
    for (size_t c = 0; c < 3; c++) {
        size += (size_t)sprintf(text + size,
                                "%s{\"name\":\"c%zu\",\"type\":\"string\","
                                "\"categories\":[\"x\"",
                                c > 0 ? "," : "", c);
        for (uint32_t i = 1; i < labels[c]; i++)
            size += (size_t)sprintf(text + size, ",\"%u\"", i);
        size += (size_t)sprintf(text + size, "]}");
    }
    sprintf(text + size, "]}");
    pv_schema *schema = schema_of(text);
    free(text);
    return schema;
}

Test(nearest, labels_of_any_width)
{
    static const uint32_t column[] = {0, 1, 2};
    pv_schema *schema = labels_schema();
    pv_table *t = random_table(schema, 1500, 5);
    pv_table *asked = random_table(schema, 40, 6);
    pv_nearest *nearest = NULL;
    uint32_t found[80], distance[80];
    for (size_t i = 0; i < 20; i++) /* some values in common */
        for (size_t c = 0; c < 3; c++) {
            const uint32_t code = code_at(t, c, 70 * i + c % (1 + i % 3));
            pv_table_put(asked, c, i, 1, &code);
        }
    const pv_people who = {asked, NULL, 40};
    cr_assert_eq(pv_table_width(t, 2), 4);
    cr_assert_eq(pv_nearest_new(t, column, 3, &nearest, &err), PV_OK);
    cr_assert_eq(pv_nearest_find(nearest, &who, 2, found, distance, &err),
                 PV_OK);
    for (size_t i = 0; i < 40; i++)
        check_person(t, asked, i, column, 3, 2, found + i * 2,
                     distance + i * 2);
    pv_nearest_free(nearest);
    pv_table_free(t);
    pv_table_free(asked);
    pv_schema_free(schema);
}

Test(nearest, threads_make_no_difference)
{
    static const uint32_t column[] = {0, 1, 2, 3};
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *t = random_table(schema, 2500, 5);
    pv_nearest *nearest = NULL;
    uint32_t one[900], four[900];
    const pv_people who = {t, NULL, 300};
    cr_assert_eq(pv_nearest_new(t, column, 4, &nearest, &err), PV_OK);
    pv_threads_set(1);
    cr_assert_eq(pv_nearest_find(nearest, &who, 3, one, NULL, &err), PV_OK);
    pv_threads_set(4);
    cr_assert_eq(pv_nearest_find(nearest, &who, 3, four, NULL, &err), PV_OK);
    cr_assert_eq(memcmp(one, four, sizeof one), 0);
    pv_nearest_free(nearest);
    pv_table_free(t);
    pv_schema_free(schema);
}
