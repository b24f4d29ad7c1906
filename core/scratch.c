#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* nftw, mkdtemp */
#endif
#include "core/scratch.h"

#include "core/memory.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>

pv_status pv_scratch_make(const char *parent, char **path, pv_error *err)
{
    const char *const set = getenv("TMPDIR");
    const char *const usual = set != NULL && set[0] != '\0' ? set : "/tmp";
    char *made = pv_sprintf_alloc("%s/privet-XXXXXX",
                                  parent != NULL ? parent : usual);
    if (made == NULL)
        return pv_fail_memory(err, "a path");
    if (mkdtemp(made) == NULL) {
        const pv_status status = pv_fail_errno(
            err, PV_EIO,
            "%s: cannot make a directory for temporary files%s",
            parent != NULL ? parent : usual,
            parent != NULL ? "" : "; set TMPDIR to one that can be written");
        free(made);
        return status;
    }
    *path = made;
    return PV_OK;
}

static int remove_one(const char *path, const struct stat *info, int kind,
                      struct FTW *place)
{
    (void)info;
    (void)kind;
    (void)place;
    (void)remove(path);
    return 0;
}

void pv_scratch_remove(const char *path)
{
    enum { descriptors = 16 };
    if (path != NULL)
        (void)nftw(path, remove_one, descriptors,
                   FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
