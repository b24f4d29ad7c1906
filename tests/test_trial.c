/* Trials: drawn as answers are, refused on private runs, without a trace. */
#include "curator_fixture.h"

#include "dp/trial.h"

#include <gsl/gsl_cdf.h>

static void set_up(void)
{
    fixture_open();
    f.options.test_key = &f.seed;
    f.options.budget = UINT64_C(1) << 50;
}

TestSuite(trial, .init = set_up, .fini = fixture_close);

static const pv_rational four = {4, 1};

static pv_trial *trial_of(const pv_clique *clique)
{
    pv_trial *trial;
    cr_assert_eq(pv_trial_measure(f.curator, clique, &four, 1, &trial, &f.err),
                 PV_OK, "%s", f.err.message);
    return trial;
}

#define OPEN_COLUMNS                                                           \
    "{\"fields\":[{\"name\":\"x\",\"type\":\"integer\",\"constraints\":"       \
    "{\"minimum\":0,\"maximum\":99},\"privet\":{\"bins\":\"private\","         \
    "\"levels\":8}},{\"name\":\"l\",\"type\":\"string\",\"privet\":"           \
    "{\"open\":true,\"levels\":4}}]}"
static const pv_interval halves[] = {{0, 10}, {10, 20}};
static double flat[2048], half[3] = {0.5, 0.5, 0.5};

static void open_columns(void)
{
    use_schema(OPEN_COLUMNS);
    use_csv("x,l\n1,a\n1,a\n11,a\n,b\n30,\n");
    f.options.delta_labels = pv_delta_units(1e-9, 0.1);
    open_well();
}

/* ---- refusals ------------------------------------------------------------ */

/* Every kind, before anything is prepared, counted or read of the arrays. */
static void assert_refused(void)
{
    pv_trial *trial = (pv_trial *)&f;
    char *before = slurp(f.ledger);
    const pv_rational s = four;
#define REFUSED(call)                                                          \
    do {                                                                       \
        trial = (pv_trial *)&f;                                                \
        cr_assert_eq(call, PV_EINVAL);                                         \
        cr_assert_null(trial);                                                 \
        cr_assert_not_null(strstr(f.err.message, "test key"));                 \
        f.err.message[0] = '\0';                                               \
    } while (0)
    REFUSED(pv_trial_measure(f.curator, NULL, NULL, 1, &trial, &f.err));
    REFUSED(pv_trial_select(f.curator, NULL, 1, 1, &trial, &f.err));
    REFUSED(pv_trial_scores(f.curator, NULL, NULL, 1, s, &trial, &f.err));
    REFUSED(pv_trial_queries(f.curator, NULL, NULL, 1, s, &trial, &f.err));
    REFUSED(pv_trial_group(f.curator, NULL, NULL, 1, PV_ALL, 1, &trial, &f.err));
    REFUSED(pv_trial_intervals(f.curator, 0, NULL, 1, s, &trial, &f.err));
    REFUSED(pv_trial_labels(f.curator, 0, s, 1, 1, &trial, &f.err));
#undef REFUSED
    cr_assert_eq(f.curator->truths, 0);
    char *after = slurp(f.ledger);
    cr_assert_str_eq(before, after);
    free(before);
    free(after);
}

Test(trial, refused_on_a_private_run)
{
    f.options.test_key = NULL;
    open_well();
    assert_refused();
}

/* A private run does not turn into one that may be tried by opening it again. */
Test(trial, refused_on_a_private_run_resumed)
{
    f.options.test_key = NULL;
    open_well();
    f.options.test_key = &f.seed;
    cr_assert_eq(reopen(), PV_EMISMATCH);
    f.options.test_key = NULL;
    open_well();
    assert_refused();
}

/* What the pv_ask_ functions refuse. */
Test(trial, wrong_questions)
{
    const pv_clique b = columns(false, true);
    const pv_rational none = {0, 1};
    const pv_candidate heavy = {b, flat, 0, 5000};
    pv_trial *trial;
    open_well();
    cr_assert_eq(pv_trial_measure(f.curator, &b, &none, 1, &trial, &f.err),
                 PV_EINVAL);
    cr_assert_null(trial);
    cr_assert_eq(pv_trial_select(f.curator, &heavy, 1, 1, &trial, &f.err),
                 PV_EINVAL);
    cr_assert_eq(pv_trial_intervals(f.curator, 0, halves, 2, four, &trial,
                                    &f.err),
                 PV_EINVAL);
    cr_assert_eq(pv_trial_labels(f.curator, 0, four, 1, 1, &trial, &f.err),
                 PV_EINVAL);
}

