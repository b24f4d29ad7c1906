/* privet-audit fidelity: options, tables, findings, output. */
#include "audit/command.h"
#include "audit/fidelity/nist.h"
#include "audit/fidelity/scale.h"
#include "audit/findings.h"
#include "audit/output.h"
#include "audit/probe.h"
#include "audit/summary.h"
#include "audit/utility/uses.h"
#include "core/log.h"
#include "core/stream.h"
#include "io/load.h"

#include <getopt.h>
#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <string.h>

typedef struct options {
    const char *real, *synthetic, *schema, *holdout, *group;
    const char *model[PV_USES_MODELS], *target, *survival;
    size_t models;
    pv_output output;
    bool ignore_extra, nist, no_scale, help, version;
    long long threads; /* 0: by the environment */
    pv_log_level level;
} options;

static const char help[] =
    "usage: privet-audit fidelity --real R --synthetic X --schema S [options]\n"
    "Measures how far a synthetic table is from the real one: marginals, each\n"
    "column, associations, how well a model tells the two apart, principal\n"
    "components, neighbourhoods, exact matches, structural zeros. R and X are\n"
    "CSV, CSV.gz or native HDF5 (a release, too).\n"
    "\n"
    "  --real R           the real table\n"
    "  --synthetic X      the synthetic table, from any tool\n"
    "  --schema S         their Table Schema (JSON); bins come from it alone\n"
    "  --holdout H        real rows no generator saw: the yardstick\n"
    "  --ignore-extra     skip columns that the schema does not declare\n"
    "  --group COL        score pairs and columns within each level of COL, too\n"
    "  --binning schema   bins of the schema (the default), or\n"
    "  --binning nist     of the NIST data excerpts, by ranks in R\n"
    "  --model 'Y ~ A + B'  a regression to be fitted to both tables; may be\n"
    "                     repeated\n"
    "  --target COL       a column to be predicted: train on synthetic, test on\n"
    "                     real\n"
    "  --survival 'TIME,EVENT=LABEL'  Kaplan-Meier curves to be compared\n"
    "  --no-yardstick     leave out the scores of samples of the real table\n"
    "  --json             one JSON document instead of the text\n"
    "  -o, --output FILE  write there, mode 0600 (-: standard output)\n"
    "  --force            replace FILE when it exists\n"
    "  --threads N        threads; no result depends on it\n"
    "  --quiet            errors only\n"
    "  -v, --verbose      say more\n"
    "  --help, --version\n"
    "\n"
    "The figures are exact functions of the real table: keep them internal.\n"
    "Exit status: 0 done, 1 error, 2 wrong use.\n";

enum {
    opt_real = 256,
    opt_synthetic,
    opt_schema,
    opt_holdout,
    opt_group,
    opt_binning,
    opt_no_scale,
    opt_model,
    opt_target,
    opt_survival,
    opt_ignore_extra,
    opt_json,
    opt_force,
    opt_threads,
    opt_quiet,
    opt_help,
    opt_version
};

static const struct option long_options[] = {
    {"real", required_argument, NULL, opt_real},
    {"synthetic", required_argument, NULL, opt_synthetic},
    {"schema", required_argument, NULL, opt_schema},
    {"holdout", required_argument, NULL, opt_holdout},
    {"group", required_argument, NULL, opt_group},
    {"binning", required_argument, NULL, opt_binning},
    {"no-yardstick", no_argument, NULL, opt_no_scale},
    {"model", required_argument, NULL, opt_model},
    {"target", required_argument, NULL, opt_target},
    {"survival", required_argument, NULL, opt_survival},
    {"ignore-extra", no_argument, NULL, opt_ignore_extra},
    {"json", no_argument, NULL, opt_json},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, opt_force},
    {"threads", required_argument, NULL, opt_threads},
    {"quiet", no_argument, NULL, opt_quiet},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

static pv_status read_binning(const char *text, bool *nist, pv_error *err)
{
    *nist = strcmp(text, "nist") == 0;
    if (*nist || strcmp(text, "schema") == 0)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE, "--binning takes schema or nist, not \"%s\"",
                   text);
}

