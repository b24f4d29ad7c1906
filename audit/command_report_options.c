#include "audit/command.h"
#include "audit/command_report.h"

#include <getopt.h>
#include <string.h>

const char pv_report_help[] =
    "usage: privet-audit report --real R --synthetic X --schema S -o DIR [options]\n"
    "Writes the report that a release is approved or refused by: DIR/report.html\n"
    "for people and DIR/report.json for programs. Fidelity is measured here; what\n"
    "the other commands found comes from their findings.\n"
    "\n"
    "  --real R           the real table\n"
    "  --synthetic X      the synthetic table, from any tool\n"
    "  --schema S         their Table Schema (JSON)\n"
    "  --holdout H        real rows no generator saw: the yardstick\n"
    "  --release OUT.h5   the release that X is of: its ledger is recomputed\n"
    "  --findings F.json  findings of attack, game, epsilon, counts (--json);\n"
    "                     may be given several times\n"
    "  --criteria C.json  what has to be met; by default doc/report.md's set\n"
    "  --about A.json     what people say of the request, the data and the uses\n"
    "  --mode internal    exact figures, marked confidential (the default), or\n"
    "  --mode shareable   rounded; no rare level, no extreme, no record\n"
    "  --registry F.yaml  a draft for the OpenDP registry of deployments\n"
    "  --model 'Y ~ A + B'  a regression to be fitted to both tables; may be\n"
    "                     repeated\n"
    "  --target COL       a column to be predicted: train on synthetic, test on\n"
    "                     real\n"
    "  --survival 'TIME,EVENT=LABEL'  Kaplan-Meier curves to be compared\n"
    "  --queries SPEC     compare the answers to queries: tree:2, prefix:1000,\n"
    "                     halfspace:500, marginals:3, FILE.json, by commas\n"
    "                     (doc/queries.md)\n"
    "  --no-yardstick     leave out the scores of samples of the real table\n"
    "  --group COL        score pairs within each level of COL as well\n"
    "  --binning schema   bins of the schema (the default), or\n"
    "  --binning nist     of the NIST data excerpts, by ranks in R\n"
    "  --ignore-extra     skip columns that the schema does not declare\n"
    "  -o, --output DIR   made when missing\n"
    "  --force            replace a report that is there\n"
    "  --threads N        threads; no result depends on it\n"
    "  --quiet            errors only\n"
    "  -v, --verbose      say more\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 every mandatory line is met, 1 error, 2 wrong use, 3 one is not\n"
    "met, 4 inconclusive: there is no evidence for one.\n";

enum {
    opt_real = 256,
    opt_synthetic,
    opt_schema,
    opt_holdout,
    opt_release,
    opt_findings,
    opt_criteria,
    opt_about,
    opt_mode,
    opt_registry,
    opt_model,
    opt_target,
    opt_survival,
    opt_queries,
    opt_no_scale,
    opt_group,
    opt_binning,
    opt_ignore_extra,
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
    {"release", required_argument, NULL, opt_release},
    {"findings", required_argument, NULL, opt_findings},
    {"criteria", required_argument, NULL, opt_criteria},
    {"about", required_argument, NULL, opt_about},
    {"mode", required_argument, NULL, opt_mode},
    {"registry", required_argument, NULL, opt_registry},
    {"model", required_argument, NULL, opt_model},
    {"target", required_argument, NULL, opt_target},
    {"survival", required_argument, NULL, opt_survival},
    {"queries", required_argument, NULL, opt_queries},
    {"no-yardstick", no_argument, NULL, opt_no_scale},
    {"group", required_argument, NULL, opt_group},
    {"binning", required_argument, NULL, opt_binning},
    {"ignore-extra", no_argument, NULL, opt_ignore_extra},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, opt_force},
    {"threads", required_argument, NULL, opt_threads},
    {"quiet", no_argument, NULL, opt_quiet},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

static pv_status read_mode(const char *text, bool *shareable, pv_error *err)
{
    *shareable = strcmp(text, "shareable") == 0;
    if (*shareable || strcmp(text, "internal") == 0)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE,
                   "--mode takes internal or shareable, not \"%s\"", text);
}

static pv_status add_findings(const char *path, pv_report_options *o,
                              pv_error *err)
{
    if (o->findings_count == PV_MOST_FINDINGS)
        return pv_fail(err, PV_EUSAGE, "--findings: at most %d files",
                       PV_MOST_FINDINGS);
    o->findings[o->findings_count++] = path;
    return PV_OK;
}

/* Where the text of an option goes that is kept as it is; NULL: another one. */
static const char **text_option(int opt, pv_report_options *o)
{
    switch (opt) {
    case opt_real:
        return &o->tables.real;
    case opt_synthetic:
        return &o->tables.synthetic;
    case opt_schema:
        return &o->tables.schema;
    case opt_holdout:
        return &o->tables.holdout;
    case opt_group:
        return &o->tables.group;
    case opt_target:
        return &o->tables.target;
    case opt_survival:
        return &o->tables.survival;
    case opt_queries:
        return &o->tables.queries;
    case opt_release:
        return &o->release;
    case opt_criteria:
        return &o->criteria;
    case opt_about:
        return &o->about;
    case opt_registry:
        return &o->registry;
    case 'o':
        return &o->directory;
    default:
        return NULL;
    }
}

static pv_status read_option(int opt, pv_report_options *o, pv_error *err)
{
    const char **text = text_option(opt, o);
    if (text != NULL) {
        *text = optarg;
        return PV_OK;
    }
    switch (opt) {
    case opt_findings:
        return add_findings(optarg, o, err);
    case opt_mode:
        return read_mode(optarg, &o->shareable, err);
    case opt_model:
        return pv_comparison_model(&o->tables, optarg, err);
    case opt_binning:
        return pv_comparison_binning(optarg, &o->tables.nist, err);
    case opt_threads:
        return pv_option_number("--threads", optarg, 1, 1024, &o->threads, err);
    case opt_no_scale:
        o->tables.no_scale = true;
        break;
    case opt_ignore_extra:
        o->tables.ignore_extra = true;
        break;
    case opt_force:
        o->force = true;
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
    default:
        /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE, "see privet-audit report --help");
    }
    return PV_OK;
}

pv_status pv_report_options_read(int argc, char **argv, pv_report_options *o,
                                 pv_error *err)
{
    pv_status status = PV_OK;
    int opt;
    *o = (pv_report_options){.level = PV_LOG_NORMAL};
    while ((opt = getopt_long(argc, argv, "o:v", long_options, NULL)) != -1)
        PV_TRY(read_option(opt, o, err));
    if (o->help || o->version)
        goto out;
    if (optind < argc)
        status = pv_fail(err, PV_EUSAGE,
                         "what is \"%s\"? Tables are named by --real and "
                         "--synthetic",
                         argv[optind]);
    else
        status = pv_comparison_check(&o->tables, "report", err);
    if (status == PV_OK && o->directory == NULL)
        status = pv_fail(err, PV_EUSAGE,
                         "-o DIR is missing; see privet-audit report --help");
out:
    return status;
}
