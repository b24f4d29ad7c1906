#include "audit/epsilon/epsilon_findings.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* What is being gathered. */
typedef struct gather {
    const pv_epsilon_audit *audit;
    pv_findings *findings;
    char accusers[128]; /* ids of bounds above the claim */
} gather;

/* Without findings the bounds are taken for what they accuse of alone. */
static pv_status put(const gather *g, const pv_metric *metric, pv_error *err)
{
    return g->findings != NULL ? pv_findings_add(g->findings, metric, err)
                               : PV_OK;
}

static pv_status skip(gather *g, const char *id, pv_metric_status how,
                      const char *reason, pv_error *err)
{
    const pv_metric metric = {.id = id, .status = how, .reason = reason,
                              .scope = g->audit->scope};
    return put(g, &metric, err);
}

static pv_status add(gather *g, const char *id, double value,
                     const char *reason, pv_error *err)
{
    const pv_metric metric = {.id = id, .value = value, .reason = reason,
                              .scope = g->audit->scope};
    return isinf(value) ? skip(g, id, PV_METRIC_SKIPPED, "infinite", err)
                        : put(g, &metric, err);
}

/* After an estimator: whether to go on adding its values. A numerical failure
 * is a finding of its own, and no reason to withhold the other estimators'. */
static bool failed(gather *g, const char *id, pv_status *status, pv_error *why,
                   pv_error *err)
{
    if (*status == PV_OK)
        return false;
    if (*status == PV_ENUMERIC)
        *status = skip(g, id, PV_METRIC_ERROR, why->message, err);
    else if (err != NULL)
        *err = *why;
    return true;
}

/* Remembers a bound that may accuse and lies above the claim. */
static void accuse_of(gather *g, const char *id, bool claimed, double claim,
                      double lo)
{
    if (!claimed || !(lo > claim))
        return;
    const size_t used = strlen(g->accusers);
    (void)snprintf(g->accusers + used, sizeof g->accusers - used, "%s%s",
                   used > 0 ? ", " : "", id);
}

static void accuse(gather *g, const char *id, double lo)
{
    accuse_of(g, id, g->audit->has_claim, g->audit->claim, lo);
}

static const char estimate[] = "an estimate: it does not accuse";
static const char if_gaussian[] =
    "holds if the mechanism is Gaussian, which was not said";

static pv_status add_bayes(gather *g, pv_error *err)
{
    const pv_epsilon_audit *a = g->audit;
    pv_epsilon_posterior p;
    pv_error why = PV_ERROR_INIT;
    pv_status status = pv_epsilon_bayes(&a->counts, a->delta, a->alpha,
                                        a->prior, &p, &why);
    if (failed(g, "epsilon.bayes.lo", &status, &why, err))
        return status;
    PV_TRY(add(g, "epsilon.bayes.lo", p.lo, estimate, err));
    PV_TRY(add(g, "epsilon.bayes.hi", p.hi, estimate, err));
    PV_TRY(add(g, "epsilon.bayes.median", p.median, estimate, err));
    PV_TRY(add(g, "epsilon.bayes.onesided_lo", p.onesided_lo, estimate, err));
out:
    return status;
}

static pv_status add_clopper_pearson(gather *g, pv_error *err)
{
    const pv_epsilon_audit *a = g->audit;
    const pv_confusion *c = &a->counts;
    pv_epsilon_interval i;
    double largest = 0;
    pv_error why = PV_ERROR_INIT;
    pv_status status =
        pv_epsilon_clopper_pearson(c, a->delta, a->alpha, &i, &why);
    if (failed(g, "epsilon.clopper_pearson.lo", &status, &why, err))
        return status;
    PV_TRY(add(g, "epsilon.clopper_pearson.lo", i.lo, NULL, err));
    PV_TRY(add(g, "epsilon.clopper_pearson.hi", i.hi, NULL, err));
    PV_TRY(pv_epsilon_largest(c->tp + c->fn, c->fp + c->tn, a->delta, a->alpha,
                              &largest, err));
    PV_TRY(add(g, "epsilon.clopper_pearson.largest", largest, NULL, err));
    accuse(g, "epsilon.clopper_pearson.lo", i.lo);
out:
    return status;
}

static pv_status add_jeffreys(gather *g, pv_error *err)
{
    const pv_epsilon_audit *a = g->audit;
    pv_epsilon_interval i;
    pv_error why = PV_ERROR_INIT;
    pv_status status =
        pv_epsilon_jeffreys(&a->counts, a->delta, a->alpha, &i, &why);
    if (failed(g, "epsilon.jeffreys.lo", &status, &why, err))
        return status;
    PV_TRY(add(g, "epsilon.jeffreys.lo", i.lo, estimate, err));
    PV_TRY(add(g, "epsilon.jeffreys.hi", i.hi, estimate, err));
out:
    return status;
}

static pv_status add_zcdp(gather *g, pv_error *err)
{
    static const char id[] = "epsilon.zcdp.rho_lo";
    const pv_epsilon_audit *a = g->audit;
    double rho;
    pv_error why = PV_ERROR_INIT;
    pv_status status =
        pv_rho_clopper_pearson(&a->counts, a->alpha, &rho, &why);
    if (failed(g, id, &status, &why, err))
        return status;
    accuse_of(g, id, a->has_rho_claim, a->rho_claim, rho);
    return add(g, id, rho, NULL, err);
}

