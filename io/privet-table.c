/* privet-table: options and subcommands. Each subcommand is a function of
 * io/privet-table.h; see privet-table(1). */
#include "config.h"

#include "io/privet-table.h"

#include "core/log.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

typedef struct subcommand {
    const char *name;
    pv_table_run *run;
    const char *options; /* letters below that it takes */
    const char *usage, *help;
} subcommand;

static const subcommand subcommands[] = {
    {"check", pv_table_check, "", "check SCHEMA",
     "Says what a schema declares: levels, roles, structural zeros, functions,\n"
     "and the cells of all pairs and triples of columns.\n"},
    {"draft", pv_table_draft, "oPdf",
     "draft IN.csv -o SCHEMA --from-public-data",
     "Drafts a schema from data that is already public. A draft repeats labels\n"
     "and ranges of the data, so it is refused without --from-public-data.\n"},
    {"import", pv_table_import, "sodif",
     "import IN.csv[.gz] --schema SCHEMA -o OUT.h5",
     "Reads a CSV file under a schema and writes it as HDF5.\n"},
    {"export", pv_table_export, "olf",
     "export IN.h5 -o OUT.csv[.gz] | OUT.h5 [--layout=native|pytables]",
     "Writes a table or release as CSV, or as HDF5 in the native layout or in\n"
     "that of pandas.read_hdf.\n"},
    {"info", pv_table_info, "", "info FILE.h5",
     "Shows the shape, the columns and the origin of a table or release, and\n"
     "what its privacy statement means.\n"},
    {"schema", pv_table_schema_of, "", "schema FILE.h5",
     "Prints the schema that a table or release carries, with the levels that\n"
     "were found for it: what an audit of such a release takes.\n"},
};
enum { SUBCOMMANDS = sizeof subcommands / sizeof *subcommands };

static const struct {
    char letter;
    const char *help;
} option_help[] = {
    {'s', "  -s, --schema=FILE        Table Schema (JSON) of the input\n"},
    {'o', "  -o, --output=FILE        where to write; - is standard output (CSV)\n"},
    {'l', "  -l, --layout=LAYOUT      native (default) or pytables\n"},
    {'d', "  -d, --delimiter=CHAR     instead of detecting it (tab: '\\t')\n"},
    {'i', "  -i, --ignore-extra       skip columns the schema does not declare\n"},
    {'P', "      --from-public-data   the input is public already\n"},
    {'f', "  -f, --force              replace an existing output\n"},
};

static const struct option long_options[] = {
    {"schema", required_argument, NULL, 's'},
    {"output", required_argument, NULL, 'o'},
    {"layout", required_argument, NULL, 'l'},
    {"delimiter", required_argument, NULL, 'd'},
    {"ignore-extra", no_argument, NULL, 'i'},
    {"from-public-data", no_argument, NULL, 'P'},
    {"force", no_argument, NULL, 'f'},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"version", no_argument, NULL, 'V'},
    {NULL, 0, NULL, 0}};

static void print_help(void)
{
    (void)puts("Usage: privet-table SUBCOMMAND ... \n"
               "Checks schemas; converts tables between CSV and HDF5.\n");
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        (void)printf("  privet-table %s\n", subcommands[i].usage);
    (void)puts("\n  -q, --quiet    errors only\n"
               "  -v, --verbose  say more\n"
               "  -h, --help     this, or the help of a subcommand\n"
               "      --version  the version\n\n"
               "Exit status: 0 done, 1 error, 2 wrong use.");
}

static void print_subcommand_help(const subcommand *s)
{
    (void)printf("Usage: privet-table %s\n%s\n", s->usage, s->help);
    for (size_t i = 0; i < sizeof option_help / sizeof *option_help; i++)
        if (strchr(s->options, option_help[i].letter) != NULL)
            (void)fputs(option_help[i].help, stdout);
    (void)puts("  -q, --quiet              errors only\n"
               "  -h, --help               this help");
}

