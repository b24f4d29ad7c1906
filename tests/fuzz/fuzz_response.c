#define _GNU_SOURCE /* memmem */
/* Any bytes as a job's response: as vectors, and against a request for two children of
 * candidate 1 and one of candidate 4.
 *
 * Not files whose structure has no checksums, nor those with texts of variable length
 * (a heap, "GCOL"): libhdf5 follows what they say unchecked, and crashes on damage. */
#include "gen/pe/steps_internal.h"
#include "tests/fuzz/fuzz_file.h"

#include <string.h>

static const char json[] =
    "{\"fields\":[{\"name\":\"a\",\"categories\":[\"x\",\"y\"],"
    "\"constraints\":{\"required\":true}}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every byte of what was read is there. */
static void look(const pv_vectors *v)
{
    volatile double sum = 0;
    for (size_t i = 0; i < v->count * v->width; i++)
        sum = sum + (double)v->value[i];
    for (size_t i = 0; i < v->count; i++) {
        if (v->parent_id != NULL)
            sum = sum + (double)v->parent_id[i];
        if (v->fold != NULL)
            sum = sum + (double)v->fold[i];
        if (v->payload_ref != NULL)
            sum = sum + (double)strlen(v->payload_ref[i]);
    }
    PV_CHECK(memchr(v->metric, '\0', sizeof v->metric) != NULL);
}

static void check(const char *path, const pv_schema *schema, size_t width)
{
    pv_error err = PV_ERROR_INIT;
    pv_wish wish[2] = {{0, 1, 0, 2}, {1, 4, 2, 1}};
    const pv_variation how = {1, 0.5, 1, false};
    const pv_wishes wishes = {&how, 2, 3, wish};
    const pv_steps_source steps = {.source = {.width = width, .classes = 2},
                                   .schema = schema,
                                   .metric = PV_VECTOR_L2};
    pv_response response;
    pv_key digest;
    if (pv_steps_response(&steps, &wishes, path, &response, &digest, &err) !=
        PV_OK) {
        PV_CHECK(err.message[0] != '\0' && response.v == NULL);
        return;
    }
    for (size_t i = 0; i < 3; i++)
        PV_CHECK(response.row[i] <= response.v->count);
    pv_response_clear(&response);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pv_schema *schema;
    char path[FUZZ_PATH_ROOM];
    pv_vectors *v = NULL;
    pv_error err = PV_ERROR_INIT;
    if (schema == NULL)
        PV_CHECK(pv_schema_parse(json, strlen(json), "s", &schema, &err) ==
                 PV_OK);
    if (size < 9 || data[8] < 2 || memmem(data, size, "GCOL", 4) != NULL)
        return 0;
    fuzz_file(data, size, path);
    if (pv_vectors_read(path, "/", &v, &err) == PV_OK) {
        look(v);
        check(path, schema, v->width);
    } else {
        PV_CHECK(err.message[0] != '\0' && v == NULL);
    }
    pv_vectors_free(v);
    (void)unlink(path);
    return 0;
}
