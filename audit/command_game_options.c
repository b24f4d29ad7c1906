#include "audit/attack/solve.h"
#include "audit/attack_options.h"
#include "audit/command.h"
#include "audit/command_game.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char pv_game_help[] =
    "usage: privet-audit game --real R --schema S --secret COLUMN\n"
    "                         --mechanism CMD --trials N [options]\n"
    "       privet-audit game --merge DIR...\n"
    "Plays the coin-flip game. In each trial people are drawn from R, one whose\n"
    "known values are unique is given a secret by a fair coin, the mechanism is\n"
    "trained, and attackers who know everything but secrets, and see a release,\n"
    "guess the coin. What they get right beyond chance is that person's leakage.\n"
    "\n"
    "  --real R             a real table to draw people from\n"
    "  --schema S           its Table Schema (JSON)\n"
    "  --secret COLUMN      the column to guess\n"
    "  --mechanism CMD      one of\n"
    "      'privet-gen METHOD OPTIONS'   without input and output; in-process\n"
    "      'PROGRAM ... {in} ... {out}'  no shell; CSV in, CSV or HDF5 out; also\n"
    "                                    {rows} and {seed}\n"
    "      reference:bootstrap, reference:copy, reference:coins,\n"
    "      reference:gaussian:SIGMA      yardsticks: doc/game.md\n"
    "  --trials N           how many; 500 give accuracies to 4 points\n"
    "  --rows-per-trial N   people of a trial; default 1000\n"
    "  --releases N,...     rows of the releases; default 1000,10000\n"
    "  --solver NAMES       l1, pdhg, ls, wls, or all; default ls,wls\n"
    "  --order K,...        values in a query, the secret among them; default 3\n"
    "  --queries N          draw so many; default: all there are\n"
    "  --known COLUMNS      what attackers know; default: all but the secret\n"
    "  --secret-bins N      classes of a numeric secret; default 2\n"
    "  --coin-secrets       everyone's secret is a coin: nothing to infer\n"
    "                       from people who are alike\n"
    "  --no-noise           privet-gen without noise, for tests: not private\n"
    "  --timeout SECONDS    for one run of a PROGRAM\n"
    "  --ignore-extra       skip columns that the schema does not declare\n"
    "  --validation SHARE   of the trials, to choose the best attacker by;\n"
    "                       default 0.2\n"
    "  --run-dir DIR        what was played; default FILE.run, or game.run\n"
    "  --seed HEX           play the same game again; default: a random one\n"
    "  --shard I/N          only the I-th of N parts of the trials\n"
    "  --merge              findings of games in several run directories\n"
    "  --memory SIZE        for the queries of one trial; default 1G\n"
    "  --threads N          trials at once; no result depends on it\n"
    "  --json               one JSON document instead of the text\n"
    "  -o, --output FILE    write there, mode 0600 (-: standard output)\n"
    "  --force              replace FILE when it exists\n"
    "  --quiet, -v          fewer or more messages\n"
    "  --help, --version\n"
    "\n"
    "A game that was stopped or killed goes on with the same command.\n"
    "Exit status: 0 done, 1 error, 2 wrong use, 75 stopped: run the same command\n"
    "again.\n";

enum {
    opt_real = 256, opt_schema, opt_secret, opt_mechanism, opt_trials,
    opt_people, opt_releases, opt_solver, opt_order, opt_queries, opt_known,
    opt_bins, opt_coins, opt_no_noise, opt_timeout, opt_extra, opt_validation,
    opt_run_dir, opt_seed, opt_shard, opt_merge, opt_memory, opt_threads,
    opt_json, opt_force, opt_quiet, opt_help, opt_version
};

