#include "audit/epsilon/primitive.h"

#include "audit/epsilon/beta.h"
#include "audit/epsilon/distinguish.h"
#include "audit/epsilon/primitive_internal.h"
#include "core/memory.h"
#include "core/scratch.h"
#include "dp/account.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Standard deviations of noise beyond which it is not of its law: by chance
 * twice in 10^9 for a normal sum, and at most about once in 10^6 for the least
 * that is judged. */
static const double far_off = 6;

const char *pv_primitive_name(pv_primitive primitive)
{
    static const char *const name[PV_PRIMITIVES] = {
        "measure", "select",  "scores", "intervals",
        "labels",  "queries", "group",  "votes"};
    return name[primitive];
}

void pv_primitive_case_name(const pv_primitive_case *which, uint64_t rows,
                            char name[PV_CASE_NAME])
{
    char unit[40] = "row";
    static const char *const other[PV_PRIMITIVES] = {
        [PV_PRIMITIVE_MEASURE] = ", several marginals",
        [PV_PRIMITIVE_LABELS] = ", of the unit alone",
        [PV_PRIMITIVE_GROUP] = ", by all answers",
        [PV_PRIMITIVE_VOTES] = ", among equals"};
    const char *more = other[which->primitive];
    if (which->primitive == PV_PRIMITIVE_VOTES && which->person)
        more = ", in several classes";
    if (which->person)
        (void)snprintf(unit, sizeof unit, "person of %llu rows",
                       (unsigned long long)rows);
    (void)snprintf(name, PV_CASE_NAME, "%s, %s, %s%s",
                   pv_primitive_name(which->primitive),
                   which->neighbours == PV_REPLACE ? "replace" : "add-remove",
                   unit, which->other ? more : "");
}

size_t pv_primitive_cases(pv_primitive primitive, pv_primitive_case cases[])
{
    size_t count = 0;
    const int others = primitive == PV_PRIMITIVE_MEASURE ||
                       primitive == PV_PRIMITIVE_LABELS ||
                       primitive == PV_PRIMITIVE_GROUP ||
                       primitive == PV_PRIMITIVE_VOTES;
    for (int replace = 0; replace < 2; replace++)
        for (int person = 0; person < 2; person++)
            for (int other = 0; other <= others; other++)
                cases[count++] = (pv_primitive_case){
                    primitive, replace ? PV_REPLACE : PV_ADD_REMOVE,
                    person == 1, other == 1};
    return count;
}

/* A label that the unit alone has comes out with probability delta at most, and
 * then shows any rho. Where others have all of its labels, no such event is left
 * and the promise is zCDP. */
static bool approximate(const pv_primitive_case *which)
{
    return which->primitive == PV_PRIMITIVE_LABELS && which->other;
}

/* --- what the runs show --------------------------------------------------- */

/* What is being gathered. */
typedef struct gather {
    const pv_case *c;
    const pv_case_runs *runs;
    const pv_primitive_options *options;
    pv_findings *findings;
    char table[PV_CASE_NAME];
    char accusers[256]; /* what exceeds the charge */
    double rho, epsilon, delta; /* that the charge promises */
} gather;

static pv_status add(gather *g, const char *id, double value,
                     const char *reason, pv_error *err)
{
    pv_metric metric = {.id = id, .value = value, .reason = reason,
                        .scope = {.table = g->table}};
    if (!isfinite(value)) {
        metric.status = PV_METRIC_SKIPPED;
        metric.reason = reason != NULL && isnan(value) ? reason : "infinite";
    }
    return pv_findings_add(g->findings, &metric, err);
}

static void accuse(gather *g, const char *id, bool guilty)
{
    const size_t used = strlen(g->accusers);
    if (guilty)
        (void)snprintf(g->accusers + used, sizeof g->accusers - used, "%s%s",
                       used > 0 ? ", " : "", id);
}

static pv_status add_counts(gather *g, const char *aim, const pv_confusion *n,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const struct {
        const char *name;
        double value;
    } count[] = {{"tp", n->tp}, {"fp", n->fp}, {"tn", n->tn}, {"fn", n->fn}};
    for (size_t i = 0; i < sizeof count / sizeof *count; i++) {
        char id[64];
        (void)snprintf(id, sizeof id, "primitive.%s.%s", aim, count[i].name);
        PV_TRY(add(g, id, count[i].value, NULL, err));
    }
out:
    return status;
}

/* A distinguisher learned on the first half of runs, counted on the second. */
static pv_status distinguish(const gather *g, pv_aim_of aim, char *name,
                             size_t size, pv_confusion *counts, pv_error *err)
{
    const pv_runs runs = {.count = g->runs->count,
                          .width = g->c->width,
                          .name = g->c->feature,
                          .world = g->runs->world,
                          .feature = g->runs->feature};
    const pv_feature_group all = {"all features", 0, g->c->width};
    const size_t half = runs.count / 2;
    pv_distinguisher d;
    const pv_status status =
        pv_distinguisher_learn(&runs, 0, half, &all, 1, aim, g->delta,
                               g->options->alpha, &d, err);
    if (status != PV_OK)
        return status;
    *counts = pv_distinguisher_count(&d, &runs, half, runs.count);
    (void)snprintf(name, size, "by %s", d.name);
    pv_distinguisher_clear(&d);
    return PV_OK;
}

