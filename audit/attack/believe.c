#include "audit/attack/believe.h"

#include "audit/attack/people.h"
#include "audit/attack/predict.h"
#include "audit/attack/queries.h"
#include "core/log.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
    nearest_most = 2000,     /* victims whose nearest record is looked up */
    distinct_from = 4,       /* orders from which equal queries are merged */
    exact_users = 5000,      /* beyond these GLPK takes hours */
    exact_entries = 2000000
};

const char *pv_attacker_name(size_t attacker)
{
    static const char *const other[] = {"whitebox", "model", "nearest"};
    return attacker < PV_SOLVERS ? pv_solver_at(attacker)->name
                                 : other[attacker - PV_SOLVERS];
}

size_t pv_believe_limit(size_t attacker, size_t count)
{
    return attacker == PV_ATTACKER_NEAREST && count > nearest_most
               ? nearest_most
               : count;
}

/* What is believed of the victims, from t of all people. */
static pv_status keep(const pv_people *victims, const double *t,
                      uint32_t levels, double **belief, pv_error *err)
{
    *belief = pv_array_alloc(victims->count, levels * sizeof **belief);
    if (*belief == NULL)
        return pv_fail_memory(err, "the guesses");
    for (size_t i = 0; i < victims->count; i++)
        memcpy(*belief + i * levels,
               t + (victims->row != NULL ? victims->row[i] : i) * levels,
               levels * sizeof **belief);
    return PV_OK;
}

/* --- reconstruction ------------------------------------------------------- */

/* pdhg's tail is long: on large instances it stops after some 10^10 products,
 * whatever its gap. */
static pv_solve_options effort(size_t solver, const pv_incidence *a)
{
    pv_solve_options how = {0};
    if (strcmp(pv_solver_at(solver)->name, "pdhg") == 0) {
        how.most = 20000000000 / (2 * a->entries + 1);
        how.most = how.most < 200 ? 200 : how.most > 20000 ? 20000 : how.most;
    }
    return how;
}

static pv_status solve_one(size_t solver, const pv_incidence *incidence,
                           const pv_answers *answers, const pv_people *victims,
                           double **belief, pv_error *err)
{
    const pv_instance instance = {.incidence = incidence,
                                  .levels = answers->levels,
                                  .answer = answers->value,
                                  .variance = answers->variance};
    const pv_solve_options how = effort(solver, incidence);
    pv_solution solution;
    pv_log_detail("solving by %s: %zu queries, %zu people",
                  pv_solver_at(solver)->name, incidence->queries,
                  incidence->users);
    pv_status status = pv_solve(solver, &instance, &how, &solution, err);
    if (status == PV_OK) {
        pv_log_detail("%s: objective %.6g, bound %.6g, %zu iterations",
                      pv_solver_at(solver)->name, solution.objective,
                      solution.bound, solution.iterations);
        status = keep(victims, solution.t, (uint32_t)answers->levels, belief,
                      err);
    }
    pv_solution_clear(&solution);
    return status;
}

static pv_status believe_solvers(const pv_table *synthetic,
                                 const pv_attack_terms *terms,
                                 const pv_people *victims,
                                 double *belief[PV_ATTACKERS],
                                 const char *why[PV_ATTACKERS], pv_error *err)
{
    pv_status status = PV_OK;
    pv_clauses *queries = NULL;
    pv_answers answers = {0};
    const pv_query_spec spec = {.known = terms->known,
                                .known_count = terms->known_count,
                                .orders = terms->orders,
                                .most = terms->queries,
                                .distinct = terms->orders >> distinct_from != 0,
                                .memory = terms->memory,
                                .levels = terms->secret->levels,
                                .key = terms->key};
    PV_TRY(pv_clauses_make(victims->table, &spec, &queries, err));
    PV_TRY(pv_clauses_answer(queries, synthetic, terms->secret, &answers, err));
    const pv_incidence *a = pv_clauses_incidence(queries);
    for (size_t i = 0; i < PV_SOLVERS; i++) {
        if ((terms->solvers >> i & 1) == 0)
            continue;
        if (strcmp(pv_solver_at(i)->name, "l1") == 0 &&
            (a->users > exact_users || a->entries > exact_entries)) {
            why[i] = "too large for an exact linear program; pdhg solves the "
                     "same problem to a certified gap";
            continue;
        }
        PV_TRY(solve_one(i, a, &answers, victims, &belief[i], err));
    }
out:
    pv_answers_clear(&answers);
    pv_clauses_free(queries);
    return status;
}

static pv_status believe_whitebox(const pv_attack_terms *terms,
                                  const pv_people *victims, bool control,
                                  double **belief, const char **why,
                                  pv_error *err)
{
    enum { wls = 3 };
    pv_status status = PV_OK;
    pv_clauses *queries = NULL;
    pv_answers answers = {0};
    if (terms->measurements == 0)
        return PV_OK;
    if (control || terms->people != NULL) {
        *why = "the published marginals speak of other people";
        return PV_OK;
    }
    status = pv_clauses_measured(victims->table, terms->secret, terms->known,
                                 terms->known_count, terms->measurement,
                                 terms->measurements, &queries, &answers, err);
    if (status == PV_EINVAL) {
        *why = "no published marginal has the secret and a known column";
        return PV_OK;
    }
    if (status != PV_OK)
        goto out;
    PV_TRY(solve_one(wls, pv_clauses_incidence(queries), &answers, victims,
                     belief, err));
out:
    pv_answers_clear(&answers);
    pv_clauses_free(queries);
    return status;
}

/* --- baselines ------------------------------------------------------------ */

typedef pv_status predictor(const pv_table *synthetic,
                            const pv_attack_terms *terms,
                            const pv_table *people, double *belief,
                            pv_error *err);

static pv_status predict(predictor *by, size_t attacker,
                         const pv_table *synthetic,
                         const pv_attack_terms *terms,
                         const pv_people *victims, double **belief,
                         pv_error *err)
{
    const size_t count = pv_believe_limit(attacker, victims->count);
    const uint32_t levels = terms->secret->levels;
    pv_status status = PV_OK;
    pv_table *people = NULL;
    *belief = pv_array_calloc(victims->count, levels * sizeof **belief);
    if (*belief == NULL)
        return pv_fail_memory(err, "the guesses");
    pv_log_detail("guessing by %s", pv_attacker_name(attacker));
    PV_TRY(pv_people_copy(
        &(const pv_people){victims->table, victims->row, count}, &people,
        err));
    PV_TRY(by(synthetic, terms, people, *belief, err));
out:
    pv_table_free(people);
    return status;
}

pv_status pv_believe(const pv_table *synthetic, const pv_attack_terms *terms,
                     const pv_people *victims, bool control,
                     double *belief[PV_ATTACKERS],
                     const char *why[PV_ATTACKERS], pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(believe_solvers(synthetic, terms, victims, belief, why, err));
    PV_TRY(believe_whitebox(terms, victims, control,
                            &belief[PV_ATTACKER_WHITEBOX],
                            &why[PV_ATTACKER_WHITEBOX], err));
    PV_TRY(predict(pv_predict_model, PV_ATTACKER_MODEL, synthetic, terms,
                   victims, &belief[PV_ATTACKER_MODEL], err));
    PV_TRY(predict(pv_predict_nearest, PV_ATTACKER_NEAREST, synthetic, terms,
                   victims, &belief[PV_ATTACKER_NEAREST], err));
out:
    return status;
}
