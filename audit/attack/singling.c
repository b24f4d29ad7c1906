/* Singling out: descriptions that fit exactly one synthetic row, and whether
 * they fit exactly one real one (Giomi et al. 2023).
 *
 * A description isolates more or less often in a table of another size, so the
 * control compares tables of the same size: of the real table and the holdout
 * the larger gives a sample as large as the smaller. No curve is fitted. */
#include "audit/attack/describe.h"
#include "audit/attack/people.h"
#include "audit/attack/predicate.h"
#include "audit/attack/terms.h"
#include "audit/attack/tries.h"
#include "audit/probe.h"
#include "core/memory.h"
#include "core/threads.h"

#include <stdio.h>
#include <stdlib.h>

enum { default_attacks = 500 };

static const char none_found[] =
    "no description fits exactly one synthetic row";

/* --- success -------------------------------------------------------------- */

typedef struct testing {
    const pv_predicate *predicate;
    const pv_table *table;
    bool *isolates;
} testing;

static void test_item(size_t item, void *context)
{
    const testing *t = context;
    t->isolates[item] = pv_predicate_isolates(&t->predicate[item], t->table);
}

static pv_status test(const pv_descriptions *f, const pv_table *table,
                      pv_tries *tries, pv_error *err)
{
    testing t = {f->predicate, table, NULL};
    t.isolates = pv_array_calloc(f->count, sizeof *t.isolates);
    if (t.isolates == NULL)
        return pv_fail_memory(err, "descriptions of rows");
    pv_parallel_for(f->count, test_item, &t);
    *tries = (pv_tries){.trials = f->count};
    for (size_t i = 0; i < f->count; i++)
        tries->successes += t.isolates[i];
    free(t.isolates);
    return PV_OK;
}

/* Tables of equal size: samples of the larger one. */
typedef struct equals {
    const pv_table *real, *holdout;
    pv_table *sample; /* owned: one of the two, or NULL */
    const char *reason; /* why there are none */
} equals;

static pv_status make_equals(const pv_probe_input *in, equals *e, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_table *holdout = in->attack->holdout;
    pv_people people;
    uint32_t *drawn = NULL;
    *e = (equals){.real = in->real, .holdout = holdout};
    if (holdout == NULL || pv_table_rows(holdout) == 0) {
        e->reason = holdout == NULL ? pv_no_holdout : "the holdout has no rows";
        return PV_OK;
    }
    const size_t n = pv_table_rows(in->real), h = pv_table_rows(holdout);
    if (n == h)
        return PV_OK;
    PV_TRY(pv_people_draw(in->attack->key, "singling-out-sample",
                          n > h ? in->real : holdout, n > h ? h : n, &people,
                          &drawn, err));
    PV_TRY(pv_people_copy(&people, &e->sample, err));
    *(n > h ? &e->real : &e->holdout) = e->sample;
out:
    free(drawn);
    return status;
}

/* --- metrics -------------------------------------------------------------- */

static pv_status add_attacks(pv_findings *findings, const char *prefix,
                             const pv_descriptions *f, size_t asked,
                             pv_error *err)
{
    char fewer[128];
    snprintf(fewer, sizeof fewer,
             "of %zu asked for: no more descriptions that fit exactly one "
             "synthetic row were found",
             asked);
    return pv_tries_add_value(findings, prefix, "attacks", (double)f->count,
                              NULL, f->count < asked ? fewer : NULL, err);
}

static pv_status add_metrics(const pv_probe_input *in, const equals *e,
                             const pv_descriptions *f, size_t asked,
                             const char *prefix, pv_findings *findings,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_tries whole = {.reason = none_found}, attack = whole, control = whole;
    if (f->count > 0)
        PV_TRY(test(f, in->real, &whole, err));
    attack = whole;
    if (f->count > 0 && e->reason != NULL)
        control.reason = e->reason;
    if (f->count > 0 && e->reason == NULL) {
        PV_TRY(test(f, e->holdout, &control, err));
        PV_TRY(test(f, e->real, &attack, err));
    }
    PV_TRY(add_attacks(findings, prefix, f, asked, err));
    PV_TRY(pv_tries_add(findings, prefix, "rate", NULL, &whole, err));
    if (e->real != in->real && f->count > 0)
        PV_TRY(pv_tries_add(findings, prefix, "rate.sample", NULL, &attack,
                            err));
    PV_TRY(pv_tries_add(findings, prefix, "control", "holdout", &control, err));
    PV_TRY(pv_tries_add_risk(findings, prefix, &attack, &control, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const size_t asked =
        input->attack->attacks > 0 ? input->attack->attacks : default_attacks;
    const pv_key *key = input->attack->key;
    pv_descriptions one = {0}, many = {0};
    equals e;
    PV_TRY(make_equals(input, &e, err));
    PV_TRY(pv_describe_by_one(input->synthetic, asked, key, &one, err));
    PV_TRY(add_metrics(input, &e, &one, asked, "singling_out.univariate",
                       findings, err));
    PV_TRY(pv_describe_by_many(input->synthetic, asked, key, &many, err));
    PV_TRY(add_metrics(input, &e, &many, asked, "singling_out.multivariate",
                       findings, err));
out:
    pv_table_free(e.sample);
    pv_descriptions_clear(&one);
    pv_descriptions_clear(&many);
    return status;
}

const pv_probe pv_probe_singling = {
    .name = "singling-out",
    .kind = "attack",
    .summary = "descriptions of one synthetic row that fit one real person",
    .run = run};
