#include "audit/command.h"
#include "audit/command_epsilon.h"

#include <getopt.h>
#include <math.h>
#include <string.h>

const char pv_epsilon_help[] =
    "usage: privet-audit epsilon --mechanism CMD --runs N [options]\n"
    "       privet-audit epsilon --primitive NAME --runs N [options]\n"
    "       privet-audit epsilon --merge DIR... [options of the claim]\n"
    "Runs a mechanism again and again on two neighbouring tables, learns to tell\n"
    "its outputs apart, and says what epsilon and what rho that proves.\n"
    "\n"
    "  --mechanism CMD      one of\n"
    "      'privet-gen METHOD OPTIONS'   without input and output; in-process\n"
    "      'PROGRAM ... {in} ... {out}'  no shell; CSV in, CSV or HDF5 out; also\n"
    "                                    {rows} and {seed}\n"
    "      reference:bootstrap, reference:copy  no privacy at all\n"
    "  --runs N             of each pair of tables; half of them teach, half\n"
    "                       are counted\n"
    "  --primitive NAME     a question of privet-gen's curator instead; see\n"
    "                       privet-audit epsilon --primitive all --help\n"
    "\n"
    "What is claimed (of privet-gen by default what its options say):\n"
    "  --delta D            delta; default that of privet-gen, or 0\n"
    "  --claim E            epsilon at delta\n"
    "  --claim-rho R        rho of zCDP\n"
    "  --gaussian           the mechanism is Gaussian: bounds for such may accuse\n"
    "  --neighbors HOW      add-remove (the default) or replace; privet-gen's own\n"
    "\n"
    "Tables (worst cases, made up, unless --real is given):\n"
    "  --pair NAMES         single, mixed, repeated, boundary, flood; default all\n"
    "                       that go with the schema and the mechanism\n"
    "  --columns N, --levels N   of made-up tables; default 3 and 2\n"
    "  --copies N           of the target, in `repeated`; default 1\n"
    "  --rows-per-person N  made-up tables of persons with N rows that count\n"
    "  --schema S           worst cases in this schema, or that of --real\n"
    "  --real R             R without and with its most vulnerable record\n"
    "  --target ROW         or with this record, from 1\n"
    "  --people N           of R, drawn; default 1000 (0: all)\n"
    "\n"
    "  --see WHAT           all (the default): the transcript of privet-gen too;\n"
    "                       release: rows alone\n"
    "  --rows N             rows of a release; default the mechanism's own choice\n"
    "                       ({rows}: 1000)\n"
    "  --alpha A            two-sided error of all bounds together; default 0.1\n"
    "  --prior NAME         of the estimate: jeffreys (the default) or uniform\n"
    "  --timeout SECONDS    for one run of a PROGRAM; default 600\n"
    "  --ignore-extra       skip columns that the schema does not declare\n"
    "  --run-dir DIR        what was run; default FILE.run, or epsilon.run\n"
    "  --scratch DIR        for files of runs; default /dev/shm for made-up\n"
    "                       tables, else in the run directory\n"
    "  --seed HEX           the same runs again; default: a random one\n"
    "  --shard I/N          only the I-th of N parts of the runs\n"
    "  --merge              findings of runs in several run directories\n"
    "  --threads N          runs at once; no result depends on it\n"
    "  --json               one JSON document instead of the text\n"
    "  -o, --output FILE    write there, mode 0600 (-: standard output)\n"
    "  --force              replace FILE when it exists\n"
    "  --quiet, -v          fewer or more messages\n"
    "  --help, --version\n"
    "\n"
    "What was stopped or killed goes on with the same command.\n"
    "Exit status: 0 done, 1 error, 2 wrong use, 3 the claim is exceeded, 4 the\n"
    "mechanism ignores its seed, 75 stopped: run the same command again.\n";

enum {
    opt_mechanism = 256, opt_runs, opt_delta, opt_claim, opt_claim_rho,
    opt_gaussian, opt_neighbours, opt_pair, opt_columns, opt_levels, opt_copies,
    opt_person, opt_schema, opt_real, opt_target, opt_people, opt_see, opt_rows,
    opt_alpha, opt_prior, opt_timeout, opt_extra, opt_run_dir, opt_scratch,
    opt_seed, opt_shard, opt_merge, opt_threads, opt_json, opt_force, opt_quiet,
    opt_help, opt_version
};

