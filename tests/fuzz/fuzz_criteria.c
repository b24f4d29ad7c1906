/* Any bytes as criteria: what is read can be judged by. */
#include "audit/report/criteria.h"
#include "core/status.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_criteria *criteria = NULL;
    pv_error err = PV_ERROR_INIT;
    if (pv_criteria_parse((const char *)data, size, "fuzz", &criteria, &err) !=
        PV_OK) {
        PV_CHECK(criteria == NULL && err.message[0] != '\0');
        return 0;
    }
    for (size_t i = 0; i < pv_criteria_count(criteria); i++) {
        const pv_verdict v = pv_judge(pv_criteria_at(criteria, i), NULL, 0);
        PV_CHECK(v.result == PV_RESULT_NOT_RUN && v.reason != NULL);
    }
    pv_criteria_free(criteria);
    return 0;
}
