#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/release.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *pv_release_file_name(const char *output, bool insecure)
{
    const char *dot = strrchr(output, '.');
    const char *slash = strrchr(output, '/');
    if (!insecure)
        return pv_strdup(output);
    if (dot == NULL || (slash != NULL && dot < slash))
        return pv_sprintf_alloc("%s.NOT-PRIVATE", output);
    return pv_sprintf_alloc("%.*s.NOT-PRIVATE%s", (int)(dot - output), output,
                            dot);
}

static bool is_link(const char *path)
{
    struct stat info;
    return lstat(path, &info) == 0 && S_ISLNK(info.st_mode);
}

pv_status pv_release_link(const char *output, const char *file, bool force,
                          pv_error *err)
{
    const char *slash = strrchr(file, '/');
    char *temporary = pv_sprintf_alloc("%s.link", output);
    if (temporary == NULL)
        return pv_fail_memory(err, "a path");
    pv_status status = PV_OK;
    if (is_link(temporary))
        (void)unlink(temporary); /* of a run that was cut short */
    if (symlink(slash != NULL ? slash + 1 : file, temporary) != 0) {
        status = pv_fail_errno(err, PV_EIO, "%s: cannot link", output);
    } else { /* an older link may go; a file of its own needs --force */
        status = pv_file_publish(temporary, output, force || is_link(output),
                                 err);
        if (status != PV_OK)
            (void)unlink(temporary);
    }
    free(temporary);
    return status;
}

pv_status pv_release_check(const char *output, bool insecure, bool force,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_release *old = NULL;
    char *file = pv_release_file_name(output, insecure);
    if (file == NULL)
        return pv_fail_memory(err, "a path");
    if (insecure && !force && pv_file_exists(output) && !is_link(output)) {
        status = pv_output_check(output, false, err);
    } else if (!insecure || force || !pv_file_exists(file)) {
        status = pv_output_check(file, force, err);
    } else if (pv_release_read(file, &old, NULL) != PV_OK ||
               strcmp(old->rng, "secure") == 0) {
        /* test releases are replaced by test releases, nothing else is */
        status = pv_fail(err, PV_EEXIST,
                         "%s: exists already and is no test release; use "
                         "--force to replace it",
                         file);
    }
    pv_release_free(old);
    free(file);
    return status;
}

pv_status pv_release_publish(const char *partial, const char *output,
                             bool insecure, bool force, pv_error *err)
{
    pv_status status = PV_OK;
    char *file = pv_release_file_name(output, insecure);
    if (file == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_release_check(output, insecure, force, err));
    PV_TRY(pv_file_publish(partial, file, force || insecure, err));
    if (insecure)
        PV_TRY(pv_release_link(output, file, force, err));
out:
    free(file);
    return status;
}