static const struct option long_options[] = {
    {"mechanism", required_argument, NULL, opt_mechanism},
    {"runs", required_argument, NULL, opt_runs},
    {"delta", required_argument, NULL, opt_delta},
    {"claim", required_argument, NULL, opt_claim},
    {"claim-rho", required_argument, NULL, opt_claim_rho},
    {"gaussian", no_argument, NULL, opt_gaussian},
    {"neighbors", required_argument, NULL, opt_neighbours},
    {"pair", required_argument, NULL, opt_pair},
    {"columns", required_argument, NULL, opt_columns},
    {"levels", required_argument, NULL, opt_levels},
    {"copies", required_argument, NULL, opt_copies},
    {"rows-per-person", required_argument, NULL, opt_person},
    {"schema", required_argument, NULL, opt_schema},
    {"real", required_argument, NULL, opt_real},
    {"target", required_argument, NULL, opt_target},
    {"people", required_argument, NULL, opt_people},
    {"see", required_argument, NULL, opt_see},
    {"rows", required_argument, NULL, opt_rows},
    {"alpha", required_argument, NULL, opt_alpha},
    {"prior", required_argument, NULL, opt_prior},
    {"timeout", required_argument, NULL, opt_timeout},
    {"ignore-extra", no_argument, NULL, opt_extra},
    {"run-dir", required_argument, NULL, opt_run_dir},
    {"scratch", required_argument, NULL, opt_scratch},
    {"seed", required_argument, NULL, opt_seed},
    {"shard", required_argument, NULL, opt_shard},
    {"merge", no_argument, NULL, opt_merge},
    {"threads", required_argument, NULL, opt_threads},
    {"json", no_argument, NULL, opt_json},
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, opt_force},
    {"quiet", no_argument, NULL, opt_quiet},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, opt_help},
    {"version", no_argument, NULL, opt_version},
    {NULL, 0, NULL, 0}};

/* One of two words. */
static pv_status read_word(const char *option, const char *text,
                           const char *no, const char *yes, bool *value,
                           pv_error *err)
{
    *value = strcmp(text, yes) == 0;
    if (*value || strcmp(text, no) == 0)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE, "%s is %s or %s, not \"%s\"", option, no,
                   yes, text);
}

static pv_status read_claim(int opt, pv_epsilon_options *o, pv_error *err)
{
    static const double most = 1e6;
    pv_contest_claim *c = &o->claim;
    bool uniform = false;
    pv_status status = PV_OK;
    switch (opt) {
    case opt_delta:
        o->has_delta = true;
        return pv_option_real("--delta", optarg, 0, 1, &c->delta, err);
    case opt_claim:
        c->has_epsilon = true;
        return pv_option_real("--claim", optarg, 0, most, &c->epsilon, err);
    case opt_claim_rho:
        c->has_rho = true;
        return pv_option_real("--claim-rho", optarg, 0, most, &c->rho, err);
    case opt_alpha:
        status = pv_option_real("--alpha", optarg, 0, 1, &c->alpha, err);
        return status != PV_OK || c->alpha >= 1e-6
                   ? status
                   : pv_fail(err, PV_EUSAGE,
                             "--alpha must be at least 0.000001");
    default:
        status = read_word("--prior", optarg, "jeffreys", "uniform", &uniform,
                           err);
        c->prior = uniform ? PV_PRIOR_UNIFORM : PV_PRIOR_JEFFREYS;
        return status;
    }
}

static pv_status read_number(int opt, pv_epsilon_options *o, pv_error *err)
{
    enum { most_columns = 32, most_levels = 1000, most_person = 1000 };
    static const long long most = 1000000000;
    const struct {
        int opt;
        const char *name;
        long long least, most, *to;
    } number[] = {
        {opt_runs, "--runs", 20, most, &o->runs},
        {opt_columns, "--columns", 1, most_columns, &o->columns},
        {opt_levels, "--levels", 2, most_levels, &o->levels},
        {opt_copies, "--copies", 0, PV_PAIR_COPIES_MOST, &o->copies},
        {opt_person, "--rows-per-person", 1, most_person, &o->person_rows},
        {opt_target, "--target", 1, most, &o->target},
        {opt_people, "--people", 0, most, &o->people},
        {opt_rows, "--rows", 1, most, &o->rows},
        {opt_threads, "--threads", 1, 256, &o->threads}};
    size_t i = 0;
    while (number[i].opt != opt)
        i++;
    return pv_option_number(number[i].name, optarg, number[i].least,
                            number[i].most, number[i].to, err);
}

