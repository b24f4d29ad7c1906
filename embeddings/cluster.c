#include "embeddings/cluster.h"

#include "core/memory.h"
#include "core/threads.h"
#include "embeddings/nearest_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { steps_most = 50, drawn_for_each = 256 };

pv_status pv_vectors_settle(pv_vector_metric metric, float *vector,
                            size_t count, size_t width, pv_error *err)
{
    for (size_t i = 0; i < count; i++) {
        double norm;
        float *x = vector + i * width;
        if (!pv_float_valid(metric, x, width, &norm))
            return pv_fail(err, PV_EINVAL, "vector %zu (from 0) %s", i,
                           metric == PV_VECTOR_COSINE
                               ? "is zero or not finite: it has no direction"
                               : "is not finite, or is longer than 2^60");
        if (metric == PV_VECTOR_COSINE)
            pv_float_scale(x, norm, width, x);
    }
    return PV_OK;
}

/* --- neighbours ------------------------------------------------------------------ */

typedef struct apart {
    double distance;
    uint32_t index;
} apart;

static int compare_apart(const void *a, const void *b)
{
    const apart *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    return x->index < y->index ? -1 : x->index > y->index;
}

typedef struct asking {
    const float *vector;
    const uint32_t *query;
    size_t count, width, most;
    uint32_t *near;
    apart *room; /* count of them a query at hand */
} asking;

/* The `most` smallest come first, in no order: a selection by parts. */
static void part(apart *all, size_t count, size_t most)
{
    size_t low = 0, high = count;
    while (high - low > 1 && most > low && most < high) {
        /* the lower middle: the last one, if it were the largest, would never end */
        const apart pivot = all[low + (high - low - 1) / 2];
        size_t i = low, j = high - 1;
        for (;;) {
            while (compare_apart(&all[i], &pivot) < 0)
                i++;
            while (compare_apart(&all[j], &pivot) > 0)
                j--;
            if (i >= j)
                break;
            const apart swap = all[i];
            all[i++] = all[j];
            all[j--] = swap;
        }
        /* all differ, by their indices: [low, j] <= pivot <= [j + 1, high) */
        if (most <= j + 1)
            high = j + 1;
        else
            low = j + 1;
    }
}

static void find_near(size_t item, void *context)
{
    const asking *a = context;
    const uint32_t self = a->query[item];
    apart *all = a->room + item * a->count;
    for (size_t j = 0; j < a->count; j++)
        all[j] = (apart){pv_float_distance(a->vector + self * a->width,
                                           a->vector + j * a->width, a->width),
                         (uint32_t)j};
    all[self].distance = -1; /* before its duplicates */
    part(all, a->count, a->most);
    qsort(all, a->most, sizeof *all, compare_apart);
    for (size_t k = 0; k < a->most; k++)
        a->near[item * a->most + k] = all[k].index;
}

pv_status pv_vectors_neighbours(const float *vector, size_t count, size_t width,
                                const uint32_t *query, size_t queries,
                                size_t most, uint32_t *near, pv_error *err)
{
    const size_t at_once = (size_t)4 * (size_t)pv_threads_get();
    PV_CHECK(most <= count && count < UINT32_MAX);
    asking a = {.vector = vector, .count = count, .width = width, .most = most};
    a.room = pv_array_alloc(at_once * count, sizeof *a.room);
    if (a.room == NULL)
        return pv_fail_memory(err, "the neighbours");
    for (size_t from = 0; from < queries; from += at_once) {
        a.query = query + from;
        a.near = near + from * most;
        pv_parallel_for(queries - from < at_once ? queries - from : at_once,
                        find_near, &a);
    }
    free(a.room);
    return PV_OK;
}

/* --- cells ---- */

typedef struct given {
    const float *vector;
    size_t width;
} given;

static void fill_given(void *context, size_t first, size_t count, float *vector)
{
    const given *g = context;
    memcpy(vector, g->vector + first * g->width,
           count * g->width * sizeof *vector);
}

pv_status pv_vectors_assign(pv_vector_metric metric, const float *vector,
                            size_t count, size_t width, const float *candidate,
                            size_t candidates, uint32_t *cell, pv_error *err)
{
    given g = {vector, width};
    return pv_vectors_nearest(metric, candidate, candidates, width, fill_given,
                              &g, count, cell, err);
}

/* --- clusters ---------------------------------------------------------------------- */

typedef struct clustering {
    const float *vector; /* to find the centres by */
    size_t count, width, clusters;
    float *centre;
    uint32_t *cell;
    double *nearest;     /* while seeding: the squared distance from the seeds */
    const float *seed;   /* the last of them */
    double *sum;
    size_t *members;
} clustering;

enum { block = 1024 };

static void come_nearer(size_t item, void *context)
{
    const clustering *c = context;
    const size_t end = (item + 1) * block < c->count ? (item + 1) * block
                                                     : c->count;
    for (size_t i = item * block; i < end; i++)
        c->nearest[i] = fmin(c->nearest[i],
                             pv_float_distance(c->vector + i * c->width,
                                               c->seed, c->width));
}

/* One drawn with a probability in proportion to its squared distance from those that
 * are there; count when all are at them. */
static size_t draw_seed(const clustering *c, pv_stream *stream)
{
    double sum = 0, at;
    for (size_t i = 0; i < c->count; i++)
        sum += c->nearest[i];
    if (!(sum > 0))
        return c->count;
    at = pv_stream_double(stream) * sum;
    size_t last = c->count;
    for (size_t i = 0; i < c->count; i++) {
        if (c->nearest[i] <= 0)
            continue;
        last = i;
        at -= c->nearest[i];
        if (at < 0)
            break;
    }
    return last;
}

