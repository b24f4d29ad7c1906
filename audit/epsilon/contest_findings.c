#include "audit/epsilon/contest_findings.h"

#include "audit/epsilon/distinguish.h"
#include "audit/epsilon/epsilon_findings.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Distinguishers are chosen by bounds at this part of alpha: the best of many
 * thresholds looks better on the runs it was chosen on than it is, the more so
 * the fewer errors it makes there. */
static const double caution = 0.01;

enum { fewest_runs = 20, groups_most = 8 };

/* A set of counts: of a pair, by a distinguisher. */
typedef struct look {
    const char *pair;
    char attack[128];
    pv_confusion counts;
    double lo; /* Clopper and Pearson's */
} look;

typedef struct study {
    const pv_contest_records *records;
    const pv_contest_claim *claim;
    pv_findings *findings;
    pv_contest_verdict *verdict;
    const json_t *pairs; /* names */
    size_t pair_count;
    const char **feature;
    size_t features;
    pv_feature_group group[groups_most];
    size_t groups;
    look look[2 * PV_CONTEST_PAIRS];
    size_t looks;
    double alpha; /* of each look */
} study;

/* --- settings ------------------------------------------------------------- */

static pv_status read_settings(const json_t *settings, study *s, pv_error *err)
{
    const json_t *features = json_object_get(settings, "features");
    const json_t *groups = json_object_get(settings, "groups");
    s->pairs = json_object_get(settings, "pairs");
    s->pair_count = json_array_size(s->pairs);
    s->features = json_array_size(features);
    s->groups = json_array_size(groups);
    bool good = s->features == s->records->width && s->groups <= groups_most;
    s->feature = pv_array_calloc(s->features + 1, sizeof *s->feature);
    if (s->feature == NULL)
        return pv_fail_memory(err, "the features");
    for (size_t i = 0; i < s->features; i++) {
        s->feature[i] = json_string_value(json_array_get(features, i));
        good = good && s->feature[i] != NULL;
    }
    for (size_t i = 0; good && i < s->groups; i++) {
        const json_t *g = json_array_get(groups, i);
        const json_int_t from = json_integer_value(json_array_get(g, 1));
        const json_int_t count = json_integer_value(json_array_get(g, 2));
        s->group[i] = (pv_feature_group){
            json_string_value(json_array_get(g, 0)), (size_t)from,
            (size_t)count};
        good = s->group[i].name != NULL && from >= 0 && count >= 0 &&
               (size_t)from <= s->features &&
               (size_t)count <= s->features - (size_t)from;
    }
    for (size_t i = 0; i < s->pair_count; i++)
        good = good && json_is_string(json_array_get(s->pairs, i));
    return good ? PV_OK
                : pv_fail(err, PV_ETAMPER,
                          "the settings of the run directory do not fit its "
                          "runs; choose another --run-dir");
}

/* --- the runs of a pair --------------------------------------------------- */

typedef struct pair_runs {
    pv_runs runs;
    unsigned char *world;
    double *feature;
    uint64_t *release;
} pair_runs;

static void pair_runs_clear(pair_runs *p)
{
    free(p->world);
    free(p->feature);
    free(p->release);
}

static pv_status take_runs(const study *s, size_t pair, pair_runs *p,
                           pv_error *err)
{
    const pv_contest_records *r = s->records;
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        n += r->trial[i] % s->pair_count == pair;
    *p = (pair_runs){.world = pv_array_calloc(n + 1, 1),
                     .feature = pv_array_calloc(
                         n + 1, r->width * sizeof *p->feature),
                     .release = pv_array_calloc(n + 1, sizeof *p->release)};
    if (p->world == NULL || p->feature == NULL || p->release == NULL)
        return pv_fail_memory(err, "the runs");
    if (n < fewest_runs)
        return pv_fail(err, PV_EUSAGE,
                       "%zu runs of the pair \"%s\" are too few to learn from "
                       "and to count: give at least --runs %d",
                       n, json_string_value(json_array_get(s->pairs, pair)),
                       fewest_runs);
    n = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (r->trial[i] % s->pair_count != pair)
            continue;
        p->world[n] = r->trial[i] / s->pair_count % 2;
        p->release[n] = r->release[i];
        memcpy(p->feature + n * r->width, r->feature + i * r->width,
               r->width * sizeof *p->feature);
        n++;
    }
    p->runs = (pv_runs){n, r->width, s->feature, p->world, p->feature};
    return PV_OK;
}

