/* privet-audit epsilon --primitive: the curator's questions one by one. */
#include "audit/command.h"
#include "audit/epsilon/primitive.h"
#include "audit/findings.h"
#include "audit/output.h"
#include "audit/stop.h"
#include "audit/summary.h"
#include "core/threads.h"

#include <getopt.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { exit_violated = 3 };

typedef struct options {
    pv_primitive_options how;
    const char *primitive, *neighbours, *unit;
    const char *seed;
    pv_output output;
    pv_log_level level;
    long long threads;
    double alpha; /* of all bounds together */
    bool help, version;
} options;

static const char help[] =
    "usage: privet-audit epsilon --primitive NAME --runs N [options]\n"
    "Asks one question of a curator N times on two neighbouring tables that are\n"
    "made for it, and holds what the answers show against what is charged.\n"
    "\n"
    "  --primitive NAME     measure, select, scores, intervals (on which private\n"
    "                       bins and quantiles rest), labels, queries (a tree of\n"
    "                       them), group (a choice by one), votes (on a public\n"
    "                       population), or all\n"
    "  --runs N             of each case; half of them on each table\n"
    "  --neighbors WHICH    add-remove or replace; default both\n"
    "  --unit WHICH         row or person; default both\n"
    "  --rows-per-person K  of a person; default 3\n"
    "  --cells N            of the marginal, or intervals; values under the tree;\n"
    "                       candidates of votes in each class; default 100\n"
    "  --candidates N       of a selection or group; distances of scores; default 8\n"
    "  --sigma2 S           variance of the noise, N or N/D; default: at which one\n"
    "                       unit added costs rho = 1/2\n"
    "  --select-epsilon E   of a selection or group; default 2, which costs rho = 1/2\n"
    "  --delta D            at which epsilon is stated; default 1e-5\n"
    "  --labels-delta D     that a question about labels is charged; default 0.01\n"
    "  --alpha A            two-sided error of all bounds together; default 0.01\n"
    "  --seed HEX           draw the same again; default: a random one\n"
    "  --threads N          processes; no result depends on it\n"
    "  --json               one JSON document\n"
    "  -o, --output FILE    write there, mode 0600 (-: standard output)\n"
    "  --force              replace FILE when it exists\n"
    "  --quiet, -v, --verbose, --help, --version\n"
    "\n"
    "Exit status: 0 done, 1 error, 2 wrong use, 3 a charge is exceeded or noise is\n"
    "not of its law, 75 stopped (nothing is kept).\n";

enum {
    opt_primitive = 256, opt_runs, opt_neighbors, opt_unit, opt_rows, opt_cells,
    opt_candidates, opt_sigma2, opt_epsilon, opt_delta, opt_labels_delta,
    opt_alpha, opt_seed, opt_threads, opt_json, opt_force, opt_quiet, opt_help,
    opt_version
};

static const struct option long_options[] = {
    {"primitive", required_argument, NULL, opt_primitive},
    {"runs", required_argument, NULL, opt_runs},
    {"neighbors", required_argument, NULL, opt_neighbors},
    {"unit", required_argument, NULL, opt_unit},
    {"rows-per-person", required_argument, NULL, opt_rows},
    {"cells", required_argument, NULL, opt_cells},
    {"candidates", required_argument, NULL, opt_candidates},
    {"sigma2", required_argument, NULL, opt_sigma2},
    {"select-epsilon", required_argument, NULL, opt_epsilon},
    {"delta", required_argument, NULL, opt_delta},
    {"labels-delta", required_argument, NULL, opt_labels_delta},
    {"alpha", required_argument, NULL, opt_alpha},
    {"seed", required_argument, NULL, opt_seed},
    {"threads", required_argument, NULL, opt_threads},
    {"json", no_argument, NULL, opt_json},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, opt_force},
    {"quiet", no_argument, NULL, opt_quiet},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

/* --- options -------------------------------------------------------------- */

static pv_status read_size(const char *option, long long least, long long most,
                           size_t *size, pv_error *err)
{
    long long number = 0;
    const pv_status status =
        pv_option_number(option, optarg, least, most, &number, err);
    *size = (size_t)number;
    return status;
}

/* A number above `above` and at most, or below, `most`. */
static pv_status read_real(const char *option, double above, double most,
                           double *value, pv_error *err)
{
    char *end;
    *value = strtod(optarg, &end);
    if (end == optarg || *end != '\0' || !(*value > above && *value <= most))
        return pv_fail(err, PV_EUSAGE,
                       "%s takes a number above %g, at most %g, not \"%s\"",
                       option, above, most, optarg);
    return PV_OK;
}

