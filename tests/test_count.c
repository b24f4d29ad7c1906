#include "marginals/count.h"

#include "core/threads.h"
#include "io/rows.h"
#include "marginals/workload.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_error err;

/* A schema of integer columns with the given numbers of levels. */
static pv_schema *make_schema(const uint32_t *levels, size_t columns)
{
    char text[4096] = "{\"fields\":[", field[160];
    pv_schema *schema = NULL;
    for (size_t c = 0; c < columns; c++) {
        snprintf(field, sizeof field,
                 "%s{\"name\":\"c%zu\",\"type\":\"integer\",\"constraints\":"
                 "{%s\"minimum\":0,\"maximum\":%u}}",
                 c == 0 ? "" : ",", c,
                 levels[c] == PV_MAX_LEVELS ? "" : "\"required\":true,",
                 levels[c] == PV_MAX_LEVELS ? 65535 : levels[c] - 1);
        strcat(text, field);
    }
    strcat(text, "]}");
    cr_assert_eq(pv_schema_parse(text, strlen(text), "test", &schema, &err),
                 PV_OK, "%s", err.message);
    for (size_t c = 0; c < columns; c++)
        cr_assert_eq(pv_schema_column(schema, c)->levels, levels[c]);
    return schema;
}

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

/* Random codes, about `mode_percent` of them the last level but one. */
static pv_table *make_table(const pv_schema *schema, size_t rows,
                            unsigned mode_percent)
{
    pv_table *table = NULL;
    uint64_t state = rows + mode_percent;
    cr_assert_eq(pv_table_alloc(schema, rows, false, &table, &err), PV_OK);
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const uint32_t levels = pv_schema_column(schema, c)->levels;
        for (size_t r = 0; r < rows; r++) {
            const bool mode = draw(&state) % 100 < mode_percent;
            const uint32_t code =
                mode && levels > 1 ? levels - 2 : draw(&state) % levels;
            pv_table_put(table, c, r, 1, &code);
        }
    }
    return table;
}

/* The marginal, a row at a time. */
static int64_t *brute_force(const pv_table *table, const pv_clique *clique)
{
    pv_domain domain;
    pv_domain_of_schema(pv_table_schema(table), &domain);
    int64_t *counts = calloc(pv_domain_cells(&domain, clique), sizeof *counts);
    cr_assert_not_null(counts);
    for (size_t r = 0; r < pv_table_rows(table); r++) {
        size_t cell = 0;
        for (size_t c = 0; c < domain.columns; c++)
            if (pv_clique_has(clique, c))
                cell = cell * domain.levels[c] +
                       pv_codes_at(pv_table_codes(table, c), r);
        counts[cell]++;
    }
    return counts;
}

static void check_cliques(const pv_table *table, const pv_clique *clique,
                          size_t cliques)
{
    pv_domain domain;
    int64_t **counts;
    pv_domain_of_schema(pv_table_schema(table), &domain);
    cr_assert_eq(pv_count_alloc(table, clique, cliques, &counts, &err), PV_OK,
                 "%s", err.message);
    for (size_t i = 0; i < cliques; i++) {
        int64_t *expected = brute_force(table, &clique[i]);
        const size_t cells = pv_domain_cells(&domain, &clique[i]);
        cr_assert(memcmp(counts[i], expected, cells * sizeof *expected) == 0,
                  "clique %zu of %zu, %zu rows", i, cliques,
                  pv_table_rows(table));
        free(expected);
    }
    pv_count_free(counts, cliques);
}

/* Every clique of up to `most` columns. */
static void check_all(const pv_table *table, size_t most)
{
    pv_domain domain;
    pv_domain_of_schema(pv_table_schema(table), &domain);
    pv_clique *clique = NULL;
    size_t cliques = 0;
    for (size_t k = 0; k <= most; k++) {
        pv_workload w;
        cr_assert_eq(pv_workload_all(&domain, k, 1 << 22, &w, &err), PV_OK);
        clique = realloc(clique, (cliques + w.count) * sizeof *clique);
        for (size_t i = 0; i < w.count; i++)
            clique[cliques++] = w.clique[i];
        pv_workload_clear(&w);
    }
    check_cliques(table, clique, cliques);
    /* one at a time, and in the opposite order */
    for (size_t i = 0; i < cliques; i++)
        check_cliques(table, &clique[i], 1);
    for (size_t i = 0; i < cliques / 2; i++) {
        const pv_clique c = clique[i];
        clique[i] = clique[cliques - 1 - i];
        clique[cliques - 1 - i] = c;
    }
    check_cliques(table, clique, cliques);
    free(clique);
}

