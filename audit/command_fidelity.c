/* privet-audit fidelity: options, tables, findings, output. */
#include "audit/command.h"
#include "audit/comparison.h"
#include "audit/findings.h"
#include "audit/output.h"
#include "audit/summary.h"
#include "core/log.h"
#include "core/stream.h"

#include <getopt.h>
#include <gsl/gsl_errno.h>
#include <stdio.h>

typedef struct options {
    pv_comparison_options tables;
    pv_output output;
    bool help, version;
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
    "  --queries SPEC     compare the answers to queries: tree:2, prefix:1000,\n"
    "                     halfspace:500, marginals:3, FILE.json, by commas\n"
    "                     (doc/queries.md)\n"
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
    opt_queries,
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
    {"queries", required_argument, NULL, opt_queries},
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

static pv_status read_option(int opt, options *o, pv_error *err)
{
    switch (opt) {
    case opt_real:
        o->tables.real = optarg;
        break;
    case opt_synthetic:
        o->tables.synthetic = optarg;
        break;
    case opt_schema:
        o->tables.schema = optarg;
        break;
    case opt_holdout:
        o->tables.holdout = optarg;
        break;
    case opt_ignore_extra:
        o->tables.ignore_extra = true;
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
        return pv_comparison_binning(optarg, &o->tables.nist, err);
    case opt_group:
        o->tables.group = optarg;
        break;
    case opt_no_scale:
        o->tables.no_scale = true;
        break;
    case opt_model:
        return pv_comparison_model(&o->tables, optarg, err);
    case opt_target:
        o->tables.target = optarg;
        break;
    case opt_survival:
        o->tables.survival = optarg;
        break;
    case opt_queries:
        o->tables.queries = optarg;
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
    else
        status = pv_comparison_check(&o->tables, "fidelity", err);
out:
    return status;
}

static pv_status audit(const options *o, pv_error *err)
{
    pv_status status = PV_OK;
    pv_comparison compared = {0};
    pv_findings *findings = NULL;
    PV_TRY(pv_crypto_init(err));
    PV_TRY(pv_output_ready(&o->output, err));
    PV_TRY(pv_findings_new("privet-audit", "fidelity", &findings, err));
    PV_TRY(pv_comparison_load(&o->tables, &compared, findings, err));
    PV_TRY(pv_comparison_measure(&o->tables, &compared, findings, err));
    PV_TRY(pv_output_deliver(&o->output, findings, pv_summary_fidelity, err));
out:
    pv_comparison_clear(&compared);
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
