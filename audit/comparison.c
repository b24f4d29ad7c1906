#include "audit/comparison.h"

#include "audit/columns.h"
#include "audit/command.h"
#include "audit/fidelity/nist.h"
#include "audit/fidelity/scale.h"
#include "audit/probe.h"

#include <string.h>

pv_status pv_comparison_check(const pv_comparison_options *options,
                              const char *command, pv_error *err)
{
    const char *absent = options->real == NULL        ? "--real"
                         : options->synthetic == NULL ? "--synthetic"
                         : options->schema == NULL    ? "--schema"
                                                      : NULL;
    return absent == NULL
               ? PV_OK
               : pv_fail(err, PV_EUSAGE,
                         "%s is missing; see privet-audit %s --help", absent,
                         command);
}

pv_status pv_comparison_binning(const char *text, bool *nist, pv_error *err)
{
    *nist = strcmp(text, "nist") == 0;
    if (*nist || strcmp(text, "schema") == 0)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE, "--binning takes schema or nist, not \"%s\"",
                   text);
}

pv_status pv_comparison_model(pv_comparison_options *options, const char *text,
                              pv_error *err)
{
    if (options->models == PV_USES_MODELS)
        return pv_fail(err, PV_EUSAGE, "at most %d times --model",
                       PV_USES_MODELS);
    options->model[options->models++] = text;
    return PV_OK;
}

void pv_comparison_clear(pv_comparison *a)
{
    pv_uses_clear(&a->uses);
    pv_queries_free(a->queries);
    pv_table_free(a->real);
    pv_table_free(a->synthetic);
    pv_table_free(a->holdout);
    pv_schema_free(a->schema);
    pv_schema_free(a->whole_schema);
    pv_header_clear(&a->header);
    pv_schema_free(a->binned_schema);
}

static pv_status declare_uses(const pv_comparison_options *o, pv_comparison *a,
                              pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < o->models; i++)
        PV_TRY(pv_uses_add_model(&a->uses, a->schema, o->model[i], err));
    if (o->target != NULL)
        PV_TRY(pv_uses_set_target(&a->uses, a->schema, o->target, err));
    if (o->survival != NULL)
        PV_TRY(pv_uses_set_survival(&a->uses, a->schema, o->survival, err));
out:
    return status;
}

/* Before any table is read: a slip in the specification is told at once. */
static pv_status declare_queries(const pv_comparison_options *o,
                                 pv_comparison *a, pv_error *err)
{
    enum { most_answers = 1 << 24 };
    if (o->queries == NULL)
        return PV_OK;
    const pv_status status = pv_queries_parse(o->queries, a->schema,
                                              most_answers, &a->queries, err);
    return status == PV_OK ? status
                           : pv_fail_context(err, status, "--queries");
}

pv_status pv_comparison_load(const pv_comparison_options *o, pv_comparison *a,
                             pv_findings *findings, pv_error *err)
{
    const pv_load_options how = {.values = true,
                                 .ignore_extra = o->ignore_extra};
    pv_status status = PV_OK;
    PV_TRY(pv_schema_read(o->schema, &a->schema, err));
    PV_TRY(pv_findings_add_input(findings, "schema", o->schema, -1,
                                 (int64_t)pv_schema_columns(a->schema), err));
    PV_TRY(pv_columns_match(o->synthetic, &a->schema, &a->whole_schema,
                            &a->header, err));
    if (o->group != NULL && pv_schema_find(a->schema, o->group) < 0) {
        status = pv_fail(err, PV_EUSAGE, "%s has no column \"%s\" to group by",
                         a->whole_schema != NULL ? o->synthetic : o->schema,
                         o->group);
        goto out;
    }
    PV_TRY(declare_uses(o, a, err));
    PV_TRY(declare_queries(o, a, err));
    PV_TRY(pv_command_load("real", o->real, a->schema, &how,
                           &a->real, NULL, findings, err));
    PV_TRY(pv_command_load("synthetic", o->synthetic, a->schema, &how,
                           &a->synthetic, &a->synthetic_report, findings,
                           err));
    if (o->holdout != NULL)
        PV_TRY(pv_command_load("holdout", o->holdout, a->schema, &how,
                               &a->holdout, &a->holdout_report, findings,
                               err));
out:
    return status;
}

