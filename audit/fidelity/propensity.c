/* How well a regression tells which table a row is from. */
#include "audit/fidelity/effects.h"
#include "audit/fidelity/logistic.h"
#include "audit/fidelity/write.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

enum { folds = 5 };

static const double tolerance = 1e-8;

typedef struct scored {
    double score;
    bool synthetic;
} scored;

static int rising(const void *left, const void *right)
{
    const scored *a = left, *b = right;
    return (a->score > b->score) - (a->score < b->score);
}

typedef struct separation {
    double won; /* pairs of which the synthetic row has the higher score */
    double auc, ks; /* NAN when there are rows of one table alone */
} separation;

/* By the order of the scores; of equals half count. */
static separation separate(scored *row, size_t rows)
{
    double below[2] = {0, 0}, of[2] = {0, 0}, won = 0, apart = 0;
    qsort(row, rows, sizeof *row, rising);
    for (size_t r = 0; r < rows; r++)
        of[row[r].synthetic]++;
    for (size_t first = 0, end; first < rows; first = end) {
        double here[2] = {0, 0};
        for (end = first; end < rows && row[end].score == row[first].score;)
            here[row[end++].synthetic]++;
        won += here[1] * (below[0] + here[0] / 2);
        for (size_t t = 0; t < 2; t++)
            below[t] += here[t];
        apart = fmax(apart, fabs(below[0] * of[1] - below[1] * of[0]));
    }
    const double pairs = of[0] * of[1];
    if (!(pairs > 0))
        return (separation){NAN, NAN, NAN};
    return (separation){won, won / pairs, apart / pairs};
}

/* SplitMix64's finaliser: which fold a row belongs to is a function of its
 * number alone, so that anyone can deal the same folds. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

typedef struct telling {
    const pv_effects *effects;
    double *beta;
    uint8_t *fold;
    scored *row;
} telling;

static size_t score_rows(const telling *t, int fold)
{
    size_t n = 0;
    for (size_t r = 0; r < t->effects->rows; r++)
        if (fold < 0 || t->fold[r] == fold)
            t->row[n++] = (scored){pv_effects_score(t->effects, t->beta, r),
                                   r >= t->effects->real};
    return n;
}

/* --- in the sample -------------------------------------------------------- */

static double mean_square(const telling *t, double share)
{
    enum { block = 4096 };
    double sum = 0;
    for (size_t first = 0; first < t->effects->rows; first += block) {
        double part = 0;
        for (size_t r = first; r < first + block && r < t->effects->rows; r++) {
            const double score = pv_effects_score(t->effects, t->beta, r);
            const double off = 1 / (1 + exp(-score)) - share;
            part += off * off;
        }
        sum += part;
    }
    return sum / (double)t->effects->rows;
}

/* Per cent of rows that the side of the share on which they are tells rightly,
 * less 50; a row at the share itself, up to rounding, is half right. */
static double percent_over_50(const scored *row, size_t rows, double share)
{
    static const double rounding = 1e-9;
    const double at = log(share / (1 - share));
    double right = 0;
    for (size_t r = 0; r < rows; r++) {
        const double off = row[r].score - at;
        right += fabs(off) <= rounding             ? 0.5
                 : (off > 0) == row[r].synthetic ? 1
                                                 : 0;
    }
    return 100 * right / (double)rows - 50;
}