static pv_status read_sigma2(pv_rational *sigma2, pv_error *err)
{
    unsigned long long num = 0, den = 1;
    int read = 0;
    pv_gaussian gaussian;
    pv_error why = PV_ERROR_INIT;
    const size_t length = strlen(optarg);
    const bool digits = length > 0 && length < 40 &&
                        strspn(optarg, "0123456789/") == length;
    if (!digits || ((sscanf(optarg, "%llu%n", &num, &read) != 1 ||
                     (size_t)read != length) &&
                    (sscanf(optarg, "%llu/%llu%n", &num, &den, &read) != 2 ||
                     (size_t)read != length)))
        return pv_fail(err, PV_EUSAGE,
                       "--sigma2 takes a variance such as 4 or 7/2, not \"%s\"",
                       optarg);
    *sigma2 = (pv_rational){num, den};
    if (pv_gaussian_init(&gaussian, *sigma2, &why) != PV_OK)
        return pv_fail(err, PV_EUSAGE, "--sigma2: %s", why.message);
    return PV_OK;
}

static pv_status read_word(const char *option, const char *one,
                           const char *other, const char **word, pv_error *err)
{
    if (strcmp(optarg, one) != 0 && strcmp(optarg, other) != 0)
        return pv_fail(err, PV_EUSAGE, "%s is %s or %s, not \"%s\"", option,
                       one, other, optarg);
    *word = optarg;
    return PV_OK;
}

static pv_status read_primitive(const char **primitive, pv_error *err)
{
    bool known = strcmp(optarg, "all") == 0;
    for (int p = 0; p < PV_PRIMITIVES; p++)
        known = known || strcmp(optarg, pv_primitive_name((pv_primitive)p)) == 0;
    if (!known)
        return pv_fail(err, PV_EUSAGE,
                       "--primitive is measure, select, scores, intervals, "
                       "labels, queries, group, votes or all, not \"%s\"",
                       optarg);
    *primitive = optarg;
    return PV_OK;
}

static pv_status read_seed(options *o, pv_error *err)
{
    o->seed = optarg;
    return pv_key_from_hex(optarg, &o->how.key)
               ? PV_OK
               : pv_fail(err, PV_EUSAGE,
                         "--seed takes 1 to 64 hexadecimal digits");
}

static pv_status read_option(int opt, options *o, pv_error *err)
{
    pv_primitive_options *h = &o->how;
    const double below_one = 1 - 0x1p-53;
    switch (opt) {
    case opt_primitive: return read_primitive(&o->primitive, err);
    case opt_runs:
        return read_size("--runs", PV_PRIMITIVE_RUNS_LEAST,
                         PV_PRIMITIVE_RUNS_MOST, &h->runs, err);
    case opt_neighbors:
        return read_word("--neighbors", "add-remove", "replace", &o->neighbours,
                         err);
    case opt_unit: return read_word("--unit", "row", "person", &o->unit, err);
    case opt_rows: {
        size_t rows = 0;
        const pv_status status = read_size("--rows-per-person", 1,
                                           PV_PRIMITIVE_ROWS_MOST, &rows, err);
        h->rows = rows;
        return status;
    }
    case opt_cells:
        return read_size("--cells", 2, PV_PRIMITIVE_CELLS_MOST, &h->cells, err);
    case opt_candidates:
        return read_size("--candidates", 2, PV_PRIMITIVE_CANDIDATES_MOST,
                         &h->candidates, err);
    case opt_sigma2: return read_sigma2(&h->sigma2, err);
    case opt_epsilon:
        return read_real("--select-epsilon", 0x1p-20, 64, &h->epsilon, err);
    case opt_delta: return read_real("--delta", 0, below_one, &h->delta, err);
    case opt_labels_delta:
        return read_real("--labels-delta", 0x1p-60, 0.5, &h->delta_labels, err);
    case opt_alpha: return read_real("--alpha", 0, below_one, &o->alpha, err);
    case opt_seed: return read_seed(o, err);
    case opt_threads:
        return pv_option_number("--threads", optarg, 1, 256, &o->threads, err);
    case opt_json: o->output.json = true; return PV_OK;
    case 'o': o->output.path = optarg; return PV_OK;
    case opt_force: o->output.force = true; return PV_OK;
    case opt_quiet: o->level = PV_LOG_QUIET; return PV_OK;
    case 'v': o->level = PV_LOG_VERBOSE; return PV_OK;
    case opt_help: o->help = true; return PV_OK;
    case opt_version: o->version = true; return PV_OK;
    default: /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE,
                       "see privet-audit epsilon --primitive all --help");
    }
}

static pv_status read_options(int argc, char **argv, options *o, pv_error *err)
{
    pv_status status = PV_OK;
    int opt;
    *o = (options){.how = {.cells = 100, .candidates = 8, .rows = 3,
                           .epsilon = 2, .delta = 1e-5, .delta_labels = 0.01},
                   .alpha = 0.01,
                   .level = PV_LOG_NORMAL};
    while ((opt = getopt_long(argc, argv, "o:v", long_options, NULL)) != -1)
        PV_TRY(read_option(opt, o, err));
    if (o->help || o->version)
        return PV_OK;
    if (optind < argc)
        status = pv_fail(err, PV_EUSAGE, "\"%s\" is no option", argv[optind]);
    else if (o->primitive == NULL)
        status = pv_fail(err, PV_EUSAGE, "--primitive is needed");
    else if (o->how.runs == 0)
        status = pv_fail(err, PV_EUSAGE, "--runs is needed");
    else if (o->how.delta + o->how.delta_labels >= 1)
        status = pv_fail(err, PV_EUSAGE,
                         "--delta and --labels-delta together must be below 1");
out:
    return status;
}

