#include "dp/accountfile.h"

#include "core/atomicfile.h"
#include "dp/account.h"
#include "dp/ledger.h"

#include <string.h>

static const char *text_of(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text != NULL ? text : "";
}

static uint64_t units_of(const json_t *body, const char *key)
{
    const json_int_t value = json_integer_value(json_object_get(body, key));
    return value > 0 ? (uint64_t)value : 0;
}

/* What the run stands for in the account: its last line. *found as it says. */
static pv_spend standing(const pv_ledger *ledger, const char *run, bool *found,
                         bool *settled)
{
    pv_spend spend = {0, 0};
    *found = *settled = false;
    for (size_t i = 1; i < pv_ledger_lines(ledger); i++) {
        const json_t *body = pv_ledger_line(ledger, i);
        if (strcmp(text_of(body, "run"), run) != 0)
            continue;
        *found = true;
        *settled = strcmp(text_of(body, "kind"), "settle") == 0;
        spend.rho = units_of(body, "units");
        spend.delta = units_of(body, "delta");
    }
    return spend;
}

/* Saturating: a damaged figure can only make the account fuller. */
static uint64_t total_in(const pv_ledger *ledger, const char *key,
                         const char *key_before)
{
    uint64_t total = 0;
    for (size_t i = 1; i < pv_ledger_lines(ledger); i++) {
        const json_t *body = pv_ledger_line(ledger, i);
        const uint64_t units = units_of(body, key);
        const uint64_t before = units_of(body, key_before);
        const uint64_t change = units > before ? units - before : 0;
        const uint64_t relief = before > units ? before - units : 0;
        if (__builtin_add_overflow(total, change, &total))
            total = UINT64_MAX;
        total -= relief < total ? relief : total;
    }
    return total;
}

static pv_spend total_of(const pv_ledger *ledger)
{
    return (pv_spend){total_in(ledger, "units", "before"),
                      total_in(ledger, "delta", "delta_before")};
}

static pv_status open_account(const pv_account_terms *terms,
                              pv_ledger **ledger, pv_error *err)
{
    if (terms->cap == 0 && !pv_file_exists(terms->path))
        return pv_fail(err, PV_EBUDGET,
                       "%s: no such account; begin one with --account-cap RHO, "
                       "the total allowed over all releases of this dataset",
                       terms->path);
    pv_status status = pv_ledger_open(terms->path, true, ledger, err);
    if (status != PV_OK || pv_ledger_lines(*ledger) > 0)
        return status;
    if (terms->cap == 0)
        return pv_fail(err, PV_EBUDGET,
                       "%s: the account is empty; begin it with --account-cap",
                       terms->path);
    return pv_ledger_append(
        *ledger,
        json_pack("{s:s, s:i, s:I, s:s, s:s, s:s}", "kind", "account", "format",
                  1, "cap", (json_int_t)terms->cap, "neighbours",
                  terms->neighbours, "unit", terms->unit, "rng", terms->rng),
        err);
}

static pv_status check_terms(const pv_account_terms *terms,
                             const pv_ledger *ledger, pv_error *err)
{
    const json_t *head = pv_ledger_line(ledger, 0);
    if (strcmp(text_of(head, "kind"), "account") != 0 ||
        json_integer_value(json_object_get(head, "format")) != 1)
        return pv_fail(err, PV_EFORMAT, "%s: not an account file",
                       terms->path);
    if (strcmp(text_of(head, "neighbours"), terms->neighbours) != 0 ||
        strcmp(text_of(head, "unit"), terms->unit) != 0)
        return pv_fail(err, PV_EMISMATCH,
                       "%s: this account promises %s for %s, the run %s for "
                       "%s; such budgets do not add: use another account",
                       terms->path, text_of(head, "neighbours"),
                       text_of(head, "unit"), terms->neighbours, terms->unit);
    if (strcmp(text_of(head, "rng"), terms->rng) != 0)
        return pv_fail(err, PV_EMISMATCH,
                       "%s: this account is of runs with rng %s, and this run's "
                       "is %s; runs with --insecure-test-seed are NOT PRIVATE "
                       "and need an account of their own",
                       terms->path, text_of(head, "rng"), terms->rng);
    if (terms->cap != 0 && terms->cap != units_of(head, "cap"))
        return pv_fail(err, PV_EMISMATCH,
                       "%s: the account's cap is rho = %.10g, not %.10g; leave "
                       "--account-cap out to keep it",
                       terms->path, pv_units_to_rho(units_of(head, "cap")),
                       pv_units_to_rho(terms->cap));
    return PV_OK;
}

