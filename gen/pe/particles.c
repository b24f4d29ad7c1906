#include "gen/pe/particles_internal.h"

#include "core/memory.h"
#include "core/threads.h"
#include "io/numbers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { tries_most = 10000 }; /* for a row that no zero forbids */

static pv_status make_chunks(pv_particles *p, pv_error *err)
{
    const size_t classes = p->ground->classes;
    p->chunk = pv_array_alloc(p->count / PV_PARTICLE_CHUNK + classes,
                              sizeof *p->chunk);
    if (p->chunk == NULL)
        return pv_fail_memory(err, "the rows");
    for (size_t c = 0; c < classes; c++)
        for (size_t i = p->start[c]; i < p->start[c + 1];
             i += PV_PARTICLE_CHUNK) {
            const size_t end = i + PV_PARTICLE_CHUNK;
            p->chunk[p->chunks++] = (pv_particle_chunk){
                c, i, end < p->start[c + 1] ? end : p->start[c + 1]};
        }
    return PV_OK;
}

pv_status pv_particles_alloc(const pv_ground *ground, const size_t *each,
                             pv_particles **particles, pv_error *err)
{
    size_t cells = 0;
    pv_particles *p = pv_array_calloc(1, sizeof *p);
    *particles = p;
    if (p == NULL)
        return pv_fail_memory(err, "the rows");
    p->ground = ground;
    p->columns = pv_schema_columns(ground->schema);
    p->start = pv_array_calloc(ground->classes + 1, sizeof *p->start);
    if (p->start == NULL)
        goto out;
    for (size_t c = 0; c < ground->classes; c++)
        p->start[c + 1] = p->start[c] + each[c];
    p->count = p->start[ground->classes];
    if (!pv_size_mul(p->count, p->columns, &cells))
        goto out;
    p->code = pv_array_calloc(cells, sizeof *p->code);
    p->value = pv_array_alloc(cells, sizeof *p->value);
    p->offset = pv_array_calloc(p->count, sizeof *p->offset);
    p->weight = pv_array_calloc(p->count, sizeof *p->weight);
    if (p->code == NULL || p->value == NULL || p->offset == NULL ||
        p->weight == NULL || make_chunks(p, NULL) != PV_OK)
        goto out;
    for (size_t i = 0; i < cells; i++)
        p->value[i] = NAN;
    return PV_OK;
out:
    pv_particles_free(p);
    *particles = NULL;
    return pv_fail_memory(err, "the rows");
}

void pv_particles_free(pv_particles *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->partitions; i++)
        free(p->cell[i]);
    free(p->cell);
    free(p->start);
    free(p->code);
    free(p->value);
    free(p->offset);
    free(p->weight);
    free(p->chunk);
    free(p);
}

/* --- drawing -------------------------------------------------------------------- */

bool pv_particle_legal(const pv_ground *ground, const uint32_t *code)
{
    for (size_t z = 0; z < pv_schema_model_zeros(ground->schema); z++) {
        const pv_zero *zero = pv_schema_model_zero(ground->schema, z);
        bool breaks = true;
        for (size_t k = 0; breaks && k < zero->columns; k++)
            breaks = zero->mask[k][code[zero->column[k]]];
        if (breaks)
            return false;
    }
    return true;
}

typedef struct drawing {
    pv_particles *particles;
    const pv_key *key;
    bool *failed; /* of each chunk */
} drawing;

static bool draw_one(pv_particles *p, size_t class, size_t i, pv_stream *stream)
{
    const pv_ground *g = p->ground;
    uint32_t *code = p->code + i * p->columns;
    double *value = p->value + i * p->columns;
    if (g->by != PV_NO_COLUMN)
        code[g->by] = (uint32_t)class;
    for (int tries = 0; tries < tries_most; tries++) {
        p->offset[i] = 0;
        for (size_t a = 0; a < pv_axes_count(g->axes); a++) {
            const size_t column = pv_axes_column(g->axes, a);
            pv_axes_draw(g->axes, a, class, stream, &code[column],
                         &value[column]);
            p->offset[i] -= pv_axes_density(g->axes, a, class, code[column]);
        }
        if (pv_particle_legal(g, code))
            return true;
    }
    return false;
}

static void draw_chunk(size_t item, void *context)
{
    const drawing *d = context;
    const pv_particle_chunk *c = &d->particles->chunk[item];
    pv_stream stream;
    pv_stream_init(&stream, d->key, item);
    for (size_t i = c->first; i < c->end && !d->failed[item]; i++)
        d->failed[item] = !draw_one(d->particles, c->class, i, &stream);
    pv_stream_wipe(&stream);
}

