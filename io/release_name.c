#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/release.h"

#include <stdlib.h>
#include <string.h>
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

pv_status pv_release_link(const char *output, const char *file, pv_error *err)
{
    const char *slash = strrchr(file, '/');
    char *temporary = pv_sprintf_alloc("%s.link", output);
    if (temporary == NULL)
        return pv_fail_memory(err, "a path");
    pv_status status = PV_OK;
    (void)unlink(temporary);
    if (symlink(slash != NULL ? slash + 1 : file, temporary) != 0)
        status = pv_fail_errno(err, PV_EIO, "%s: cannot link", output);
    else
        status = pv_file_publish(temporary, output, true, err);
    free(temporary);
    return status;
}

pv_status pv_release_publish(const char *partial, const char *output,
                             bool insecure, bool force, pv_error *err)
{
    pv_status status = PV_OK;
    char *file = pv_release_file_name(output, insecure);
    if (file == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_file_publish(partial, file, force, err));
    if (insecure)
        PV_TRY(pv_release_link(output, file, err));
out:
    free(file);
    return status;
}
