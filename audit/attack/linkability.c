/* Linkability: one attacker knows some columns of a person, another the rest.
 * Does the release tell that the two records are of the same person? It does
 * when the synthetic row nearest to one half is the nearest to the other. */
#include "audit/attack/nearest.h"
#include "audit/attack/terms.h"
#include "audit/attack/tries.h"
#include "audit/probe.h"
#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

enum { default_attacks = 500 };

static const char prefix[] = "linkability";

typedef struct halves {
    uint32_t *column[2]; /* alternate known columns */
    size_t count[2];
    pv_nearest *nearest[2];
} halves;

static pv_status make_halves(const pv_probe_input *in, halves *h, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_attack_terms *terms = in->attack;
    for (size_t i = 0; i < 2; i++) {
        h->column[i] =
            pv_array_alloc(terms->known_count, sizeof *h->column[i]);
        if (h->column[i] == NULL)
            return pv_fail_memory(err, "columns to link");
    }
    for (size_t i = 0; i < terms->known_count; i++)
        h->column[i % 2][h->count[i % 2]++] = terms->known[i];
    for (size_t i = 0; i < 2; i++)
        PV_TRY(pv_nearest_new(in->synthetic, h->column[i], h->count[i],
                              &h->nearest[i], err));
out:
    return status;
}

static void clear_halves(halves *h)
{
    for (size_t i = 0; i < 2; i++) {
        free(h->column[i]);
        pv_nearest_free(h->nearest[i]);
    }
}

static pv_status link_people(const halves *h, const pv_people *people,
                             pv_tries *tries, pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t *found[2] = {NULL, NULL};
    for (size_t i = 0; i < 2; i++) {
        found[i] = pv_array_alloc(people->count, sizeof *found[i]);
        if (found[i] == NULL) {
            status = pv_fail_memory(err, "links");
            goto out;
        }
        PV_TRY(pv_nearest_find(h->nearest[i], people, 1, found[i], NULL, err));
    }
    *tries = (pv_tries){.trials = people->count};
    for (size_t p = 0; p < people->count; p++)
        tries->successes += found[0][p] == found[1][p];
out:
    free(found[0]);
    free(found[1]);
    return status;
}

static pv_status try_table(const pv_probe_input *in, const halves *h,
                           const pv_table *table, const char *purpose,
                           pv_tries *tries, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t attacks =
        in->attack->attacks > 0 ? in->attack->attacks : default_attacks;
    pv_people people;
    uint32_t *drawn = NULL;
    PV_TRY(pv_people_draw(in->attack->key, purpose, table, attacks, &people,
                          &drawn, err));
    PV_TRY(link_people(h, &people, tries, err));
out:
    free(drawn);
    return status;
}

static pv_status link_tables(const pv_probe_input *in, pv_tries *attack,
                             pv_tries *control, pv_error *err)
{
    pv_status status = PV_OK;
    halves h = {0};
    PV_TRY(make_halves(in, &h, err));
    PV_TRY(try_table(in, &h, in->real, "linkability", attack, err));
    if (in->attack->holdout == NULL)
        control->reason = pv_no_holdout;
    else
        PV_TRY(try_table(in, &h, in->attack->holdout, "linkability-control",
                         control, err));
out:
    clear_halves(&h);
    return status;
}

static const char *find_reason(const pv_probe_input *in)
{
    if (in->attack->known_count < 2)
        return "fewer than 2 known columns";
    if (pv_table_rows(in->synthetic) == 0)
        return "the synthetic table has no rows";
    return NULL;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const double rows = (double)pv_table_rows(input->synthetic);
    const char *reason = find_reason(input);
    pv_tries attack = {.reason = reason}, control = attack;
    if (reason == NULL)
        PV_TRY(link_tables(input, &attack, &control, err));
    if (attack.trials == 0 && attack.reason == NULL)
        attack.reason = "the real table has no rows";
    if (control.trials == 0 && control.reason == NULL)
        control.reason = "the holdout has no rows";
    PV_TRY(pv_tries_add(findings, prefix, "rate", NULL, &attack, err));
    PV_TRY(pv_tries_add(findings, prefix, "control", "holdout", &control, err));
    /* two rows picked blindly are the same one */
    PV_TRY(pv_tries_add_value(findings, prefix, "baseline",
                              reason == NULL ? 1 / rows : NAN, NULL, reason,
                              err));
    PV_TRY(pv_tries_add_risk(findings, prefix, &attack, &control, err));
out:
    return status;
}

const pv_probe pv_probe_linkability = {
    .name = "linkability",
    .kind = "attack",
    .summary = "two parts of a person's record linked through the release",
    .run = run};