/* What the rates themselves mean, as if the mechanism were Gaussian. */
static double mu_of(const pv_confusion *c)
{
    const double fpr = c->fp / (c->fp + c->tn), fnr = c->fn / (c->fn + c->tp);
    return fpr + fnr == 1 ? 0 /* by chance, also where both are infinite */
                          : gsl_cdf_ugaussian_Qinv(fpr) -
                                gsl_cdf_ugaussian_Pinv(fnr);
}

static pv_status add_gdp(gather *g, pv_error *err)
{
    const pv_epsilon_audit *a = g->audit;
    const char *reason = a->gaussian ? NULL : if_gaussian;
    double mu, epsilon;
    pv_error why = PV_ERROR_INIT;
    pv_status status = pv_epsilon_gdp(&a->counts, a->delta, a->alpha, &mu,
                                      &epsilon, &why);
    if (failed(g, "epsilon.gdp.lo", &status, &why, err))
        return status;
    PV_TRY(add(g, "epsilon.gdp.lo", epsilon, reason, err));
    PV_TRY(add(g, "epsilon.gdp.mu_lo", fmax(mu, 0), reason, err));
    PV_TRY(add(g, "epsilon.gdp.mu", fabs(mu_of(&a->counts)), estimate, err));
    if (a->gaussian)
        accuse(g, "epsilon.gdp.lo", epsilon);
out:
    return status;
}

static pv_status add_one_run(gather *g, pv_error *err)
{
    static const char id[] = "epsilon.one_run.lo";
    const pv_epsilon_audit *a = g->audit;
    double epsilon;
    pv_error why = PV_ERROR_INIT;
    if (!a->has_run)
        return skip(g, id, PV_METRIC_SKIPPED, "no counts of one run (--one-run)",
                    err);
    pv_status status = pv_epsilon_one_run(&a->run, a->delta, a->alpha / 2,
                                          &epsilon, &why);
    if (failed(g, id, &status, &why, err))
        return status;
    accuse(g, id, epsilon);
    return add(g, id, epsilon, NULL, err);
}

static pv_status add_one_run_gdp(gather *g, pv_error *err)
{
    static const char id[] = "epsilon.one_run_gdp.lo";
    const pv_epsilon_audit *a = g->audit;
    const char *reason = a->gaussian ? NULL : if_gaussian;
    double mu;
    pv_error why = PV_ERROR_INIT;
    if (!a->has_run)
        return PV_OK;
    pv_status status = pv_mu_one_run(&a->run, a->alpha / 2, &mu, &why);
    if (failed(g, id, &status, &why, err))
        return status;
    const double epsilon = pv_epsilon_of_mu(mu, a->delta);
    PV_TRY(add(g, id, epsilon, reason, err));
    PV_TRY(add(g, "epsilon.one_run_gdp.mu_lo", mu, reason, err));
    if (a->gaussian)
        accuse(g, id, epsilon);
out:
    return status;
}

static pv_status add_bounds(gather *g, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(add_clopper_pearson(g, err));
    PV_TRY(add_zcdp(g, err));
    PV_TRY(add_gdp(g, err));
    if (!g->audit->only_counts) {
        PV_TRY(add_one_run(g, err));
        PV_TRY(add_one_run_gdp(g, err));
    }
out:
    return status;
}

/* Which bounds lie above the claim, at their shares of alpha. Bounds of one set
 * of counts come from one rectangle, and hold together. */
static pv_status judge(const pv_epsilon_audit *audit, gather *g, pv_error *err)
{
    pv_epsilon_audit shared = *audit;
    *g = (gather){.audit = &shared};
    shared.alpha /= 1 + (audit->has_run ? 1 + audit->gaussian : 0);
    const pv_status status = add_bounds(g, err);
    if (audit->design_effect > 1)
        g->accusers[0] = '\0';
    return status;
}

static pv_status add_estimates(gather *g, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_epsilon_audit *a = g->audit;
    const pv_confusion *c = &a->counts;
    PV_TRY(add(g, "epsilon.point",
               pv_epsilon_of_rates(c->fn / (c->fn + c->tp),
                                   c->fp / (c->fp + c->tn), a->delta),
               estimate, err));
    PV_TRY(add_bayes(g, err));
    PV_TRY(add_jeffreys(g, err));
out:
    return status;
}

pv_status pv_epsilon_findings(const pv_epsilon_audit *audit,
                              pv_findings *findings, bool *exceeded,
                              pv_error *err)
{
    static const char several[] =
        "counts of several points a model are no proof: none accuses";
    pv_epsilon_audit thinned = *audit;
    gather g = {.audit = &thinned, .findings = findings};
    gather judged;
    pv_status status = PV_OK;
    *exceeded = false;
    thinned.counts = pv_confusion_thin(&audit->counts, audit->design_effect);
    PV_TRY(pv_epsilon_check(&thinned.counts, audit->delta, audit->alpha, err));
    if (audit->has_claim && !(audit->claim >= 0 && isfinite(audit->claim)))
        return pv_fail(err, PV_EINVAL,
                       "a claim of epsilon must be finite and at least 0");
    PV_TRY(add_estimates(&g, err));
    PV_TRY(add_bounds(&g, err));
    if (!audit->has_claim && !audit->has_rho_claim)
        goto out;
    PV_TRY(judge(&thinned, &judged, err));
    *exceeded = judged.accusers[0] != '\0';
    PV_TRY(add(&g, "epsilon.claim.exceeded", *exceeded,
               *exceeded                  ? judged.accusers
               : audit->design_effect > 1 ? several
                                          : NULL,
               err));
out:
    return status;
}