static pv_status read_option(int opt, options *o, pv_error *err)
{
    switch (opt) {
    case opt_real:
        o->real = optarg;
        break;
    case opt_synthetic:
        o->synthetic = optarg;
        break;
    case opt_schema:
        o->schema = optarg;
        break;
    case opt_holdout:
        o->holdout = optarg;
        break;
    case opt_ignore_extra:
        o->ignore_extra = true;
        break;
    case opt_json:
        o->output.json = true;
        break;
    case 'o':
        o->output.path = optarg;
        break;
    case opt_force:
        o->output.force = true;
        break;
    case opt_quiet:
        o->level = PV_LOG_QUIET;
        break;
    case 'v':
        o->level = PV_LOG_VERBOSE;
        break;
    case opt_help:
        o->help = true;
        break;
    case opt_version:
        o->version = true;
        break;
    case opt_threads:
        return pv_option_number("--threads", optarg, 1, 1024, &o->threads, err);
    case opt_binning:
        return read_binning(optarg, &o->nist, err);
    case opt_group:
        o->group = optarg;
        break;
    case opt_no_scale:
        o->no_scale = true;
        break;
    case opt_model:
        if (o->models == PV_USES_MODELS)
            return pv_fail(err, PV_EUSAGE, "at most %d times --model",
                           PV_USES_MODELS);
        o->model[o->models++] = optarg;
        break;
    case opt_target:
        o->target = optarg;
        break;
    case opt_survival:
        o->survival = optarg;
        break;
    default:
        /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE, "see privet-audit fidelity --help");
    }
    return PV_OK;
}

static pv_status read_options(int argc, char **argv, options *o, pv_error *err)
{
    pv_status status = PV_OK;
    int opt;
    *o = (options){.level = PV_LOG_NORMAL};
    while ((opt = getopt_long(argc, argv, "o:v", long_options, NULL)) != -1)
        PV_TRY(read_option(opt, o, err));
    if (o->help || o->version)
        goto out;
    if (optind < argc)
        status = pv_fail(err, PV_EUSAGE,
                         "what is \"%s\"? Tables are named by "
                         "--real and --synthetic",
                         argv[optind]);
    else if (o->real == NULL || o->synthetic == NULL || o->schema == NULL)
        status = pv_fail(err, PV_EUSAGE,
                         "%s is missing; see privet-audit "
                         "fidelity --help",
                         o->real == NULL        ? "--real"
                         : o->synthetic == NULL ? "--synthetic"
                                                : "--schema");
out:
    return status;
}

/* --- tables --------------------------------------------------------------- */

typedef struct audited {
    pv_schema *schema, *binned_schema;
    pv_table *real, *synthetic, *holdout;
    pv_load_report synthetic_report, holdout_report;
    pv_uses uses;
} audited;

static void free_tables(audited *a)
{
    pv_uses_clear(&a->uses);
    pv_table_free(a->real);
    pv_table_free(a->synthetic);
    pv_table_free(a->holdout);
    pv_schema_free(a->schema);
    pv_schema_free(a->binned_schema);
}

static pv_status declare_uses(const options *o, audited *a, pv_error *err)
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

static pv_status load_all(const options *o, audited *a, pv_findings *findings,
                          pv_error *err)
{
    const pv_load_options how = {.values = true,
                                 .ignore_extra = o->ignore_extra};
    pv_status status = PV_OK;
    PV_TRY(pv_schema_read(o->schema, &a->schema, err));
    PV_TRY(pv_findings_add_input(findings, "schema", o->schema, -1,
                                 (int64_t)pv_schema_columns(a->schema), err));
    if (o->group != NULL && pv_schema_find(a->schema, o->group) < 0) {
        status = pv_fail(err, PV_EUSAGE, "%s has no column \"%s\" to group by",
                         o->schema, o->group);
        goto out;
    }
    PV_TRY(declare_uses(o, a, err));
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
static pv_status run_probes(const options *o, const audited *a,
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
    const options *o;
    const audited *a;
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
static pv_status add_scale(const options *o, const audited *a,
                           const pv_probe_input *input, pv_findings *findings,
                           pv_error *err)
{
    static const pv_key key = {{1}};
    sampling s = {o, a, input};
    return o->no_scale ? PV_OK
                       : pv_scale_add(a->real, &key, measure_sample, &s,
                                      findings, err);
}

static pv_status measure(const options *o, audited *a, pv_findings *findings,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_probe_input input = {.schema = a->schema,
                            .real = a->real,
                            .synthetic = a->synthetic,
                            .synthetic_report = &a->synthetic_report,
                            .holdout = a->holdout,
                            .uses = &a->uses,
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

static pv_status audit(const options *o, pv_error *err)
{
    pv_status status = PV_OK;
    audited a = {0};
    pv_findings *findings = NULL;
    PV_TRY(pv_crypto_init(err));
    PV_TRY(pv_output_ready(&o->output, err));
    PV_TRY(pv_findings_new("privet-audit", "fidelity", &findings, err));
    PV_TRY(load_all(o, &a, findings, err));
    PV_TRY(measure(o, &a, findings, err));
    PV_TRY(pv_output_deliver(&o->output, findings, pv_summary_fidelity, err));
out:
    free_tables(&a);
    pv_findings_free(findings);
    return status;
}

int pv_command_fidelity(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    options o;
    pv_status status = read_options(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? help : NULL);
    if (status == PV_OK) {
        pv_command_begin(o.level, o.threads);
        (void)gsl_set_error_handler_off();
        status = audit(&o, &err);
    }
    return pv_command_end(status, &err);
}
