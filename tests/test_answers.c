/* Standard errors of answers: against the spread of many simulated noises, and
 * against a known truth. */
#include "gen/answers.h"
#include "io_fixture.h"

#include <math.h>

enum { draws = 200, columns = 3, most = 24 };

static const char json[] =
    "{\"fields\":["
    "{\"name\":\"a\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":2}},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":3}},"
    "{\"name\":\"c\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":0,\"maximum\":1}},"
    "{\"name\":\"half\",\"type\":\"string\",\"categories\":[\"low\",\"high\"],"
    "\"constraints\":{\"required\":true}}],\"privet\":{\"functions\":[{\"of\":"
    "\"b\",\"gives\":\"half\",\"map\":{\"0\":\"low\",\"1\":\"low\","
    "\"2\":\"high\",\"3\":\"high\"}}]}}";

/* a x b x c; b and c depend on a. */
static double truth_of(size_t a, size_t b, size_t c)
{
    return 40 + 25 * (double)(a * b) + (c == 1 ? 30 * (double)a : 12 * (double)b);
}

typedef struct plan {
    pv_schema *schema;
    uint32_t column[2][2];
    double values[2][12];
    double truth[2][12];
    pv_measurement m[2]; /* a x b and a x c */
} plan;

static void set_up(plan *p)
{
    memset(p, 0, sizeof *p);
    p->schema = schema_of(json);
    for (size_t a = 0; a < 3; a++)
        for (size_t b = 0; b < 4; b++)
            for (size_t c = 0; c < 2; c++) {
                p->truth[0][4 * a + b] += truth_of(a, b, c);
                p->truth[1][2 * a + c] += truth_of(a, b, c);
            }
    for (uint32_t i = 0; i < 2; i++) {
        p->column[i][1] = i + 1;
        p->m[i] = (pv_measurement){.columns = 2,
                                   .column = p->column[i],
                                   .cells = i == 0 ? 12 : 6,
                                   .values = p->values[i],
                                   .variance = i == 0 ? 36 : 16};
    }
}

static void simulate(plan *p, pv_stream *stream)
{
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < p->m[i].cells; k++) {
            double sum = -6; /* twelve uniforms: a normal, nearly */
            for (size_t j = 0; j < 12; j++)
                sum += pv_stream_double(stream);
            p->values[i][k] =
                p->truth[i][k] + sqrt(p->m[i].variance) * sum;
        }
}

static pv_clique of(uint32_t a, uint32_t b)
{
    const uint32_t column[] = {a, b};
    return pv_clique_of(column, 2);
}

static void ask(plan *p, const pv_clique *clique, size_t count,
                size_t replicates, uint64_t key, pv_answer *answers)
{
    pv_error err = PV_ERROR_INIT;
    pv_answer_options options = {.replicates = replicates};
    memcpy(options.key.bytes, &key, sizeof key);
    cr_assert_eq(pv_answer_marginals(p->schema, p->m, 2, 0, clique, count,
                                     &options, answers, &err),
                 PV_OK, "%s", err.message);
}

/* The mean over cells of the bootstrap's standard error, averaged over a few
 * draws, is within 15 % of the spread that 200 draws of the noise show; and
 * each cell's within 35 % (200 draws tell a spread to 5 %, 20 x 50 replicates
 * to 2 %; the rest is that the error depends on the answers a little). */
