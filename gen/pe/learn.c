#include "gen/pe/learn.h"

#include "core/memory.h"
#include "gen/budget.h"
#include "marginals/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const double pv_pe_size_share = 0.02, pv_pe_label_share = 0.05;
static const double marginal_strength = 1;
static const double uniform_part = 0.1; /* of the laws that rows are drawn by */
enum { most_numbers = 32 }; /* bins of a column whose marginal is not known */

size_t pv_pe_bins(double rows, double classes, double sigma)
{
    const double wanted = floor(rows / (3 * classes * fmax(sigma, 1e-9)) + 0.5);
    return wanted < 6 ? 6 : wanted > 32 ? 32 : (size_t)wanted;
}

/* Counts of the axis's bins, class by class, out of a marginal of its column with the
 * class: cells lie by the columns' numbers. */
static void take_counts(const pv_axes *axes, const pv_pe_run *run, size_t axis,
                        const pv_measurement *m, double *count)
{
    const size_t column = pv_axes_column(axes, axis);
    const size_t bins = pv_axes_bins(axes, axis);
    const size_t levels = m->cells / run->classes;
    const bool class_first = run->by < column;
    memset(count, 0, run->classes * bins * sizeof *count);
    for (size_t c = 0; c < run->classes; c++)
        for (uint32_t v = 0; v < levels; v++) {
            const size_t at = run->by == PV_NO_COLUMN ? v
                              : class_first           ? c * levels + v
                                                      : v * run->classes + c;
            count[c * bins + pv_axes_bin(axes, axis, v)] +=
                (double)m->counts[at];
        }
}

/* The classes' sizes by all that is known of them: each answer's sum, by the inverse of
 * its variance. */
static void join_sizes(const pv_measurement *m, size_t axes, double sigma,
                       pv_pe_run *run)
{
    size_t known;
    if (run->rows_sigma <= 0 ||
        pv_curator_public_rows(run->curator, &known))
        return;
    for (size_t c = 0; c < run->classes; c++) {
        double part = 1 / (run->rows_sigma * run->rows_sigma);
        double sum = run->rows[c] * part;
        for (size_t a = 0; a < axes; a++) {
            const size_t levels = m[a].cells / run->classes;
            const bool class_first =
                run->by != PV_NO_COLUMN && m[a].column[0] == run->by;
            const double each = 1 / ((double)levels * sigma * sigma);
            for (size_t v = 0; v < levels; v++)
                sum += each * (double)m[a].counts[class_first
                                                      ? c * levels + v
                                                      : v * run->classes + c];
            part += each;
        }
        run->rows[c] = fmax(sum / part, 1);
    }
}

/* One partition an axis, and the law that rows are drawn by: what the marginal alone
 * says, shrunk, and a part of the uniform law. */
static pv_status take_marginal(pv_axes *axes, pv_evidence *evidence,
                               const pv_pe_run *run, size_t axis,
                               const double *count, double sigma,
                               pv_error *err)
{
    pv_status status = PV_OK;
    const size_t bins = pv_axes_bins(axes, axis);
    size_t *first = pv_array_alloc(run->classes + 1, sizeof *first);
    double *law = pv_array_alloc(run->classes * bins, sizeof *law);
    if (first == NULL || law == NULL) {
        status = pv_fail_memory(err, "the marginals");
        goto out;
    }
    for (size_t c = 0; c <= run->classes; c++)
        first[c] = c * bins;
    PV_TRY(pv_evidence_add(evidence, first, count, sigma,
                           marginal_strength, err));
    PV_TRY(pv_evidence_begin(evidence, axis, err));
    memcpy(law, pv_evidence_lambda(evidence, axis),
           run->classes * bins * sizeof *law);
    for (size_t c = 0; c < run->classes; c++) {
        double *own = law + c * bins;
        pv_exp_array(own, bins, pv_maximum(own, bins));
        const double sum = pv_sum(own, bins);
        for (size_t b = 0; b < bins; b++)
            own[b] = (1 - uniform_part) * own[b] / sum +
                     uniform_part / (double)bins;
    }
    pv_axes_set_law(axes, axis, law);
out:
    free(first);
    free(law);
    return status;
}

static pv_status ask_cliques(const pv_axes *axes, const pv_pe_run *run,
                             pv_rational sigma2, const pv_measurement **answers,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = pv_axes_count(axes);
    pv_clique *clique = pv_array_alloc(count, sizeof *clique);
    pv_rational *each = pv_array_alloc(count, sizeof *each);
    if (clique == NULL || each == NULL) {
        status = pv_fail_memory(err, "the marginals");
        goto out;
    }
    for (size_t a = 0; a < count; a++) {
        clique[a] = pv_clique_empty();
        pv_clique_add(&clique[a], pv_axes_column(axes, a));
        if (run->by != PV_NO_COLUMN)
            pv_clique_add(&clique[a], run->by);
        each[a] = sigma2;
    }
    PV_TRY(pv_ask_measure(run->curator, clique, each, count, answers, err));
out:
    free(clique);
    free(each);
    return status;
}

