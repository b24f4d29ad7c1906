/* Any bytes as a file of queries: what is read has answers that can be told apart,
 * each with a bound that its boxes, one by one, do not exceed. */
#include "marginals/queries.h"
#include "tests/fuzz/fuzz_file.h"

#include <string.h>

static const char json[] =
    "{\"fields\":["
    "{\"name\":\"a\",\"categories\":[\"x\",\"y\",\"longer\"]},"
    "{\"name\":\"b\",\"type\":\"integer\",\"constraints\":{\"required\":true,"
    "\"minimum\":-5,\"maximum\":300}},"
    "{\"name\":\"c\",\"type\":\"number\",\"constraints\":{\"minimum\":-1e6,"
    "\"maximum\":1e6},\"privet\":{\"bins\":10}},"
    "{\"name\":\"d\",\"type\":\"date\",\"constraints\":{\"minimum\":"
    "\"1990-01-01\",\"maximum\":\"2020-12-31\"},\"privet\":{\"bins\":4}}]}";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const pv_queries *q)
{
    for (size_t i = 0; i < pv_queries_count(q); i++) {
        unsigned char digest[32];
        char text[40];
        const pv_group *g = pv_queries_group(q, i);
        PV_CHECK(g->cells > 0 && g->most > 0);
        PV_CHECK(g->kind != PV_GROUP_BOXES || g->most <= g->boxes);
        PV_CHECK(g->kind == PV_GROUP_BOXES || g->most == 1);
        pv_queries_digest(q, i, digest);
        pv_queries_describe(q, i, text, sizeof text);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static pv_schema *schema;
    char path[FUZZ_PATH_ROOM], named[FUZZ_PATH_ROOM + 8];
    pv_queries *q = NULL;
    pv_error err = PV_ERROR_INIT;
    if (schema == NULL)
        PV_CHECK(pv_schema_parse(json, strlen(json), "s", &schema, &err) ==
                 PV_OK);
    fuzz_file(data, size, path);
    (void)snprintf(named, sizeof named, "%s.json", path);
    PV_CHECK(rename(path, named) == 0);
    const pv_status status =
        pv_queries_parse(named, schema, 1 << 20, &q, &err);
    PV_CHECK(status == PV_OK || err.message[0] != '\0');
    if (status == PV_OK)
        look(q);
    pv_queries_free(q);
    (void)unlink(named);
    return 0;
}
