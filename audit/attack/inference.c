/* Attribute inference by the nearest record: the secret of the synthetic row
 * that is nearest in the known columns is the guess (Giomi et al. 2023). */
#include "audit/attack/nearest.h"
#include "audit/attack/terms.h"
#include "audit/attack/tries.h"
#include "audit/probe.h"
#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>

enum { default_attacks = 500 };

static const char prefix[] = "inference.nearest";

typedef struct guessing {
    const pv_probe_input *in;
    pv_nearest *nearest;
    uint32_t *class_of; /* of synthetic rows */
    uint32_t majority;  /* the class that most of them have */
} guessing;

static pv_status make_guessing(const pv_probe_input *in, guessing *g,
                               pv_error *err)
{
    const pv_attack_terms *terms = in->attack;
    const size_t rows = pv_table_rows(in->synthetic);
    uint64_t count[PV_SECRET_MOST] = {0};
    g->in = in;
    g->class_of = pv_array_alloc(rows, sizeof *g->class_of);
    if (g->class_of == NULL)
        return pv_fail_memory(err, "classes of the secret");
    pv_secret_classes(terms->secret, in->synthetic, g->class_of);
    for (size_t r = 0; r < rows; r++)
        count[g->class_of[r]]++;
    for (uint32_t y = 0; y < terms->secret->levels; y++)
        if (count[y] > count[g->majority])
            g->majority = y;
    return pv_nearest_new(in->synthetic, terms->known, terms->known_count,
                          &g->nearest, err);
}

/* The guesses about a sample of a table; `plain` (or NULL) gets those of one
 * who says the majority's class every time. */
static pv_status try_table(const guessing *g, const pv_table *table,
                           const char *purpose, pv_tries *tries,
                           pv_tries *plain, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_attack_terms *terms = g->in->attack;
    const pv_codes secret = pv_table_codes(table, terms->secret->column);
    const size_t most = terms->attacks > 0 ? terms->attacks : default_attacks;
    pv_people people;
    uint32_t *drawn = NULL, *found = NULL;
    PV_TRY(pv_people_draw(terms->key, purpose, table, most, &people, &drawn,
                          err));
    found = pv_array_alloc(people.count, sizeof *found);
    if (found == NULL) {
        status = pv_fail_memory(err, "guesses");
        goto out;
    }
    PV_TRY(pv_nearest_find(g->nearest, &people, 1, found, NULL, err));
    *tries = (pv_tries){.trials = people.count};
    if (plain != NULL)
        *plain = *tries;
    for (size_t p = 0; p < people.count; p++) {
        const uint32_t is =
            terms->secret->class[pv_codes_at(secret, people.row[p])];
        tries->successes += g->class_of[found[p]] == is;
        if (plain != NULL)
            plain->successes += g->majority == is;
    }
out:
    free(drawn);
    free(found);
    return status;
}

static pv_status try_tables(const pv_probe_input *in, pv_tries *attack,
                            pv_tries *plain, pv_tries *control, pv_error *err)
{
    pv_status status = PV_OK;
    guessing g = {0};
    PV_TRY(make_guessing(in, &g, err));
    PV_TRY(try_table(&g, in->real, "inference", attack, plain, err));
    if (in->attack->holdout == NULL)
        control->reason = pv_no_holdout;
    else
        PV_TRY(try_table(&g, in->attack->holdout, "inference-control", control,
                         NULL, err));
out:
    pv_nearest_free(g.nearest);
    free(g.class_of);
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const char *reason = pv_table_rows(input->synthetic) == 0
                             ? "the synthetic table has no rows"
                             : NULL;
    pv_tries attack = {.reason = reason}, plain = attack, control = attack;
    if (reason == NULL)
        PV_TRY(try_tables(input, &attack, &plain, &control, err));
    if (attack.trials == 0 && attack.reason == NULL)
        attack.reason = plain.reason = "the real table has no rows";
    if (control.trials == 0 && control.reason == NULL)
        control.reason = "the holdout has no rows";
    PV_TRY(pv_tries_add(findings, prefix, "rate", NULL, &attack, err));
    PV_TRY(pv_tries_add(findings, prefix, "control", "holdout", &control, err));
    PV_TRY(pv_tries_add(findings, prefix, "baseline", NULL, &plain, err));
    PV_TRY(pv_tries_add_risk(findings, prefix, &attack, &control, err));
out:
    return status;
}

const pv_probe pv_probe_inference = {
    .name = "inference",
    .kind = "attack",
    .summary = "the secret of the nearest synthetic row as a guess",
    .run = run};