Test(count, every_clique_of_small_tables)
{
    static const uint32_t levels[] = {3, 1, 7, 2, 5, 4};
    static const size_t rows[] = {0, 1, 2, 3, 1000, 2048, 2049, 5000};
    static const unsigned skew[] = {0, 60, 95, 100};
    pv_schema *schema = make_schema(levels, 6);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t j = 0; j < sizeof skew / sizeof *skew; j++) {
            pv_table *table = make_table(schema, rows[i], skew[j]);
            check_all(table, 6);
            pv_table_free(table);
        }
    pv_schema_free(schema);
}

Test(count, every_width_of_codes_and_indices)
{
    /* codes of 1, 2 and 4 bytes; cells on both sides of 2^16 */
    static const uint32_t levels[] = {2, 256, 257, PV_MAX_LEVELS, 255, 1};
    static const size_t rows[] = {0, 1, 700, 4500};
    pv_schema *schema = make_schema(levels, 6);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pv_table *table = make_table(schema, rows[i], 50);
        cr_assert_eq(pv_table_codes(table, 3).width, 4);
        check_all(table, 3);
        pv_table_free(table);
    }
    pv_schema_free(schema);
}

Test(count, the_widest_index_of_two_bytes)
{
    static const uint32_t levels[] = {65536, 1, 1};
    pv_schema *schema = make_schema(levels, 3);
    pv_table *table = make_table(schema, 3000, 10);
    const uint32_t last = 65535;
    pv_table_put(table, 0, 17, 1, &last);
    check_all(table, 3);
    pv_table_free(table);
    pv_schema_free(schema);
}

Test(count, threads_do_not_change_counts)
{
    static const uint32_t levels[] = {4, 9, 32, 2, 300};
    pv_schema *schema = make_schema(levels, 5);
    pv_table *table = make_table(schema, 300000, 40); /* cut into stripes */
    for (int threads = 1; threads <= 4; threads *= 2) {
        pv_workload w;
        pv_domain domain;
        pv_threads_set(threads);
        pv_domain_of_schema(schema, &domain);
        for (size_t k = 1; k <= 5; k += 2) {
            cr_assert_eq(pv_workload_all(&domain, k, 0, &w, &err), PV_OK);
            check_cliques(table, w.clique, w.count);
            check_cliques(table, w.clique, 1);
            pv_workload_clear(&w);
        }
    }
    pv_table_free(table);
    pv_schema_free(schema);
}

Test(count, no_cliques_and_the_empty_clique)
{
    static const uint32_t levels[] = {4, 9};
    pv_schema *schema = make_schema(levels, 2);
    pv_table *table = make_table(schema, 33, 0);
    const pv_clique empty = pv_clique_empty();
    int64_t count = -1;
    int64_t *counts[] = {&count};
    cr_assert_eq(pv_count(table, NULL, 0, NULL, &err), PV_OK);
    cr_assert_eq(pv_count(table, &empty, 1, counts, &err), PV_OK);
    cr_assert_eq(count, 33);
    pv_table_free(table);
    pv_schema_free(schema);
}

Test(count, the_same_clique_twice)
{
    static const uint32_t levels[] = {4, 9, 2};
    pv_schema *schema = make_schema(levels, 3);
    pv_table *table = make_table(schema, 100, 0);
    const uint32_t columns[] = {0, 2};
    pv_clique twice[6];
    for (size_t i = 0; i < 6; i++)
        twice[i] = pv_clique_of(columns, 2);
    check_cliques(table, twice, 6);
    pv_table_free(table);
    pv_schema_free(schema);
}

Test(count, refuses_a_column_that_is_not_there)
{
    static const uint32_t levels[] = {4, 9};
    pv_schema *schema = make_schema(levels, 2);
    pv_table *table = make_table(schema, 3, 0);
    const uint32_t columns[] = {0, 2};
    const pv_clique c = pv_clique_of(columns, 2);
    int64_t cells[64];
    int64_t *counts[] = {cells};
    cr_assert_eq(pv_count(table, &c, 1, counts, &err), PV_EINVAL);
    pv_table_free(table);
    pv_schema_free(schema);
}