/* Noise of a bin of several levels is that of their sum. */
static double bin_sigma(const pv_axes *axes, const pv_schema *schema,
                        size_t axis, double sigma)
{
    const double levels =
        pv_schema_column(schema, pv_axes_column(axes, axis))->levels;
    return sigma * sqrt(levels / (double)pv_axes_bins(axes, axis));
}

static size_t most_bins(const pv_axes *axes)
{
    size_t most = 0;
    for (size_t a = 0; a < pv_axes_count(axes); a++)
        most = pv_axes_bins(axes, a) > most ? pv_axes_bins(axes, a) : most;
    return most;
}

static pv_status take_marginals(pv_axes *axes, pv_evidence *evidence,
                                const pv_pe_run *run,
                                const pv_measurement *answers, double sigma,
                                pv_error *err)
{
    pv_status status = PV_OK;
    double *count =
        pv_array_alloc(run->classes * most_bins(axes), sizeof *count);
    if (count == NULL)
        return pv_fail_memory(err, "the marginals");
    for (size_t a = 0; a < pv_axes_count(axes); a++) {
        take_counts(axes, run, a, &answers[a], count);
        PV_TRY(take_marginal(axes, evidence, run, a, count,
                             bin_sigma(axes, run->request->schema, a, sigma),
                             err));
    }
out:
    free(count);
    return status;
}

/* How many columns there are to learn of. */
static pv_status count_axes(const pv_request *r, size_t by, size_t *count,
                            pv_error *err)
{
    pv_axes *axes;
    const pv_status status = pv_axes_alloc(r->schema, by, 1, 1, &axes, err);
    if (status != PV_OK)
        return status;
    *count = pv_axes_count(axes);
    pv_axes_free(axes);
    if (*count == 0)
        return pv_fail(err, PV_ESCHEMA,
                       "the schema leaves nothing to draw: no column beside "
                       "the class has more than one level");
    return PV_OK;
}

pv_status pv_pe_marginal_noise(const pv_request *r, size_t columns,
                               pv_rational *sigma2, pv_error *err)
{
    return pv_sigma2_for_units(pv_budget_part(r->budget, r->one_way_share) /
                                   columns,
                               pv_sensitivity2(r->schema, r->neighbours),
                               sigma2, err);
}

pv_status pv_pe_learn(pv_pe_run *run, pv_axes **axes, pv_evidence **evidence,
                      pv_error *err)
{
    pv_status status = PV_OK;
    const pv_request *r = run->request;
    const pv_measurement *answers = NULL;
    size_t columns = 0, bins = most_numbers;
    double sigma = 0;
    PV_TRY(count_axes(r, run->by, &columns, err));
    if (r->pe->marginals) {
        pv_rational sigma2;
        PV_TRY(pv_pe_marginal_noise(r, columns, &sigma2, err));
        sigma = sqrt((double)sigma2.num / (double)sigma2.den);
        bins = pv_pe_bins(pv_pe_total(run), (double)run->classes, sigma);
        PV_TRY(pv_axes_alloc(r->schema, run->by, run->classes, bins, axes,
                             err));
        PV_TRY(ask_cliques(*axes, run, sigma2, &answers, err));
        join_sizes(answers, columns, sigma, run);
    } else {
        PV_TRY(pv_axes_alloc(r->schema, run->by, run->classes, bins, axes,
                             err));
    }
    PV_TRY(pv_evidence_alloc(run->classes, run->rows, evidence, err));
    if (answers != NULL)
        PV_TRY(take_marginals(*axes, *evidence, run, answers, sigma, err));
out:
    return status;
}

/* Columns count alike in distances when values vary alike: by what the marginals
 * say. */
pv_status pv_pe_space(const pv_pe_run *run, const pv_axes *axes, pv_space **space,
                      pv_error *err)
{
    const pv_status status =
        pv_space_alloc(run->request->schema, run->by, space, err);
    for (size_t a = 0; status == PV_OK && a < pv_axes_count(axes); a++) {
        const double spread = pv_axes_spread(axes, a, run->rows);
        pv_space_stretch(*space, pv_axes_column(axes, a),
                         pv_axes_is_number(axes, a)
                             ? 0.5 / fmax(spread, 0.02)
                             : 1.5 / sqrt(2) / fmax(spread, 0.1));
    }
    return status;
}
