#include "audit/attack/game_internal.h"

#include "audit/attack/predict.h"
#include "audit/attack/queries.h"
#include "audit/attack/solve.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const baseline[] = {"model", "nearest"};
static const char whitebox[] = "whitebox";
enum { baselines = sizeof baseline / sizeof *baseline };

/* --- cells ---------------------------------------------------------------- */

static size_t solver_named(const char *name)
{
    size_t i = 0;
    while (strcmp(pv_solver_at(i)->name, name) != 0)
        i++;
    return i;
}

static size_t solver_cells(const pv_game *game, size_t rows, pv_game_cell *cell)
{
    size_t count = 0;
    for (size_t i = 0; i < PV_SOLVERS; i++)
        if (game->solvers >> i & 1)
            cell[count++] = (pv_game_cell){pv_solver_at(i)->name, rows};
    return count;
}

size_t pv_game_cells(const pv_game *game, pv_game_cell cell[PV_GAME_CELLS])
{
    size_t count = 0;
    const pv_subject_kind kind = pv_subject_kind_of(game->subject);
    if (kind == PV_SUBJECT_GAUSSIAN)
        return solver_cells(game, 0, cell);
    for (size_t r = 0; r < game->releases; r++) {
        count += solver_cells(game, game->release[r], cell + count);
        for (size_t i = 0; i < baselines; i++)
            cell[count++] = (pv_game_cell){baseline[i], game->release[r]};
    }
    if (kind == PV_SUBJECT_PRIVET)
        cell[count++] = (pv_game_cell){whitebox, 0};
    return count;
}

/* --- a trial -------------------------------------------------------------- */

typedef struct trial {
    const pv_game *game;
    uint64_t number;
    pv_table *people, *person; /* person: the target alone */
    size_t target;
    pv_clauses *queries;
    double *belief;            /* of the next cell */
} trial;

/* The next cell's beliefs, of the secret's classes, as those of the faces. */
static void note(trial *t, const double *of_class)
{
    const pv_coins *coins = t->game->coins;
    for (uint32_t f = 0; f < coins->faces; f++) {
        const double b =
            of_class != NULL ? of_class[coins->face[f]] : 1.0 / coins->faces;
        t->belief[f] = isfinite(b) && b > 0 ? b : 0;
    }
    t->belief += coins->faces;
}

static pv_status solve(trial *t, size_t solver, const pv_incidence *incidence,
                       const pv_answers *answers, pv_error *err)
{
    pv_solution solution = {0};
    const pv_instance instance = {.incidence = incidence,
                                  .levels = answers->levels,
                                  .answer = answers->value,
                                  .variance = answers->variance};
    const pv_status status = pv_solve(solver, &instance, NULL, &solution, err);
    if (status == PV_OK)
        note(t, solution.t + t->target * answers->levels);
    pv_solution_clear(&solution);
    return status;
}

static pv_status solve_all(trial *t, const pv_answers *answers, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; status == PV_OK && i < PV_SOLVERS; i++)
        if (t->game->solvers >> i & 1)
            status = solve(t, i, pv_clauses_incidence(t->queries), answers,
                           err);
    return status;
}

static pv_status predict(trial *t, const pv_table *release, pv_error *err)
{
    pv_status status = PV_OK;
    double belief[PV_SECRET_MOST] = {0};
    const pv_attack_terms terms = {.secret = t->game->coins->secret,
                                   .known = t->game->known,
                                   .known_count = t->game->known_count,
                                   .key = &t->game->key};
    PV_TRY(pv_predict_model(release, &terms, t->person, belief, err));
    note(t, belief);
    PV_TRY(pv_predict_nearest(release, &terms, t->person, belief, err));
    note(t, belief);
out:
    return status;
}

static pv_status attack_release(trial *t, const pv_trained *trained,
                                size_t rows, pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *release = NULL;
    pv_answers answers = {0};
    PV_TRY(pv_trained_release(trained, rows, &release, err));
    PV_TRY(pv_clauses_answer(t->queries, release, t->game->coins->secret,
                             &answers, err));
    PV_TRY(solve_all(t, &answers, err));
    PV_TRY(predict(t, release, err));
out:
    pv_answers_clear(&answers);
    pv_table_free(release);
    return status;
}

