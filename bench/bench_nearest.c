/* Speed of the search for nearest neighbours beside that of the matrix product
 * alone, on the same numbers, in turn; medians.
 *
 *   bench_nearest [REPEATS]                          a table of widths and
 * threads bench_nearest QUERIES COUNT WIDTH THREADS [REPEATS [CATEGORIES]]
 *                                                    seconds of one search;
 * CATEGORIES > 0: one-hot columns of so many
 *
 * The bare product is one cblas_sgemm of all queries and candidates by the
 * library's own threads, into memory that was touched before. */
#include <config.h>

#include "core/memory.h"
#include "core/threads.h"
#include "embeddings/nearest.h"

#include <gsl/gsl_cblas.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#ifdef HAVE_OPENBLAS
extern void openblas_set_num_threads(int threads);
#else
static void openblas_set_num_threads(int threads)
{
    (void)threads;
}
#endif

typedef struct data {
    size_t queries, count, width;
    float *x, *y, *product;
    uint32_t *index;
} data;

static double now(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void *need(void *block)
{
    if (block == NULL) {
        fputs("bench_nearest: not enough memory\n", stderr);
        exit(1);
    }
    return block;
}

static uint32_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(*state >> 33);
}

static float *make(size_t count, size_t width, size_t categories, uint64_t seed)
{
    float *v = need(pv_array_calloc(count * width, sizeof *v));
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < width; k++)
            if (categories == 0)
                v[i * width + k] =
                    (float)((draw(&seed) >> 16) + (draw(&seed) >> 16)) /
                        0x1p15f -
                    1;
            else if (k % categories == 0 && k + categories <= width)
                v[i * width + k + draw(&seed) % categories] = 1;
    return v;
}

static void fill(void *context, size_t first, size_t count, float *vector)
{
    const data *d = context;
    memcpy(vector, d->x + first * d->width, count * d->width * sizeof *vector);
}

static double time_search(data *d)
{
    pv_error err = PV_ERROR_INIT;
    const double start = now();
    if (pv_vectors_nearest(PV_VECTOR_L2, d->y, d->count, d->width, fill, d,
                           d->queries, d->index, &err) != PV_OK) {
        fprintf(stderr, "bench_nearest: %s\n", err.message);
        exit(1);
    }
    return now() - start;
}

static double time_product(data *d)
{
    const double start = now();
    const int width = (int)d->width;
    openblas_set_num_threads(pv_threads_get());
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)d->queries,
                (int)d->count, width, 1, d->x, width, d->y, width, 0,
                d->product, (int)d->count);
    return now() - start;
}

static int compare(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *t, size_t n)
{
    qsort(t, n, sizeof *t, compare);
    return t[n / 2];
}

static void open_data(data *d, size_t categories)
{
    d->x = make(d->queries, d->width, categories, 1);
    d->y = make(d->count, d->width, categories, 2);
    d->index = need(pv_array_calloc(d->queries, sizeof *d->index));
    d->product = NULL;
}

static void close_data(data *d)
{
    free(d->x);
    free(d->y);
    free(d->index);
    free(d->product);
}

static void compare_speed(size_t width, int threads, size_t repeats)
{
    data d = {.queries = 4096, .count = 4096, .width = width};
    double *search = need(pv_array_alloc(repeats, sizeof *search));
    double *product = need(pv_array_alloc(repeats, sizeof *product));
    const double work = 2e-9 * (double)(d.queries * d.count * width);
    open_data(&d, 0);
    d.product = need(pv_array_calloc(d.queries * d.count, sizeof *d.product));
    pv_threads_set(threads);
    (void)time_product(&d);
    (void)time_search(&d);
    for (size_t i = 0; i < repeats; i++) {
        product[i] = time_product(&d);
        search[i] = time_search(&d);
    }
    const double a = work / median(search, repeats),
                 b = work / median(product, repeats);
    printf("%5zu %7d %10.1f %10.1f %8.2f   %10.1f %10.1f %8.2f\n", width,
           threads, a, b, a / b, work / search[0], work / product[0],
           product[0] / search[0]);
    fflush(stdout);
    free(search);
    free(product);
    close_data(&d);
}

static void one_search(char **argument, int arguments)
{
    const size_t repeats = arguments > 5 ? strtoul(argument[5], NULL, 10) : 1;
    data d = {.queries = strtoul(argument[1], NULL, 10),
              .count = strtoul(argument[2], NULL, 10),
              .width = strtoul(argument[3], NULL, 10)};
    pv_threads_set(atoi(argument[4]));
    open_data(&d, arguments > 6 ? strtoul(argument[6], NULL, 10) : 0);
    for (size_t i = 0; i < repeats; i++)
        printf("%.4f\n", time_search(&d));
    close_data(&d);
}

int main(int argc, char **argv)
{
    static const size_t widths[] = {64, 128, 384, 768, 2048};
    if (argc > 4) {
        one_search(argv, argc);
        return 0;
    }
    const size_t repeats = argc > 1 ? strtoul(argv[1], NULL, 10) : 5;
    printf(
        "4096 x 4096, GF/s         median                            best\n");
    printf("width threads    nearest      sgemm    ratio      nearest      "
           "sgemm    ratio\n");
    for (int threads = 1; threads <= 2; threads++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
            compare_speed(widths[w], threads, repeats > 0 ? repeats : 1);
    return 0;
}
