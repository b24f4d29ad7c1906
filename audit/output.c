#include "audit/output.h"

#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool to_stdout(const pv_output *output)
{
    return output->path == NULL || strcmp(output->path, "-") == 0;
}

pv_status pv_output_ready(const pv_output *output, pv_error *err)
{
    return to_stdout(output)
               ? PV_OK
               : pv_output_check(output->path, output->force, err);
}

static pv_status render(const pv_output *output, const pv_findings *findings,
                        pv_summary_fn *summary, char **text, size_t *size,
                        pv_error *err)
{
    pv_status status = PV_OK;
    char *json = NULL;
    *text = NULL;
    FILE *out = open_memstream(text, size);
    if (out == NULL)
        return pv_fail_memory(err, "the output");
    if (output->json) {
        PV_TRY(pv_findings_json(findings, &json, err));
        (void)fprintf(out, "%s\n", json);
    } else {
        summary(out, findings,
                to_stdout(output) && pv_log_colour(STDOUT_FILENO));
    }
out:
    free(json);
    if (fclose(out) != 0 && status == PV_OK)
        status = pv_fail_memory(err, "the output");
    return status;
}

pv_status pv_output_deliver(const pv_output *output,
                            const pv_findings *findings,
                            pv_summary_fn *summary, pv_error *err)
{
    pv_status status = PV_OK;
    char *text = NULL;
    size_t size = 0;
    PV_TRY(render(output, findings, summary, &text, &size, err));
    if (!to_stdout(output))
        PV_TRY(pv_file_write_atomic(output->path, text, size, 0600, err));
    else if (fwrite(text, 1, size, stdout) != size || fflush(stdout) != 0)
        status = pv_fail_errno(err, PV_EIO, "standard output");
out:
    free(text);
    return status;
}
