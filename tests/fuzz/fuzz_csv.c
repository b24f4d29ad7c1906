/* Any bytes as a CSV file, under one schema and as the source of a draft. */
#include "io/csv.h"
#include "io/draft.h"
#include "tests/fuzz/fuzz_file.h"

#include <string.h>

static const char json[] =
    "{\"missingValues\":[\"\",\"-9\"],\"fields\":["
    "{\"name\":\"a\",\"categories\":[\"x\",\"y\",\"longer than eight\"],"
    "\"privet\":{\"other\":\"x\"}},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":-5,\"maximum\":300}},"
    "{\"name\":\"c\",\"type\":\"number\",\"constraints\":{\"minimum\":-1e6,"
    "\"maximum\":1e6},\"privet\":{\"bins\":10}}],\"privet\":{\"unit\":"
    "{\"column\":\"u\",\"max_rows\":2}}}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pv_schema *schema;
    char path[FUZZ_PATH_ROOM];
    pv_table *table = NULL;
    pv_error err = PV_ERROR_INIT;
    char *draft = NULL;
    if (schema == NULL)
        PV_CHECK(pv_schema_parse(json, strlen(json), "s", &schema, &err) ==
                 PV_OK);
    const pv_load_options options = {.values = true,
                                     .unit = size % 2 == 1,
                                     .ignore_extra = size % 4 >= 2,
                                     .private_rows = size % 8 >= 4};
    fuzz_file(data, size, path);
    if (pv_csv_load(path, schema, &options, &table, NULL, &err) == PV_OK)
        pv_table_free(table);
    if (pv_schema_draft(path, 0, &draft, &err) == PV_OK) {
        pv_schema *drafted = NULL;
        if (pv_schema_parse(draft, strlen(draft), "draft", &drafted, &err) ==
            PV_OK)
            pv_schema_free(drafted);
        free(draft);
    }
    (void)unlink(path);
    return 0;
}
