#include "audit/report/claim.h"

#include "dp/account.h"

#include <math.h>

/* A number, or why there is none. */
static pv_status add(pv_findings *findings, const char *id, double value,
                     const char *missing, const char *reason, pv_error *err)
{
    const pv_metric metric = {
        .id = id,
        .value = value,
        .status = missing == NULL ? PV_METRIC_OK : PV_METRIC_SKIPPED,
        .reason = missing == NULL ? reason : missing};
    return pv_findings_add(findings, &metric, err);
}

pv_status pv_claim_findings(const pv_claim *claim, pv_findings *findings,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const bool given = claim != NULL;
    const pv_release *r = given ? claim->release : NULL;
    const char *none = given ? NULL : "no release was given (--release)";
    const char *unseen =
        given && !claim->has_ledger
            ? "its marginals were measured elsewhere: there is no ledger"
            : none;
    const char *unstated = given && !isfinite(r->epsilon)
                               ? "the release states none"
                               : none;
    const char *problem = given ? claim->problem : NULL;
    PV_TRY(add(findings, "claim.ledger", problem == NULL, unseen, problem,
               err));
    PV_TRY(add(findings, "claim.rng", given && claim->secure,
               given && claim->secure ? unseen : none,
               given && !claim->secure
                   ? "the noise is of a test seed: NOT PRIVATE"
                   : NULL,
               err));
    PV_TRY(add(findings, "claim.epsilon", given ? r->epsilon : 0, unstated,
               NULL, err));
    PV_TRY(add(findings, "claim.delta", given ? r->delta : 0, unstated, NULL,
               err));
    PV_TRY(add(findings, "claim.rho", given ? r->rho : 0, unstated, NULL, err));
    PV_TRY(add(findings, "claim.epsilon.recomputed",
               given ? claim->epsilon : 0, unseen, NULL, err));
    PV_TRY(add(findings, "claim.rho.recomputed", given ? claim->rho : 0,
               unseen, NULL, err));
    PV_TRY(add(findings, "claim.questions", given ? (double)claim->lines : 0,
               unseen, NULL, err));
out:
    return status;
}

double pv_attack_power(double epsilon, double delta, double fpr)
{
    const double above = exp(epsilon) * fpr + delta;
    const double beside = 1 - exp(-epsilon) * (1 - delta - fpr);
    return fmax(0, fmin(1, fmin(above, beside)));
}

double pv_attack_success(double epsilon, double delta)
{
    /* the largest total variation between the two laws */
    const double apart =
        (expm1(epsilon) + 2 * delta) / (exp(epsilon) + 1);
    return 0.5 + 0.5 * fmin(1, apart);
}

/* rho gives an (epsilon, delta) for every epsilon: all of them hold together. */
enum { epsilons = 200 };

static double epsilon_at(double rho, int i)
{
    const double most = rho + 12 * sqrt(rho) + 1;
    return most * (i + 1) / epsilons;
}

double pv_attack_power_rho(double rho, double labels, double fpr)
{
    double power = 1;
    for (int i = 0; i < epsilons; i++) {
        const double epsilon = epsilon_at(rho, i);
        const double delta = pv_zcdp_delta(rho, epsilon) + labels;
        power = fmin(power, pv_attack_power(epsilon, fmin(1, delta), fpr));
    }
    return power;
}

double pv_attack_success_rho(double rho, double labels)
{
    /* Pinsker: the total variation is at most sqrt(rho / 2) */
    double success = 0.5 + 0.5 * fmin(1, sqrt(rho / 2) + labels);
    for (int i = 0; i < epsilons; i++) {
        const double epsilon = epsilon_at(rho, i);
        const double delta = pv_zcdp_delta(rho, epsilon) + labels;
        success = fmin(success, pv_attack_success(epsilon, fmin(1, delta)));
    }
    return success;
}
