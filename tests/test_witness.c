/* Likelihood ratios against laws written out, and what runs of real mechanisms
 * give of them. */
#include "audit/epsilon/contest.h"
#include "audit/epsilon/witness.h"
#include "dp/account.h"
#include "dp_fixture.h"
#include "io/rows.h"

#include <stdint.h>

static pv_error err;
static char *dir;
static pv_schema *schema;
static pv_pair pair;
static pv_witness *witness;

static void set_up(void)
{
    dir = temporary_directory();
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    cr_assert_eq(pv_pair_schema(2, 2, 0, &schema, &err), PV_OK);
}

static void tear_down(void)
{
    pv_witness_free(witness);
    pv_pair_clear(&pair);
    pv_schema_free(schema);
    remove_tree(dir);
}

TestSuite(witness, .init = set_up, .fini = tear_down);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

static void make(const char *name, bool replace)
{
    const pv_pair_terms terms = {.schema = schema, .made_up = true,
                                 .replace = replace, .copies = 2, .dir = dir};
    must(pv_pair_worst(&terms, name, &pair, &err));
    must(pv_witness_alloc(&pair, replace ? PV_REPLACE : PV_ADD_REMOVE, true,
                          &witness, &err));
}

static double feature(const char *name)
{
    for (size_t i = 0; i < pv_witness_width(witness); i++)
        if (strcmp(pv_witness_names(witness)[i], name) == 0)
            return pv_witness_features(witness)[i];
    cr_assert(false, "no feature %s", name);
    return 0;
}

/* The true marginal of the first column, by hand. */
static void count_first(int world, int64_t count[2])
{
    count[0] = count[1] = 0;
    for (size_t i = 0; i < pv_table_rows(pair.table[world]); i++)
        count[pv_codes_at(pv_table_codes(pair.table[world], 0), i)]++;
}

/* ln of the discrete Gaussian's mass at x, sigma2 = 3/2. */
static double log_mass(int64_t x)
{
    double sum = 0;
    for (int i = -60; i <= 60; i++)
        sum += exp(-i * i / 3.0);
    return -(double)(x * x) / 3.0 - log(sum);
}

static void hear_marginal(int64_t first, int64_t second)
{
    int64_t counts[2] = {first, second};
    uint32_t column[1] = {0};
    const pv_measurement m = {.columns = 1, .column = column, .cells = 2,
                              .counts = counts, .sigma2_num = 3,
                              .sigma2_den = 2};
    must(pv_witness_hear(witness,
                         &(pv_heard){.kind = PV_HEARD_MEASURE, .count = 1,
                                     .measurement = &m},
                         &err));
}

Test(witness, ratio_of_a_noisy_marginal)
{
    int64_t out[2], in[2];
    for (int replace = 0; replace < 2; replace++) {
        make("mixed", replace != 0);
        count_first(0, out);
        count_first(1, in);
        for (int64_t a = -3; a <= 5; a++) {
            pv_witness_begin(witness);
            hear_marginal(a, 7 - a);
            const double wanted = log_mass(a - in[0]) + log_mass(7 - a - in[1]) -
                                  log_mass(a - out[0]) -
                                  log_mass(7 - a - out[1]);
            cr_expect(near(feature("privacy loss"), wanted, 1e-9));
            cr_expect(near(feature("marginal 1"), wanted, 1e-9));
            cr_expect(near(pv_witness_rho(witness), (replace ? 2 : 1) / 3.0,
                           1e-12));
        }
        pv_witness_free(witness);
        witness = NULL;
        pv_pair_clear(&pair);
    }
}

/* P(c) of the exponential mechanism, on counts and estimates written out. */
static double chance(const int64_t count[2][2], const double estimate[2][2],
                     double bias, size_t chosen)
{
    double weight[2], sum = 0;
    for (size_t c = 0; c < 2; c++) {
        const double w = c == 0 ? 1 : 2;
        const double score =
            w * (fabs((double)count[c][0] - estimate[c][0]) +
                 fabs((double)count[c][1] - estimate[c][1]) - bias);
        sum += weight[c] = exp(0.5 * score / (2 * 2)); /* epsilon 1/2 */
    }
    return weight[chosen] / sum;
}

