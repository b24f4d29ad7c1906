/* audit/command_epsilon.h - the command epsilon: options, and what they make. Not
 * a public header. */
#ifndef PV_AUDIT_COMMAND_EPSILON_H
#define PV_AUDIT_COMMAND_EPSILON_H

#include "audit/epsilon/contest_findings.h"
#include "audit/output.h"
#include "core/log.h"

typedef struct pv_epsilon_options {
    const char *mechanism, *pairs, *schema, *real, *run_dir, *seed, *scratch;
    long long runs, columns, levels, copies, person_rows, target, rows, people,
        threads;
    pv_contest_claim claim;
    bool has_delta, release_only, replace, has_neighbours, has_copies;
    double timeout;
    uint64_t shard, shards; /* runs t with t % shards == shard */
    bool ignore_extra, merge, help, version;
    pv_output output;
    pv_log_level level;
    char **dir; /* to merge */
    int dirs;
} pv_epsilon_options;

/* Prints nothing but what getopt prints. */
pv_status pv_epsilon_read_options(int argc, char **argv,
                                  pv_epsilon_options *options, pv_error *err);
extern const char pv_epsilon_help[];

/* A contest with everything it is made of. */
typedef struct pv_epsilon_setup {
    pv_schema *schema;
    pv_table *real, *people; /* people: rows drawn of real, or NULL */
    pv_subject *subject;
    pv_pair pair[PV_CONTEST_PAIRS];
    pv_witness *witness[PV_CONTEST_PAIRS];
    pv_contest contest;
    pv_contest_claim claim;  /* with what the mechanism itself claims */
    json_t *settings;
    char *scratch;           /* of runs; not that of the run directory, or NULL */
} pv_epsilon_setup;

/* Reads and makes the tables, with files in the run directory's scratch, the
 * mechanism and the settings. Clear it in any case. */
pv_status pv_epsilon_set_up(const pv_epsilon_options *options,
                            const pv_trials_dir *dir, const pv_key *key,
                            pv_epsilon_setup *setup, pv_error *err);
void pv_epsilon_setup_clear(pv_epsilon_setup *setup);

#endif