Test(trial, rows_that_are_gone)
{
    const pv_clique b = columns(false, true);
    int64_t answer[3];
    open_well();
    pv_trial *trial = trial_of(&b);
    cr_assert_eq(pv_trial_draw(trial, 0, answer, &f.err), PV_OK);
    pv_curator_wipe_rows(f.curator);
    cr_assert_eq(pv_trial_draw(trial, 0, answer, &f.err), PV_EINVAL);
    pv_trial_free(trial);
}

Test(trial, rows_encoded_anew)
{
    static const char *const label[] = {"a"};
    const pv_found found[] = {{.column = 0},
                              {.column = 1, .labels = label, .label_count = 1}};
    int64_t answer[2];
    pv_labels labels;
    pv_trial *trial;
    open_columns();
    cr_assert_eq(pv_trial_intervals(f.curator, 0, halves, 2, four, &trial,
                                    &f.err),
                 PV_OK);
    cr_assert_eq(pv_trial_draw(trial, 0, answer, &f.err), PV_OK);
    cr_assert_eq(pv_trial_draw_labels(trial, 0, &labels, &f.err), PV_EINVAL);
    cr_assert_eq(pv_curator_resolve(f.curator, found, 2, &f.err), PV_OK, "%s",
                 f.err.message);
    cr_assert_eq(pv_trial_draw(trial, 0, answer, &f.err), PV_EINVAL);
    pv_trial_free(trial);
}

/* ---- no trace ------------------------------------------------------------ */

typedef struct answers {
    int64_t count[2051], score[2];
    size_t chosen;
    uint64_t left;
    char *ledger;
} answers;

static void try_everything(void)
{
    const pv_clique both[] = {columns(true, false), columns(false, true)};
    const double *const estimate[] = {flat, half};
    const pv_candidate candidate[] = {{both[0], flat, 0, 1},
                                      {both[1], half, 0, 2}};
    const pv_rational s[] = {four, four};
    static int64_t answer[2051];
    pv_trial *trial[3];
    cr_assert_eq(pv_trial_measure(f.curator, both, s, 2, &trial[0], &f.err),
                 PV_OK);
    cr_assert_eq(pv_trial_select(f.curator, candidate, 2, 1 << 20, &trial[1],
                                 &f.err),
                 PV_OK);
    cr_assert_eq(pv_trial_scores(f.curator, both, estimate, 2, four, &trial[2],
                                 &f.err),
                 PV_OK);
    for (size_t t = 0; t < 3; t++) {
        for (uint64_t n = 0; n < 3; n++)
            cr_assert_eq(pv_trial_draw(trial[t], n, answer, &f.err), PV_OK);
        pv_trial_free(trial[t]);
    }
}

static answers ask_everything(bool with_trials)
{
    const pv_clique both[] = {columns(true, false), columns(false, true)};
    const double *const estimate[] = {flat, half};
    const pv_candidate candidate[] = {{both[0], flat, 0, 1},
                                      {both[1], half, 0, 2}};
    const pv_rational s[] = {four, four};
    const pv_measurement *m;
    answers a = {.chosen = 9};
    f.run_dir = pv_sprintf_alloc("%s/%s", f.directory,
                                 with_trials ? "with" : "without");
    f.options.run_dir = f.run_dir;
    open_well();
    if (with_trials)
        try_everything();
    cr_assert_eq(pv_ask_measure(f.curator, both, s, 2, &m, &f.err), PV_OK);
    memcpy(a.count, m[0].counts, 2048 * sizeof *a.count);
    memcpy(a.count + 2048, m[1].counts, 3 * sizeof *a.count);
    if (with_trials)
        try_everything();
    cr_assert_eq(pv_ask_select(f.curator, candidate, 2, 1 << 20, &a.chosen,
                               &f.err),
                 PV_OK);
    if (with_trials)
        try_everything();
    cr_assert_eq(pv_ask_scores(f.curator, both, estimate, 2, four, a.score,
                               &f.err),
                 PV_OK);
    if (with_trials)
        try_everything();
    a.left = pv_curator_remaining(f.curator);
    char *ledger = pv_sprintf_alloc("%s/ledger.jsonl", f.run_dir);
    a.ledger = slurp(ledger);
    free(ledger);
    free(f.run_dir);
    f.run_dir = NULL;
    return a;
}

