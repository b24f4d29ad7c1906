#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"
#include "gen/command.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    opt_schema = 256, opt_sigma, opt_epsilon, opt_delta, opt_rho, opt_neighbours,
    opt_rows, opt_run_dir, opt_account, opt_account_cap, opt_workload,
    opt_threads, opt_memory, opt_model_size, opt_force, opt_quiet, opt_seed, opt_json,
    opt_from, opt_hint, opt_one_way, opt_select, opt_columns, opt_extra,
    opt_degree, opt_max_cells, opt_target, opt_claim, opt_marginal,
    opt_replicates, opt_queries, opt_base, opt_base_share, opt_rounds, opt_picks,
    opt_search, opt_api, opt_one_shot, opt_candidates, opt_children,
    opt_lookahead, opt_pe_select, opt_keep, opt_threshold, opt_degrees,
    opt_init, opt_metric, opt_timeout, opt_help, opt_version
};

static const struct option options[] = {
    {"schema", required_argument, NULL, opt_schema},
    {"epsilon", required_argument, NULL, opt_epsilon},
    {"delta", required_argument, NULL, opt_delta},
    {"rho", required_argument, NULL, opt_rho},
    {"sigma", required_argument, NULL, opt_sigma},
    {"neighbors", required_argument, NULL, opt_neighbours},
    {"neighbours", required_argument, NULL, opt_neighbours},
    {"rows", required_argument, NULL, opt_rows},
    {"run-dir", required_argument, NULL, opt_run_dir},
    {"account", required_argument, NULL, opt_account},
    {"account-cap", required_argument, NULL, opt_account_cap},
    {"workload", required_argument, NULL, opt_workload},
    {"degree", required_argument, NULL, opt_degree},
    {"max-cells", required_argument, NULL, opt_max_cells},
    {"target", required_argument, NULL, opt_target},
    {"threads", required_argument, NULL, opt_threads},
    {"memory", required_argument, NULL, opt_memory},
    {"model-size", required_argument, NULL, opt_model_size},
    {"force", no_argument, NULL, opt_force},
    {"quiet", no_argument, NULL, opt_quiet},
    {"insecure-test-seed", required_argument, NULL, opt_seed},
    {"json", no_argument, NULL, opt_json},
    {"from-measurements", required_argument, NULL, opt_from},
    {"marginal", required_argument, NULL, opt_marginal},
    {"replicates", required_argument, NULL, opt_replicates},
    {"claim", required_argument, NULL, opt_claim},
    {"rows-hint", required_argument, NULL, opt_hint},
    {"one-way-share", required_argument, NULL, opt_one_way},
    {"select-share", required_argument, NULL, opt_select},
    {"columns-share", required_argument, NULL, opt_columns},
    {"queries", required_argument, NULL, opt_queries},
    {"base", required_argument, NULL, opt_base},
    {"base-share", required_argument, NULL, opt_base_share},
    {"rounds", required_argument, NULL, opt_rounds},
    {"picks", required_argument, NULL, opt_picks},
    {"search", required_argument, NULL, opt_search},
    {"api", required_argument, NULL, opt_api},
    {"one-shot", required_argument, NULL, opt_one_shot},
    {"candidates", required_argument, NULL, opt_candidates},
    {"children", required_argument, NULL, opt_children},
    {"lookahead", required_argument, NULL, opt_lookahead},
    {"select", required_argument, NULL, opt_pe_select},
    {"keep-parents", required_argument, NULL, opt_keep},
    {"threshold", required_argument, NULL, opt_threshold},
    {"degrees", required_argument, NULL, opt_degrees},
    {"init", required_argument, NULL, opt_init},
    {"metric", required_argument, NULL, opt_metric},
    {"api-timeout", required_argument, NULL, opt_timeout},
    {"ignore-extra", no_argument, NULL, opt_extra},
    {"output", required_argument, NULL, 'o'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

static pv_status bad(pv_error *err, const char *option, const char *text,
                     const char *wanted)
{
    return pv_fail(err, PV_EUSAGE, "%s: \"%s\" is not %s", option, text,
                   wanted);
}

static pv_status positive(const char *option, const char *text, double most,
                          double *value, pv_error *err)
{
    char *end;
    errno = 0;
    const double v = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(v) || v <= 0 || v > most)
        return bad(err, option, text,
                   most < 2 ? "a number above 0 and at most 1"
                            : "a positive number");
    *value = v;
    return PV_OK;
}

static pv_status whole(const char *option, const char *text, int64_t least,
                       int64_t most, int64_t *value, pv_error *err)
{
    char *end;
    errno = 0;
    const long long v = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0 || v < least || v > most)
        return bad(err, option, text, "a whole number in range");
    *value = v;
    return PV_OK;
}

static pv_status bytes(const char *option, const char *text, size_t *value,
                       pv_error *err)
{
    return pv_size_parse(text, value)
               ? PV_OK
               : bad(err, option, text, "a size such as 500M or 4G");
}

