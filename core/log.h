/* core/log.h - messages to stderr, and progress.
 *
 * stdout is data, stderr is messages. Progress is a bar when stderr is a
 * terminal and a line a minute when it is not. Nothing here is ever written
 * to a release. */
#ifndef PV_CORE_LOG_H
#define PV_CORE_LOG_H

#include "core/api.h"

#include <stdbool.h>
#include <stdint.h>

typedef enum pv_log_level {
    PV_LOG_QUIET = 0, /* errors only */
    PV_LOG_NORMAL = 1,
    PV_LOG_VERBOSE = 2
} pv_log_level;

/* Names the program in messages (kept by pointer) and sets the level. */
PV_API void pv_log_init(const char *program, pv_log_level level);
PV_API pv_log_level pv_log_get_level(void);

PV_API void pv_log_error(const char *fmt, ...) PV_PRINTF(1, 2);
PV_API void pv_log_warning(const char *fmt, ...) PV_PRINTF(1, 2); /* not when quiet */
PV_API void pv_log_info(const char *fmt, ...) PV_PRINTF(1, 2);    /* not when quiet */
PV_API void pv_log_detail(const char *fmt, ...) PV_PRINTF(1, 2);  /* only -v */

/* Replaces control characters but tab and newline by '?', in place: names come
 * from files and must not steer a terminal. The messages above do it. */
PV_API void pv_log_printable(char *text);

/* True when `fd` is a terminal that takes colour (NO_COLOR, TERM). */
PV_API bool pv_log_colour(int fd);

/* Progress of one long step; steps do not nest. `total` 0 means unknown. */
PV_API void pv_progress_begin(const char *what, uint64_t total);
PV_API void pv_progress_update(uint64_t done);
PV_API void pv_progress_end(void);

#endif