Test(trial, leaves_no_trace)
{
    free(f.run_dir);
    answers with = ask_everything(true), without = ask_everything(false);
    cr_assert_arr_eq(with.count, without.count, sizeof with.count);
    cr_assert_arr_eq(with.score, without.score, sizeof with.score);
    cr_assert_eq(with.chosen, without.chosen);
    cr_assert_eq(with.left, without.left);
    cr_assert_str_eq(with.ledger, without.ledger);
    free(with.ledger);
    free(without.ledger);
}

/* ---- the law ------------------------------------------------------------- */

Test(trial, cost_is_the_charge)
{
    const pv_clique both[] = {columns(true, false), columns(false, true)};
    const pv_rational s[] = {four, {7, 2}};
    const pv_measurement *m;
    pv_trial *trial;
    open_well();
    const uint64_t before = pv_curator_remaining(f.curator);
    cr_assert_eq(pv_trial_measure(f.curator, both, s, 2, &trial, &f.err),
                 PV_OK);
    cr_assert_eq(pv_trial_size(trial), 2051);
    cr_assert_eq(pv_ask_measure(f.curator, both, s, 2, &m, &f.err), PV_OK);
    cr_assert_eq(pv_trial_cost(trial).rho,
                 before - pv_curator_remaining(f.curator));
    cr_assert_eq(pv_trial_cost(trial).delta, 0);
    pv_trial_free(trial);
}

/* One number gives one answer; others, other questions and real answers have
 * noise of their own: of 2,048 draws of variance 4 a tenth or so agree. */
Test(trial, noise_of_its_own)
{
    enum { cells = 2048 };
    static int64_t first[cells], again[cells], next[cells], other[2 * cells];
    const pv_clique twice[] = {columns(true, false), columns(true, false)};
    const pv_rational s[] = {four, four};
    size_t equal[4] = {0};
    pv_trial *two;
    open_well();
    pv_trial *one = trial_of(twice);
    cr_assert_eq(pv_trial_measure(f.curator, twice, s, 2, &two, &f.err), PV_OK);
    cr_assert_eq(pv_trial_draw(one, 7, first, &f.err), PV_OK);
    cr_assert_eq(pv_trial_draw(one, 8, next, &f.err), PV_OK);
    cr_assert_eq(pv_trial_draw(one, 7, again, &f.err), PV_OK);
    cr_assert_eq(pv_trial_draw(two, 7, other, &f.err), PV_OK);
    int64_t *real = measure_well(twice[0], 4);
    for (size_t i = 0; i < cells; i++) {
        equal[0] += first[i] == again[i];
        equal[1] += first[i] == next[i];
        equal[2] += first[i] == other[i];
        equal[3] += first[i] == real[i];
    }
    cr_assert_eq(equal[0], cells);
    for (size_t k = 1; k < 4; k++)
        cr_assert(equal[k] > cells / 20 && equal[k] < cells / 5, "%zu",
                  equal[k]);
    free(real);
    pv_trial_free(one);
    pv_trial_free(two);
}

/* p-value of two samples having one law, over values -span..span. */
static double same_law(const double *x, const double *y, size_t values)
{
    double nx = 0, ny = 0, chi2 = 0, df = -1;
    for (size_t v = 0; v < values; v++) {
        nx += x[v];
        ny += y[v];
    }
    for (size_t v = 0; v < values; v++)
        if (x[v] + y[v] >= 10) {
            const double d = sqrt(ny / nx) * x[v] - sqrt(nx / ny) * y[v];
            chi2 += d * d / (x[v] + y[v]);
            df++;
        }
    cr_assert_gt(df, 0);
    return gsl_cdf_chisq_Q(chi2, df);
}

enum { span = 12, values = 2 * span + 1 };

static void tally(double *histogram, int64_t noise)
{
    if (noise >= -span && noise <= span)
        histogram[noise + span]++;
}

