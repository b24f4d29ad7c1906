/* Any bytes as a native table and as a release. */
#include "io/hdf5.h"
#include "io/release.h"
#include "tests/fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[FUZZ_PATH_ROOM];
    pv_schema *schema = NULL;
    pv_table *table = NULL;
    pv_release *release = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_load_options options = {.values = true};
    fuzz_file(data, size, path);
    if (pv_hdf5_read_schema(path, &schema, &err) == PV_OK) {
        if (pv_hdf5_load(path, schema, &options, &table, NULL, &err) == PV_OK)
            pv_table_free(table);
        pv_schema_free(schema);
    }
    if (pv_release_read(path, &release, &err) == PV_OK)
        pv_release_free(release);
    (void)unlink(path);
    return 0;
}