pv_status pv_particles_draw(const pv_ground *ground, const size_t *each,
                            const pv_key *key, pv_particles **particles,
                            pv_error *err)
{
    pv_status status = PV_OK;
    pv_particles *p = NULL;
    drawing d = {.key = key};
    *particles = NULL;
    PV_TRY(pv_particles_alloc(ground, each, &p, err));
    d.particles = p;
    d.failed = pv_array_calloc(p->chunks, sizeof *d.failed);
    if (d.failed == NULL) {
        status = pv_fail_memory(err, "the rows");
        goto out;
    }
    pv_parallel_for(p->chunks, draw_chunk, &d);
    for (size_t i = 0; i < p->chunks; i++)
        if (d.failed[i]) {
            status = pv_fail(err, PV_EUNSUPPORTED,
                             "the schema's zeros leave so few rows that none "
                             "is found by drawing columns one by one; use "
                             "another method, such as mst or aim");
            goto out;
        }
    *particles = p;
    p = NULL;
out:
    pv_particles_free(p);
    free(d.failed);
    return status;
}

/* --- cells ------------------------------------------------------------------------ */

uint32_t pv_particle_cell(const pv_ground *g, size_t partition, size_t class,
                          const uint32_t *code, const float *vector)
{
    if (partition >= g->marginals)
        return pv_cells_find(g->votes[partition - g->marginals], class,
                             vector);
    return (uint32_t)(class * pv_axes_bins(g->axes, partition)) +
           pv_axes_bin(g->axes, partition,
                       code[pv_axes_column(g->axes, partition)]);
}

typedef struct placing {
    pv_particles *particles;
    size_t from;
    float *vector; /* one a chunk */
} placing;

static void place_chunk(size_t item, void *context)
{
    const placing *l = context;
    pv_particles *p = l->particles;
    const pv_ground *g = p->ground;
    const pv_particle_chunk *c = &p->chunk[item];
    float *vector = l->vector + item * pv_space_width(g->space);
    for (size_t i = c->first; i < c->end; i++) {
        const uint32_t *code = p->code + i * p->columns;
        pv_space_embed(g->space, code, p->value + i * p->columns, vector);
        for (size_t k = l->from; k < p->partitions; k++)
            p->cell[k][i] = pv_particle_cell(g, k, c->class, code, vector);
    }
}

pv_status pv_particles_place(pv_particles *p, pv_error *err)
{
    const size_t now = pv_evidence_count(p->ground->evidence);
    placing l = {.particles = p, .from = p->partitions};
    uint32_t **cell = pv_array_realloc(p->cell, now, sizeof *cell);
    if (cell == NULL)
        return pv_fail_memory(err, "the rows");
    p->cell = cell;
    for (; p->partitions < now; p->partitions++) {
        cell[p->partitions] = pv_array_alloc(p->count, sizeof **cell);
        if (cell[p->partitions] == NULL)
            return pv_fail_memory(err, "the rows");
    }
    l.vector = pv_array_alloc(p->chunks * pv_space_width(p->ground->space),
                              sizeof *l.vector);
    if (l.vector == NULL)
        return pv_fail_memory(err, "the rows");
    if (l.from < now)
        pv_parallel_for(p->chunks, place_chunk, &l);
    free(l.vector);
    return PV_OK;
}

pv_status pv_particles_fit(pv_particles *p, size_t sweeps, pv_error *err)
{
    const pv_status status = pv_particles_place(p, err);
    return status != PV_OK
               ? status
               : pv_evidence_fit(p->ground->evidence, p->start, p->cell,
                                 p->offset, sweeps, p->weight, err);
}

/* --- drawing by weight ---------------------------------------------------------------- */

/* wanted of the class's particles, systematically; one may come several times. */
static void pick(const pv_particles *p, size_t class, size_t wanted,
                 pv_stream *stream, size_t *picked)
{
    const size_t from = p->start[class], end = p->start[class + 1];
    double total = 0, sum = 0;
    const double start = pv_stream_double(stream);
    for (size_t i = from; i < end; i++)
        total += p->weight[i];
    size_t at = from;
    for (size_t k = 0; k < wanted; k++) {
        const double until = (start + (double)k) / (double)wanted * total;
        while (at + 1 < end && sum + p->weight[at] <= until)
            sum += p->weight[at++];
        picked[k] = at;
    }
}