/* The share of the runs on one table that show the same as its first: 1 when the
 * seed makes no difference. */
static double share_alike(const study *s, const pair_runs *p, unsigned world)
{
    const size_t none = p->runs.count, width = s->records->width;
    size_t first = none, alike = 0, all = 0;
    for (size_t i = 0; i < p->runs.count; i++) {
        if (p->world[i] != world)
            continue;
        first = first == none ? i : first;
        all++;
        alike += p->release[i] == p->release[first] &&
                 memcmp(p->feature + i * width, p->feature + first * width,
                        width * sizeof *p->feature) == 0;
    }
    return all > 0 ? (double)alike / (double)all : 0;
}

static pv_status note_alike(study *s, const pair_runs *p, const char *pair,
                            pv_error *err)
{
    const double out = share_alike(s, p, 0), in = share_alike(s, p, 1);
    const pv_metric metric = {
        .id = "epsilon.identical",
        .value = fmax(out, in),
        .scope = {.table = pair},
        .reason = out >= 1 || in >= 1
                      ? "the same output whatever the seed: is it used?"
                      : NULL};
    s->verdict->identical |= out >= 1 || in >= 1;
    return pv_findings_add(s->findings, &metric, err);
}

/* --- looks ---------------------------------------------------------------- */

/* A linear distinguisher's threshold has no unit anyone knows; a feature's has,
 * and may be turned round. */
static void name_attack(look *l, const pv_distinguisher *d, pv_aim_of aim)
{
    static const char linear[] = "linear: ";
    const char *what = aim == PV_FOR_EPSILON ? "epsilon" : "rho";
    double sign = 0;
    for (size_t i = 0; sign == 0 && i < d->width; i++)
        sign = d->weight[i];
    if (strncmp(d->name, linear, sizeof linear - 1) == 0)
        (void)snprintf(l->attack, sizeof l->attack, "for %s: %s", what,
                       d->name);
    else
        (void)snprintf(l->attack, sizeof l->attack, "for %s: %s %s %.6g", what,
                       d->name, sign < 0 ? "<" : ">",
                       sign < 0 ? -d->threshold : d->threshold);
}

static pv_status look_at(study *s, const pair_runs *p, const char *pair,
                         pv_aim_of aim, pv_error *err)
{
    pv_status status = PV_OK;
    pv_distinguisher d = {0};
    pv_epsilon_interval interval;
    const size_t half = p->runs.count / 2;
    look *l = &s->look[s->looks];
    PV_TRY(pv_distinguisher_learn(&p->runs, 0, half, s->group, s->groups, aim,
                                  s->claim->delta, s->alpha * caution, &d,
                                  err));
    *l = (look){.pair = pair,
                .counts = pv_distinguisher_count(&d, &p->runs, half,
                                                 p->runs.count)};
    name_attack(l, &d, aim);
    PV_TRY(pv_epsilon_clopper_pearson(&l->counts, s->claim->delta, s->alpha,
                                      &interval, err));
    l->lo = interval.lo;
    s->looks++;
out:
    pv_distinguisher_clear(&d);
    return status;
}

static pv_status study_pair(study *s, size_t i, pv_error *err)
{
    pv_status status = PV_OK;
    pair_runs p = {0};
    const char *pair = json_string_value(json_array_get(s->pairs, i));
    PV_TRY(take_runs(s, i, &p, err));
    PV_TRY(note_alike(s, &p, pair, err));
    PV_TRY(look_at(s, &p, pair, PV_FOR_EPSILON, err));
    PV_TRY(look_at(s, &p, pair, PV_FOR_RHO, err));
out:
    pair_runs_clear(&p);
    return status;
}

/* --- findings ------------------------------------------------------------- */

static pv_status add_counts(const study *s, const look *l, pv_scope scope,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const struct {
        const char *id;
        double value;
    } count[] = {{"epsilon.counts.tp", l->counts.tp},
                 {"epsilon.counts.fp", l->counts.fp},
                 {"epsilon.counts.tn", l->counts.tn},
                 {"epsilon.counts.fn", l->counts.fn}};
    for (size_t i = 0; i < sizeof count / sizeof *count; i++) {
        const pv_metric metric = {.id = count[i].id, .value = count[i].value,
                                  .scope = scope};
        PV_TRY(pv_findings_add(s->findings, &metric, err));
    }
out:
    return status;
}

