/* audit/command.h - the subcommands of privet-audit. Not a public header. */
#ifndef PV_AUDIT_COMMAND_H
#define PV_AUDIT_COMMAND_H

#include "audit/findings.h"
#include "core/log.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/load.h"

#include <stddef.h>
#include <stdint.h>

/* A subcommand gets its own arguments, argv[0] being "privet-audit NAME" (getopt's
 * messages begin with it), and returns the
 * exit status of the program. `run` is NULL for one that this version does not
 * have. */
typedef struct pv_command {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} pv_command;

/* Prints the help, or the version where it is NULL; the exit status. */
int pv_command_tell(const char *help);
/* Sets up messages and threads (0: by the environment). */
void pv_command_begin(pv_log_level level, long long threads);
/* Says what went wrong, if anything; the exit status. */
int pv_command_end(pv_status status, const pv_error *err);

/* Reads a table by its role, "real", "synthetic" or "holdout", and notes it in the
 * findings. Messages about a synthetic table may name places and values, those
 * about others never do. `report` may be NULL. */
PV_CHECKED pv_status pv_command_load(const char *role, const char *path,
                                     const pv_schema *schema,
                                     const pv_load_options *options,
                                     pv_table **table, pv_load_report *report,
                                     pv_findings *findings, pv_error *err);

/* A whole number of an option, or PV_EUSAGE. */
PV_CHECKED pv_status pv_option_number(const char *option, const char *text,
                                      long long least, long long most,
                                      long long *number, pv_error *err);
/* A size in bytes, or PV_EUSAGE. */
PV_CHECKED pv_status pv_option_size(const char *option, const char *text,
                                    size_t *bytes, pv_error *err);

/* A number with least <= number < below, or PV_EUSAGE. */
PV_CHECKED pv_status pv_option_real(const char *option, const char *text,
                                    double least, double below, double *number,
                                    pv_error *err);
/* I/N of --shard, as part I - 1 of N. */
PV_CHECKED pv_status pv_option_shard(const char *text, uint64_t *shard,
                                     uint64_t *shards, pv_error *err);
/* --seed: 1 to 64 hexadecimal digits; NULL leaves the key alone. */
PV_CHECKED pv_status pv_option_seed(const char *text, pv_key *key,
                                    pv_error *err);

int pv_command_attack(int argc, char **argv);
int pv_command_counts(int argc, char **argv);
int pv_command_epsilon(int argc, char **argv);
int pv_command_fidelity(int argc, char **argv);
int pv_command_game(int argc, char **argv);
int pv_command_primitive(int argc, char **argv);
int pv_command_reconstruct(int argc, char **argv);
int pv_command_report(int argc, char **argv);

#endif