/* Something must be left for what comes after. */
static pv_status share(const char *option, const char *text, double *value,
                       pv_error *err)
{
    const pv_status status = positive(option, text, 1, value, err);
    return status == PV_OK && *value >= 1 ? bad(err, option, text, "below 1")
                                          : status;
}

static pv_status set_numeric(pv_command *c, int option, const char *text,
                             pv_error *err)
{
    int64_t n = 0;
    pv_status status;
    switch (option) {
    case opt_epsilon:
        return positive("--epsilon", text, 1e6, &c->epsilon, err);
    case opt_delta:
        status = positive("--delta", text, 1, &c->delta, err);
        if (status == PV_OK && c->delta >= 1)
            status = bad(err, "--delta", text, "below 1");
        return status;
    case opt_rho:
        return positive("--rho", text, 65536, &c->rho, err);
    case opt_sigma:
        return positive("--sigma", text, 1e9, &c->sigma, err);
    case opt_account_cap:
        return positive("--account-cap", text, 65536, &c->account_cap, err);
    case opt_hint:
        return positive("--rows-hint", text, 1e12, &c->rows_hint, err);
    case opt_one_way:
        return positive("--one-way-share", text, 1, &c->one_way_share, err);
    case opt_select:
        return positive("--select-share", text, 1, &c->select_share, err);
    case opt_columns:
        return share("--columns-share", text, &c->columns_share, err);
    case opt_rows:
        c->rows = -1;
        if (strcmp(text, "noisy") == 0)
            return PV_OK;
        return whole("--rows", text, 0, UINT32_MAX - 1, &c->rows, err);
    case opt_threads:
        status = whole("--threads", text, 1, 1024, &n, err);
        c->threads = status == PV_OK ? (int)n : 0;
        return status;
    case opt_degree:
        status = whole("--degree", text, 1, PV_MAX_COLUMNS, &n, err);
        c->degree = status == PV_OK ? (size_t)n : 0;
        return status;
    case opt_base_share:
        return share("--base-share", text, &c->base_share, err);
    case opt_rounds:
        return whole("--rounds", text, 0, 100000, &c->rounds, err);
    case opt_picks:
        return whole("--picks", text, 1, 100000, &c->picks, err);
    case opt_replicates:
        status = whole("--replicates", text, 2, 100000, &n, err);
        c->replicates = status == PV_OK ? (size_t)n : 0;
        return status;
    case opt_max_cells:
        status = whole("--max-cells", text, 1, INT64_C(1) << 48, &n, err);
        c->max_cells = status == PV_OK ? (size_t)n : 0;
        return status;
    case opt_model_size:
        return bytes("--model-size", text, &c->model_size, err);
    default:
        return bytes("--memory", text, &c->memory, err);
    }
}

static pv_status set_option(pv_command *c, int option, const char *text,
                            pv_error *err)
{
    switch (option) {
    case opt_schema: c->schema = text; return PV_OK;
    case opt_run_dir: c->run_dir = text; return PV_OK;
    case opt_account: c->account = text; return PV_OK;
    case opt_workload: c->workload = text; return PV_OK;
    case opt_target: c->target = text; return PV_OK;
    case opt_from: c->from_measurements = text; return PV_OK;
    case opt_marginal:
        if (c->marginals == sizeof c->marginal / sizeof *c->marginal)
            return pv_fail(err, PV_EUSAGE,
                           "more than %zu times --marginal; list them in a "
                           "file for --workload",
                           c->marginals);
        c->marginal[c->marginals++] = text;
        return PV_OK;
    case opt_queries: c->queries = text; return PV_OK;
    case opt_base: c->base = text; return PV_OK;
    case opt_search:
        c->faithful = strcmp(text, "faithful") == 0;
        if (!c->faithful && strcmp(text, "fast") != 0)
            return bad(err, "--search", text, "fast or faithful");
        return PV_OK;
    case opt_claim: c->claim = text; return PV_OK;
    case opt_seed: c->test_seed = text; return PV_OK;
    case 'o': c->output = text; return PV_OK;
    case opt_force: c->force = true; return PV_OK;
    case opt_json: c->json = true; return PV_OK;
    case opt_extra: c->ignore_extra = true; return PV_OK;
    case opt_quiet: c->log_level = PV_LOG_QUIET; return PV_OK;
    case 'v': c->log_level = PV_LOG_VERBOSE; return PV_OK;
    case opt_neighbours:
        c->replace = strcmp(text, "replace") == 0;
        if (!c->replace && strcmp(text, "add-remove") != 0)
            return bad(err, "--neighbors", text, "add-remove or replace");
        return PV_OK;
    default:
        return set_numeric(c, option, text, err);
    }
}

/* --- private evolution ------------------------------------------------------- */

static bool is_pe(int option)
{
    return option >= opt_one_shot && option <= opt_timeout;
}

static pv_status count_of(const char *option, const char *text, int64_t least,
                          size_t *value, pv_error *err)
{
    int64_t n = 0;
    const pv_status status = whole(option, text, least, 100000000, &n, err);
    *value = status == PV_OK ? (size_t)n : 0;
    return status;
}

