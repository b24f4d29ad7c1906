/* Weights fitted to noisy counts: the fixed point that the fit is said to have. */
#include "gen/pe/evidence.h"

#include "pe_fixture.h"

/* Points of a class lie on a grid of cells of two partitions, `across` x `down`, some of
 * them twice; class 1 has no points, class 2 no cells in the second partition. */
enum { classes = 4, across = 4, down = 3, most = classes * across * down * 2 };

typedef struct problem {
    pv_evidence *evidence;
    double rows[classes];
    size_t first[2][classes + 1], start[classes + 1];
    double noisy[2][classes * across];
    uint32_t cell[2][most];
    uint32_t *cells[2];
    double offset[most], weight[most];
    double sigma, strength;
} problem;

static problem p;

static bool is_there(size_t partition, size_t class)
{
    return partition == 0 || class != 2;
}

static void put_points(void)
{
    size_t n = 0;
    for (size_t c = 0; c < classes; c++) {
        p.start[c] = n;
        for (size_t i = 0; c != 1 && i < 2 * across * down; i++) {
            if (i % 5 == 1 && i >= across * down)
                continue;
            const size_t x = i % across, y = i / across % down;
            p.cell[0][n] = (uint32_t)(p.first[0][c] + x);
            p.cell[1][n] =
                is_there(1, c) ? (uint32_t)(p.first[1][c] + y) : 77777;
            p.offset[n++] = (double)(i * 13 % 7) / 5 - 0.5;
        }
    }
    p.start[classes] = n;
    p.cells[0] = p.cell[0];
    p.cells[1] = p.cell[1];
}

/* Cells that want unlike counts, with so much noise. */
static void set_up(double sigma, double strength)
{
    static const double rows[classes] = {100, 50, 30, 400};
    static const size_t width[2] = {across, down};
    memset(&p, 0, sizeof p);
    memcpy(p.rows, rows, sizeof rows);
    p.sigma = sigma;
    p.strength = strength;
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    cr_assert_eq(pv_evidence_alloc(classes, p.rows, &p.evidence, &err), PV_OK);
    for (size_t k = 0; k < 2; k++) {
        for (size_t c = 0; c < classes; c++) {
            const size_t here = is_there(k, c) ? width[k] : 0;
            p.first[k][c + 1] = p.first[k][c] + here;
            for (size_t j = 0; j < here; j++)
                p.noisy[k][p.first[k][c] + j] =
                    p.rows[c] * (double)(j + 1) /
                    (double)(width[k] * (width[k] + 1) / 2);
        }
        cr_assert_eq(pv_evidence_add(p.evidence, p.first[k], p.noisy[k], sigma,
                                     strength, &err),
                     PV_OK);
    }
    cr_assert_eq(pv_evidence_count(p.evidence), 2);
    put_points();
}

static void fit(size_t sweeps)
{
    for (size_t i = 0; i < most; i++)
        p.weight[i] = -1;
    cr_assert_eq(pv_evidence_fit(p.evidence, p.start, p.cells, p.offset, sweeps,
                                 p.weight, &err),
                 PV_OK);
}

static void done(void)
{
    pv_evidence_free(p.evidence);
}

static double fitted(size_t partition, size_t cell)
{
    double sum = 0;
    for (size_t i = 0; i < p.start[classes]; i++)
        if (p.cell[partition][i] == cell)
            sum += p.weight[i];
    return sum;
}

/* What the header says of the end: lambda = g (noisy - fitted) / sigma^2. */
static double off_fixed_point(void)
{
    double worst = 0;
    for (size_t k = 0; k < 2; k++)
        for (size_t c = 0; c < classes; c++)
            for (size_t j = p.first[k][c]; c != 1 && j < p.first[k][c + 1];
                 j++) {
                const double cells =
                    (double)(p.first[k][c + 1] - p.first[k][c]);
                const double ridge = p.strength * p.rows[c] / cells /
                                     (p.sigma * p.sigma);
                const double wanted =
                    ridge * (p.noisy[k][j] - fitted(k, j));
                worst = fmax(
                    worst,
                    fabs(pv_evidence_lambda(p.evidence, k)[j] - wanted));
            }
    return worst;
}

static void check_weights(void)
{
    for (size_t c = 0; c < classes; c++) {
        double sum = 0;
        for (size_t i = p.start[c]; i < p.start[c + 1]; i++) {
            double log_weight = p.offset[i];
            for (size_t k = 0; k < 2; k++)
                if (is_there(k, c))
                    log_weight +=
                        pv_evidence_lambda(p.evidence, k)[p.cell[k][i]];
            const double other =
                p.offset[p.start[c]] +
                pv_evidence_lambda(p.evidence, 0)[p.cell[0][p.start[c]]] +
                (is_there(1, c) ? pv_evidence_lambda(
                                      p.evidence, 1)[p.cell[1][p.start[c]]]
                                : 0);
            cr_assert_float_eq(p.weight[i] / p.weight[p.start[c]],
                               exp(log_weight - other), 1e-6 * p.weight[i] + 1e-9);
            sum += p.weight[i];
        }
        if (c != 1)
            cr_assert_float_eq(sum, p.rows[c], 1e-9 * p.rows[c]);
    }
}

