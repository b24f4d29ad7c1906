#include "audit/attack/interval.h"

#include "core/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static double clip(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

/* --- rates ---------------------------------------------------------------- */

void pv_wilson(double successes, double trials, double z, double *centre,
               double *half)
{
    const double n = trials > 0 ? trials : 0;
    const double k = clip(successes, 0, n), square = z * z;
    const double spread = n > 0 ? k * ((n - k) / n) : 0;
    *centre = (k + square / 2) / (n + square);
    *half = z / (n + square) * sqrt(spread + square / 4);
}

void pv_wilson_interval(double successes, double trials, double ci[2])
{
    double centre, half;
    pv_wilson(successes, trials, PV_Z95, &centre, &half);
    /* at 0 and 100 % the ends are exact, whatever the rounding */
    ci[0] = successes <= 0 ? 0 : clip(centre - half, 0, 1);
    ci[1] = successes >= trials ? 1 : clip(centre + half, 0, 1);
    if (trials <= 0) {
        ci[0] = 0;
        ci[1] = 1;
    }
}

void pv_difference_interval(double k1, double n1, double k2, double n2,
                            double ci[2])
{
    double a[2], b[2];
    if (n1 <= 0 || n2 <= 0) {
        ci[0] = -1;
        ci[1] = 1;
        return;
    }
    const double p1 = clip(k1 / n1, 0, 1), p2 = clip(k2 / n2, 0, 1);
    pv_wilson_interval(k1, n1, a);
    pv_wilson_interval(k2, n2, b);
    ci[0] = clip(p1 - p2 - hypot(p1 - a[0], b[1] - p2), -1, 1);
    ci[1] = clip(p1 - p2 + hypot(a[1] - p1, p2 - b[0]), -1, 1);
}

double pv_residual_risk(double k_attack, double n_attack, double k_control,
                        double n_control, double ci[2])
{
    double attack, attack_half, control, control_half;
    pv_wilson(k_attack, n_attack, PV_Z95, &attack, &attack_half);
    pv_wilson(k_control, n_control, PV_Z95, &control, &control_half);
    const double room = 1 - control;
    if (room <= 0) { /* more than 1e16 trials, all successes: nothing is left */
        ci[0] = 0;
        ci[1] = 1;
        return 0;
    }
    const double risk = (attack - control) / room;
    const double by_attack = attack_half / room;
    const double by_control = control_half * (1 - attack) / (room * room);
    const double half = hypot(by_attack, by_control);
    ci[0] = clip(risk - half, 0, 1);
    ci[1] = clip(risk + half, 0, 1);
    return clip(risk, 0, 1);
}

/* --- areas under ROC curves ----------------------------------------------- */

typedef struct scored {
    double score;
    bool positive;
} scored;

static int compare_scores(const void *left, const void *right)
{
    const double a = ((const scored *)left)->score;
    const double b = ((const scored *)right)->score;
    return a < b ? -1 : a > b;
}

/* Twice the pairs in which the positive is ahead, a tie counting one: whole
 * numbers, so the order of equal scores makes no difference. */
static uint64_t count_wins(const scored *sorted, size_t count)
{
    uint64_t wins = 0, below = 0;
    for (size_t i = 0; i < count;) {
        uint64_t positive = 0, negative = 0;
        size_t j = i;
        for (; j < count && sorted[j].score == sorted[i].score; j++) {
            positive += sorted[j].positive;
            negative += !sorted[j].positive;
        }
        wins += positive * (2 * below + negative);
        below += negative;
        i = j;
    }
    return wins;
}

pv_status pv_auc(const double *score, const bool *positive, size_t count,
                 double *auc, pv_error *err)
{
    uint64_t positives = 0;
    scored *sorted = pv_array_alloc(count, sizeof *sorted);
    if (sorted == NULL)
        return pv_fail_memory(err, "scores");
    for (size_t i = 0; i < count; i++) {
        /* what is not a number tells nothing: behind all others, as one tie */
        const double s = isnan(score[i]) ? -INFINITY : score[i];
        sorted[i] = (scored){s, positive[i]};
        positives += positive[i];
    }
    const double pairs = (double)positives * (double)(count - positives);
    qsort(sorted, count, sizeof *sorted, compare_scores);
    *auc = pairs > 0 ? (double)count_wins(sorted, count) / (2 * pairs) : NAN;
    free(sorted);
    return PV_OK;
}

/* The deviation of an estimated area when theta is the true one. */
static double area_deviation(double theta, double m, double n)
{
    const double more = (m + n) / 2 - 1;
    const double q = (1 - theta) / (2 - theta) + theta / (1 + theta);
    const double variance = theta * (1 - theta) * (1 + more * q) / (m * n);
    return sqrt(variance);
}

/* The theta below `auc` that is z deviations (its own) away. The distance to
 * auc beats the deviation at 0, and not any more just below auc. */
static double area_below(double auc, double m, double n)
{
    double low = 0, high = auc;
    for (int i = 0; i < 200 && low < high; i++) {
        const double middle = low + (high - low) / 2;
        if (middle <= low || middle >= high)
            break;
        if (auc - middle > PV_Z95 * area_deviation(middle, m, n))
            low = middle;
        else
            high = middle;
    }
    return low;
}

void pv_auc_interval(double auc, size_t positives, size_t negatives,
                     double ci[2])
{
    const double m = (double)positives, n = (double)negatives;
    ci[0] = 0;
    ci[1] = 1;
    if (positives == 0 || negatives == 0 || isnan(auc))
        return;
    auc = clip(auc, 0, 1);
    ci[0] = area_below(auc, m, n);
    ci[1] = 1 - area_below(1 - auc, m, n); /* the variance is symmetric */
}
