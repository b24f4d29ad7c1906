/* Any bytes as a marginal measured elsewhere, CSV or HDF5. */
#include "io/measured.h"
#include "tests/fuzz/fuzz_file.h"

#include <string.h>

static const char json[] =
    "{\"missingValues\":[\"\",\"-9\"],\"fields\":["
    "{\"name\":\"a\",\"categories\":[\"x\",\"y\",\"longer than eight\"]},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":-5,\"maximum\":300}},"
    "{\"name\":\"c\",\"type\":\"number\",\"constraints\":{\"minimum\":-1e6,"
    "\"maximum\":1e6},\"privet\":{\"bins\":10}}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pv_schema *schema;
    char path[FUZZ_PATH_ROOM];
    pv_measurement m;
    pv_release *release = NULL;
    pv_error err = PV_ERROR_INIT;
    if (schema == NULL)
        PV_CHECK(pv_schema_parse(json, strlen(json), "s", &schema, &err) ==
                 PV_OK);
    fuzz_file(data, size, path);
    if (pv_measured_read_csv(path, schema, &m, &err) == PV_OK)
        pv_measurement_clear(&m);
    if (pv_measured_read(path, NULL, NULL, &release, &err) == PV_OK)
        pv_release_free(release);
    (void)unlink(path);
    return 0;
}