Test(trial, law_of_a_measurement)
{
    double tried[values] = {0}, real[values] = {0};
    static int64_t answer[2048];
    const pv_clique a = columns(true, false);
    open_well();
    pv_trial *trial = trial_of(&a);
    for (uint64_t n = 0; n < 10; n++) {
        cr_assert_eq(pv_trial_draw(trial, n, answer, &f.err), PV_OK);
        int64_t *asked = measure_well(a, 4);
        for (size_t i = 3; i < 2047; i++) { /* cells that nobody is in */
            tally(tried, answer[i]);
            tally(real, asked[i]);
        }
        free(asked);
    }
    pv_trial_free(trial);
    cr_assert_gt(same_law(tried, real, values), 1e-4);
    /* and the comparison sees a variance of 5 instead of 4 */
    double wide[values] = {0};
    int64_t *asked = measure_well(a, 5);
    for (size_t i = 3; i < 2047; i++)
        tally(wide, asked[i]);
    free(asked);
    cr_assert_lt(same_law(tried, wide, values), 1e-4);
}

Test(trial, law_of_a_selection)
{
    enum { asked = 1000 };
    const pv_candidate candidate[] = {{columns(true, false), flat, 0, 1},
                                      {columns(false, true), half, 0, 2}};
    double tried[2] = {0}, real[2] = {0};
    pv_trial *trial;
    open_well();
    cr_assert_eq(pv_trial_select(f.curator, candidate, 2, PV_EPSILON_DEN / 2,
                                 &trial, &f.err),
                 PV_OK);
    cr_assert_eq(pv_trial_cost(trial).rho, UINT64_C(1) << 35);
    for (uint64_t n = 0; n < asked; n++) {
        int64_t index;
        cr_assert_eq(pv_trial_draw(trial, n, &index, &f.err), PV_OK);
        tried[index]++;
    }
    for (size_t n = 0; n < asked / 5; n++) {
        size_t index;
        cr_assert_eq(pv_ask_select(f.curator, candidate, 2, PV_EPSILON_DEN / 2,
                                   &index, &f.err),
                     PV_OK);
        real[index]++;
    }
    pv_trial_free(trial);
    cr_assert_gt(same_law(tried, real, 2), 1e-4);
}

Test(trial, law_of_intervals_and_scores)
{
    enum { asked = 1000 };
    double tried[values] = {0}, real[values] = {0};
    int64_t two[2];
    pv_trial *trial;
    open_columns();
    cr_assert_eq(pv_trial_intervals(f.curator, 0, halves, 2, four, &trial,
                                    &f.err),
                 PV_OK);
    for (uint64_t n = 0; n < asked; n++) {
        cr_assert_eq(pv_trial_draw(trial, n, two, &f.err), PV_OK);
        tally(tried, two[0]);
        cr_assert(n % 5 > 0 || pv_ask_intervals(f.curator, 0, halves, 2, four,
                                                two, &f.err) == PV_OK);
        if (n % 5 == 0)
            tally(real, two[0]);
    }
    pv_trial_free(trial);
    cr_assert_gt(same_law(tried, real, values), 1e-4);
}

/* Two rows hold "a" and one "b"; the threshold is far above: labels come out as
 * often as noise of the exact law takes them there. */
Test(trial, law_of_labels)
{
    enum { asked = 4000, sigma2 = 4 };
    const uint64_t delta = UINT64_C(1) << 57; /* an eighth */
    uint64_t threshold;
    double out[2] = {0};
    pv_trial *trial;
    open_columns();
    cr_assert(pv_label_threshold(four, 1, delta, &threshold));
    cr_assert_eq(pv_trial_labels(f.curator, 1, four, delta, 4, &trial, &f.err),
                 PV_OK);
    cr_assert_eq(pv_trial_size(trial), 0);
    cr_assert_eq(pv_trial_cost(trial).delta, delta);
    for (uint64_t n = 0; n < asked; n++) {
        pv_labels labels;
        int64_t number;
        cr_assert_eq(pv_trial_draw_labels(trial, n, &labels, &f.err), PV_OK);
        for (size_t i = 0; i < labels.count; i++)
            out[labels.label[i][0] - 'a']++;
        pv_labels_clear(&labels);
        cr_assert_eq(pv_trial_draw(trial, n, &number, &f.err), PV_EINVAL);
    }
    pv_trial_free(trial);
    for (size_t i = 0; i < 2; i++) {
        const double truth = i == 0 ? 3 : 1;
        double all = 0, above = 0;
        for (double x = -40; x <= 40; x++) {
            const double p = exp(-x * x / (2 * sigma2));
            all += p;
            above += truth + x >= (double)threshold ? p : 0;
        }
        const double p = above / all;
        cr_assert_float_eq(out[i] / asked, p, 5 * sqrt(p * (1 - p) / asked),
                           "%zu: %g, not %g", i, out[i] / asked, p);
    }
}
