#include "marginals/count.h"

#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"
#include "marginals/tally.h"

#include <stdlib.h>
#include <string.h>

/* Rows that are worth an item of their own when cliques are few. */
enum { stripe_rows = 1 << 16 };

/* One clique to count: its columns, increasing. */
typedef struct job {
    const uint32_t *column;
    size_t columns, cells;
    int64_t *counts;
} job;

typedef struct counting {
    pv_tally_rows table;
    size_t rows;
    size_t bundles;
    pv_tally_bundle *bundle;
    size_t stripes;    /* each bundle's rows are cut into so many items */
    int64_t **partial; /* of stripes 1.. of each bundle: one block */
} counting;

static int compare_jobs(const void *left, const void *right)
{
    const job *a = left, *b = right;
    if (a->columns != b->columns)
        return a->columns < b->columns ? -1 : 1;
    for (size_t i = 0; i < a->columns; i++)
        if (a->column[i] != b->column[i])
            return a->column[i] < b->column[i] ? -1 : 1;
    /* the same clique twice: any order, but always the same one */
    return a->counts < b->counts ? -1 : a->counts > b->counts;
}

static bool joins(const pv_tally_bundle *bundle, const job *next)
{
    return bundle->leaves < PV_TALLY_BUNDLE &&
           bundle->stem_columns == next->columns - 1 &&
           pv_tally_width(bundle->cells[0]) == pv_tally_width(next->cells) &&
           memcmp(bundle->stem, next->column,
                  bundle->stem_columns * sizeof *next->column) == 0;
}

/* Jobs, sorted, to bundles. Returns how many. */
static size_t gather_bundles(const job *jobs, size_t count,
                             pv_tally_bundle *bundle)
{
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const job *j = &jobs[i];
        if (j->columns == 0)
            continue;
        if (n == 0 || !joins(&bundle[n - 1], j))
            bundle[n++] = (pv_tally_bundle){.stem = j->column,
                                            .stem_columns = j->columns - 1};
        pv_tally_bundle *b = &bundle[n - 1];
        b->leaf[b->leaves] = j->column[j->columns - 1];
        b->cells[b->leaves] = j->cells;
        b->counts[b->leaves++] = j->counts;
    }
    return n;
}

/* --- items: a bundle's rows, or a stripe of them -------------------------- */

static size_t bundle_cells(const pv_tally_bundle *bundle)
{
    size_t cells = 0;
    for (size_t l = 0; l < bundle->leaves; l++)
        cells += bundle->cells[l];
    return cells;
}

/* Item b + stripe * bundles. The first stripe counts in place, the others in
 * blocks of their own, so that no two items write to the same cell. */
static void count_item(size_t item, void *context)
{
    const counting *run = context;
    const size_t b = item % run->bundles, stripe = item / run->bundles;
    pv_tally_bundle bundle = run->bundle[b];
    if (stripe > 0) {
        int64_t *at = run->partial[item - run->bundles];
        for (size_t l = 0; l < bundle.leaves; at += bundle.cells[l++])
            bundle.counts[l] = at;
    }
    for (size_t l = 0; l < bundle.leaves; l++)
        memset(bundle.counts[l], 0, bundle.cells[l] * sizeof *bundle.counts[l]);
    const size_t first = run->rows / run->stripes * stripe;
    const size_t end = stripe + 1 < run->stripes
                           ? run->rows / run->stripes * (stripe + 1)
                           : run->rows;
    pv_tally(&run->table, &bundle, first, end - first);
}

static void add_stripes(size_t b, void *context)
{
    const counting *run = context;
    const pv_tally_bundle *bundle = &run->bundle[b];
    for (size_t stripe = 1; stripe < run->stripes; stripe++) {
        const int64_t *at = run->partial[b + (stripe - 1) * run->bundles];
        for (size_t l = 0; l < bundle->leaves; at += bundle->cells[l++])
            for (size_t i = 0; i < bundle->cells[l]; i++)
                bundle->counts[l][i] += at[i];
    }
}

/* Few bundles and many rows: cut the rows, as long as the histograms of the
 * stripes stay small beside the rows. Sums of integers do not care. */
static size_t choose_stripes(const counting *run)
{
    const size_t threads = (size_t)pv_threads_get();
    size_t stripes = 1, cells = 0;
    if (threads == 1 || run->bundles >= 4 * threads)
        return 1;
    for (size_t b = 0; b < run->bundles; b++)
        if (!pv_size_add(cells, bundle_cells(&run->bundle[b]), &cells))
            return 1;
    while (stripes * run->bundles < 4 * threads &&
           run->rows / (stripes + 1) >= stripe_rows &&
           cells <= run->rows / (stripes + 1))
        stripes++;
    return stripes;
}