static const subcommand *find_subcommand(const char *name)
{
    for (size_t i = 0; i < SUBCOMMANDS; i++)
        if (strcmp(subcommands[i].name, name) == 0)
            return &subcommands[i];
    return NULL;
}

static int usage_error(const subcommand *s)
{
    if (s != NULL)
        (void)fprintf(stderr, "Usage: privet-table %s\n", s->usage);
    (void)fprintf(stderr, "Try 'privet-table %s%s--help'.\n",
                  s != NULL ? s->name : "", s != NULL ? " " : "");
    return pv_status_exit(PV_EUSAGE);
}

static bool set_delimiter(const char *text, pv_table_command *command)
{
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0)
        text = "\t";
    command->delimiter = text[0];
    return text[0] != '\0' && text[1] == '\0' && text[0] != '"' &&
           text[0] != '\n' && text[0] != '\r' && (text[0] & 0x80) == 0;
}

/* Stores one option; false when its argument is wrong. */
static bool set_option(int letter, pv_table_command *command)
{
    switch (letter) {
    case 's':
        command->schema = optarg;
        return true;
    case 'o':
        command->output = optarg;
        return true;
    case 'l':
        command->layout = optarg;
        return strcmp(optarg, "native") == 0 || strcmp(optarg, "pytables") == 0;
    case 'd':
        return set_delimiter(optarg, command);
    case 'i':
        command->ignore_extra = true;
        return true;
    case 'P':
        command->from_public_data = true;
        return true;
    default:
        command->force = true;
        return true;
    }
}

/* -1: go on; otherwise the exit status. */
static int parse_options(const subcommand *s, int argc, char **argv,
                         pv_table_command *command, pv_log_level *level)
{
    int letter;
    while ((letter = getopt_long(argc, argv, "s:o:l:d:ifqvh", long_options,
                                 NULL)) != -1) {
        if (letter == 'h') {
            print_subcommand_help(s);
            return 0;
        }
        if (letter == 'V') {
            (void)puts("privet-table " PV_VERSION);
            return 0;
        }
        if (letter == 'q' || letter == 'v') {
            *level = letter == 'q' ? PV_LOG_QUIET : PV_LOG_VERBOSE;
            continue;
        }
        if (letter == '?')
            return usage_error(s);
        if (strchr(s->options, letter) == NULL) {
            pv_log_error("%s takes no option -%c", s->name, letter);
            return usage_error(s);
        }
        if (!set_option(letter, command)) {
            pv_log_error("'%s' is not a value of option -%c", optarg, letter);
            return usage_error(s);
        }
    }
    if (argc - optind != 1) {
        pv_log_error("%s takes one input, not %d", s->name, argc - optind);
        return usage_error(s);
    }
    command->input = argv[optind];
    return -1;
}

static int run(const subcommand *s, int argc, char **argv)
{
    pv_table_command command = {0};
    pv_error err = PV_ERROR_INIT;
    pv_log_level level = PV_LOG_NORMAL;
    const int ended = parse_options(s, argc, argv, &command, &level);
    if (ended >= 0)
        return ended;
    pv_log_init("privet-table", level);
    pv_status status = s->run(&command, &err);
    if (status == PV_OK && (fflush(stdout) != 0 || ferror(stdout)))
        status = pv_fail_errno(&err, PV_EIO, "standard output");
    if (status == PV_OK)
        return 0;
    pv_log_error("%s", err.message);
    return status == PV_EUSAGE ? usage_error(s) : pv_status_exit(status);
}

int main(int argc, char **argv)
{
    pv_log_init("privet-table", PV_LOG_NORMAL);
    if (argc < 2)
        return usage_error(NULL);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help();
        return 0;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)puts("privet-table " PV_VERSION);
        return 0;
    }
    const subcommand *s = find_subcommand(argv[1]);
    if (s == NULL) {
        pv_log_error("no subcommand '%s'", argv[1]);
        return usage_error(NULL);
    }
    return run(s, argc - 1, argv + 1);
}
