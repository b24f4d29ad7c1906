/* Counts against one row at a time. */
#include "core/threads.h"
#include "io/load.h"
#include "tests/query_fixture.h"

#include <time.h>

static uint32_t draw_below(uint64_t *state, uint32_t n)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((*state >> 33) % n);
}

/* Rows of the values at which queries change their minds, in any order. */
static pv_table *random_rows(const pv_queries *q, size_t count, bool values,
                             row **rows)
{
    size_t all;
    uint64_t state = 5;
    pv_table *table = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_schema *schema = pv_queries_schema(q);
    row *every = all_rows(q, &all);
    *rows = calloc(count + 1, sizeof **rows);
    cr_assert_eq(pv_table_alloc(schema, count, values, &table, &err), PV_OK);
    for (size_t i = 0; i < count; i++) {
        row *r = &(*rows)[i];
        *r = every[draw_below(&state, (uint32_t)all)];
        for (size_t c = 0; c < pv_schema_columns(schema); c++) {
            pv_table_put(table, c, i, 1, &r->code[c]);
            if (!values)
                r->number[c] = NAN;
            else if (pv_schema_column(schema, c)->kind == PV_COLUMN_BINS)
                pv_table_put_values(table, c, i, 1, &r->number[c]);
        }
    }
    free(every);
    return table;
}

static int64_t **count_all(const pv_queries *q, const pv_table *table)
{
    const size_t n = pv_queries_count(q);
    pv_error err = PV_ERROR_INIT;
    size_t *group = calloc(n, sizeof *group);
    int64_t **counts = calloc(n, sizeof *counts);
    for (size_t i = 0; i < n; i++) {
        group[i] = i;
        counts[i] = calloc(pv_queries_group(q, i)->cells, sizeof **counts);
        memset(counts[i], 7, pv_queries_group(q, i)->cells * sizeof **counts);
    }
    cr_assert_eq(pv_query_counts(q, table, group, n, counts, &err), PV_OK, "%s",
                 err.message);
    free(group);
    return counts;
}

static void drop_counts(const pv_queries *q, int64_t **counts)
{
    for (size_t i = 0; i < pv_queries_count(q); i++)
        free(counts[i]);
    free(counts);
}

static void check_counts(const char *spec, size_t count, bool values)
{
    pv_schema *schema = schema_of(tiny_schema);
    pv_queries *q = queries_of(schema, spec);
    row *rows;
    pv_table *table = random_rows(q, count, values, &rows);
    int64_t **counts = count_all(q, table);
    for (size_t i = 0; i < pv_queries_count(q); i++) {
        const pv_group *g = pv_queries_group(q, i);
        for (size_t k = 0; k < g->cells; k++) {
            int64_t naive = 0;
            for (size_t r = 0; r < count; r++)
                naive += naive_holds(q, g, k, &rows[r]);
            cr_assert_eq(counts[i][k], naive, "%s, group %zu, answer %zu", spec,
                         i, k);
        }
    }
    drop_counts(q, counts);
    free(rows);
    pv_table_free(table);
    pv_queries_free(q);
    pv_schema_free(schema);
}

Test(query_count, agrees_with_one_row_at_a_time)
{
    static const char *const spec[] = {"marginals:2", "tree:2:3", "prefix:40",
                                       "halfspace:40",
                                       "tree:3:2,marginals:4,prefix:5:9"};
    for (size_t i = 0; i < sizeof spec / sizeof *spec; i++) {
        check_counts(spec[i], 300, true);
        check_counts(spec[i], 100, false);
        check_counts(spec[i], 0, true);
    }
}

Test(query_count, takes_more_rows_than_a_stretch)
{
    check_counts("tree:1:2,prefix:3,halfspace:3,marginals:1", 5000, true);
    check_counts("marginals:1,prefix:1,halfspace:1", 70001, true);
}

Test(query_count, does_not_depend_on_threads)
{
    pv_schema *schema = schema_of(tiny_schema);
    pv_queries *q = queries_of(schema, "tree:2:3,prefix:40,halfspace:40");
    row *rows;
    pv_table *table = random_rows(q, 5000, true, &rows);
    pv_threads_set(1);
    int64_t **one = count_all(q, table);
    pv_threads_set(3);
    int64_t **three = count_all(q, table);
    for (size_t i = 0; i < pv_queries_count(q); i++)
        cr_assert_arr_eq(one[i], three[i],
                         pv_queries_group(q, i)->cells * sizeof **one);
    drop_counts(q, one);
    drop_counts(q, three);
    free(rows);
    pv_table_free(table);
    pv_queries_free(q);
    pv_schema_free(schema);
}

