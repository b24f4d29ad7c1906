#include "gen/pe/table.h"

#include "core/log.h"
#include "core/memory.h"
#include "gen/pe/learn.h"
#include "gen/pe/particles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* doc/pe.md has what each of these gave. */
static const double vote_strength = 2;
enum {
    particles_of_class = 8000,
    particles_most = 400000, /* of all classes together */
    particles_least = 1000,
    candidates_least = 4,
    candidates_most = 300,
    moves = 3,
    sweeps = 8,
    last_sweeps = 25
};

typedef struct evolved {
    pv_pe_found found;
    pv_axes *axes;
    pv_space *space;
    pv_evidence *evidence;
    pv_cells **votes;
    pv_ground ground;
    pv_particles *particles;
    double *rows;
} evolved;

/* --- rounds ------------------------------------------------------------------------- */

static size_t particles_each(size_t classes)
{
    const size_t share = particles_most / classes;
    return share > particles_of_class ? particles_of_class
           : share < particles_least  ? particles_least
                                      : share;
}

static void fill_each(const pv_pe_run *run, size_t number, size_t *each)
{
    for (size_t c = 0; c < run->classes; c++)
        each[c] = number;
}

/* Votes on rows drawn from what is known, and what they add to it. */
static pv_status vote_once(evolved *e, pv_pe_run *run, size_t *each,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_population population = {0};
    pv_rational unused;
    double sigma, *votes = NULL;
    pv_key key;
    const size_t round = run->asked;
    PV_TRY(pv_pe_noise(run, &unused, &sigma, err));
    PV_TRY(pv_pe_candidates(run, sigma, candidates_least, candidates_most, each,
                            err));
    if (round == 0)
        pv_pe_warn_drowned(run, sigma, each);
    PV_TRY(pv_population_make(pv_space_width(e->space), run->classes,
                              &population, err));
    pv_pe_key(run, "candidates", round, &key);
    PV_TRY(pv_particles_choose(e->particles, each, &key, (uint32_t)round,
                               &population, err));
    PV_TRY(pv_population_settle(&population, err));
    votes = pv_array_alloc(population.count, sizeof *votes);
    if (votes == NULL) {
        status = pv_fail_memory(err, "the votes");
        goto out;
    }
    PV_TRY(pv_pe_vote(run, e->space, &population, votes, &sigma, err));
    PV_TRY(pv_cells_alloc(&population, &e->votes[round], err));
    e->ground.vote_count = round + 1;
    PV_TRY(pv_evidence_add(e->evidence, population.first, votes, sigma,
                           vote_strength, err));
    pv_log_detail("round %zu: %zu candidates, noise %.2f", round + 1,
                  population.count, sigma);
out:
    free(votes);
    pv_population_clear(&population);
    return status;
}

/* Rows drawn anew by what is known, moved about, and fitted. */
static pv_status renew(evolved *e, const pv_pe_run *run, bool last,
                       size_t *each, pv_error *err)
{
    pv_status status = PV_OK;
    pv_particles *next = NULL;
    pv_key key;
    PV_TRY(pv_particles_fit(e->particles, last ? last_sweeps : sweeps, err));
    fill_each(run, particles_each(run->classes), each);
    pv_pe_key(run, "rows", run->asked, &key);
    PV_TRY(pv_particles_renew(e->particles, each, last ? 2 * moves : moves,
                              &key, &next, err));
    pv_particles_free(e->particles);
    e->particles = next;
    PV_TRY(pv_particles_fit(next, last ? last_sweeps : sweeps, err));
out:
    return status;
}

static pv_status evolve(evolved *e, pv_pe_run *run, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key key;
    size_t *each = pv_array_alloc(run->classes, sizeof *each);
    if (each == NULL)
        return pv_fail_memory(err, "the classes");
    fill_each(run, particles_each(run->classes), each);
    pv_pe_key(run, "first", 0, &key);
    PV_TRY(pv_particles_draw(&e->ground, each, &key, &e->particles, err));
    PV_TRY(pv_particles_fit(e->particles, last_sweeps, err));
    pv_progress_begin("evolving", run->rounds);
    for (size_t t = 0; t < run->rounds && status == PV_OK; t++) {
        status = vote_once(e, run, each, err);
        if (status == PV_OK)
            status = renew(e, run, t + 1 == run->rounds, each, err);
        pv_progress_update(t + 1);
    }
    pv_progress_end();
out:
    free(each);
    return status;
}

/* --- what is found -------------------------------------------------------------------- */

/* Copies of a particle part by moving; where few are drawn they are mostly single. */
static pv_status evolved_rows(pv_pe_found *found, size_t rows,
                              const pv_key *key, pv_table **table,
                              pv_error *err)
{
    pv_status status = PV_OK;
    evolved *e = (evolved *)found;
    pv_particles *drawn = NULL;
    bool many = false;
    const size_t classes = e->ground.classes;
    size_t *each = pv_array_alloc(classes, sizeof *each);
    if (each == NULL)
        return pv_fail_memory(err, "the classes");
    PV_TRY(pv_pe_deal(e->rows, classes, rows, each, err));
    for (size_t c = 0; c < classes; c++)
        many = many || 2 * each[c] > particles_each(classes);
    PV_TRY(pv_particles_renew(e->particles, each, many ? moves : 0, key,
                              &drawn, err));
    PV_TRY(pv_particles_table(drawn, key, table, err));
out:
    pv_particles_free(drawn);
    free(each);
    return status;
}

static void evolved_free(pv_pe_found *found)
{
    evolved *e = (evolved *)found;
    pv_particles_free(e->particles);
    for (size_t i = 0; e->votes != NULL && i < e->ground.vote_count; i++)
        pv_cells_free(e->votes[i]);
    free(e->votes);
    pv_evidence_free(e->evidence);
    pv_space_free(e->space);
    pv_axes_free(e->axes);
    free(e->rows);
    free(e);
}

pv_status pv_pe_table_fit(const pv_request *request, pv_curator *curator,
                          pv_pe_found **found, pv_error *err)
{
    pv_status status = PV_OK;
    pv_pe_run run = {.request = NULL};
    evolved *e = pv_array_calloc(1, sizeof *e);
    if (e == NULL)
        return pv_fail_memory(err, "the run");
    e->found = (pv_pe_found){.rows = evolved_rows, .free = evolved_free};
    PV_TRY(pv_pe_begin(request, curator, pv_pe_size_share, &run, err));
    e->votes = pv_array_calloc(run.rounds + 1, sizeof(pv_cells *));
    if (e->votes == NULL) {
        status = pv_fail_memory(err, "the run");
        goto out;
    }
    PV_TRY(pv_pe_learn(&run, &e->axes, &e->evidence, err));
    PV_TRY(pv_pe_space(&run, e->axes, &e->space, err));
    e->ground = (pv_ground){.schema = request->schema,
                            .by = run.by,
                            .classes = run.classes,
                            .axes = e->axes,
                            .marginals = pv_evidence_count(e->evidence),
                            .space = e->space,
                            .evidence = e->evidence,
                            .votes = e->votes};
    PV_TRY(evolve(e, &run, err));
    e->found.total = pv_pe_total(&run);
    e->rows = run.rows;
    run.rows = NULL;
    *found = &e->found;
    e = NULL;
out:
    pv_pe_end(&run);
    if (e != NULL)
        evolved_free(&e->found);
    return status;
}
