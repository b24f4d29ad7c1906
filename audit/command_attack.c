/* privet-audit attack: options, tables, terms, findings, output. */
#include "audit/attack/people.h"
#include "audit/attack/published.h"
#include "audit/attack/solve.h"
#include "audit/attack/terms.h"
#include "audit/attack_options.h"
#include "audit/command.h"
#include "audit/findings.h"
#include "audit/output.h"
#include "audit/probe.h"
#include "audit/summary.h"
#include "core/log.h"
#include "io/load.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct audited {
    pv_schema *schema;
    pv_table *real, *synthetic, *holdout;
    pv_table *people; /* a draw of the real table; NULL: all of it */
    pv_load_report synthetic_report;
    pv_published published;
    pv_secret secret;
    uint32_t *known;
    size_t known_count;
} audited;

static void clear(audited *a)
{
    pv_table_free(a->real);
    pv_table_free(a->synthetic);
    pv_table_free(a->holdout);
    pv_table_free(a->people);
    pv_published_clear(&a->published);
    pv_secret_clear(&a->secret);
    free(a->known);
    pv_schema_free(a->schema);
}

/* --- tables --------------------------------------------------------------- */

/* Values that mean nothing to the schema make an attack look weak. */
static void say_report(const char *path, const pv_load_report *report)
{
    const uint64_t lost = report->to_missing + report->to_other;
    if (lost > 0)
        pv_log_warning("%s: %llu values are outside the schema and became "
                       "missing or its \"other\" category: attacks see less "
                       "than there is; check how labels are written",
                       path, (unsigned long long)lost);
    if (report->clamped > 0)
        pv_log_warning("%s: %llu numbers were moved into the schema's range",
                       path, (unsigned long long)report->clamped);
}

/* The people the attacker knows of, where they are not all. */
static pv_status draw_people(const pv_attack_options *o, audited *a,
                             pv_error *err)
{
    const size_t rows = pv_table_rows(a->real);
    pv_status status = PV_OK;
    pv_people people;
    uint32_t *drawn = NULL;
    if (rows == 0)
        return pv_fail(err, PV_EINVAL,
                       "%s: has no rows: there is no one to attack", o->real);
    if (o->people == 0 || o->people >= rows)
        return PV_OK;
    PV_TRY(pv_people_draw(&o->key, "people", a->real, o->people, &people,
                          &drawn, err));
    PV_TRY(pv_people_copy(&people, &a->people, err));
out:
    free(drawn);
    return status;
}

static pv_status load_all(const pv_attack_options *o, audited *a,
                          pv_findings *findings, pv_error *err)
{
    const pv_load_options how = {.ignore_extra = o->ignore_extra};
    pv_status status = PV_OK;
    PV_TRY(pv_schema_read(o->schema, &a->schema, err));
    PV_TRY(pv_findings_add_input(findings, "schema", o->schema, -1,
                                 (int64_t)pv_schema_columns(a->schema), err));
    PV_TRY(pv_command_load("real", o->real, a->schema, &how,
                           &a->real, NULL, findings, err));
    PV_TRY(draw_people(o, a, err));
    PV_TRY(pv_command_load("synthetic", o->synthetic, a->schema, &how,
                           &a->synthetic, &a->synthetic_report, findings,
                           err));
    say_report(o->synthetic, &a->synthetic_report);
    if (o->holdout != NULL)
        PV_TRY(pv_command_load("holdout", o->holdout, a->schema, &how,
                               &a->holdout, NULL, findings, err));
    PV_TRY(pv_published_read(o->synthetic, a->schema, &a->published, err));
    if (a->published.left_out > 0)
        pv_log_warning("%zu marginals of the release are over columns that the "
                       "schema has with other levels; the white-box attack "
                       "does without them",
                       a->published.left_out);
out:
    return status;
}

/* --- terms ---------------------------------------------------------------- */

/* Pairs of what is known and the secret, unless one thing alone is known. */
static const char *order_of(const pv_attack_options *o, const audited *a)
{
    return o->order != NULL ? o->order : a->known_count > 1 ? "3" : "2";
}

/* Options that the figures depend on, as text. */
static pv_status note_options(const pv_attack_options *o, const audited *a,
                              pv_findings *findings, pv_error *err)
{
    const char *secret = pv_schema_column(a->schema, a->secret.column)->name;
    const struct {
        const char *name;
        long long value;
    } number[] = {{"secret_classes", a->secret.levels},
                  {"known", (long long)a->known_count},
                  {"people", (long long)pv_table_rows(
                                   a->people != NULL ? a->people : a->real)},
                  {"targets", (long long)o->targets},
                  {"attacks", (long long)o->attacks},
                  {"queries", (long long)o->queries}};
    pv_status status = PV_OK;
    char text[64];
    PV_TRY(pv_findings_add_option(findings, "secret", secret, err));
    for (size_t i = 0; i < sizeof number / sizeof *number; i++) {
        (void)snprintf(text, sizeof text, "%lld", number[i].value);
        PV_TRY(pv_findings_add_option(findings, number[i].name, text, err));
    }
    PV_TRY(pv_findings_add_option(findings, "order", order_of(o, a), err));
out:
    return status;
}

static pv_status attack_all(const pv_attack_options *o, audited *a,
                            pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t column;
    unsigned orders;
    PV_TRY(pv_attack_secret(o, a->schema, &column, err));
    PV_TRY(pv_attack_known(o, a->schema, column, &a->known, &a->known_count,
                           err));
    PV_TRY(pv_secret_make(a->synthetic, column, o->secret_bins, &a->secret,
                          err));
    PV_TRY(pv_orders_parse(order_of(o, a), &orders, err));
    PV_TRY(note_options(o, a, findings, err));
    const pv_attack_terms terms = {.secret = &a->secret,
                                   .known = a->known,
                                   .known_count = a->known_count,
                                   .people = a->people,
                                   .holdout = a->holdout,
                                   .targets = o->targets,
                                   .attacks = o->attacks,
                                   .orders = orders,
                                   .queries = o->queries,
                                   .solvers = o->solvers,
                                   .memory = o->memory,
                                   .key = &o->key,
                                   .measurement = a->published.measurement,
                                   .measurements = a->published.count};
    const pv_probe_input input = {.schema = a->schema,
                                  .real = a->real,
                                  .synthetic = a->synthetic,
                                  .synthetic_report = &a->synthetic_report,
                                  .attack = &terms};
    PV_TRY(pv_probes_run("attack", &input, findings, err));
out:
    return status;
}

static pv_status audit(const pv_attack_options *o, pv_error *err)
{
    pv_status status = PV_OK;
    audited a = {0};
    pv_findings *findings = NULL;
    PV_TRY(pv_output_ready(&o->output, err));
    PV_TRY(pv_crypto_init(err));
    PV_TRY(pv_findings_new("privet-audit", "attack", &findings, err));
    PV_TRY(load_all(o, &a, findings, err));
    PV_TRY(attack_all(o, &a, findings, err));
    PV_TRY(pv_output_deliver(&o->output, findings, pv_summary_attack, err));
out:
    clear(&a);
    pv_findings_free(findings);
    return status;
}

int pv_command_attack(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    pv_attack_options o;
    pv_status status = pv_attack_options_read(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? pv_attack_help : NULL);
    if (status == PV_OK) {
        pv_command_begin(o.level, o.threads);
        status = audit(&o, &err);
    }
    return pv_command_end(status, &err);
}
