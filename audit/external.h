/* audit/external.h - a program of someone else's, run and waited for. */
#ifndef PV_AUDIT_EXTERNAL_H
#define PV_AUDIT_EXTERNAL_H

#include "core/api.h"
#include "core/status.h"

/* Runs word[0] (found by PATH) with the arguments word[1].. up to NULL, without
 * a shell, in a process group of its own; standard input is empty, what it
 * prints goes to the file `log`, made anew with mode 0600. After `timeout`
 * seconds (0: never), or once pv_stop_requested(), its group is killed. PV_EIO
 * with how it ended and the last lines it printed; PV_ESTOPPED. */
PV_API PV_CHECKED pv_status pv_external_run(char *const *word, const char *log,
                                            double timeout, pv_error *err);

#endif