static pv_status read_option(int opt, pv_epsilon_options *o, pv_error *err)
{
    switch (opt) {
    case opt_mechanism: o->mechanism = optarg; return PV_OK;
    case opt_pair: o->pairs = optarg; return PV_OK;
    case opt_schema: o->schema = optarg; return PV_OK;
    case opt_real: o->real = optarg; return PV_OK;
    case opt_run_dir: o->run_dir = optarg; return PV_OK;
    case opt_scratch: o->scratch = optarg; return PV_OK;
    case opt_seed: o->seed = optarg; return PV_OK;
    case opt_gaussian: o->claim.gaussian = true; return PV_OK;
    case opt_extra: o->ignore_extra = true; return PV_OK;
    case opt_merge: o->merge = true; return PV_OK;
    case opt_json: o->output.json = true; return PV_OK;
    case 'o': o->output.path = optarg; return PV_OK;
    case opt_force: o->output.force = true; return PV_OK;
    case opt_quiet: o->level = PV_LOG_QUIET; return PV_OK;
    case 'v': o->level = PV_LOG_VERBOSE; return PV_OK;
    case opt_help: o->help = true; return PV_OK;
    case opt_version: o->version = true; return PV_OK;
    case opt_neighbours:
        o->has_neighbours = true;
        return read_word("--neighbors", optarg, "add-remove", "replace",
                         &o->replace, err);
    case opt_see:
        return read_word("--see", optarg, "all", "release", &o->release_only,
                         err);
    case opt_timeout:
        return pv_option_real("--timeout", optarg, 0, 1e9, &o->timeout, err);
    case opt_shard:
        return pv_option_shard(optarg, &o->shard, &o->shards, err);
    case opt_delta: case opt_claim: case opt_claim_rho: case opt_alpha:
    case opt_prior:
        return read_claim(opt, o, err);
    case '?': /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE, "see privet-audit epsilon --help");
    default:
        o->has_copies |= opt == opt_copies;
        return read_number(opt, o, err);
    }
}

static pv_status wrong(bool given, const char *why, pv_error *err)
{
    return given ? pv_fail(err, PV_EUSAGE, "%s", why) : PV_OK;
}

/* Options that contradict each other. */
static pv_status check_tables(const pv_epsilon_options *o, pv_error *err)
{
    pv_status status = PV_OK;
    const bool made_up = o->schema == NULL && o->real == NULL;
    PV_TRY(wrong(o->real != NULL && o->schema == NULL,
                 "--real needs its --schema", err));
    PV_TRY(wrong(o->target > 0 && o->real == NULL,
                 "--target is a record of --real", err));
    PV_TRY(wrong(!made_up && (o->columns > 0 || o->levels > 0 ||
                              o->person_rows > 0),
                 "--columns, --levels and --rows-per-person are of made-up "
                 "tables: leave them out, or --schema and --real",
                 err));
    PV_TRY(wrong(o->has_copies && o->pairs != NULL &&
                     strstr(o->pairs, "repeated") == NULL,
                 "--copies is of the pair `repeated`", err));
out:
    return status;
}

static pv_status check_options(int argc, char **argv, pv_epsilon_options *o,
                               pv_error *err)
{
    o->dir = argv + optind;
    o->dirs = argc - optind;
    if (o->merge && (o->dirs == 0 || o->mechanism != NULL || o->runs > 0))
        return pv_fail(err, PV_EUSAGE,
                       "--merge needs run directories, and runs nothing: leave "
                       "--mechanism and --runs out");
    if (o->merge)
        return PV_OK;
    if (o->dirs > 0)
        return pv_fail(err, PV_EUSAGE,
                       "what is \"%s\"? The mechanism is one argument: quote "
                       "it",
                       o->dir[0]);
    if (o->mechanism == NULL || o->runs == 0)
        return pv_fail(err, PV_EUSAGE,
                       "%s is missing; see privet-audit epsilon --help",
                       o->mechanism == NULL ? "--mechanism" : "--runs");
    return check_tables(o, err);
}

pv_status pv_epsilon_read_options(int argc, char **argv, pv_epsilon_options *o,
                                  pv_error *err)
{
    int opt;
    pv_status status = PV_OK;
    *o = (pv_epsilon_options){.claim = {.alpha = 0.1},
                              .copies = 1,
                              .people = 1000,
                              .timeout = 600,
                              .shards = 1,
                              .level = PV_LOG_NORMAL};
    while (status == PV_OK &&
           (opt = getopt_long(argc, argv, "o:v", long_options, NULL)) != -1)
        status = read_option(opt, o, err);
    if (status != PV_OK || o->help || o->version)
        return status;
    return check_options(argc, argv, o, err);
}
