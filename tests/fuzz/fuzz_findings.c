/* Any bytes as findings: what is read is written and read the same. */
#include "audit/findings.h"
#include "core/status.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_findings *findings = NULL, *again = NULL;
    pv_error err = PV_ERROR_INIT;
    char *once = NULL, *twice = NULL;
    if (pv_findings_parse((const char *)data, size, "fuzz", &findings, &err) !=
        PV_OK) {
        PV_CHECK(findings == NULL && err.message[0] != '\0');
        return 0;
    }
    PV_CHECK(pv_findings_json(findings, &once, &err) == PV_OK);
    PV_CHECK(pv_findings_parse(once, strlen(once), "again", &again, &err) ==
             PV_OK);
    PV_CHECK(pv_findings_json(again, &twice, &err) == PV_OK);
    PV_CHECK(strcmp(once, twice) == 0);
    free(once);
    free(twice);
    pv_findings_free(findings);
    pv_findings_free(again);
    return 0;
}