static pv_status tell_in_sample(const pv_writing *w, const telling *t,
                                pv_error *err)
{
    pv_status status = PV_OK;
    const double n = (double)t->effects->rows;
    const double share = (n - (double)t->effects->real) / n;
    pv_logistic fit = {.tolerance = tolerance, .beta = t->beta};
    PV_TRY(pv_logistic_fit(t->effects, &fit, err));
    const double pmse = mean_square(t, share);
    const double null =
        ((double)fit.rank - 1) * (1 - share) * (1 - share) * share / n;
    const char *note =
        fit.ended ? NULL : "the fit did not end: a bound from below";
    PV_TRY(pv_write(w, "pmse", NULL, pmse, note, NULL, 0, err));
    PV_TRY(pv_write(w, "pmse", "coefficients", (double)fit.rank, NULL, NULL, 0,
                    err));
    PV_TRY(pv_write(w, "pmse", "null", null, NULL, NULL, 0, err));
    PV_TRY(pv_write(w, "pmse", "ratio", fit.rank > 1 ? pmse / null : NAN,
                    fit.rank > 1 ? note : "no column varies", NULL, 0, err));
    const size_t rows = score_rows(t, -1);
    const separation apart = separate(t->row, rows);
    PV_TRY(pv_write(w, "specks", NULL, apart.ks, note, NULL, 0, err));
    PV_TRY(pv_write(w, "po50", NULL, percent_over_50(t->row, rows, share), note,
                    NULL, 0, err));
    PV_TRY(pv_write(w, "propensity", "u", apart.won, note, NULL, 0, err));
out:
    return status;
}

/* --- held out ------------------------------------------------------------- */

/* A ridge of 1, so that a level that one table has by chance is no proof. */
static pv_status tell_held_out(const pv_writing *w, const telling *t,
                               pv_error *err)
{
    pv_status status = PV_OK;
    double sum = 0;
    size_t told = 0;
    for (size_t r = 0; r < t->effects->rows; r++) {
        const size_t number = r < t->effects->real ? r : r - t->effects->real;
        t->fold[r] = (uint8_t)(mix(number) % folds);
    }
    for (unsigned fold = 0; fold < folds; fold++) {
        pv_logistic fit = {.ridge = 1,
                           .fold = t->fold,
                           .left_out = fold,
                           .tolerance = tolerance,
                           .beta = t->beta};
        PV_TRY(pv_logistic_fit(t->effects, &fit, err));
        const size_t rows = score_rows(t, (int)fold);
        const double auc = separate(t->row, rows).auc;
        if (!isnan(auc)) {
            sum += auc;
            told++;
        }
    }
    PV_TRY(pv_write(w, "propensity", "auc", told > 0 ? sum / (double)told : NAN,
                    told > 0 ? NULL : "too few rows to hold some out", NULL, 0,
                    err));
out:
    return status;
}

static pv_status write_none(const pv_writing *w, const char *reason,
                            pv_error *err)
{
    static const char *const id[] = {"pmse",      "pmse.coefficients",
                                     "pmse.null", "pmse.ratio",
                                     "specks",    "po50",
                                     "propensity.u", "propensity.auc"};
    pv_status status = PV_OK;
    for (size_t i = 0; i < sizeof id / sizeof *id; i++)
        PV_TRY(pv_write(w, id[i], NULL, NAN, reason, NULL, 0, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    pv_effects effects = {0};
    const pv_writing w = {input, findings};
    telling t = {.effects = &effects};
    const char *none = pv_no_rows(input);
    if (none == NULL) {
        PV_TRY(pv_effects_make(input, &effects, err));
        if (effects.coefficients > PV_EFFECTS_MOST)
            none = "the labels have too many levels for a regression: more "
                   "than 1000 coefficients";
    }
    if (none != NULL) {
        PV_TRY(write_none(&w, none, err));
        goto out;
    }
    t.beta = pv_array_alloc(effects.coefficients, sizeof *t.beta);
    t.fold = pv_array_alloc(effects.rows, sizeof *t.fold);
    t.row = pv_array_alloc(effects.rows, sizeof *t.row);
    if (t.beta == NULL || t.fold == NULL || t.row == NULL) {
        status = pv_fail_memory(err, "propensity scores");
        goto out;
    }
    PV_TRY(tell_in_sample(&w, &t, err));
    PV_TRY(tell_held_out(&w, &t, err));
out:
    free(t.beta);
    free(t.fold);
    free(t.row);
    pv_effects_clear(&effects);
    return status;
}

const pv_probe pv_probe_propensity = {
    .name = "propensity",
    .kind = "fidelity",
    .summary = "how well a logistic regression tells the tables apart",
    .yardstick = true,
    .run = run};
