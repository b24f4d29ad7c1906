#include "audit/attack_options.h"

#include "audit/attack/solve.h"
#include "audit/command.h"
#include "core/memory.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

const char pv_attack_help[] =
    "usage: privet-audit attack --real R --synthetic X --schema S --secret COL\n"
    "                           [options]\n"
    "How well someone who knows people's other columns recovers COL from the\n"
    "synthetic table, and how much of that is because those people are in it.\n"
    "\n"
    "  --real R           the table it was made of\n"
    "  --synthetic X      the synthetic table, from any tool (CSV, CSV.gz or\n"
    "                     HDF5; a release's marginals are attacked too)\n"
    "  --schema S         their Table Schema (JSON)\n"
    "  --secret COL       the column to recover; default: the schema's secret\n"
    "  --holdout H        people who were not in the data: the control\n"
    "  --known A,B,...    what the attacker knows; default: the schema's\n"
    "                     quasi-identifiers, else all columns but the secret\n"
    "  --solver NAMES     l1, pdhg, ls, wls, separated by commas, or all;\n"
    "                     default ls,wls\n"
    "  --order K,...      columns of a query, the secret among them; default 3\n"
    "  --queries N        at most so many queries, drawn; default all\n"
    "  --secret-bins N    classes of a numeric secret; default 10\n"
    "  --people N         the attacker knows of N people, drawn; default all\n"
    "  --targets N        people whose secret is guessed; default all of those\n"
    "  --attacks N        guesses of the other attacks; default 500\n"
    "  --seed HEX         for the draws; default 0\n"
    "  --memory SIZE      that queries may take, e.g. 4G; default half of the\n"
    "                     machine's\n"
    "  --ignore-extra     skip columns that the schema does not declare\n"
    "  --json             one JSON document instead of the text\n"
    "  -o, --output FILE  write there, mode 0600 (-: standard output)\n"
    "  --force            replace FILE when it exists\n"
    "  --threads N        threads; no result depends on it\n"
    "  --quiet, -v        fewer or more messages\n"
    "  --help, --version\n"
    "\n"
    "The figures speak of real people: keep them internal.\n"
    "Exit status: 0 done, 1 error, 2 wrong use.\n";

enum {
    opt_real = 256,
    opt_synthetic,
    opt_schema,
    opt_secret,
    opt_holdout,
    opt_known,
    opt_solver,
    opt_order,
    opt_queries,
    opt_secret_bins,
    opt_people,
    opt_targets,
    opt_attacks,
    opt_seed,
    opt_memory,
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
    {"secret", required_argument, NULL, opt_secret},
    {"holdout", required_argument, NULL, opt_holdout},
    {"known", required_argument, NULL, opt_known},
    {"solver", required_argument, NULL, opt_solver},
    {"order", required_argument, NULL, opt_order},
    {"queries", required_argument, NULL, opt_queries},
    {"secret-bins", required_argument, NULL, opt_secret_bins},
    {"people", required_argument, NULL, opt_people},
    {"targets", required_argument, NULL, opt_targets},
    {"attacks", required_argument, NULL, opt_attacks},
    {"seed", required_argument, NULL, opt_seed},
    {"memory", required_argument, NULL, opt_memory},
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

pv_status pv_orders_parse(const char *text, unsigned *orders, pv_error *err)
{
    *orders = 0;
    for (const char *at = text;; at += 2) {
        if (at[0] < '2' || at[0] > '8' || (at[1] != ',' && at[1] != '\0'))
            return pv_fail(err, PV_EUSAGE,
                           "--order takes numbers from 2 to 8 separated by "
                           "commas, not \"%s\"",
                           text);
        *orders |= 1U << (at[0] - '0');
        if (at[1] == '\0')
            return PV_OK;
    }
}

static pv_status read_size(const char *option, const char *text, size_t least,
                           size_t *number, pv_error *err)
{
    long long n = 0;
    const pv_status status = pv_option_number(option, text, (long long)least,
                                              INT64_C(4000000000), &n, err);
    *number = (size_t)n;
    return status;
}

static pv_status read_seed(const char *text, pv_key *key, pv_error *err)
{
    return pv_key_from_hex(text, key)
               ? PV_OK
               : pv_fail(err, PV_EUSAGE,
                         "--seed takes 1 to 64 hexadecimal digits, not \"%s\"",
                         text);
}

static pv_status read_number(int opt, pv_attack_options *o, pv_error *err)
{
    long long n = 0;
    pv_status status;
    switch (opt) {
    case opt_queries:
        return read_size("--queries", optarg, 1, &o->queries, err);
    case opt_people:
        return read_size("--people", optarg, 2, &o->people, err);
    case opt_targets:
        return read_size("--targets", optarg, 1, &o->targets, err);
    case opt_attacks:
        return read_size("--attacks", optarg, 1, &o->attacks, err);
    case opt_secret_bins:
        status = pv_option_number("--secret-bins", optarg, 2, 64, &n, err);
        o->secret_bins = (uint32_t)n;
        return status;
    case opt_threads:
        return pv_option_number("--threads", optarg, 1, 1024, &o->threads, err);
    case opt_order:
        o->order = optarg;
        return pv_orders_parse(optarg, &o->orders, err);
    case opt_solver:
        return pv_solvers_parse(optarg, &o->solvers, err);
    case opt_seed:
        return read_seed(optarg, &o->key, err);
    case opt_memory:
        return pv_option_size("--memory", optarg, &o->memory, err);
    default:
        /* getopt has said what is wrong */
        return pv_fail(err, PV_EUSAGE, "see privet-audit attack --help");
    }
}

static pv_status read_option(int opt, pv_attack_options *o, pv_error *err)
{
    switch (opt) {
    case opt_real: o->real = optarg; return PV_OK;
    case opt_synthetic: o->synthetic = optarg; return PV_OK;
    case opt_schema: o->schema = optarg; return PV_OK;
    case opt_secret: o->secret = optarg; return PV_OK;
    case opt_holdout: o->holdout = optarg; return PV_OK;
    case opt_known: o->known = optarg; return PV_OK;
    case opt_ignore_extra: o->ignore_extra = true; return PV_OK;
    case opt_json: o->output.json = true; return PV_OK;
    case 'o': o->output.path = optarg; return PV_OK;
    case opt_force: o->output.force = true; return PV_OK;
    case opt_quiet: o->level = PV_LOG_QUIET; return PV_OK;
    case 'v': o->level = PV_LOG_VERBOSE; return PV_OK;
    case opt_help: o->help = true; return PV_OK;
    case opt_version: o->version = true; return PV_OK;
    default: return read_number(opt, o, err);
    }
}

pv_status pv_attack_options_read(int argc, char **argv, pv_attack_options *o,
                                 pv_error *err)
{
    int opt;
    *o = (pv_attack_options){.level = PV_LOG_NORMAL,
                             .solvers = 1U << 2 | 1U << 3, /* ls, wls */
                             .secret_bins = 10,
                             .attacks = 500,
                             .memory = pv_memory_half()};
    while ((opt = getopt_long(argc, argv, "o:v", long_options, NULL)) != -1) {
        const pv_status status = read_option(opt, o, err);
        if (status != PV_OK)
            return status;
    }
    if (o->help || o->version)
        return PV_OK;
    if (optind < argc)
        return pv_fail(err, PV_EUSAGE,
                       "what is \"%s\"? Tables are named by --real and "
                       "--synthetic",
                       argv[optind]);
    if (o->real == NULL || o->synthetic == NULL || o->schema == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "%s is missing; see privet-audit attack --help",
                       o->real == NULL        ? "--real"
                       : o->synthetic == NULL ? "--synthetic"
                                              : "--schema");
    return PV_OK;
}

/* --- columns -------------------------------------------------------------- */

pv_status pv_attack_secret(const pv_attack_options *o, const pv_schema *schema,
                           uint32_t *column, pv_error *err)
{
    size_t secrets = 0;
    if (o->secret != NULL) {
        const ptrdiff_t at = pv_schema_find(schema, o->secret);
        if (at < 0)
            return pv_fail(err, PV_EUSAGE, "%s has no column \"%s\"", o->schema,
                           o->secret);
        *column = (uint32_t)at;
        return PV_OK;
    }
    for (size_t i = 0; i < pv_schema_columns(schema); i++)
        if (pv_schema_column(schema, i)->role == PV_ROLE_SECRET) {
            *column = (uint32_t)i;
            secrets++;
        }
    if (secrets == 1)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE,
                   "name the column to recover with --secret: %s gives %s "
                   "column the role of a secret",
                   o->schema, secrets == 0 ? "no" : "more than one");
}