static void check_fixed_point(double sigma, double strength)
{
    set_up(sigma, strength);
    fit(5);
    check_weights();
    fit(60000); /* what all of a partition's have in common comes slowly */
    cr_assert_lt(off_fixed_point(), 1e-4, "sigma %g: off by %g", sigma,
                 off_fixed_point());
    check_weights();
    done();
}

Test(evidence, fits_end_where_the_prior_holds_the_counts)
{
    check_fixed_point(3, 1);
    check_fixed_point(10, 2);
    check_fixed_point(40, 3);
    check_fixed_point(6, 0.5);
}

Test(evidence, exact_counts_are_reproduced)
{
    set_up(1e-2, 3);
    fit(2000);
    for (size_t k = 0; k < 2; k++)
        for (size_t c = 0; c < classes; c++)
            for (size_t j = p.first[k][c]; c != 1 && j < p.first[k][c + 1]; j++)
                cr_assert_float_eq(fitted(k, j), p.noisy[k][j],
                                   1e-3 * p.noisy[k][j], "%zu %zu: %g not %g",
                                   k, j, fitted(k, j), p.noisy[k][j]);
    done();
}

Test(evidence, nothing_but_noise_leaves_what_there_is)
{
    set_up(1e7, 3);
    fit(50);
    for (size_t c = 0; c < classes; c++) {
        double all = 0;
        for (size_t i = p.start[c]; i < p.start[c + 1]; i++)
            all += exp(p.offset[i]);
        for (size_t i = p.start[c]; i < p.start[c + 1]; i++)
            cr_assert_float_eq(p.weight[i],
                               p.rows[c] * exp(p.offset[i]) / all, 1e-6);
    }
    done();
}

Test(evidence, a_fit_of_no_sweeps_takes_what_is_known)
{
    set_up(3, 1);
    fit(0);
    for (size_t j = 0; j < across; j++)
        cr_assert_eq(pv_evidence_lambda(p.evidence, 0)[j], 0);
    check_weights();
    fit(10);
    fit(0);
    check_weights();
    done();
}

Test(evidence, counts_below_nothing_are_borne)
{
    set_up(5, 2);
    for (size_t n = 0; n < 40; n++) {
        p.noisy[0][0] = -1000;
        cr_assert_eq(pv_evidence_add(p.evidence, p.first[0], p.noisy[0], 5, 2,
                                     &err),
                     PV_OK);
    }
    uint32_t *cells[42];
    for (size_t k = 0; k < 42; k++)
        cells[k] = p.cell[k == 1];
    cr_assert_eq(pv_evidence_fit(p.evidence, p.start, cells, p.offset, 30,
                                 p.weight, &err),
                 PV_OK);
    for (size_t i = 0; i < p.start[classes]; i++)
        cr_assert(p.weight[i] >= 0 && p.weight[i] <= 401);
    cr_assert_lt(fitted(0, 0), 1);
    cr_assert_float_eq(fitted(0, 1) + fitted(0, 2) + fitted(0, 3), 100, 1);
    done();
}

Test(evidence, begins_as_if_points_were_spread)
{
    set_up(6, 2);
    for (size_t k = 0; k < 2; k++) {
        cr_assert_eq(pv_evidence_begin(p.evidence, k, &err), PV_OK);
        for (size_t c = 0; c < classes; c++)
            for (size_t j = p.first[k][c]; j < p.first[k][c + 1]; j++) {
                const double alike =
                    p.rows[c] / (double)(p.first[k][c + 1] - p.first[k][c]);
                const double lambda = pv_evidence_lambda(p.evidence, k)[j];
                cr_assert_float_eq(lambda,
                                   p.strength * alike / 36 *
                                       (p.noisy[k][j] - alike * exp(lambda)),
                                   1e-6);
            }
    }
    cr_assert_eq(pv_evidence_rows(p.evidence, 3), 400);
    done();
}

Test(evidence, same_bytes_for_any_threads)
{
    double one[most], lambda[classes * across];
    for (int threads = 1; threads <= 4; threads *= 2) {
        pv_threads_set(threads);
        set_up(4, 2);
        fit(17);
        if (threads == 1) {
            memcpy(one, p.weight, sizeof one);
            memcpy(lambda, pv_evidence_lambda(p.evidence, 0),
                   p.first[0][classes] * sizeof *lambda);
        }
        cr_assert_arr_eq(one, p.weight, sizeof one);
        cr_assert_arr_eq(lambda, pv_evidence_lambda(p.evidence, 0),
                         p.first[0][classes] * sizeof *lambda);
        done();
    }
    pv_threads_set(1);
}
