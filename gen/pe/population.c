#include "gen/pe/population.h"

#include "core/memory.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

pv_status pv_population_make(size_t width, size_t classes, pv_population *p,
                             pv_error *err)
{
    *p = (pv_population){.width = width, .classes = classes};
    p->first = pv_array_calloc(classes + 1, sizeof *p->first);
    return p->first != NULL ? PV_OK : pv_fail_memory(err, "a population");
}

void pv_population_clear(pv_population *p)
{
    free(p->first);
    free(p->class);
    free(p->item);
    free(p->generation);
    free(p->vector);
    memset(p, 0, sizeof *p);
}

void pv_population_swap(pv_population *a, pv_population *b)
{
    const pv_population swap = *a;
    *a = *b;
    *b = swap;
}

static bool grow(void *array, size_t room, size_t size)
{
    void **block = array;
    void *larger = pv_array_realloc(*block, room, size);
    if (larger != NULL)
        *block = larger;
    return larger != NULL;
}

static pv_status make_room(pv_population *p, pv_error *err)
{
    size_t room, floats;
    if (p->count < p->room)
        return PV_OK;
    room = p->room > 0 ? 2 * p->room : 256;
    if (!pv_size_mul(room, p->width, &floats) ||
        !grow(&p->class, room, sizeof *p->class) ||
        !grow(&p->item, room, sizeof *p->item) ||
        !grow(&p->generation, room, sizeof *p->generation) ||
        !grow(&p->vector, floats, sizeof *p->vector))
        return pv_fail_memory(err, "a population");
    p->room = room;
    return PV_OK;
}

pv_status pv_population_add(pv_population *p, uint32_t class, uint64_t item,
                            uint32_t generation, const float *vector,
                            pv_error *err)
{
    const pv_status status = make_room(p, err);
    if (status != PV_OK)
        return status;
    PV_CHECK(class < p->classes);
    p->class[p->count] = class;
    p->item[p->count] = item;
    p->generation[p->count] = generation;
    memcpy(p->vector + p->count * p->width, vector, p->width * sizeof *vector);
    p->count++;
    return PV_OK;
}

pv_status pv_population_copy(pv_population *p, const pv_population *from,
                             size_t i, pv_error *err)
{
    return pv_population_add(p, from->class[i], from->item[i],
                             from->generation[i],
                             from->vector + i * from->width, err);
}

/* --- settling ------------------------------------------------------------------ */

static const float *vector_of(const pv_population *p, size_t i)
{
    return p->vector + i * p->width;
}

/* Of the bits: see settle in the header. */
static uint64_t hash_of(const pv_population *p, size_t i)
{
    uint64_t h = UINT64_C(14695981039346656037) ^ p->class[i];
    for (size_t k = 0; k < p->width; k++) {
        uint32_t bits;
        memcpy(&bits, vector_of(p, i) + k, sizeof bits);
        h = (h ^ bits) * UINT64_C(1099511628211);
    }
    return h ^ h >> 29;
}

static bool same(const pv_population *p, size_t i, size_t j)
{
    return p->class[i] == p->class[j] &&
           memcmp(vector_of(p, i), vector_of(p, j),
                  p->width * sizeof *p->vector) == 0;
}

/* The places of those that are not like an earlier one, in order of classes. */
static pv_status order_of(const pv_population *p, size_t *order, size_t *kept,
                          pv_error *err)
{
    const size_t slots = 2 * p->count + 17;
    size_t *slot = pv_array_calloc(slots, sizeof *slot); /* 1 + a place */
    size_t *start = pv_array_calloc(p->classes + 1, sizeof *start);
    bool *keep = pv_array_calloc(p->count, sizeof *keep);
    if (slot == NULL || start == NULL || keep == NULL) {
        free(slot);
        free(start);
        free(keep);
        return pv_fail_memory(err, "a population");
    }
    for (size_t i = 0; i < p->count; i++) {
        size_t at = (size_t)(hash_of(p, i) % slots);
        while (slot[at] != 0 && !same(p, slot[at] - 1, i))
            at = (at + 1) % slots;
        keep[i] = slot[at] == 0;
        if (keep[i]) {
            slot[at] = i + 1;
            start[p->class[i] + 1]++;
        }
    }
    for (size_t c = 0; c < p->classes; c++)
        start[c + 1] += start[c];
    *kept = start[p->classes];
    memcpy(p->first, start, (p->classes + 1) * sizeof *start);
    for (size_t i = 0; i < p->count; i++)
        if (keep[i])
            order[start[p->class[i]]++] = i;
    free(slot);
    free(start);
    free(keep);
    return PV_OK;
}

pv_status pv_population_settle(pv_population *p, pv_error *err)
{
    pv_status status = PV_OK;
    size_t kept = 0;
    pv_population sorted = {0};
    size_t *order = pv_array_alloc(p->count, sizeof *order);
    if (order == NULL)
        return pv_fail_memory(err, "a population");
    PV_TRY(order_of(p, order, &kept, err));
    PV_TRY(pv_population_make(p->width, p->classes, &sorted, err));
    for (size_t i = 0; i < kept; i++)
        PV_TRY(pv_population_copy(&sorted, p, order[i], err));
    memcpy(sorted.first, p->first, (p->classes + 1) * sizeof *p->first);
    pv_population_swap(p, &sorted);
out:
    pv_population_clear(&sorted);
    free(order);
    return status;
}
