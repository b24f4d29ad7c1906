/* privet-audit counts: every estimator of epsilon on given counts. */
#include "audit/command.h"
#include "audit/epsilon/epsilon_findings.h"
#include "audit/findings.h"
#include "audit/output.h"
#include "audit/summary.h"

#include <errno.h>
#include <getopt.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_count = 1000000000, exit_exceeded = 3 };

typedef struct options {
    pv_epsilon_audit audit;
    pv_output output;
    bool help, version;
} options;

static const char help[] =
    "usage: privet-audit counts TP FP TN FN [options]\n"
    "Empirical epsilon from the counts of a distinguisher: runs with the record\n"
    "in that it called in (TP) and out (FN), runs without that it called in (FP)\n"
    "and out (TN).\n"
    "\n"
    "  --delta D          delta of (epsilon, delta)-DP; default 0\n"
    "  --alpha A          two-sided error of intervals; default 0.1, which is\n"
    "                     95 % confidence in a lower bound\n"
    "  --prior NAME       of the Bayesian estimate: jeffreys (the default) or\n"
    "                     uniform\n"
    "  --gaussian         the mechanism is Gaussian: bounds for such may accuse\n"
    "  --one-run M,R,V    one run too: M canaries, R guesses, V of them right\n"
    "  --per-model C[,R]  C challenge points a trained model, of correlation R\n"
    "                     (default 1): counts over 1 + (C - 1) R, a heuristic\n"
    "                     that accuses nobody\n"
    "  --claim E          say which bound, if any, lies above E\n"
    "  --json             one JSON document\n"
    "  -o, --output FILE  write there, mode 0600 (-: standard output)\n"
    "  --force            replace FILE when it exists\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 done, 1 error, 2 wrong use, 3 the claim is exceeded.\n";

enum {
    opt_delta = 256,
    opt_alpha,
    opt_prior,
    opt_gaussian,
    opt_one_run,
    opt_per_model,
    opt_claim,
    opt_json,
    opt_force,
    opt_help,
    opt_version
};

static const struct option long_options[] = {
    {"delta", required_argument, NULL, opt_delta},
    {"alpha", required_argument, NULL, opt_alpha},
    {"prior", required_argument, NULL, opt_prior},
    {"gaussian", no_argument, NULL, opt_gaussian},
    {"one-run", required_argument, NULL, opt_one_run},
    {"per-model", required_argument, NULL, opt_per_model},
    {"claim", required_argument, NULL, opt_claim},
    {"json", no_argument, NULL, opt_json},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, opt_force},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

static pv_status read_real(const char *option, const char *text, double *value,
                           pv_error *err)
{
    char *end;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(*value))
        return pv_fail(err, PV_EUSAGE, "%s takes a number, not \"%s\"", option,
                       text);
    return PV_OK;
}

static pv_status read_prior(const char *text, pv_prior *prior, pv_error *err)
{
    if (strcmp(text, "jeffreys") != 0 && strcmp(text, "uniform") != 0)
        return pv_fail(err, PV_EUSAGE,
                       "--prior is jeffreys or uniform, not \"%s\"", text);
    *prior = *text == 'j' ? PV_PRIOR_JEFFREYS : PV_PRIOR_UNIFORM;
    return PV_OK;
}

static pv_status read_run(const char *text, pv_one_run *run, pv_error *err)
{
    long long number[3];
    const char *at = text;
    for (int i = 0; i < 3; i++) {
        char *end;
        errno = 0;
        number[i] = strtoll(at, &end, 10);
        if (errno != 0 || end == at || *end != (i < 2 ? ',' : '\0') ||
            number[i] < 0 || number[i] > most_count)
            return pv_fail(err, PV_EUSAGE,
                           "--one-run takes canaries,guesses,right ones, not "
                           "\"%s\"",
                           text);
        at = end + 1;
    }
    if (number[2] > number[1] || number[1] > number[0] || number[1] == 0)
        return pv_fail(err, PV_EUSAGE,
                       "--one-run %s: at least one guess, no more than "
                       "canaries, no more right than guessed",
                       text);
    *run = (pv_one_run){(uint64_t)number[0], (uint64_t)number[1],
                        (uint64_t)number[2]};
    return PV_OK;
}

static pv_status read_per_model(const char *text, double *effect, pv_error *err)
{
    double correlation = 1;
    char *end;
    const double points = strtod(text, &end);
    if (end != text && *end == ',') {
        const char *second = end + 1;
        correlation = strtod(second, &end);
        correlation = end != second ? correlation : -1;
    }
    if (end == text || *end != '\0' || !(points >= 1 && points <= most_count) ||
        !(correlation >= 0 && correlation <= 1))
        return pv_fail(err, PV_EUSAGE,
                       "--per-model takes points a model, from 1, and perhaps "
                       "their correlation, from 0 to 1, as 10,0.5, not \"%s\"",
                       text);
    *effect = 1 + (points - 1) * correlation;
    return PV_OK;
}

