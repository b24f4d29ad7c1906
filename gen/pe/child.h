/* gen/pe/child.h - a co-process and the pipes to it. Internal to gen/.
 *
 * It is started by argv, without a shell, in a process group of its own, which is killed
 * as a whole; it dies with the program. All three pipes are served at once, so that
 * neither side waits for the other for ever. What it writes to standard error is
 * passed through, PV_CHILD_TOLD bytes a request; of the rest only how much it was is
 * said. SIGPIPE must be ignored by the program. */
#ifndef PV_GEN_PE_CHILD_H
#define PV_GEN_PE_CHILD_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { PV_CHILD_TOLD = 65536 };

typedef struct pv_child {
    const char *name;        /* for messages */
    pid_t pid;               /* 0: none */
    int in, out, errors;     /* our ends; -1: closed */
    const unsigned char *request;
    size_t unsent;
    unsigned char *heard;    /* what it has written since it was asked */
    size_t size, room, taken;
    size_t told, dropped;    /* of standard error, since it was asked */
    double timeout, deadline;
    bool died;               /* by itself, before it had answered */
} pv_child;

/* word: the program (found by PATH) and its arguments, up to NULL; they must outlive the
 * child. PV_EIO when it cannot be run. */
PV_CHECKED pv_status pv_child_start(pv_child *child, char *const *word,
                                    pv_error *err);

/* Begins a request, which must live until pv_child_finish; the answer is then taken by
 * the two functions below it, all within `timeout` seconds (0: no limit). What they
 * return lives until the next call of any.
 *
 * PV_EIO with died set: it is gone; without: it took too long. PV_EFORMAT: it said
 * something unasked, no line, or more than it should. PV_ESTOPPED: pv_curator_stopping().
 * After any of them it is good for pv_child_kill alone. */
PV_CHECKED pv_status pv_child_begin(pv_child *child, const void *request,
                                    size_t size, double timeout, pv_error *err);
/* The next line, without its end, of at most `most` bytes. */
PV_CHECKED pv_status pv_child_line(pv_child *child, size_t most,
                                   const char **line, size_t *length,
                                   pv_error *err);
PV_CHECKED pv_status pv_child_bytes(pv_child *child, size_t size,
                                    const unsigned char **bytes,
                                    pv_error *err);
/* Nothing is left of either side. */
PV_CHECKED pv_status pv_child_finish(pv_child *child, pv_error *err);

/* Says `bye`, closes its input and lets it end; kills it after a few seconds. One that
 * does not run is legal here and below. */
void pv_child_end(pv_child *child, const void *bye, size_t size);
void pv_child_kill(pv_child *child);

#endif
