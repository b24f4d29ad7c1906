#include "core/memory.h"
#include "core/threads.h"
#include "gen/pe/particles_internal.h"
#include "marginals/factor.h"

#include <stdlib.h>
#include <string.h>

/* Metropolis steps: some columns are drawn anew by the laws of the axes, or numbers
 * are shifted, and the new row is taken or left by what the evidence says of both. */

/* The widest shift, as a share of a column's range, and by how many powers of e it may
 * be smaller. */
static const double widest = 0.3, powers = 2.5;

typedef struct moving {
    pv_particles *particles;
    size_t moves;
    const pv_key *key;
    unsigned char *room;  /* `each` bytes a chunk */
    size_t each;
} moving;

/* A row that is tried. */
typedef struct trial {
    double *value;
    float *vector;
    uint32_t *code, *cell;
} trial;

static size_t room_of(const pv_particles *p)
{
    const size_t bytes =
        p->columns * (sizeof(double) + sizeof(uint32_t)) +
        p->partitions * sizeof(uint32_t) +
        pv_space_width(p->ground->space) * sizeof(float);
    return (bytes + 63) / 64 * 64;
}

static trial trial_in(const pv_particles *p, unsigned char *room)
{
    trial t;
    t.value = (double *)(void *)room;
    t.vector = (float *)(t.value + p->columns);
    t.code = (uint32_t *)(t.vector + pv_space_width(p->ground->space));
    t.cell = t.code + p->columns;
    return t;
}

/* About as noise is: the sum of four uniform numbers, of variance 1. */
static double bell(pv_stream *stream)
{
    double sum = -2;
    for (int i = 0; i < 4; i++)
        sum += pv_stream_double(stream);
    return 1.7320508075688772 * sum;
}

/* Changes some columns of a row; what the proposal's law says for the old against the
 * new, in logarithms. Few columns half of the time, many the other half. */
static double propose(const pv_ground *g, size_t class, pv_stream *stream,
                      const trial *t)
{
    double ratio = 0, scale = -powers * pv_stream_double(stream);
    const size_t axes = pv_axes_count(g->axes);
    const bool many = pv_stream_below(stream, 2) == 1;
    const bool shift = pv_stream_below(stream, 2) == 1;
    const double chance = many ? 0.5 : 1.0 / (double)axes;
    const size_t always = (size_t)pv_stream_below(stream, axes);
    pv_exp_array(&scale, 1, 0);
    for (size_t a = 0; a < axes; a++) {
        const size_t c = pv_axes_column(g->axes, a);
        if (pv_stream_double(stream) >= chance && a != always)
            continue;
        if (shift && pv_axes_is_number(g->axes, a)) {
            (void)pv_axes_shift(g->axes, a, widest * scale * bell(stream),
                                &t->code[c], &t->value[c]);
            continue;
        }
        ratio += pv_axes_density(g->axes, a, class, t->code[c]);
        pv_axes_draw(g->axes, a, class, stream, &t->code[c], &t->value[c]);
        ratio -= pv_axes_density(g->axes, a, class, t->code[c]);
    }
    return ratio;
}

static double energy_of(const pv_particles *p, size_t i)
{
    double sum = 0;
    for (size_t k = 0; k < p->partitions; k++)
        sum += pv_evidence_lambda(p->ground->evidence, k)[p->cell[k][i]];
    return sum;
}

static double energy_of_trial(const pv_particles *p, size_t class,
                              const trial *t)
{
    double sum = 0;
    pv_space_embed(p->ground->space, t->code, t->value, t->vector);
    for (size_t k = 0; k < p->partitions; k++) {
        t->cell[k] =
            pv_particle_cell(p->ground, k, class, t->code, t->vector);
        sum += pv_evidence_lambda(p->ground->evidence, k)[t->cell[k]];
    }
    return sum;
}

static void take(pv_particles *p, size_t i, const trial *t)
{
    memcpy(p->code + i * p->columns, t->code, p->columns * sizeof *t->code);
    memcpy(p->value + i * p->columns, t->value, p->columns * sizeof *t->value);
    for (size_t k = 0; k < p->partitions; k++)
        p->cell[k][i] = t->cell[k];
}

static void move_one(pv_particles *p, size_t class, size_t i, size_t moves,
                     pv_stream *stream, const trial *t)
{
    double energy = energy_of(p, i);
    for (size_t m = 0; m < moves; m++) {
        memcpy(t->code, p->code + i * p->columns, p->columns * sizeof *t->code);
        memcpy(t->value, p->value + i * p->columns,
               p->columns * sizeof *t->value);
        const double ratio = propose(p->ground, class, stream, t);
        const double u = pv_stream_double(stream);
        if (!pv_particle_legal(p->ground, t->code))
            continue;
        const double other = energy_of_trial(p, class, t);
        if (u > 0 && pv_log(u) >= other - energy + ratio)
            continue;
        take(p, i, t);
        energy = other;
    }
    p->offset[i] = -energy; /* drawn by its density: all weigh alike */
}

static void move_chunk(size_t item, void *context)
{
    const moving *m = context;
    pv_particles *p = m->particles;
    const pv_particle_chunk *c = &p->chunk[item];
    const trial t = trial_in(p, m->room + item * m->each);
    pv_stream stream;
    pv_stream_init(&stream, m->key, item);
    for (size_t i = c->first; i < c->end; i++)
        move_one(p, c->class, i, m->moves, &stream, &t);
    pv_stream_wipe(&stream);
}

pv_status pv_particles_move(pv_particles *p, size_t moves, const pv_key *key,
                            pv_error *err)
{
    moving m = {.particles = p, .moves = moves, .key = key, .each = room_of(p)};
    if (pv_axes_count(p->ground->axes) == 0)
        return PV_OK;
    m.room = pv_aligned_alloc(p->chunks, m.each);
    if (m.room == NULL)
        return pv_fail_memory(err, "the rows");
    pv_parallel_for(p->chunks, move_chunk, &m);
    free(m.room);
    return PV_OK;
}
