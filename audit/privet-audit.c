/* privet-audit - attacks and measures synthetic tables, from any tool. */
#include "audit/command.h"
#include "core/log.h"

#include <config.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

static const pv_command command[] = {
    {"fidelity", "how far synthetic marginals are from real ones",
     pv_command_fidelity},
    {"attack", "reconstruction and inference of a secret column",
     pv_command_attack},
    {"game", "the coin-flip game over many trainings", pv_command_game},
    {"epsilon", "empirical epsilon of a mechanism", pv_command_epsilon},
    {"counts", "epsilon estimates from given counts", pv_command_counts},
    {"reconstruct", "one reconstruction instance", pv_command_reconstruct},
    {"report", "the report for approval", pv_command_report},
};

enum { commands = sizeof command / sizeof *command };

static void print_help(FILE *out)
{
    fputs("usage: privet-audit COMMAND [options]\n"
          "Audits a synthetic table against the real one.\n\n",
          out);
    for (int i = 0; i < commands; i++)
        fprintf(out, "  %-12s %s%s\n", command[i].name, command[i].summary,
                command[i].run == NULL ? " (not part of this version)" : "");
    fputs("\n  --help       this text; privet-audit COMMAND --help says more\n"
          "  --version    the version\n"
          "\nExit status: 0 done, 1 error, 2 wrong use, 3 a claim is exceeded\n"
          "or a report fails, 4 inconclusive, 75 stopped.\n",
          out);
}

int main(int argc, char **argv)
{
    pv_log_init("privet-audit", PV_LOG_NORMAL);
    setlocale(LC_CTYPE, "");
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
        print_help(stdout);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("privet-audit (Privet) " PV_VERSION);
        return fflush(stdout) == 0 ? 0 : 1;
    }
    for (int i = 0; i < commands; i++) {
        if (strcmp(argv[1], command[i].name) != 0)
            continue;
        if (command[i].run != NULL) {
            static char name[64];
            (void)snprintf(name, sizeof name, "privet-audit %s", argv[1]);
            argv[1] = name;
            return command[i].run(argc - 1, argv + 1);
        }
        pv_log_error("%s is not part of this version", argv[1]);
        return 2;
    }
    pv_log_error("there is no command %s; see privet-audit --help", argv[1]);
    return 2;
}
