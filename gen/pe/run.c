#include "gen/pe/run.h"

#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The column whose counts tell the number of rows when there are no classes: that of
 * fewest levels. */
static size_t counted_column(const pv_schema *schema)
{
    size_t best = 0, fewest = SIZE_MAX;
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const size_t levels = pv_schema_column(schema, c)->levels;
        if (pv_schema_root(schema, c) == c && levels < fewest) {
            best = c;
            fewest = levels;
        }
    }
    return best;
}

/* With a known number of rows, that of all classes. */
static void scale_rows(pv_pe_run *run, size_t known)
{
    double sum = 0;
    for (size_t c = 0; c < run->classes; c++)
        sum += run->rows[c];
    for (size_t c = 0; c < run->classes; c++)
        run->rows[c] *= (double)known / sum;
}

static pv_status ask_sizes(pv_pe_run *run, double share, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_measurement *answer;
    const pv_request *r = run->request;
    const pv_schema *schema = r->schema;
    const uint64_t d2 = pv_sensitivity2(schema, r->neighbours);
    const bool classes = run->by != PV_NO_COLUMN;
    pv_clique clique = pv_clique_empty();
    pv_rational sigma2;
    PV_TRY(pv_sigma2_for_units(pv_budget_part(r->budget, share), d2, &sigma2,
                               err));
    pv_clique_add(&clique, classes ? run->by : counted_column(schema));
    PV_TRY(pv_ask_measure(run->curator, &clique, &sigma2, 1, &answer, err));
    const double sigma = sqrt((double)sigma2.num / (double)sigma2.den);
    run->rows_sigma = classes ? sigma : sigma * sqrt((double)answer->cells);
    for (size_t i = 0; i < answer->cells; i++)
        run->rows[classes ? i : 0] += (double)answer->counts[i];
out:
    return status;
}

pv_status pv_pe_begin(const pv_request *request, pv_curator *curator,
                      double share, pv_pe_run *run, pv_error *err)
{
    pv_status status = PV_OK;
    size_t known = 0;
    const size_t by = request->pe_by;
    *run = (pv_pe_run){
        .request = request,
        .curator = curator,
        .by = by,
        .classes = by == PV_NO_COLUMN
                       ? 1
                       : pv_schema_column(request->schema, by)->levels,
        .rounds = request->rounds};
    pv_curator_post_key(curator, "private evolution", &run->key);
    run->rows = pv_array_calloc(run->classes, sizeof *run->rows);
    if (run->rows == NULL) {
        status = pv_fail_memory(err, "the classes");
        goto out;
    }
    const bool public_rows = pv_curator_public_rows(curator, &known);
    if (!public_rows || run->classes > 1)
        PV_TRY(ask_sizes(run, share, err));
    for (size_t c = 0; c < run->classes; c++)
        run->rows[c] = fmax(run->rows[c], 1);
    if (public_rows)
        scale_rows(run, known);
out:
    return status;
}

void pv_pe_end(pv_pe_run *run)
{
    free(run->rows);
    pv_key_wipe(&run->key);
    memset(run, 0, sizeof *run);
}

double pv_pe_total(const pv_pe_run *run)
{
    double sum = 0;
    for (size_t c = 0; c < run->classes; c++)
        sum += run->rows[c];
    return sum;
}

void pv_pe_key(const pv_pe_run *run, const char *purpose, size_t round,
               pv_key *key)
{
    unsigned char number[8];
    for (unsigned k = 0; k < sizeof number; k++)
        number[k] = (unsigned char)((uint64_t)round >> 8 * k);
    pv_key_derive(&run->key, purpose, number, sizeof number, key);
}

static double grid_of(const pv_pe_run *run)
{
    return (double)pv_votes_grid(pv_schema_unit_rows(run->request->schema));
}

pv_status pv_pe_noise(const pv_pe_run *run, pv_rational *sigma2, double *sigma,
                      pv_error *err)
{
    const pv_request *r = run->request;
    const uint64_t units =
        pv_budget_left(r, run->curator) / (run->rounds - run->asked);
    const uint64_t d2 = pv_votes_sensitivity2(pv_schema_unit_rows(r->schema),
                                              r->neighbours);
    const pv_status status = pv_sigma2_for_units(units, d2, sigma2, err);
    if (status == PV_OK)
        *sigma = sqrt((double)sigma2->num / (double)sigma2->den) / grid_of(run);
    return status;
}

pv_status pv_pe_vote(pv_pe_run *run, const pv_space *space,
                     const pv_population *population, double *votes,
                     double *sigma, pv_error *err)
{
    pv_status status = PV_OK;
    pv_rational sigma2;
    const double grid = grid_of(run);
    const pv_ballot ballot = {.space = space,
                              .metric = run->request->pe->metric,
                              .by = run->by,
                              .classes = run->classes,
                              .first = population->first,
                              .width = population->width,
                              .vector = population->vector};
    int64_t *answer = pv_array_alloc(population->count, sizeof *answer);
    if (answer == NULL)
        return pv_fail_memory(err, "the votes");
    PV_TRY(pv_pe_noise(run, &sigma2, sigma, err));
    PV_TRY(pv_ask_votes(run->curator, &ballot, sigma2, answer, err));
    run->asked++;
    for (size_t i = 0; i < population->count; i++)
        votes[i] = (double)answer[i] / grid;
out:
    free(answer);
    return status;
}

pv_status pv_pe_deal(const double *rows, size_t classes, size_t wanted,
                     size_t *each, pv_error *err)
{
    double total = 0, *left = pv_array_alloc(classes, sizeof *left);
    size_t dealt = 0;
    if (left == NULL)
        return pv_fail_memory(err, "the classes");
    for (size_t c = 0; c < classes; c++)
        total += rows[c];
    for (size_t c = 0; c < classes; c++) {
        const double share = rows[c] / total * (double)wanted;
        each[c] = (size_t)floor(share);
        left[c] = share - floor(share);
        dealt += each[c];
    }
    for (; dealt < wanted; dealt++) {
        size_t best = 0;
        for (size_t c = 1; c < classes; c++)
            best = left[c] > left[best] ? c : best;
        each[best]++;
        left[best] = -1;
    }
    free(left);
    return PV_OK;
}

pv_status pv_pe_candidates(const pv_pe_run *run, double sigma, size_t least,
                           size_t most, size_t *each, pv_error *err)
{
    const size_t asked = run->request->pe->candidates;
    if (asked > 0)
        return pv_pe_deal(run->rows, run->classes, asked, each, err);
    for (size_t c = 0; c < run->classes; c++) {
        const double wanted = floor(run->rows[c] / fmax(sigma, 1));
        each[c] = wanted < (double)least  ? least
                  : wanted > (double)most ? most
                                          : (size_t)wanted;
    }
    return PV_OK;
}

void pv_pe_warn_drowned(const pv_pe_run *run, double sigma, const size_t *each)
{
    size_t drowned = 0;
    for (size_t c = 0; c < run->classes; c++)
        drowned += each[c] > 1 && run->rows[c] < sigma * (double)each[c];
    if (drowned > 0)
        pv_log_warning("in %zu of %zu classes the noise of a candidate's votes "
                       "(%.1f) is more than the votes it can expect; fewer "
                       "rounds, fewer candidates or a larger budget help",
                       drowned, run->classes, sigma);
}