pv_status pv_particles_renew(const pv_particles *p, const size_t *each,
                             size_t moves, const pv_key *key,
                             pv_particles **renewed, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key of_moves;
    pv_particles *next = NULL;
    size_t *picked = NULL;
    *renewed = NULL;
    PV_TRY(pv_particles_alloc(p->ground, each, &next, err));
    picked = pv_array_alloc(next->count, sizeof *picked);
    if (picked == NULL) {
        status = pv_fail_memory(err, "the rows");
        goto out;
    }
    for (size_t c = 0; c < p->ground->classes; c++) {
        pv_stream stream;
        pv_stream_init(&stream, key, c);
        pick(p, c, each[c], &stream, picked + next->start[c]);
        pv_stream_wipe(&stream);
    }
    for (size_t i = 0; i < next->count; i++) {
        memcpy(next->code + i * p->columns, p->code + picked[i] * p->columns,
               p->columns * sizeof *p->code);
        memcpy(next->value + i * p->columns, p->value + picked[i] * p->columns,
               p->columns * sizeof *p->value);
    }
    pv_key_derive(key, "moves", NULL, 0, &of_moves);
    PV_TRY(pv_particles_place(next, err));
    PV_TRY(pv_particles_move(next, moves, &of_moves, err));
    *renewed = next;
    next = NULL;
out:
    free(picked);
    pv_particles_free(next);
    return status;
}

pv_status pv_particles_choose(const pv_particles *p, const size_t *each,
                              const pv_key *key, uint32_t generation,
                              pv_population *into, pv_error *err)
{
    pv_status status = PV_OK;
    size_t most = 0;
    for (size_t c = 0; c < p->ground->classes; c++)
        most = each[c] > most ? each[c] : most;
    size_t *picked = pv_array_alloc(most, sizeof *picked);
    float *vector =
        pv_array_alloc(pv_space_width(p->ground->space), sizeof *vector);
    if (picked == NULL || vector == NULL) {
        status = pv_fail_memory(err, "the candidates");
        goto out;
    }
    for (uint32_t c = 0; c < p->ground->classes; c++) {
        pv_stream stream;
        if (p->start[c] == p->start[c + 1])
            continue;
        pv_stream_init(&stream, key, c);
        pick(p, c, each[c], &stream, picked);
        pv_stream_wipe(&stream);
        for (size_t k = 0; k < each[c]; k++) {
            const size_t i = picked[k];
            pv_space_embed(p->ground->space, p->code + i * p->columns,
                           p->value + i * p->columns, vector);
            PV_TRY(pv_population_add(into, c, i, generation, vector, err));
        }
    }
out:
    free(picked);
    free(vector);
    return status;
}

/* --- a table ------------------------------------------------------------------------- */

static void put_rows(const pv_particles *p, const uint32_t *order,
                     bool numbers, pv_table *table)
{
    const pv_schema *schema = p->ground->schema;
    for (size_t c = 0; c < p->columns; c++) {
        const bool own = pv_schema_root(schema, c) == c;
        const bool binned = pv_schema_column(schema, c)->kind == PV_COLUMN_BINS;
        for (size_t i = 0; own && i < p->count; i++) {
            const size_t at = i * p->columns + c;
            if (!numbers)
                pv_table_put(table, c, order[i], 1, &p->code[at]);
            else if (binned && !isnan(p->value[at]))
                pv_table_put_values(table, c, order[i], 1, &p->value[at]);
        }
    }
}

pv_status pv_particles_table(const pv_particles *p, const pv_key *key,
                             pv_table **result, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key of_numbers, of_order;
    pv_stream stream;
    pv_table *table = NULL;
    uint32_t *order = pv_array_alloc(p->count, sizeof *order);
    if (order == NULL) {
        status = pv_fail_memory(err, "the rows");
        goto out;
    }
    for (size_t i = 0; i < p->count; i++)
        order[i] = (uint32_t)i;
    /* the key's own streams may have drawn the particles */
    pv_key_derive(key, "order", NULL, 0, &of_order);
    pv_stream_init(&stream, &of_order, 0);
    pv_stream_shuffle(&stream, order, p->count);
    pv_stream_wipe(&stream);
    PV_TRY(pv_table_alloc(p->ground->schema, p->count, true, &table, err));
    put_rows(p, order, false, table);
    PV_TRY(pv_table_determine(table, err));
    pv_key_derive(key, "numbers", NULL, 0, &of_numbers);
    PV_TRY(pv_numbers_fill(table, &of_numbers, err));
    put_rows(p, order, true, table); /* those that are known, over drawn ones */
    *result = table;
    table = NULL;
out:
    pv_table_free(table);
    free(order);
    return status;
}