Test(query_count, layers_add_up_to_the_rows)
{
    pv_schema *schema = schema_of(tiny_schema);
    pv_queries *q = queries_of(schema, "tree:2:4");
    row *rows;
    pv_table *table = random_rows(q, 3000, true, &rows);
    int64_t **counts = count_all(q, table);
    for (size_t i = 0; i < pv_queries_count(q); i++) {
        const int64_t *at = counts[i];
        const pv_group *g = pv_queries_group(q, i);
        for (size_t l = 0; l < g->layers; l++) {
            int64_t sum = 0;
            for (size_t k = 0; k < g->layer[l].cells; k++)
                sum += *at++;
            cr_assert_eq(sum, 3000);
        }
    }
    drop_counts(q, counts);
    free(rows);
    pv_table_free(table);
    pv_queries_free(q);
    pv_schema_free(schema);
}

Test(query_count, another_schema_is_refused)
{
    pv_schema *schema = schema_of(tiny_schema), *same = schema_of(tiny_schema);
    pv_schema *other = schema_of(
        "{\"fields\":[{\"name\":\"n\",\"type\":\"integer\",\"constraints\":"
        "{\"minimum\":7,\"maximum\":7}}]}");
    pv_queries *q = queries_of(schema, "marginals:1");
    pv_table *table = NULL;
    pv_error err = PV_ERROR_INIT;
    const size_t group = 0;
    int64_t counts[8], *at = counts;
    cr_assert_eq(pv_table_alloc(other, 1, false, &table, &err), PV_OK);
    cr_assert_eq(pv_query_counts(q, table, &group, 1, &at, &err), PV_EINVAL);
    pv_table_free(table);
    cr_assert_eq(pv_table_alloc(same, 1, false, &table, &err), PV_OK);
    cr_assert_eq(pv_query_counts(q, table, &group, 1, &at, &err), PV_OK);
    cr_assert_eq(counts[0], 1);
    pv_table_free(table);
    pv_queries_free(q);
    pv_schema_free(other);
    pv_schema_free(same);
    pv_schema_free(schema);
}

/* --- a real table -------------------------------------------------------------- */

Test(query_count, national_schema)
{
    const char *shared = getenv("PRIVET_SHARED");
    pv_schema *schema = NULL;
    pv_table *table = NULL;
    pv_error err = PV_ERROR_INIT;
    char *path = pv_sprintf_alloc("%s/data/national2019/schema.json",
                                  shared != NULL ? shared : "");
    char *data = pv_sprintf_alloc("%s/data/national2019/data.csv.gz",
                                  shared != NULL ? shared : "");
    if (!pv_file_exists(path) || !pv_file_exists(data)) {
        fprintf(stderr, "SKIPPED: %s is absent; set PRIVET_SHARED\n", data);
        free(path);
        free(data);
        return;
    }
    cr_assert_eq(pv_schema_read(path, &schema, &err), PV_OK, "%s", err.message);
    const pv_load_options how = {.values = true};
    cr_assert_eq(pv_load(data, schema, &how, &table, NULL, &err), PV_OK,
                 "%s", err.message);
    pv_queries *q = queries_of(schema, "tree:1,prefix:1000,halfspace:500");
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    int64_t **counts = count_all(q, table);
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%zu groups on %zu rows: %.3f s\n", pv_queries_count(q),
                pv_table_rows(table),
                (double)(end.tv_sec - begin.tv_sec) +
                    1e-9 * (double)(end.tv_nsec - begin.tv_nsec));
    for (size_t i = 0; i < pv_queries_count(q); i++) {
        const pv_group *g = pv_queries_group(q, i);
        int64_t sum = 0;
        for (size_t k = 0; k < g->cells; k++)
            sum += counts[i][k];
        cr_assert_leq(sum, (int64_t)g->most * (int64_t)pv_table_rows(table));
        if (g->kind == PV_GROUP_GRID)
            cr_assert_eq(sum, (int64_t)(g->most * pv_table_rows(table)));
    }
    drop_counts(q, counts);
    pv_queries_free(q);
    pv_table_free(table);
    pv_schema_free(schema);
    free(path);
    free(data);
}
