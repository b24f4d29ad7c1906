/* audit/stop.h - a wish to stop, from a signal handler to long work. */
#ifndef PV_AUDIT_STOP_H
#define PV_AUDIT_STOP_H

#include "core/api.h"

#include <stdbool.h>

/* Safe in a signal handler. Curators stop at their next question too. */
PV_API void pv_stop_request(void);
PV_API bool pv_stop_requested(void);

/* Has SIGTERM, SIGINT and SIGUSR1 ask for it. SIGPIPE is ignored from then on,
 * and SIGCHLD is not, whatever the caller of the program said. */
PV_API void pv_stop_on_signals(void);

#endif
