/* audit/command.h - the subcommands of privet-audit. Not a public header. */
#ifndef PV_AUDIT_COMMAND_H
#define PV_AUDIT_COMMAND_H

/* A subcommand gets its own arguments, argv[0] being its name, and returns the
 * exit status of the program. `run` is NULL for one that this version does not
 * have. */
typedef struct pv_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} pv_command;

int pv_command_attack(int argc, char **argv);
int pv_command_counts(int argc, char **argv);
int pv_command_fidelity(int argc, char **argv);
int pv_command_game(int argc, char **argv);
int pv_command_reconstruct(int argc, char **argv);

#endif
