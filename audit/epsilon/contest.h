/* audit/epsilon/contest.h - the distinguishing game: a mechanism run again and
 * again on both tables of a pair, and what each run shows.
 *
 * Run number t is of pair t % pairs, its (t / pairs)-th run, on the table without
 * the target when that is even and on the one with it when odd; its key derives
 * from the contest's and t. So runs can be done in any order, by anybody, and
 * more can be added. */
#ifndef PV_AUDIT_EPSILON_CONTEST_H
#define PV_AUDIT_EPSILON_CONTEST_H

#include "audit/epsilon/pair.h"
#include "audit/epsilon/witness.h"
#include "audit/mechanism.h"
#include "audit/trials.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"

#include <stddef.h>
#include <stdint.h>

enum { PV_CONTEST_PAIRS = 8 };

typedef struct pv_contest {
    const pv_subject *subject;
    size_t pairs;
    const pv_pair *pair;        /* pairs of them */
    pv_witness *const *witness; /* of each pair; all see the same features */
    size_t rows;                /* of a release: PV_ROWS_OF_ITS_OWN, or so many */
    size_t most;                /* {rows} of a program */
    const char *scratch;        /* for the files of a run */
    pv_key key;
} pv_contest;

/* One run: pv_trials_work's `play`, the context a pv_contest. The line is
 * {"trial":7,"world":1,"release":"16 hexadecimal digits","rho":0.1,"x":[...]}:
 * a digest of the release's rows, rho as pv_witness_rho, the features with 9
 * digits. */
PV_API PV_CHECKED pv_status pv_contest_play(void *contest, uint64_t trial,
                                            char **line, pv_error *err);

/* Runs that were made, by number. */
typedef struct pv_contest_records {
    size_t count, width;
    uint64_t *trial;
    uint64_t *release; /* its digest */
    double *rho;
    double *feature;   /* count x width */
} pv_contest_records;
PV_API void pv_contest_records_clear(pv_contest_records *records);

/* Reads the lines of a file; none when it is not there. *whole is the number of
 * bytes up to the end of the last whole line. PV_ETAMPER names a line that is
 * none, or the second of one run. */
PV_API PV_CHECKED pv_status pv_contest_records_read(const char *path,
                                                    size_t width,
                                                    pv_contest_records *records,
                                                    uint64_t *whole,
                                                    pv_error *err);

/* Settings of a contest name its `features`, `groups` and `pairs`. */
extern PV_API const pv_trials_kind pv_contest_kind;

#endif