/* The noisy marginals themselves, weighted by their noise. */
static pv_status attack_marginals(trial *t, const pv_trained *trained,
                                  pv_error *err)
{
    size_t count = 0;
    pv_clauses *queries = NULL;
    pv_answers answers = {0};
    const pv_measurement *m = pv_trained_measurements(trained, &count);
    pv_error why = PV_ERROR_INIT;
    pv_status status =
        pv_clauses_measured(t->people, t->game->coins->secret, t->game->known,
                            t->game->known_count, m, count, &queries, &answers,
                            &why);
    if (status == PV_EINVAL) {
        note(t, NULL);
        return PV_OK;
    }
    if (status != PV_OK)
        return pv_fail(err, status, "%s", why.message);
    status = solve(t, solver_named("wls"), pv_clauses_incidence(queries),
                   &answers, err);
    pv_answers_clear(&answers);
    pv_clauses_free(queries);
    return status;
}

/* --- the reference that answers the attacker's own queries ---------------- */

/* Box and Muller's normal deviate. */
static double normal(pv_stream *stream)
{
    const double u = 1.0 - pv_stream_double(stream); /* (0, 1] */
    const double v = pv_stream_double(stream);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* What is added to one of two classes comes off the other: together they are the
 * size of the query, which is known. */
static void add_noise(pv_answers *a, double sigma, pv_stream *stream)
{
    for (size_t q = 0; q < a->queries; q++)
        for (size_t k = a->levels == 2; k < a->levels; k++) {
            const double noise = sigma * normal(stream);
            a->value[q * a->levels + k] += noise;
            if (a->levels == 2)
                a->value[q * 2] -= noise;
        }
    for (size_t q = 0; q < a->queries; q++)
        a->variance[q] = sigma * sigma;
}

static pv_status attack_truth(trial *t, pv_error *err)
{
    pv_status status = PV_OK;
    pv_stream stream;
    pv_answers answers = {0};
    const pv_secret *secret = t->game->coins->secret;
    const pv_key key = pv_game_key(t->game, t->number, "noise");
    uint32_t *class_of =
        pv_array_alloc(pv_table_rows(t->people), sizeof *class_of);
    if (class_of == NULL)
        return pv_fail_memory(err, "the people");
    pv_secret_classes(secret, t->people, class_of);
    PV_TRY(pv_clauses_truth(t->queries, class_of, secret->levels, &answers,
                            err));
    pv_stream_init(&stream, &key, 0);
    add_noise(&answers, pv_subject_sigma(t->game->subject), &stream);
    PV_TRY(solve_all(t, &answers, err));
out:
    pv_answers_clear(&answers);
    free(class_of);
    return status;
}

/* --- all of it ------------------------------------------------------------ */

static pv_status ask(trial *t, pv_error *err)
{
    const pv_key key = pv_game_key(t->game, t->number, "queries");
    const pv_query_spec spec = {.known = t->game->known,
                                .known_count = t->game->known_count,
                                .orders = t->game->orders,
                                .most = t->game->queries,
                                .memory = t->game->memory,
                                .levels = t->game->coins->secret->levels,
                                .key = &key};
    return pv_clauses_make(t->people, &spec, &t->queries, err);
}

static pv_status attack(trial *t, const char *scratch, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_game *g = t->game;
    pv_trained *trained = NULL;
    const pv_key key = pv_game_key(g, t->number, "training");
    if (pv_subject_kind_of(g->subject) == PV_SUBJECT_GAUSSIAN)
        return attack_truth(t, err);
    PV_TRY(pv_subject_train(g->subject, t->people, g->release[g->releases - 1],
                            &key, scratch, &trained, err));
    for (size_t r = 0; r < g->releases; r++)
        PV_TRY(attack_release(t, trained, g->release[r], err));
    if (pv_subject_kind_of(g->subject) == PV_SUBJECT_PRIVET)
        PV_TRY(attack_marginals(t, trained, err));
out:
    pv_trained_free(trained);
    return status;
}

pv_status pv_game_play(const pv_game *game, uint64_t number,
                       const char *scratch, uint32_t *face, double *belief,
                       pv_error *err)
{
    pv_status status = PV_OK;
    trial t = {.game = game, .number = number, .belief = belief};
    PV_TRY(pv_game_deal(game, number, &t.people, &t.target, face, err));
    const uint32_t row = (uint32_t)t.target;
    PV_TRY(pv_pick_rows(t.people, &row, 1, &t.person, err));
    PV_TRY(ask(&t, err));
    PV_TRY(attack(&t, scratch, err));
out:
    pv_clauses_free(t.queries);
    pv_table_free(t.person);
    pv_table_free(t.people);
    return status;
}