/* The probes on one pair of tables; in NIST bins, on recoded copies too. */
static pv_status run_probes(const pv_comparison_options *o,
                            const pv_comparison *a,
                            const pv_probe_input *plain, bool scale,
                            pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *real = NULL, *synthetic = NULL;
    pv_probe_input input = *plain, binned = *plain;
    if (o->nist) {
        PV_TRY(pv_nist_recode(plain->real, plain->real, a->binned_schema, &real,
                              err));
        PV_TRY(pv_nist_recode(plain->synthetic, plain->real, a->binned_schema,
                              &synthetic, err));
        binned.schema = a->binned_schema;
        binned.real = real;
        binned.synthetic = synthetic;
        input.binned = &binned;
    }
    PV_TRY(scale ? pv_probes_scale("fidelity", &input, findings, err)
                 : pv_probes_run("fidelity", &input, findings, err));
out:
    pv_table_free(real);
    pv_table_free(synthetic);
    return status;
}

typedef struct sampling {
    const pv_comparison_options *o;
    const pv_comparison *a;
    const pv_probe_input *input;
} sampling;

static pv_status measure_sample(void *context, const pv_table *table,
                                pv_findings *findings, pv_error *err)
{
    const sampling *s = context;
    pv_probe_input input = *s->input;
    input.synthetic = table;
    input.synthetic_report = NULL;
    return run_probes(s->o, s->a, &input, true, findings, err);
}

/* Of a fixed key: the same samples each time. */
static pv_status add_scale(const pv_comparison_options *o,
                           const pv_comparison *a,
                           const pv_probe_input *input, pv_findings *findings,
                           pv_error *err)
{
    static const pv_key key = {{1}};
    sampling s = {o, a, input};
    return o->no_scale ? PV_OK
                       : pv_scale_add(a->real, &key, measure_sample, &s,
                                      findings, err);
}

pv_status pv_comparison_measure(const pv_comparison_options *o,
                                pv_comparison *a, pv_findings *findings,
                                pv_error *err)
{
    pv_status status = PV_OK;
    pv_probe_input input = {.schema = a->schema,
                            .real = a->real,
                            .synthetic = a->synthetic,
                            .synthetic_report = &a->synthetic_report,
                            .holdout = a->holdout,
                            .uses = &a->uses,
                            .queries = a->queries,
                            .group = o->group,
                            .nist = o->nist};
    if (o->nist) {
        PV_TRY(pv_nist_schema(a->schema, &a->binned_schema, err));
        /* the excerpts are scored by area unless told otherwise */
        if (o->group == NULL && pv_schema_find(a->schema, "PUMA") >= 0)
            input.group = "PUMA";
    }
    PV_TRY(pv_findings_add_option(findings, "binning",
                                  o->nist ? "nist" : "schema", err));
    if (input.group != NULL)
        PV_TRY(pv_findings_add_option(findings, "group", input.group, err));
    if (o->queries != NULL)
        PV_TRY(pv_findings_add_option(findings, "queries", o->queries, err));
    PV_TRY(pv_columns_findings(&a->header, a->whole_schema, findings, err));
    PV_TRY(run_probes(o, a, &input, false, findings, err));
    PV_TRY(add_scale(o, a, &input, findings, err));
    if (a->holdout != NULL) {
        input.synthetic = a->holdout;
        input.synthetic_report = &a->holdout_report;
        input.yardstick = true;
        PV_TRY(run_probes(o, a, &input, false, findings, err));
    }
out:
    return status;
}
