/* Sums in double in an order that is theirs alone: of lanes, which are then
 * added in halves. Wider vector units take more lanes at a time and round the
 * same. */
#include <config.h>

#include "embeddings/nearest_internal.h"

#include <math.h>

enum { lanes = 32 };

static double add_lanes(double *lane)
{
    for (size_t step = lanes / 2; step > 0; step /= 2)
        for (size_t k = 0; k < step; k++)
            lane[k] += lane[k + step];
    return lane[0];
}

PV_WIDE static double float_product(const float *x, const float *y, size_t width)
{
    double lane[lanes] = {0};
    size_t i = 0;
    for (; i + lanes <= width; i += lanes)
        for (size_t k = 0; k < lanes; k++)
            lane[k] += (double)x[i + k] * (double)y[i + k];
    for (size_t k = 0; i + k < width; k++)
        lane[k] += (double)x[i + k] * (double)y[i + k];
    return add_lanes(lane);
}

PV_WIDE static double float_distance(const float *x, const float *y, size_t width)
{
    double lane[lanes] = {0};
    size_t i = 0;
    for (; i + lanes <= width; i += lanes)
        for (size_t k = 0; k < lanes; k++) {
            const double gap = (double)x[i + k] - (double)y[i + k];
            lane[k] += gap * gap;
        }
    for (size_t k = 0; i + k < width; k++) {
        const double gap = (double)x[i + k] - (double)y[i + k];
        lane[k] += gap * gap;
    }
    return add_lanes(lane);
}

/* The clones are static: not every compiler gives them an outside name. Their own names
 * must be no others in the library all the same: clang does not keep them apart. */

double pv_float_product(const float *x, const float *y, size_t width)
{
    return float_product(x, y, width);
}

double pv_float_distance(const float *x, const float *y, size_t width)
{
    return float_distance(x, y, width);
}

bool pv_float_valid(pv_vector_metric metric, const float *x, size_t width,
                    double *norm)
{
    /* a square of a float neither overflows nor underflows in double */
    const double square = pv_float_product(x, x, width);
    *norm = sqrt(square);
    if (metric == PV_VECTOR_COSINE)
        return square > 0 && square < (double)INFINITY;
    return square <= PV_VECTOR_LONGEST * PV_VECTOR_LONGEST;
}

void pv_float_scale(const float *x, double norm, size_t width, float *y)
{
    for (size_t i = 0; i < width; i++)
        y[i] = (float)((double)x[i] / norm);
}

void pv_float_shift(const float *x, const float *centre, size_t width, float *y)
{
    for (size_t i = 0; i < width; i++)
        y[i] = x[i] - centre[i];
}