static const struct option long_options[] = {
    {"real", required_argument, NULL, opt_real},
    {"schema", required_argument, NULL, opt_schema},
    {"secret", required_argument, NULL, opt_secret},
    {"mechanism", required_argument, NULL, opt_mechanism},
    {"trials", required_argument, NULL, opt_trials},
    {"rows-per-trial", required_argument, NULL, opt_people},
    {"releases", required_argument, NULL, opt_releases},
    {"solver", required_argument, NULL, opt_solver},
    {"order", required_argument, NULL, opt_order},
    {"queries", required_argument, NULL, opt_queries},
    {"known", required_argument, NULL, opt_known},
    {"secret-bins", required_argument, NULL, opt_bins},
    {"coin-secrets", no_argument, NULL, opt_coins},
    {"no-noise", no_argument, NULL, opt_no_noise},
    {"timeout", required_argument, NULL, opt_timeout},
    {"ignore-extra", no_argument, NULL, opt_extra},
    {"validation", required_argument, NULL, opt_validation},
    {"run-dir", required_argument, NULL, opt_run_dir},
    {"seed", required_argument, NULL, opt_seed},
    {"shard", required_argument, NULL, opt_shard},
    {"merge", no_argument, NULL, opt_merge},
    {"memory", required_argument, NULL, opt_memory},
    {"threads", required_argument, NULL, opt_threads},
    {"json", no_argument, NULL, opt_json},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, opt_force},
    {"quiet", no_argument, NULL, opt_quiet},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

/* The next of numbers separated by commas; NULL when the text is none. */
static const char *next_number(const char *text, unsigned long long least,
                               unsigned long long most,
                               unsigned long long *number)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return NULL;
    *number = strtoull(text, &end, 10);
    if (errno != 0 || *number < least || *number > most ||
        (*end != ',' && *end != '\0') || (*end == ',' && end[1] == '\0'))
        return NULL;
    return *end == ',' ? end + 1 : end;
}

static int by_size(const void *left, const void *right)
{
    const size_t a = *(const size_t *)left, b = *(const size_t *)right;
    return a < b ? -1 : a > b;
}

static pv_status read_releases(const char *text, pv_game_options *o,
                               pv_error *err)
{
    unsigned long long n;
    const char *at = text;
    o->releases = 0;
    do {
        at = next_number(at, 1, 100000000, &n);
        if (at == NULL || o->releases == PV_GAME_RELEASES)
            return pv_fail(err, PV_EUSAGE,
                           "--releases takes up to %d numbers of rows from 1 to "
                           "100000000, as 1000,10000, not \"%s\"",
                           PV_GAME_RELEASES, text);
        o->release[o->releases++] = (size_t)n;
    } while (*at != '\0');
    qsort(o->release, o->releases, sizeof *o->release, by_size);
    for (size_t i = 1; i < o->releases; i++)
        if (o->release[i] == o->release[i - 1])
            return pv_fail(err, PV_EUSAGE, "--releases: %zu is there twice",
                           o->release[i]);
    return PV_OK;
}

static pv_status read_numeric(int opt, pv_game_options *o, pv_error *err)
{
    static const long long most = 1000000000;
    switch (opt) {
    case opt_trials:
        return pv_option_number("--trials", optarg, 1, most, &o->trials, err);
    case opt_people:
        return pv_option_number("--rows-per-trial", optarg, 2, most,
                                &o->people, err);
    case opt_queries:
        return pv_option_number("--queries", optarg, 1, most, &o->queries,
                                err);
    case opt_bins:
        return pv_option_number("--secret-bins", optarg, 2, PV_SECRET_MOST,
                                &o->bins, err);
    case opt_threads:
        return pv_option_number("--threads", optarg, 1, 256, &o->threads, err);
    case opt_timeout:
        return pv_option_real("--timeout", optarg, 0, 1e9, &o->timeout, err);
    case opt_validation:
        return pv_option_real("--validation", optarg, 0, 1, &o->validation, err);
    case opt_memory:
        return pv_option_size("--memory", optarg, &o->memory, err);
    case opt_releases:
        return read_releases(optarg, o, err);
    case opt_order:
        return pv_orders_parse(optarg, &o->orders, err);
    case opt_shard:
        return pv_option_shard(optarg, &o->shard, &o->shards, err);
    default:
        return pv_solvers_parse(optarg, &o->solvers, err);
    }
}