/* --- the cases ------------------------------------------------------------ */

static bool wanted(const options *o, const pv_primitive_case *c)
{
    const bool replace = c->neighbours == PV_REPLACE;
    return (o->neighbours == NULL ||
            replace == (strcmp(o->neighbours, "replace") == 0)) &&
           (o->unit == NULL || c->person == (strcmp(o->unit, "person") == 0));
}

static size_t choose_cases(const options *o, pv_primitive_case *cases)
{
    size_t count = 0;
    for (int p = 0; p < PV_PRIMITIVES; p++) {
        pv_primitive_case some[PV_PRIMITIVE_CASES];
        const char *name = pv_primitive_name((pv_primitive)p);
        if (strcmp(o->primitive, "all") != 0 && strcmp(o->primitive, name) != 0)
            continue;
        const size_t here = pv_primitive_cases((pv_primitive)p, some);
        for (size_t i = 0; i < here; i++)
            if (wanted(o, &some[i]))
                cases[count++] = some[i];
    }
    return count;
}

static pv_status note(pv_findings *findings, const char *name, double value,
                      pv_error *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.15g", value);
    return pv_findings_add_option(findings, name, text, err);
}

static pv_status note_options(const options *o, size_t bounds,
                              pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_primitive_options *h = &o->how;
    char seed[2 * PV_KEY_BYTES + 1], sigma2[64] = "default";
    for (size_t i = 0; i < sizeof h->key.bytes; i++)
        (void)snprintf(seed + 2 * i, 3, "%02x", (unsigned)h->key.bytes[i]);
    if (h->sigma2.num != 0)
        (void)snprintf(sigma2, sizeof sigma2, "%llu/%llu",
                       (unsigned long long)h->sigma2.num,
                       (unsigned long long)h->sigma2.den);
    PV_TRY(pv_findings_add_option(findings, "primitive", o->primitive, err));
    PV_TRY(note(findings, "runs", (double)h->runs, err));
    PV_TRY(note(findings, "cells", (double)h->cells, err));
    PV_TRY(note(findings, "candidates", (double)h->candidates, err));
    PV_TRY(note(findings, "rows-per-person", (double)h->rows, err));
    PV_TRY(pv_findings_add_option(findings, "sigma2", sigma2, err));
    PV_TRY(note(findings, "select-epsilon", h->epsilon, err));
    PV_TRY(note(findings, "delta", h->delta, err));
    PV_TRY(note(findings, "labels-delta", h->delta_labels, err));
    PV_TRY(note(findings, "alpha", o->alpha, err));
    PV_TRY(note(findings, "bounds", (double)bounds, err));
    PV_TRY(note(findings, "alpha-each", h->alpha, err));
    PV_TRY(pv_findings_add_option(findings, "seed", seed, err));
out:
    return status;
}

static pv_status audit(options *o, bool *violated, pv_error *err)
{
    pv_status status = PV_OK;
    pv_findings *findings = NULL;
    pv_primitive_case cases[PV_PRIMITIVE_CASES];
    const size_t count = choose_cases(o, cases);
    const size_t bounds = count * PV_PRIMITIVE_BOUNDS;
    PV_TRY(pv_crypto_init(err));
    PV_TRY(pv_output_ready(&o->output, err));
    if (o->seed == NULL)
        PV_TRY(pv_key_random(&o->how.key, err));
    o->how.alpha = o->alpha / (double)bounds;
    /* many small files, each synced: in memory where that can be had */
    o->how.scratch = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : NULL;
    PV_TRY(pv_findings_new("privet-audit", "epsilon", &findings, err));
    PV_TRY(note_options(o, bounds, findings, err));
    for (size_t i = 0; i < count; i++) {
        bool here = false;
        PV_TRY(pv_primitive_audit(&cases[i], &o->how, findings, &here, err));
        *violated = *violated || here;
    }
    PV_TRY(pv_output_deliver(&o->output, findings, pv_summary_primitive, err));
out:
    pv_findings_free(findings);
    return status;
}

int pv_command_primitive(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    bool violated = false;
    options o;
    pv_status status = read_options(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? help : NULL);
    if (status == PV_OK) {
        pv_command_begin(o.level, 1); /* threads do not survive a fork */
        o.how.workers = pv_threads_resolve((int)o.threads);
        pv_stop_on_signals();
        (void)gsl_set_error_handler_off();
        status = audit(&o, &violated, &err);
    }
    const int ended = pv_command_end(status, &err);
    return ended == 0 && violated ? exit_violated : ended;
}
