/* Likelihood ratios of answers about groups of queries, against laws written out. */
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
static pv_queries *queries;

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

/* Groups: the first column's marginal, the second's, and all rows, twice over. */
static void set_up(void)
{
    static const char twice[] = "{\"schema\":\"privet/queries/1\",\"groups\":"
                                "[{\"queries\":[{},{}]}]}";
    dir = temporary_directory();
    must(pv_crypto_init(&err));
    must(pv_pair_schema(2, 2, 0, &schema, &err));
    char *file = pv_sprintf_alloc("%s/twice.json", dir);
    char *spec = pv_sprintf_alloc("marginals:1,%s", file);
    put_file(file, twice, strlen(twice));
    must(pv_queries_parse(spec, schema, 1000, &queries, &err));
    cr_assert_eq(pv_queries_count(queries), 3);
    cr_assert_eq(pv_queries_group(queries, 2)->most, 2);
    free(file);
    free(spec);
}

static void tear_down(void)
{
    pv_witness_free(witness);
    pv_queries_free(queries);
    pv_pair_clear(&pair);
    pv_schema_free(schema);
    remove_tree(dir);
}

TestSuite(witness_queries, .init = set_up, .fini = tear_down);

static void make(const char *name, bool replace)
{
    const pv_pair_terms terms = {.schema = schema, .made_up = true,
                                 .replace = replace, .copies = 2, .dir = dir};
    pv_witness_free(witness);
    witness = NULL;
    pv_pair_clear(&pair);
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

/* True answers of the first and the third group, by hand. */
static void count(int world, int64_t counts[4])
{
    memset(counts, 0, 4 * sizeof *counts);
    counts[2] = counts[3] = (int64_t)pv_table_rows(pair.table[world]);
    for (int64_t i = 0; i < counts[2]; i++)
        counts[pv_codes_at(pv_table_codes(pair.table[world], 0), (size_t)i)]++;
}

/* -(x - count)^2 / (2 sigma2), sigma2 = 3/2, of `n` answers. */
static double exponent(const int64_t *answer, const int64_t *counts, size_t n)
{
    double sum = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = (double)(answer[i] - counts[i]);
        sum -= d * d / 3;
    }
    return sum;
}

Test(witness_queries, ratio_of_noisy_answers)
{
    static const size_t group[] = {0, 2};
    for (int replace = 0; replace < 2; replace++) {
        int64_t out[4], in[4];
        make("mixed", replace != 0);
        count(0, out);
        count(1, in);
        for (int64_t a = -3; a <= 5; a++) {
            const int64_t answer[] = {a, 7 - a, 2 * a, 5};
            pv_witness_begin(witness);
            must(pv_witness_hear(witness,
                                 &(pv_heard){.kind = PV_HEARD_QUERIES,
                                             .count = 2,
                                             .queries = queries,
                                             .group = group,
                                             .sigma2 = {3, 2},
                                             .score = answer},
                                 &err));
            const double first =
                exponent(answer, in, 2) - exponent(answer, out, 2);
            const double all = exponent(answer, in, 4) - exponent(answer, out, 4);
            cr_expect(near(feature("privacy loss"), all, 1e-9));
            cr_expect(near(feature("marginal 1"), first, 1e-9));
            cr_expect(near(feature("loss of marginals"), all, 1e-9));
            /* 1 + 2 answers of a row more; of a replaced one 2 + 2, all there are */
            cr_expect(near(pv_witness_rho(witness), (replace ? 4 : 3) / 3.0,
                           1e-12));
        }
    }
}

static double distance(const int64_t *counts, const double *estimate,
                       pv_group_distance which)
{
    const double a = fabs((double)counts[0] - estimate[0]);
    const double b = fabs((double)counts[1] - estimate[1]);
    return which == PV_ALL ? a + b : fmax(a, b);
}

/* P(chosen) at epsilon 1/2: the first group by weight 2, the third by 1. */
static const double estimate[2][2] = {{0.25, -3.5}, {20.25, 1}};

static double chance(const int64_t counts[4], pv_group_distance which,
                     double sensitivity, size_t chosen)
{
    const double first = 2 * (distance(counts, estimate[0], which) - 0.5);
    const double third = distance(counts + 2, estimate[1], which);
    const double a = exp(0.5 * first / (2 * sensitivity));
    const double b = exp(0.5 * third / (2 * sensitivity));
    return (chosen == 0 ? a : b) / (a + b);
}

/* Furthest: the heaviest weight. All: of 2 x 1 and 1 x 2 the greater; of a replaced row
 * 2 x 2 and 1 x 2. */
Test(witness_queries, ratio_of_a_choice)
{
    const pv_group_candidate candidate[] = {{0, estimate[0], 0.5, 2},
                                            {2, estimate[1], 0, 1}};
    int moved = 0;
    for (int k = 0; k < 8; k++) {
        const bool replace = k % 2 == 1;
        const pv_group_distance which = k / 2 % 2 == 0 ? PV_FURTHEST : PV_ALL;
        const size_t chosen = (size_t)k / 4;
        const double sensitivity = which == PV_ALL && replace ? 4 : 2;
        int64_t out[4], in[4];
        make("mixed", replace);
        count(0, out);
        count(1, in);
        pv_witness_begin(witness);
        must(pv_witness_hear(witness,
                             &(pv_heard){.kind = PV_HEARD_GROUP,
                                         .count = 2,
                                         .queries = queries,
                                         .group_candidate = candidate,
                                         .distance = which,
                                         .chosen = chosen,
                                         .epsilon_num = PV_EPSILON_DEN / 2},
                             &err));
        const double wanted =
            log(chance(in, which, sensitivity, chosen)) -
            log(chance(out, which, sensitivity, chosen));
        cr_expect_float_eq(feature("privacy loss"), wanted, 1e-9, "%d", k);
        cr_expect_float_eq(feature("selection 1"), wanted, 1e-9, "%d", k);
        moved += wanted != 0;
        cr_expect(near(pv_witness_rho(witness), 0.25 / 8, 1e-12));
    }
    cr_expect_geq(moved, 4);
}