static pv_status two_of(const char *option, const char *text, const char *yes,
                        const char *no, int *value, pv_error *err)
{
    *value = strcmp(text, yes) == 0;
    if (*value == 1 || strcmp(text, no) == 0)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE, "%s: \"%s\" is not %s or %s", option, text,
                   yes, no);
}

/* Numbers of 0 to 1, the first not below the last. */
static pv_status degrees(const char *text, double degree[2], pv_error *err)
{
    char *end;
    degree[0] = strtod(text, &end);
    degree[1] = end != text && *end == ',' ? strtod(end + 1, &end) : -1;
    if (*end != '\0' || !(degree[0] <= 1) || !(degree[1] >= 0) ||
        !(degree[0] >= degree[1]))
        return bad(err, "--degrees", text,
                   "two numbers of 0 to 1, the larger first, as 0.5,0.01");
    return PV_OK;
}

static pv_status threshold(const char *text, double *value, pv_error *err)
{
    char *end;
    *value = strtod(text, &end);
    return end != text && *end == '\0' && *value >= 0 && *value < 1e6
               ? PV_OK
               : bad(err, "--threshold", text, "a number of 0 or more");
}

static pv_status selection(const char *text, pv_pe_options *o, pv_error *err)
{
    static const char *const name[] = {"fit", "sample", "rank"};
    o->select_given = true;
    for (int i = 0; i < 3; i++)
        if (strcmp(text, name[i]) == 0) {
            o->select = (pv_pe_select)i;
            return PV_OK;
        }
    return bad(err, "--select", text, "fit, sample or rank");
}

static pv_status set_pe(pv_pe_options *o, int option, const char *text,
                        pv_error *err)
{
    switch (option) {
    case opt_one_shot:
        if (strcmp(text, "auto") != 0)
            return count_of("--one-shot", text, 1, &o->one_shot, err);
        o->one_shot = PV_PE_AUTO;
        return PV_OK;
    case opt_candidates:
        return count_of("--candidates", text, 1, &o->candidates, err);
    case opt_children:
        return count_of("--children", text, 1, &o->children, err);
    case opt_lookahead:
        return count_of("--lookahead", text, 0, &o->lookahead, err);
    case opt_pe_select:
        return selection(text, o, err);
    case opt_keep:
        return two_of("--keep-parents", text, "yes", "no", &o->keep, err);
    case opt_threshold:
        return threshold(text, &o->threshold, err);
    case opt_degrees:
        o->degree_given = true;
        return degrees(text, o->degree, err);
    case opt_init:
        return two_of("--init", text, "marginals", "uniform", &o->init, err);
    case opt_metric:
        o->metric_given = true;
        return pv_pe_metric(text, "--metric", &o->metric, err);
    default:
        return positive("--api-timeout", text, 1e9, &o->timeout, err);
    }
}

/* What getopt_long did not understand. It has moved on behind a long option, and
 * stays within a word of several short ones. */
static pv_status not_an_option(char **argv, pv_error *err)
{
    char letter[] = {'-', (char)optopt, '\0'};
    const char *last = argv[optind - 1];
    const bool is_letter = optopt > 0 && optopt < 256;
    return pv_fail(err, PV_EUSAGE,
                   "%s: not an option, or its value is missing; see "
                   "privet-gen --help",
                   is_letter && strncmp(last, "--", 2) != 0 ? letter : last);
}

pv_status pv_command_parse(int argc, char **argv, pv_command *c, bool *done,
                           pv_error *err)
{
    *c = (pv_command){.rows = -1, .one_way_share = -1, .select_share = -1,
                      .columns_share = -1, .base_share = -1, .rounds = -1,
                      .picks = -1, .rows_hint = 10000,
                      .replicates = 20, .log_level = PV_LOG_NORMAL,
                      .memory = pv_memory_half(), .pe = pv_pe_defaults};
    *done = false;
    opterr = 0;
    for (;;) {
        const int option = getopt_long(argc, argv, "o:v", options, NULL);
        if (option == -1)
            break;
        if (option == opt_help || option == opt_version) {
            if (option == opt_help)
                (void)fputs(pv_command_usage, stdout);
            else
                (void)printf("privet-gen %s\n", PV_VERSION);
            *done = true;
            return PV_OK;
        }
        if (option == '?')
            return not_an_option(argv, err);
        const pv_status status =
            option == opt_api ? pv_pe_take_api(&c->pe, optarg, argc, argv,
                                               &optind, err)
            : is_pe(option)   ? set_pe(&c->pe, option, optarg, err)
                              : set_option(c, option, optarg, err);
        c->pe.given = c->pe.given || option == opt_api || is_pe(option);
        if (status != PV_OK)
            return status;
    }
    c->rest = argv + optind;
    c->rest_count = argc - optind;
    if (c->rest_count == 0)
        return pv_fail(err, PV_EUSAGE,
                       "a command or method is missing; see privet-gen --help");
    return PV_OK;
}