static pv_status read_option(int opt, pv_game_options *o, pv_error *err)
{
    switch (opt) {
    case opt_real: o->real = optarg; return PV_OK;
    case opt_schema: o->schema = optarg; return PV_OK;
    case opt_secret: o->secret = optarg; return PV_OK;
    case opt_mechanism: o->mechanism = optarg; return PV_OK;
    case opt_known: o->known = optarg; return PV_OK;
    case opt_run_dir: o->run_dir = optarg; return PV_OK;
    case opt_seed: o->seed = optarg; return PV_OK;
    case opt_coins: o->coin_secrets = true; return PV_OK;
    case opt_no_noise: o->no_noise = true; return PV_OK;
    case opt_extra: o->ignore_extra = true; return PV_OK;
    case opt_merge: o->merge = true; return PV_OK;
    case opt_json: o->output.json = true; return PV_OK;
    case 'o': o->output.path = optarg; return PV_OK;
    case opt_force: o->output.force = true; return PV_OK;
    case opt_quiet: o->level = PV_LOG_QUIET; return PV_OK;
    case 'v': o->level = PV_LOG_VERBOSE; return PV_OK;
    case opt_help: o->help = true; return PV_OK;
    case opt_version: o->version = true; return PV_OK;
    case '?': /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE, "see privet-audit game --help");
    default: return read_numeric(opt, o, err);
    }
}

/* An option that says what to play, if one was given. */
static const char *of_playing(const pv_game_options *o)
{
    return o->real != NULL        ? "--real"
           : o->schema != NULL    ? "--schema"
           : o->secret != NULL    ? "--secret"
           : o->mechanism != NULL ? "--mechanism"
           : o->known != NULL     ? "--known"
           : o->run_dir != NULL   ? "--run-dir"
           : o->seed != NULL      ? "--seed"
           : o->trials > 0        ? "--trials"
           : o->shards > 1        ? "--shard"
           : o->no_noise          ? "--no-noise"
           : o->coin_secrets      ? "--coin-secrets"
                                  : NULL;
}

static pv_status check_options(int argc, char **argv, pv_game_options *o,
                               pv_error *err)
{
    const char *missing = o->real == NULL        ? "--real"
                          : o->schema == NULL    ? "--schema"
                          : o->secret == NULL    ? "--secret"
                          : o->mechanism == NULL ? "--mechanism"
                          : o->trials == 0       ? "--trials"
                                                 : NULL;
    o->dir = argv + optind;
    o->dirs = argc - optind;
    if (o->merge && o->dirs == 0)
        return pv_fail(err, PV_EUSAGE, "--merge needs run directories");
    if (o->merge && of_playing(o) != NULL)
        return pv_fail(err, PV_EUSAGE, "--merge plays nothing: leave %s out",
                       of_playing(o));
    if (o->merge)
        return PV_OK;
    if (o->dirs > 0)
        return pv_fail(err, PV_EUSAGE,
                       "what is \"%s\"? The mechanism is one argument: quote "
                       "it",
                       o->dir[0]);
    if (missing != NULL)
        return pv_fail(err, PV_EUSAGE,
                       "%s is missing; see privet-audit game --help", missing);
    return PV_OK;
}

pv_status pv_game_read_options(int argc, char **argv, pv_game_options *o,
                               pv_error *err)
{
    int opt;
    *o = (pv_game_options){.people = 1000, .bins = 2, .orders = 1U << 3,
                           .releases = 2, .release = {1000, 10000},
                           .shards = 1, .validation = 0.2,
                           .memory = (size_t)1 << 30, .level = PV_LOG_NORMAL};
    pv_status status = pv_solvers_parse("ls,wls", &o->solvers, err);
    while (status == PV_OK &&
           (opt = getopt_long(argc, argv, "o:v", long_options, NULL)) != -1)
        status = read_option(opt, o, err);
    if (status != PV_OK || o->help || o->version)
        return status;
    return check_options(argc, argv, o, err);
}