/* Delta is written where it is spent. */
static json_t *entry(const char *kind, const char *run, pv_spend before,
                     pv_spend spend)
{
    json_t *line =
        json_pack("{s:s, s:s, s:I, s:I}", "kind", kind, "run", run, "before",
                  (json_int_t)before.rho, "units", (json_int_t)spend.rho);
    if ((before.delta > 0 || spend.delta > 0) &&
        (json_object_set_new(line, "delta_before",
                             json_integer((json_int_t)before.delta)) != 0 ||
         json_object_set_new(line, "delta",
                             json_integer((json_int_t)spend.delta)) != 0)) {
        json_decref(line);
        return NULL;
    }
    return line;
}

static bool exceeds(pv_spend a, pv_spend b)
{
    return a.rho > b.rho || a.delta > b.delta;
}

pv_status pv_account_reserve(const pv_account_terms *terms, const char *run,
                             pv_spend spend, pv_spend *total, pv_error *err)
{
    pv_status status = PV_OK;
    pv_ledger *ledger = NULL;
    bool found, settled;
    PV_TRY(open_account(terms, &ledger, err));
    PV_TRY(check_terms(terms, ledger, err));
    const uint64_t cap = units_of(pv_ledger_line(ledger, 0), "cap");
    const pv_spend before = standing(ledger, run, &found, &settled);
    *total = total_of(ledger);
    if (found && exceeds(spend, before))
        status = pv_fail(err, PV_ETAMPER,
                         "%s: this run stands for rho = %.10g, delta = %.3g "
                         "here and now wants %.10g, %.3g; start a new run with "
                         "another --run-dir",
                         terms->path, pv_units_to_rho(before.rho),
                         pv_delta_of_units(before.delta),
                         pv_units_to_rho(spend.rho),
                         pv_delta_of_units(spend.delta));
    if (found)
        goto out;
    if (total->rho > cap || spend.rho > cap - total->rho) {
        status = pv_fail(err, PV_EBUDGET,
                         "%s: releases of this dataset have reserved rho = "
                         "%.10g of %.10g; this run's %.10g would pass the cap",
                         terms->path, pv_units_to_rho(total->rho),
                         pv_units_to_rho(cap), pv_units_to_rho(spend.rho));
        goto out;
    }
    PV_TRY(pv_ledger_append(ledger,
                            entry("reserve", run, (pv_spend){0, 0}, spend),
                            err));
    *total = total_of(ledger);
out:
    pv_ledger_close(ledger);
    return status;
}

pv_status pv_account_settle(const pv_account_terms *terms, const char *run,
                            pv_spend spend, pv_spend *total, pv_error *err)
{
    pv_status status = PV_OK;
    pv_ledger *ledger = NULL;
    bool found, settled;
    PV_TRY(open_account(terms, &ledger, err));
    PV_TRY(check_terms(terms, ledger, err));
    const pv_spend before = standing(ledger, run, &found, &settled);
    if (!found || exceeds(spend, before)) {
        status = pv_fail(err, PV_ETAMPER,
                         "%s: this run's reservation is missing or too small; "
                         "the account was changed behind its back",
                         terms->path);
        goto out;
    }
    if (!settled)
        PV_TRY(pv_ledger_append(ledger, entry("settle", run, before, spend),
                                err));
    *total = total_of(ledger);
out:
    pv_ledger_close(ledger);
    return status;
}
