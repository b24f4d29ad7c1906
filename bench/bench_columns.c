/* How far bins that were found privately are from true quantiles, in rank.
 *
 *     bench_columns DATA.csv[.gz] SCHEMA [SEEDS]
 *
 * For epsilon 0.3, 1 and 3 at delta 1e-9 and each column with private bins: how
 * many bins there are, the share of rows in the fullest bin that is no single
 * value (of true quantiles: 1 / levels), and the largest distance in rank from a
 * true quantile j / levels to the nearest edge; the mean and the worst over the
 * seeds. A quantile inside a value of much mass is at no distance when that
 * value has a bin of its own. */
#include "core/log.h"
#include "core/memory.h"
#include "dp/curator_internal.h"
#include "gen/columns.h"
#include "io/load.h"
#include "io/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static pv_error err;

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static size_t sorted_values(const pv_table *raw, size_t column, double **sorted)
{
    size_t count = 0;
    const double *values = pv_table_values(raw, column);
    double *v = pv_array_alloc(pv_table_rows(raw), sizeof *v);
    for (size_t i = 0; i < pv_table_rows(raw); i++)
        if (pv_codes_at(pv_table_codes(raw, column), i) == PV_RAW_VALUE)
            v[count++] = values[i];
    qsort(v, count, sizeof *v, compare);
    *sorted = v;
    return count;
}

/* Share of values below `edge`. */
static double rank_of(const double *v, size_t count, double edge)
{
    size_t low = 0, high = count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (v[middle] < edge)
            low = middle + 1;
        else
            high = middle;
    }
    return (double)low / (double)count;
}

static void judge(const pv_column *c, const double *v, size_t count,
                  unsigned levels, double *fullest, double *distance)
{
    const uint32_t bins = c->levels - c->missing;
    double *rank = pv_array_alloc(bins + 1, sizeof *rank);
    *fullest = *distance = 0;
    for (uint32_t i = 0; i < bins; i++)
        rank[i] = rank_of(v, count, c->edges[i]);
    rank[bins] = 1;
    for (uint32_t i = 0; i < bins; i++) {
        const double width = c->edges[i + 1] - c->edges[i];
        const bool single = c->integer ? width <= 1 : rank[i] < rank[i + 1] &&
                            v[(size_t)(rank[i] * (double)count + 0.5)] ==
                            v[(size_t)(rank[i + 1] * (double)count - 0.5)];
        if (!single && rank[i + 1] - rank[i] > *fullest)
            *fullest = rank[i + 1] - rank[i];
        /* a true quantile inside this bin: how far to its ends */
        for (unsigned j = 1; !single && j < levels; j++) {
            const double q = (double)j / levels;
            const double d = q - rank[i] < rank[i + 1] - q ? q - rank[i]
                                                           : rank[i + 1] - q;
            if (d > *distance)
                *distance = d;
        }
    }
    free(rank);
}

typedef struct figure {
    double bins, fullest, distance, worst;
} figure;

static int one_run(const char *data, const pv_schema *schema,
                   const pv_table *raw, double epsilon, unsigned seed,
                   figure *figures)
{
    char dir[] = "/tmp/privet-bench-XXXXXX", *command = NULL;
    uint64_t budget = 0, labels = 0;
    pv_curator *curator = NULL;
    pv_key key = {{(unsigned char)seed, 1, (unsigned char)(10 * epsilon)}};
    if (mkdtemp(dir) == NULL || pv_label_delta(schema, 1e-9, &labels, &err) ||
        pv_units_of_rho(pv_zcdp_rho(epsilon, pv_delta_left(1e-9, labels)),
                        &budget, &err))
        return 1;
    char *output = pv_sprintf_alloc("%s/out.h5", dir);
    const pv_curator_options options = {
        .input = data, .schema = schema, .run_dir = dir, .output = output,
        .budget = budget, .delta = 1e-9, .delta_labels = labels,
        .method = "bench", .settings = "", .test_key = &key};
    const pv_request request = {.schema = schema, .budget = budget,
                                .columns_share = 0.1, .delta_labels = labels};
    if (pv_curator_open(&options, &curator, &err) != PV_OK ||
        pv_columns_ask(&request, curator, &err) != PV_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    for (size_t i = 0; i < pv_schema_columns(schema); i++) {
        const pv_column *before = pv_schema_column(schema, i);
        const pv_column *c = pv_schema_column(pv_curator_schema(curator), i);
        double *v, fullest, distance;
        if ((before->needs & PV_NEEDS_BINS) == 0)
            continue;
        const size_t count = sorted_values(raw, i, &v);
        judge(c, v, count, before->private_levels, &fullest, &distance);
        figures[i].bins += c->levels - c->missing;
        figures[i].fullest += fullest;
        figures[i].distance += distance;
        if (distance > figures[i].worst)
            figures[i].worst = distance;
        free(v);
    }
    pv_curator_close(curator);
    command = pv_sprintf_alloc("rm -rf %s", dir);
    const int removed = system(command);
    free(command);
    free(output);
    return removed;
}

static int measure(const char *data, const pv_schema *schema, unsigned seeds)
{
    static const double epsilons[] = {0.3, 1, 3};
    static figure figures[PV_MAX_COLUMNS];
    const pv_load_options load = {.raw = true, .unit = true};
    pv_table *raw = NULL;
    if (pv_load(data, schema, &load, &raw, NULL, &err) != PV_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    (void)printf("%zu rows, %u seeds\nepsilon  %-24s %6s %9s %9s %9s\n",
                 pv_table_rows(raw), seeds, "column", "bins", "fullest",
                 "rank", "worst");
    for (size_t e = 0; e < 3; e++) {
        memset(figures, 0, sizeof figures);
        for (unsigned s = 0; s < seeds; s++)
            if (one_run(data, schema, raw, epsilons[e], s, figures) != 0)
                return 1;
        for (size_t i = 0; i < pv_schema_columns(schema); i++) {
            const pv_column *c = pv_schema_column(schema, i);
            if (c->needs & PV_NEEDS_BINS)
                (void)printf("%7.1f  %-24s %6.1f %9.4f %9.4f %9.4f\n",
                             epsilons[e], c->name, figures[i].bins / seeds,
                             figures[i].fullest / seeds,
                             figures[i].distance / seeds, figures[i].worst);
        }
    }
    pv_table_free(raw);
    return 0;
}

int main(int argc, char **argv)
{
    pv_schema *schema = NULL;
    if (argc < 3) {
        (void)puts("usage: bench_columns DATA SCHEMA [SEEDS]");
        return 0;
    }
    pv_log_init("bench_columns", PV_LOG_QUIET);
    if (pv_crypto_init(&err) != PV_OK ||
        pv_schema_read(argv[2], &schema, &err) != PV_OK) {
        (void)fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    const int result =
        measure(argv[1], schema, argc > 3 ? (unsigned)atoi(argv[3]) : 5);
    pv_schema_free(schema);
    return result;
}