static pv_status add_look(study *s, const look *l, bool scoped, pv_error *err)
{
    pv_status status = PV_OK;
    bool exceeded = false;
    const pv_contest_claim *c = s->claim;
    pv_epsilon_audit audit = {.counts = l->counts,
                              .delta = c->delta,
                              .alpha = s->alpha,
                              .prior = c->prior,
                              .gaussian = c->gaussian,
                              .only_counts = true};
    if (scoped) {
        audit.scope = (pv_scope){.table = l->pair, .attack = l->attack};
        audit.has_claim = c->has_epsilon;
        audit.claim = c->epsilon;
        audit.has_rho_claim = c->has_rho;
        audit.rho_claim = c->rho;
    }
    PV_TRY(add_counts(s, l, audit.scope, err));
    PV_TRY(pv_epsilon_findings(&audit, s->findings, &exceeded, err));
    s->verdict->exceeded |= exceeded;
out:
    return status;
}

static pv_status add_value(study *s, const char *id, double value,
                           const char *reason, pv_error *err)
{
    const pv_metric metric = {.id = id, .value = value, .reason = reason};
    return pv_findings_add(s->findings, &metric, err);
}

/* rho of what was asked, in the run that asked most. The sum is of doubles, the
 * curator's of integers: what differs by rounding does not accuse. */
static pv_status add_accounted(study *s, pv_error *err)
{
    static const char over[] = "what was asked costs more than the claim";
    const double slack = 1e-6;
    double most = 0;
    for (size_t i = 0; i < s->records->count; i++)
        most = fmax(most, s->records->rho[i]);
    if (most <= 0)
        return PV_OK;
    const bool exceeded =
        s->claim->has_rho && most > s->claim->rho * (1 + slack);
    s->verdict->exceeded |= exceeded;
    return add_value(s, "epsilon.accounted.rho", most, exceeded ? over : NULL,
                     err);
}

/* Runs of a pair with which a perfect attack would refute the claim: half of them
 * are counted, half of those on each table. */
static pv_status add_needed(study *s, pv_error *err)
{
    static const double most = 1e9;
    const pv_contest_claim *c = s->claim;
    double enough = 1, largest = 0;
    pv_status status = PV_OK;
    while (status == PV_OK && largest <= c->epsilon) {
        enough = ceil(1.05 * enough);
        if (enough > most)
            break;
        status = pv_epsilon_largest(enough, enough, c->delta, s->alpha,
                                    &largest, err);
    }
    return status != PV_OK ? status
           : enough > most
               ? PV_OK
               : add_value(s, "epsilon.claim.runs_needed", 4 * enough, NULL,
                           err);
}

static pv_status add_claim(study *s, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_contest_claim *c = s->claim;
    if (c->has_epsilon) {
        PV_TRY(add_value(s, "epsilon.claim.epsilon", c->epsilon, NULL, err));
        PV_TRY(add_needed(s, err));
    }
    if (c->has_rho) {
        PV_TRY(add_value(s, "epsilon.claim.rho", c->rho, NULL, err));
        PV_TRY(add_value(s, "epsilon.claim.mu", pv_mu_of_rho(c->rho),
                         "of a Gaussian mechanism of this rho", err));
    }
    PV_TRY(add_accounted(s, err));
    if (c->has_epsilon || c->has_rho)
        PV_TRY(add_value(s, "epsilon.claim.exceeded", s->verdict->exceeded,
                         NULL, err));
out:
    return status;
}

static const look *strongest(const study *s)
{
    const look *best = &s->look[0];
    for (size_t i = 1; i < s->looks; i++)
        if (s->look[i].lo > best->lo)
            best = &s->look[i];
    return best;
}

pv_status pv_contest_findings(const json_t *settings,
                              const pv_contest_records *records,
                              const pv_contest_claim *claim,
                              pv_findings *findings,
                              pv_contest_verdict *verdict, pv_error *err)
{
    pv_status status = PV_OK;
    study s = {.records = records, .claim = claim, .findings = findings,
               .verdict = verdict};
    *verdict = (pv_contest_verdict){0};
    PV_TRY(read_settings(settings, &s, err));
    s.alpha = claim->alpha / (2 * (double)s.pair_count);
    for (size_t i = 0; i < s.pair_count; i++)
        PV_TRY(study_pair(&s, i, err));
    PV_TRY(add_look(&s, strongest(&s), false, err));
    for (size_t i = 0; i < s.looks; i++)
        PV_TRY(add_look(&s, &s.look[i], true, err));
    PV_TRY(add_claim(&s, err));
out:
    free(s.feature);
    return status;
}