static pv_status count_bundles(counting *run, pv_error *err)
{
    pv_status status = PV_OK;
    run->stripes = choose_stripes(run);
    const size_t partials = (run->stripes - 1) * run->bundles;
    run->partial = pv_array_calloc(partials, sizeof *run->partial);
    if (run->partial == NULL)
        return pv_fail_memory(err, "counts");
    for (size_t i = 0; i < partials; i++) {
        const size_t cells = bundle_cells(&run->bundle[i % run->bundles]);
        run->partial[i] = pv_array_alloc(cells, sizeof *run->partial[i]);
        if (run->partial[i] == NULL) {
            status = pv_fail_memory(err, "counts");
            goto out;
        }
    }
    pv_parallel_for(run->bundles * run->stripes, count_item, run);
    if (run->stripes > 1)
        pv_parallel_for(run->bundles, add_stripes, run);
out:
    for (size_t i = 0; i < partials; i++)
        pv_wipe_free(run->partial[i], /* true counts of private rows */
                     bundle_cells(&run->bundle[i % run->bundles]) *
                         sizeof *run->partial[i]);
    free(run->partial);
    return status;
}

/* --- from cliques to jobs ------------------------------------------------- */

/* Checks the cliques against the table and lists their columns, all in one
 * block, which the jobs point into. */
static pv_status list_jobs(const pv_domain *domain, const pv_clique *clique,
                           size_t cliques, int64_t *const *counts, job *jobs,
                           uint32_t **columns, pv_error *err)
{
    size_t total = 0, used = 0;
    for (size_t i = 0; i < cliques; i++)
        total += pv_clique_count(&clique[i]);
    *columns = pv_array_alloc(total, sizeof **columns);
    if (*columns == NULL)
        return pv_fail_memory(err, "cliques");
    for (size_t i = 0; i < cliques; i++) {
        uint32_t *column = *columns + used;
        const size_t n = pv_clique_columns(&clique[i], column, total - used);
        if (n > 0 && column[n - 1] >= domain->columns)
            return pv_fail(err, PV_EINVAL,
                           "clique %zu has column %u, the table has %zu", i,
                           column[n - 1], domain->columns);
        jobs[i] =
            (job){column, n, pv_domain_cells(domain, &clique[i]), counts[i]};
        if (jobs[i].cells == SIZE_MAX)
            return pv_fail(err, PV_ETOOBIG, "clique %zu has too many cells", i);
        used += n;
    }
    return PV_OK;
}

static void view_table(const pv_table *table, const pv_domain *domain,
                       pv_codes *codes, pv_tally_rows *view)
{
    for (size_t i = 0; i < domain->columns; i++)
        codes[i] = pv_table_codes(table, i);
    *view = (pv_tally_rows){codes, domain->levels};
}

pv_status pv_count(const pv_table *table, const pv_clique *clique,
                   size_t cliques, int64_t *const *counts, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    counting run = {.rows = pv_table_rows(table)};
    pv_domain_of_schema(pv_table_schema(table), &domain);
    uint32_t *columns = NULL;
    job *jobs = pv_array_alloc(cliques, sizeof *jobs);
    pv_codes *codes = pv_array_alloc(domain.columns, sizeof *codes);
    run.bundle = pv_array_alloc(cliques, sizeof *run.bundle);
    if (jobs == NULL || codes == NULL || run.bundle == NULL) {
        status = pv_fail_memory(err, "cliques");
        goto out;
    }
    PV_TRY(list_jobs(&domain, clique, cliques, counts, jobs, &columns, err));
    view_table(table, &domain, codes, &run.table);
    qsort(jobs, cliques, sizeof *jobs, compare_jobs);
    for (size_t i = 0; i < cliques && jobs[i].columns == 0; i++)
        jobs[i].counts[0] = (int64_t)run.rows;
    run.bundles = gather_bundles(jobs, cliques, run.bundle);
    PV_TRY(count_bundles(&run, err));
out:
    free(run.bundle);
    free(codes);
    free(jobs);
    free(columns);
    return status;
}

pv_status pv_count_alloc(const pv_table *table, const pv_clique *clique,
                         size_t cliques, int64_t ***counts, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    pv_domain_of_schema(pv_table_schema(table), &domain);
    int64_t **made = pv_array_calloc(cliques, sizeof *made);
    if (made == NULL)
        return pv_fail_memory(err, "counts");
    for (size_t i = 0; i < cliques; i++) {
        const size_t cells = pv_domain_cells(&domain, &clique[i]);
        made[i] = pv_array_alloc(cells, sizeof **made);
        if (made[i] == NULL) {
            char name[128];
            pv_clique_describe(&clique[i], pv_table_schema(table), name,
                               sizeof name);
            status = pv_fail(err, PV_ENOMEM,
                             "not enough memory to count %s (%zu cells)", name,
                             cells);
            goto out;
        }
    }
    PV_TRY(pv_count(table, clique, cliques, made, err));
    *counts = made;
    made = NULL;
out:
    pv_count_free(made, cliques);
    return status;
}

void pv_count_free(int64_t **counts, size_t cliques)
{
    if (counts == NULL)
        return;
    for (size_t i = 0; i < cliques; i++)
        free(counts[i]);
    free(counts);
}