static pv_status add_epsilon(gather *g, pv_error *err)
{
    static const char lo[] = "epsilon.clopper_pearson.lo";
    pv_status status = PV_OK;
    pv_confusion n;
    pv_epsilon_interval i;
    char name[96];
    PV_TRY(distinguish(g, PV_FOR_EPSILON, name, sizeof name, &n, err));
    PV_TRY(pv_epsilon_clopper_pearson(&n, g->delta, g->options->alpha, &i,
                                      err));
    PV_TRY(add(g, "primitive.epsilon.claim", g->epsilon, NULL, err));
    PV_TRY(add(g, lo, i.lo, name, err));
    PV_TRY(add(g, "epsilon.clopper_pearson.hi", i.hi, name, err));
    PV_TRY(add_counts(g, "epsilon", &n, err));
    accuse(g, lo, i.lo > g->epsilon);
out:
    return status;
}

static pv_status add_rho(gather *g, pv_error *err)
{
    static const char lo[] = "primitive.rho.lo";
    static const char estimate[] =
        "an estimate: discrete noise and choices are not Gaussian";
    pv_status status = PV_OK;
    pv_confusion n;
    double rho, mu, epsilon;
    char name[96];
    PV_TRY(add(g, "primitive.rho.claim", g->rho, NULL, err));
    PV_TRY(distinguish(g, PV_FOR_RHO, name, sizeof name, &n, err));
    PV_TRY(pv_rho_clopper_pearson(&n, g->options->alpha, &rho, err));
    PV_TRY(pv_epsilon_gdp(&n, g->delta, g->options->alpha, &mu, &epsilon,
                          err));
    PV_TRY(add(g, lo, rho, name, err));
    PV_TRY(add_counts(g, "rho", &n, err));
    PV_TRY(add(g, "primitive.mu.claim", pv_mu_of_rho(g->rho), estimate, err));
    PV_TRY(add(g, "epsilon.gdp.mu_lo", fmax(mu, 0), estimate, err));
    accuse(g, lo, rho > g->rho);
out:
    return status;
}

/* The unit's own label, which cannot come out of the other table: how often it
 * does of this one is at most the delta that is charged. */
static pv_status add_delta(gather *g, pv_error *err)
{
    static const char lo[] = "primitive.delta.lo";
    enum { own = 2 }; /* bit of the label */
    pv_status status = PV_OK;
    double k = 0, n = 0, delta = 0;
    for (size_t o = 0; o < g->c->outcomes; o++) {
        const double here = (double)g->runs->outcome[PV_IN][o];
        n += here;
        k += (o >> own & 1) != 0 ? here : 0;
    }
    if (k > 0) {
        const pv_beta law = pv_beta_make(k, n - k + 1);
        PV_TRY(pv_beta_lower(&law, g->options->alpha / 2, &delta, err));
    }
    const double charged = pv_delta_of_units(g->c->cost.delta);
    PV_TRY(add(g, "primitive.delta.claim", charged, NULL, err));
    PV_TRY(add(g, lo, delta, "by the unit's own label", err));
    accuse(g, lo, delta > charged);
out:
    return status;
}

static pv_status add_noise(gather *g, pv_error *err)
{
    pv_status status = PV_OK;
    pv_case_z z[PV_CASE_Z_MOST];
    const size_t count = pv_case_noise(g->c, g->runs, z);
    for (size_t i = 0; i < count; i++) {
        PV_TRY(add(g, z[i].id, z[i].z, isnan(z[i].z) ? "too few draws" : NULL,
                   err));
        accuse(g, z[i].id, fabs(z[i].z) > far_off);
    }
out:
    return status;
}

static pv_status judge(gather *g, bool *violated, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(add(g, "primitive.delta", g->delta, NULL, err));
    PV_TRY(add_epsilon(g, err));
    PV_TRY(approximate(&g->c->which) ? add_delta(g, err) : add_rho(g, err));
    PV_TRY(add_noise(g, err));
    *violated = g->accusers[0] != '\0';
    PV_TRY(add(g, "primitive.violation", *violated,
               *violated ? g->accusers : NULL, err));
out:
    return status;
}

pv_status pv_primitive_audit(const pv_primitive_case *which,
                             const pv_primitive_options *options,
                             pv_findings *findings, bool *violated,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_case c = {0};
    pv_case_runs runs = {0};
    pv_key key;
    char *directory = NULL;
    gather g = {.c = &c, .runs = &runs, .options = options,
                .findings = findings};
    pv_primitive_case_name(which, options->rows, g.table);
    pv_key_derive(&options->key, "primitive", g.table, strlen(g.table), &key);
    PV_TRY(pv_scratch_make(options->scratch, &directory, err));
    PV_TRY(pv_case_tables(which, options, directory, &key, &c, err));
    PV_TRY(pv_case_ask(&c, err));
    PV_TRY(pv_case_run(&c, &runs, err));
    g.rho = pv_units_to_rho(c.cost.rho);
    g.epsilon = pv_zcdp_epsilon(g.rho, options->delta);
    g.delta = options->delta + pv_delta_of_units(c.cost.delta);
    PV_TRY(judge(&g, violated, err));
out:
    if (status != PV_OK && status != PV_ESTOPPED)
        (void)pv_fail_context(err, status, "%s", g.table);
    pv_case_runs_clear(&runs);
    pv_case_clear(&c);
    pv_scratch_remove(directory);
    free(directory);
    return status;
}
