/* Any bytes as a reconstruction instance; what parses is solved, within a few
 * steps, and its bounds must hold. */
#include "audit/attack/instance_file.h"
#include "audit/attack/solve.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_instance_file file = {0};
    pv_error err = PV_ERROR_INIT;
    if (pv_instance_parse(data, size, "fuzz", &file, &err) != PV_OK) {
        PV_CHECK(err.message[0] != '\0');
        return 0;
    }
    const pv_instance in = {.incidence = &file.incidence,
                            .levels = 1,
                            .answer = file.answer};
    const pv_solve_options few = {.most = 40};
    /* users without queries cost nothing in a file: keep the solvers quick */
    for (size_t s = 1; s < PV_SOLVERS && file.incidence.users < 100000; s++) {
        pv_solution found;
        PV_CHECK(pv_solve(s, &in, &few, &found, &err) == PV_OK);
        PV_CHECK(found.bound <=
                 found.objective + 1e-6 * (1 + found.objective));
        for (size_t j = 0; j < file.incidence.users; j++)
            PV_CHECK(found.t[j] >= 0 && found.t[j] <= 1);
        pv_solution_clear(&found);
    }
    pv_instance_file_clear(&file);
    return 0;
}