/* Marks the columns named in a list separated by commas; a name may hold a
 * comma itself if no shorter part of the list is a name. */
static pv_status mark_named(const char *list, const pv_schema *schema,
                            bool *marked, const char *schema_name,
                            pv_error *err)
{
    char *copy = pv_strdup(list);
    pv_status status = PV_OK;
    if (copy == NULL)
        return pv_fail_memory(err, "the list of columns");
    for (char *from = copy, *to = copy;; to++) {
        const char at = *to;
        if (at != ',' && at != '\0')
            continue;
        *to = '\0';
        const ptrdiff_t column = pv_schema_find(schema, from);
        if (column >= 0) {
            marked[column] = true;
            from = to + 1;
        } else if (at == '\0') {
            status = pv_fail(err, PV_EUSAGE,
                             "--known: %s has no column \"%s\"", schema_name,
                             from);
        } else {
            *to = ',';
        }
        if (at == '\0')
            break;
    }
    free(copy);
    return status;
}

static void mark_usual(const pv_schema *schema, bool *marked)
{
    const size_t columns = pv_schema_columns(schema);
    bool any = false;
    for (size_t i = 0; i < columns; i++) {
        marked[i] =
            pv_schema_column(schema, i)->role == PV_ROLE_QUASI_IDENTIFIER;
        any |= marked[i];
    }
    for (size_t i = 0; i < columns && !any; i++)
        marked[i] = true;
}

pv_status pv_attack_known(const pv_attack_options *o, const pv_schema *schema,
                          uint32_t secret, uint32_t **known, size_t *count,
                          pv_error *err)
{
    const size_t columns = pv_schema_columns(schema);
    pv_status status = PV_OK;
    bool *marked = pv_array_calloc(columns, sizeof *marked);
    *known = pv_array_alloc(columns, sizeof **known);
    *count = 0;
    if (marked == NULL || *known == NULL) {
        status = pv_fail_memory(err, "the known columns");
        goto out;
    }
    if (o->known != NULL)
        PV_TRY(mark_named(o->known, schema, marked, o->schema, err));
    else
        mark_usual(schema, marked);
    if (o->known != NULL && marked[secret]) {
        status = pv_fail(err, PV_EUSAGE,
                         "--known names the secret itself, \"%s\"",
                         pv_schema_column(schema, secret)->name);
        goto out;
    }
    for (uint32_t i = 0; i < columns; i++)
        if (marked[i] && i != secret)
            (*known)[(*count)++] = i;
    if (*count == 0)
        status = pv_fail(err, PV_EUSAGE,
                         "the attacker knows no column but the secret");
out:
    free(marked);
    return status;
}