Test(witness, ratio_of_a_selection)
{
    int64_t count[2][2][2] = {{{0}}};
    const double estimate[2][2] = {{0.25, 1.5}, {2, -1.75}};
    make("mixed", false);
    for (int w = 0; w < 2; w++)
        for (size_t c = 0; c < 2; c++)
            for (size_t i = 0; i < pv_table_rows(pair.table[w]); i++) {
                const uint32_t code =
                    pv_codes_at(pv_table_codes(pair.table[w], c), i);
                cr_assert_lt(code, 2);
                count[w][c][code]++;
            }
    const double second[3] = {2, -1.75, 0}; /* the missing level too */
    pv_candidate candidate[2] = {{.clique = pv_clique_empty(),
                                  .estimate = estimate[0],
                                  .bias = 0.5, .weight = 1},
                                 {.clique = pv_clique_empty(),
                                  .estimate = second,
                                  .bias = 0.5, .weight = 2}};
    pv_clique_add(&candidate[0].clique, 0);
    pv_clique_add(&candidate[1].clique, 1);
    for (size_t chosen = 0; chosen < 2; chosen++) {
        pv_witness_begin(witness);
        must(pv_witness_hear(
            witness,
            &(pv_heard){.kind = PV_HEARD_SELECT, .count = 2,
                        .candidate = candidate, .chosen = chosen,
                        .epsilon_num = PV_EPSILON_DEN / 2},
            &err));
        const double wanted = log(chance(count[1], estimate, 0.5, chosen)) -
                              log(chance(count[0], estimate, 0.5, chosen));
        cr_expect(near(feature("selection 1"), wanted, 1e-9), "%g %g",
                  feature("selection 1"), wanted);
        cr_expect(near(pv_witness_rho(witness), 0.25 / 8, 1e-12));
    }
}

Test(witness, ratio_of_scores_is_of_floors)
{
    int64_t out[2], in[2];
    const double estimate[2] = {0.75, 1.5};
    const double *const estimates[1] = {estimate};
    pv_clique clique = pv_clique_empty();
    pv_clique_add(&clique, 0);
    make("repeated", false);
    count_first(0, out);
    count_first(1, in);
    const int64_t score = 3;
    must(pv_witness_hear(witness,
                         &(pv_heard){.kind = PV_HEARD_SCORES, .count = 1,
                                     .clique = &clique, .estimate = estimates,
                                     .sigma2 = {3, 2}, .score = &score},
                         &err));
    const double a = floor(fabs((double)out[0] - 0.75) +
                           fabs((double)out[1] - 1.5));
    const double b =
        floor(fabs((double)in[0] - 0.75) + fabs((double)in[1] - 1.5));
    cr_expect(near(feature("privacy loss"),
                   ((3 - a) * (3 - a) - (3 - b) * (3 - b)) / 3, 1e-9));
}

Test(witness, rows_of_a_release_that_are_like_the_target)
{
    make("mixed", false);
    pv_witness_begin(witness);
    pv_witness_see(witness, pair.table[1], 3);
    cr_expect_eq(feature("rows"), 4);
    cr_expect_eq(feature("values outside"), 3);
    cr_expect_eq(feature("rows like the target"), 1);
    cr_expect_eq(feature("share like the target"), 0.25);
    cr_expect_eq(feature("rows like it in set 1"), 2);
    cr_expect_eq(feature("rows like it in set 2"), 2);
}

/* --- whole runs ----------------------------------------------------------- */

/* The numbers of a line after "x":. */
static double number_at(const char *line, size_t i)
{
    const char *at = strstr(line, "\"x\":[") + 5;
    for (; i > 0; i--)
        at = strchr(at, ',') + 1;
    return strtod(at, NULL);
}

static size_t place_of(const char *name)
{
    size_t i = 0;
    while (strcmp(pv_witness_names(witness)[i], name) != 0)
        i++;
    return i;
}

/* Of Gaussian questions the privacy loss has the mean rho with the target and
 * -rho without, and the variance 2 rho (Bun and Steinke): also of ours, which
 * asks for as much as it claims. */
Test(witness, privacy_loss_of_sound_runs)
{
    enum { runs = 3000 };
    pv_subject *subject = NULL;
    double sum[2] = {0}, squares[2] = {0};
    make("mixed", false);
    const pv_subject_options options = {.schema = schema};
    must(pv_subject_make("privet-gen independent --rho 0.3 --delta 1e-5",
                         &options, &subject, &err));
    pv_contest contest = {.subject = subject, .pairs = 1, .pair = &pair,
                          .witness = &witness, .rows = PV_ROWS_OF_ITS_OWN,
                          .scratch = dir, .key = {{3}}};
    const size_t loss = place_of("privacy loss");
    for (uint64_t t = 0; t < runs; t++) {
        char *line = NULL;
        must(pv_contest_play(&contest, t, &line, &err));
        const double x = number_at(line, loss);
        sum[t % 2] += x;
        squares[t % 2] += x * x;
        cr_expect(pv_witness_rho(witness) <= 0.3 &&
                  pv_witness_rho(witness) > 0.29);
        free(line);
    }
    const double rho = pv_witness_rho(witness), n = runs / 2.0;
    const double within = 5 * sqrt(2 * rho / n);
    cr_expect_lt(fabs(sum[1] / n - rho), within, "%g", sum[1] / n);
    cr_expect_lt(fabs(sum[0] / n + rho), within, "%g", sum[0] / n);
    cr_expect_lt(fabs(squares[1] / n - rho * rho - 2 * rho), 0.12);
    pv_subject_free(subject);
}