static void seed(clustering *c, size_t wanted, const pv_key *key)
{
    pv_stream stream;
    pv_stream_init(&stream, key, 0);
    size_t next = (size_t)pv_stream_below(&stream, c->count);
    for (size_t i = 0; i < c->count; i++)
        c->nearest[i] = INFINITY;
    for (c->clusters = 0; c->clusters < wanted && next < c->count;
         next = draw_seed(c, &stream)) {
        float *centre = c->centre + c->clusters++ * c->width;
        memcpy(centre, c->vector + next * c->width, c->width * sizeof *centre);
        c->seed = centre;
        pv_parallel_for((c->count + block - 1) / block, come_nearer, c);
    }
    pv_stream_wipe(&stream);
}

static pv_status assign(clustering *c, pv_error *err)
{
    return pv_vectors_assign(PV_VECTOR_L2, c->vector, c->count, c->width,
                             c->centre, c->clusters, c->cell, err);
}

/* Centres become the means of their members; those without any are given up. True when
 * some have moved. */
static bool move_centres(clustering *c)
{
    bool moved = false;
    size_t kept = 0;
    memset(c->sum, 0, c->clusters * c->width * sizeof *c->sum);
    memset(c->members, 0, c->clusters * sizeof *c->members);
    for (size_t i = 0; i < c->count; i++) {
        double *sum = c->sum + c->cell[i] * c->width;
        c->members[c->cell[i]]++;
        for (size_t k = 0; k < c->width; k++)
            sum[k] += (double)c->vector[i * c->width + k];
    }
    for (size_t j = 0; j < c->clusters; j++) {
        moved = moved || c->members[j] == 0;
        if (c->members[j] == 0)
            continue;
        float *centre = c->centre + kept++ * c->width;
        for (size_t k = 0; k < c->width; k++) {
            const float mean = (float)(c->sum[j * c->width + k] /
                                       (double)c->members[j]);
            moved = moved || mean != c->centre[j * c->width + k];
            centre[k] = mean;
        }
    }
    c->clusters = kept;
    return moved;
}

static pv_status find_centres(clustering *c, size_t wanted, const pv_key *key,
                              pv_error *err)
{
    pv_status status = PV_OK;
    c->nearest = pv_array_alloc(c->count, sizeof *c->nearest);
    c->sum = pv_array_alloc(wanted * c->width, sizeof *c->sum);
    c->members = pv_array_alloc(wanted, sizeof *c->members);
    if (c->nearest == NULL || c->sum == NULL || c->members == NULL) {
        status = pv_fail_memory(err, "the clusters");
        goto out;
    }
    seed(c, wanted, key);
    for (int step = 0; step < steps_most; step++) {
        PV_TRY(assign(c, err));
        if (!move_centres(c))
            break;
    }
out:
    free(c->nearest);
    free(c->sum);
    free(c->members);
    return status;
}

/* So many vectors, drawn without replacement. NULL on short memory. */
static float *draw_some(const float *vector, size_t count, size_t width,
                        size_t some, const pv_key *key)
{
    pv_stream stream;
    float *drawn = pv_aligned_alloc(some * width, sizeof *drawn);
    pv_stream_init(&stream, key, 1);
    for (size_t i = 0, left = some; drawn != NULL && left > 0; i++)
        if (pv_stream_below(&stream, count - i) < left) {
            memcpy(drawn + (some - left) * width, vector + i * width,
                   width * sizeof *drawn);
            left--;
        }
    pv_stream_wipe(&stream);
    return drawn;
}

/* Gives up centres that no vector of all is nearest to. */
static void drop_empty(clustering *c, uint32_t *place)
{
    size_t kept = 0;
    memset(place, 0, c->clusters * sizeof *place);
    for (size_t i = 0; i < c->count; i++)
        place[c->cell[i]] = 1;
    for (size_t j = 0; j < c->clusters; j++) {
        if (place[j] == 0)
            continue;
        memmove(c->centre + kept * c->width, c->centre + j * c->width,
                c->width * sizeof *c->centre);
        place[j] = (uint32_t)kept++;
    }
    for (size_t i = 0; i < c->count; i++)
        c->cell[i] = place[c->cell[i]];
    c->clusters = kept;
}

pv_status pv_vectors_cluster(const float *vector, size_t count, size_t width,
                             size_t clusters, const pv_key *key, float *centre,
                             uint32_t *cell, size_t *found, pv_error *err)
{
    pv_status status = PV_OK;
    float *drawn = NULL;
    uint32_t *place = pv_array_alloc(clusters, sizeof *place);
    clustering c = {.vector = vector,
                    .count = count,
                    .width = width,
                    .centre = centre,
                    .cell = cell};
    PV_CHECK(count > 0 && clusters > 0 && clusters < UINT32_MAX / 256);
    if (place == NULL) {
        status = pv_fail_memory(err, "the clusters");
        goto out;
    }
    if (count > drawn_for_each * clusters) {
        c.count = drawn_for_each * clusters;
        c.vector = drawn = draw_some(vector, count, width, c.count, key);
        if (drawn == NULL) {
            status = pv_fail_memory(err, "the clusters");
            goto out;
        }
    }
    PV_TRY(find_centres(&c, clusters, key, err));
    c.vector = vector;
    c.count = count;
    PV_TRY(assign(&c, err));
    drop_empty(&c, place);
    *found = c.clusters;
out:
    free(place);
    free(drawn);
    return status;
}
