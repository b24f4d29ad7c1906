/* bench_count - exact counting: CPU time on one thread.
 *
 *   bench/bench_count            all 455 3-way marginals of Adult (48,842 x 15)
 *   bench/bench_count --large    and all pairs of 10 million rows
 *
 * Reads $PRIVET_SHARED/data/adult (or ../shared) where it is, else a table of
 * the same shape and about the same skew is drawn. */
#include "core/atomicfile.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/load.h"
#include "io/rows.h"
#include "marginals/count.h"
#include "marginals/workload.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { runs = 15, adult_rows = 48842, large_rows = 10000000, columns = 15 };

static const double target_ms = 30.0;
static const unsigned levels[columns] = {32, 9, 32, 16, 16, 7,  15, 6,
                                         5,  2, 32, 32, 32, 42, 2};
/* The share of the commonest level, in percent; the rest is spread evenly. */
static const unsigned mode_percent[columns] = {6,  70, 10, 32, 32, 46, 13, 40,
                                               85, 67, 92, 95, 47, 90, 76};

static double cpu_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static int compare_doubles(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static pv_status draw_table(size_t rows, pv_schema **schema, pv_table **table,
                            pv_error *err)
{
    pv_status status = PV_OK;
    char text[4096] = "{\"fields\":[";
    uint64_t state = 1;
    for (unsigned c = 0; c < columns; c++) {
        char field[160];
        snprintf(field, sizeof field,
                 "%s{\"name\":\"c%u\",\"type\":\"integer\",\"constraints\":"
                 "{\"required\":true,\"minimum\":0,\"maximum\":%u}}",
                 c == 0 ? "" : ",", c, levels[c] - 1);
        strcat(text, field);
    }
    strcat(text, "]}");
    PV_TRY(pv_schema_parse(text, strlen(text), "bench", schema, err));
    PV_TRY(pv_table_alloc(*schema, rows, false, table, err));
    for (unsigned c = 0; c < columns; c++)
        for (size_t r = 0; r < rows; r++) {
            const bool mode = draw(&state) % 100 < mode_percent[c];
            const uint32_t code = mode ? 0 : draw(&state) % levels[c];
            pv_table_put(*table, c, r, 1, &code);
        }
out:
    return status;
}

static pv_status adult_table(pv_schema **schema, pv_table **table,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const char *shared = getenv("PRIVET_SHARED");
    char schema_path[1024], data_path[1024];
    if (shared == NULL)
        shared = "../shared";
    snprintf(schema_path, sizeof schema_path, "%s/data/adult/schema.json",
             shared);
    snprintf(data_path, sizeof data_path, "%s/data/adult/data.csv.gz", shared);
    if (!pv_file_exists(schema_path)) {
        printf("no %s: a drawn table of the same shape\n", schema_path);
        return draw_table(adult_rows, schema, table, err);
    }
    PV_TRY(pv_schema_read(schema_path, schema, err));
    PV_TRY(
        pv_load(data_path, *schema, &(pv_load_options){0}, table, NULL, err));
out:
    return status;
}

static pv_status time_workload(const char *what, const pv_table *table,
                               size_t k, int repeats, double target,
                               pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    pv_workload all = {0};
    int64_t **counts = NULL;
    double ms[runs];
    pv_domain_of_schema(pv_table_schema(table), &domain);
    PV_TRY(pv_workload_all(&domain, k, 0, &all, err));
    PV_TRY(pv_count_alloc(table, all.clique, all.count, &counts, err));
    for (int i = 0; i < repeats; i++) {
        const double start = cpu_ms();
        PV_TRY(pv_count(table, all.clique, all.count, counts, err));
        ms[i] = cpu_ms() - start;
    }
    qsort(ms, (size_t)repeats, sizeof *ms, compare_doubles);
    printf("%s: %zu %zu-way marginals of %zu rows: best %.1f, median %.1f ms "
           "of CPU, one thread",
           what, all.count, k, pv_table_rows(table), ms[0], ms[repeats / 2]);
    if (target > 0)
        printf("; target %.0f: %s", target,
               ms[repeats / 2] <= target ? "met" : "MISSED");
    printf("\n");
out:
    pv_count_free(counts, all.count);
    pv_workload_clear(&all);
    return status;
}

int main(int argc, char **argv)
{
    pv_status status = PV_OK;
    pv_error err = PV_ERROR_INIT;
    pv_schema *schema = NULL, *large_schema = NULL;
    pv_table *table = NULL, *large = NULL;
    pv_threads_set(1);
    PV_TRY(adult_table(&schema, &table, &err));
    PV_TRY(time_workload("adult", table, 3, runs, target_ms, &err));
    PV_TRY(time_workload("adult", table, 2, runs, 0, &err));
    if (argc > 1 && strcmp(argv[1], "--large") == 0) {
        PV_TRY(draw_table(large_rows, &large_schema, &large, &err));
        PV_TRY(time_workload("large", large, 2, 3, 0, &err));
    }
out:
    pv_table_free(large);
    pv_table_free(table);
    pv_schema_free(large_schema);
    pv_schema_free(schema);
    if (status != PV_OK)
        fprintf(stderr, "bench_count: %s\n", err.message);
    return pv_status_exit(status);
}
