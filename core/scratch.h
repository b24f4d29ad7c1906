/* core/scratch.h - directories for files that last as long as a step. */
#ifndef PV_CORE_SCRATCH_H
#define PV_CORE_SCRATCH_H

#include "core/api.h"
#include "core/status.h"

/* A new directory, mode 0700, in `parent` (NULL: $TMPDIR, else /tmp); free()
 * the path. What is in it is the caller's to remove with pv_scratch_remove. */
PV_API PV_CHECKED pv_status pv_scratch_make(const char *parent, char **path,
                                            pv_error *err);

/* Removes a directory and all that is in it; follows no link and crosses no
 * mount point. What is not there is no error; NULL is legal. */
PV_API void pv_scratch_remove(const char *path);

#endif