static pv_status read_option(int opt, options *o, pv_error *err)
{
    pv_epsilon_audit *a = &o->audit;
    switch (opt) {
    case opt_delta:
        return read_real("--delta", optarg, &a->delta, err);
    case opt_alpha:
        return read_real("--alpha", optarg, &a->alpha, err);
    case opt_prior:
        return read_prior(optarg, &a->prior, err);
    case opt_gaussian:
        a->gaussian = true;
        break;
    case opt_one_run:
        a->has_run = true;
        return read_run(optarg, &a->run, err);
    case opt_per_model:
        return read_per_model(optarg, &a->design_effect, err);
    case opt_claim:
        a->has_claim = true;
        return read_real("--claim", optarg, &a->claim, err);
    case opt_json:
        o->output.json = true;
        break;
    case 'o':
        o->output.path = optarg;
        break;
    case opt_force:
        o->output.force = true;
        break;
    case opt_help:
        o->help = true;
        break;
    case opt_version:
        o->version = true;
        break;
    case '?': /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE, "see privet-audit counts --help");
    default: /* a digit: getopt takes -5 for an option */
        return pv_fail(err, PV_EUSAGE, "a count cannot be negative");
    }
    return PV_OK;
}

/* What the estimators would refuse is wrong use here: their message, exit 2. */
static pv_status check(const pv_epsilon_audit *a, pv_error *err)
{
    pv_error why = PV_ERROR_INIT;
    if (pv_epsilon_check(&a->counts, a->delta, a->alpha, &why) != PV_OK)
        return pv_fail(err, PV_EUSAGE, "%s", why.message);
    if (a->has_claim && a->claim < 0)
        return pv_fail(err, PV_EUSAGE, "--claim must be at least 0");
    return PV_OK;
}

static pv_status read_counts(char **text, pv_confusion *counts, pv_error *err)
{
    static const char *const name[4] = {"TP", "FP", "TN", "FN"};
    double *const to[4] = {&counts->tp, &counts->fp, &counts->tn, &counts->fn};
    for (int i = 0; i < 4; i++) {
        long long number = 0;
        const pv_status status =
            pv_option_number(name[i], text[i], 0, most_count, &number, err);
        if (status != PV_OK)
            return status;
        *to[i] = (double)number;
    }
    return PV_OK;
}

static pv_status read_options(int argc, char **argv, options *o, pv_error *err)
{
    pv_status status = PV_OK;
    int opt;
    *o = (options){.audit = {.alpha = 0.1}};
    while ((opt = getopt_long(argc, argv, "o:0123456789", long_options,
                              NULL)) != -1)
        PV_TRY(read_option(opt, o, err));
    if (o->help || o->version)
        return PV_OK;
    if (argc - optind != 4)
        return pv_fail(err, PV_EUSAGE,
                       "give four counts, TP FP TN FN; see privet-audit counts "
                       "--help");
    PV_TRY(read_counts(argv + optind, &o->audit.counts, err));
    PV_TRY(check(&o->audit, err));
out:
    return status;
}

/* --- findings -------------------------------------------------------------- */

static pv_status note(pv_findings *findings, const char *name, double value,
                      pv_error *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.15g", value);
    return pv_findings_add_option(findings, name, text, err);
}

static pv_status note_run(pv_findings *findings, const pv_one_run *run,
                          pv_error *err)
{
    char text[64];
    (void)snprintf(text, sizeof text, "%llu,%llu,%llu",
                   (unsigned long long)run->canaries,
                   (unsigned long long)run->guesses,
                   (unsigned long long)run->correct);
    return pv_findings_add_option(findings, "one-run", text, err);
}

static pv_status note_options(const pv_epsilon_audit *a, pv_findings *findings,
                              pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(note(findings, "tp", a->counts.tp, err));
    PV_TRY(note(findings, "fp", a->counts.fp, err));
    PV_TRY(note(findings, "tn", a->counts.tn, err));
    PV_TRY(note(findings, "fn", a->counts.fn, err));
    if (a->design_effect > 1)
        PV_TRY(note(findings, "design-effect", a->design_effect, err));
    PV_TRY(note(findings, "delta", a->delta, err));
    PV_TRY(note(findings, "alpha", a->alpha, err));
    PV_TRY(pv_findings_add_option(
        findings, "prior",
        a->prior == PV_PRIOR_UNIFORM ? "uniform" : "jeffreys", err));
    PV_TRY(pv_findings_add_option(findings, "gaussian",
                                  a->gaussian ? "yes" : "no", err));
    if (a->has_run)
        PV_TRY(note_run(findings, &a->run, err));
    if (a->has_claim)
        PV_TRY(note(findings, "claim", a->claim, err));
out:
    return status;
}

static pv_status estimate(const options *o, bool *exceeded, pv_error *err)
{
    pv_status status = PV_OK;
    pv_findings *findings = NULL;
    PV_TRY(pv_output_ready(&o->output, err));
    PV_TRY(pv_findings_new("privet-audit", "counts", &findings, err));
    PV_TRY(note_options(&o->audit, findings, err));
    PV_TRY(pv_epsilon_findings(&o->audit, findings, exceeded, err));
    PV_TRY(pv_output_deliver(&o->output, findings, pv_summary_epsilon, err));
out:
    pv_findings_free(findings);
    return status;
}

int pv_command_counts(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    bool exceeded = false;
    options o;
    pv_status status = read_options(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? help : NULL);
    if (status == PV_OK) {
        (void)gsl_set_error_handler_off();
        status = estimate(&o, &exceeded, &err);
    }
    const int ended = pv_command_end(status, &err);
    return ended == 0 && exceeded ? exit_exceeded : ended;
}