Test(answers, the_error_is_the_spread, .timeout = 120)
{
    plan p;
    pv_stream stream;
    const pv_key key = {{7}};
    /* measured; inside one; model-based */
    const pv_clique clique[] = {of(0, 1), of(2, 2), of(1, 2)};
    static const size_t cells[] = {12, 2, 8};
    double sum[3][12] = {{0}}, squares[3][12] = {{0}}, error[3][12] = {{0}};
    pv_answer answer[3];
    set_up(&p);
    pv_stream_init(&stream, &key, 1);
    for (size_t d = 0; d < draws; d++) {
        const bool bootstrap = d % 10 == 0;
        simulate(&p, &stream);
        ask(&p, clique, 3, bootstrap ? 50 : 2, d, answer);
        for (size_t i = 0; i < 3; i++) {
            cr_assert_eq(answer[i].cells, cells[i]);
            for (size_t k = 0; k < cells[i]; k++) {
                sum[i][k] += answer[i].count[k];
                squares[i][k] += answer[i].count[k] * answer[i].count[k];
                if (bootstrap)
                    error[i][k] += answer[i].error[k] / (draws / 10);
            }
            pv_answer_clear(&answer[i]);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        double all = 0, spread = 0;
        for (size_t k = 0; k < cells[i]; k++) {
            const double mean = sum[i][k] / draws;
            const double sd =
                sqrt((squares[i][k] - draws * mean * mean) / (draws - 1));
            cr_expect(error[i][k] > 0.65 * sd && error[i][k] < 1.35 * sd,
                      "marginal %zu cell %zu: error %g, spread %g", i, k,
                      error[i][k], sd);
            all += error[i][k];
            spread += sd;
        }
        cr_expect(all > 0.85 * spread && all < 1.15 * spread,
                  "marginal %zu: errors %g, spreads %g", i, all, spread);
    }
    pv_schema_free(p.schema);
}

/* Two standard errors around the answer hold the truth about 95 times of 100:
 * over 200 draws and 18 measured cells between 91 % and 98 %. */
Test(answers, two_errors_cover_the_truth, .timeout = 120)
{
    plan p;
    pv_stream stream;
    const pv_key key = {{9}};
    const pv_clique clique[] = {of(0, 1), of(0, 2)};
    pv_answer answer[2];
    size_t held = 0, asked = 0;
    set_up(&p);
    pv_stream_init(&stream, &key, 1);
    for (size_t d = 0; d < draws; d++) {
        simulate(&p, &stream);
        ask(&p, clique, 2, 30, d, answer);
        for (size_t i = 0; i < 2; i++) {
            cr_assert_eq(answer[i].support, PV_SUPPORT_MEASURED);
            for (size_t k = 0; k < answer[i].cells; k++) {
                held += fabs(answer[i].count[k] - p.truth[i][k]) <=
                        2 * answer[i].error[k];
                asked++;
            }
            pv_answer_clear(&answer[i]);
        }
    }
    const double share = (double)held / (double)asked;
    cr_expect(share > 0.91 && share < 0.98, "%g", share);
    pv_schema_free(p.schema);
}

Test(answers, support_totals_and_determined_columns)
{
    plan p;
    pv_stream stream;
    const pv_key key = {{3}};
    /* a x half, half, b, b x c, c x half */
    const pv_clique clique[] = {of(0, 3), of(3, 3), of(1, 1), of(1, 2),
                                of(2, 3)};
    pv_answer x[5], y[5];
    set_up(&p);
    pv_stream_init(&stream, &key, 1);
    simulate(&p, &stream);
    ask(&p, clique, 5, 4, 1, x);
    static const pv_support support[] = {
        PV_SUPPORT_MEASURED, PV_SUPPORT_INSIDE, PV_SUPPORT_INSIDE,
        PV_SUPPORT_MODEL, PV_SUPPORT_MODEL};
    double total[5] = {0};
    for (size_t i = 0; i < 5; i++) {
        cr_expect_eq(x[i].support, support[i], "%zu", i);
        for (size_t k = 0; k < x[i].cells; k++)
            total[i] += x[i].count[k];
        cr_expect_float_eq(total[i], total[0], 1e-6);
    }
    /* half is b in two: sums agree, and are less certain than nothing */
    cr_assert_eq(x[1].cells, 2);
    cr_expect_float_eq(x[1].count[0], x[2].count[0] + x[2].count[1], 1e-9);
    cr_expect_float_eq(x[1].count[1], x[2].count[2] + x[2].count[3], 1e-9);
    cr_expect_gt(x[1].error[0], 0);
    /* the same key gives the same bytes, another other errors, same counts */
    ask(&p, clique, 5, 4, 1, y);
    cr_expect_arr_eq(x[3].error, y[3].error, 8 * sizeof(double));
    for (size_t i = 0; i < 5; i++)
        pv_answer_clear(&y[i]);
    ask(&p, clique, 5, 4, 2, y);
    cr_expect_arr_eq(x[3].count, y[3].count, 8 * sizeof(double));
    cr_expect_arr_neq(x[3].error, y[3].error, 8 * sizeof(double));
    for (size_t i = 0; i < 5; i++) {
        pv_answer_clear(&x[i]);
        pv_answer_clear(&y[i]);
    }
    pv_schema_free(p.schema);
}

Test(answers, what_cannot_be_answered)
{
    plan p;
    pv_error err = PV_ERROR_INIT;
    pv_answer answer;
    pv_clique clique = of(0, 1);
    pv_answer_options options = {.replicates = 1};
    set_up(&p);
    cr_expect_eq(pv_answer_marginals(p.schema, p.m, 2, 0, &clique, 1, &options,
                                     &answer, &err),
                 PV_EINVAL);
    options.replicates = 2;
    cr_expect_eq(pv_answer_marginals(p.schema, p.m, 0, 0, &clique, 1, &options,
                                     &answer, &err),
                 PV_EINVAL);
    cr_expect_null(answer.count);
    pv_schema_free(p.schema);
}
