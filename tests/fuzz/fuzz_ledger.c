/* Any bytes as a ledger. Such bytes seldom fit their hashes, so the lines are
 * also taken as bodies and chained anew: what then passes must read back as it
 * was written and never spend more than its budget. */
#include "core/memory.h"
#include "dp/curator.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const json_t *bodies)
{
    pv_ledger_summary summary;
    pv_error err = PV_ERROR_INIT;
    if (pv_ledger_check(bodies, &summary, &err) == PV_OK)
        PV_CHECK(summary.spent <= summary.budget &&
                 summary.uncommitted <= summary.questions);
}

/* A line is a body, or a ledger's line with one in it. */
static json_t *bodies_of(const char *text, size_t size)
{
    json_t *bodies = json_array();
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        const size_t length = end != NULL ? (size_t)(end - text) : size;
        json_t *line = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
        json_t *body = json_object_get(line, "body");
        if (json_is_object(body))
            (void)json_array_append(bodies, body);
        else if (json_is_object(line))
            (void)json_array_append(bodies, line);
        json_decref(line);
        text += length + (end != NULL);
        size -= length + (end != NULL);
    }
    return bodies;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *bodies = NULL, *again = NULL;
    pv_error err = PV_ERROR_INIT;
    if (pv_ledger_parse((const char *)data, size, "fuzz", &bodies, &err) ==
        PV_OK)
        check(bodies);
    json_decref(bodies);
    bodies = bodies_of((const char *)data, size);
    check(bodies);
    char *text = pv_ledger_text(bodies);
    if (text != NULL) {
        PV_CHECK(pv_ledger_parse(text, strlen(text), "again", &again, &err) ==
                 PV_OK);
        char *same = pv_ledger_text(again);
        PV_CHECK(same != NULL && strcmp(text, same) == 0);
        free(same);
    }
    free(text);
    json_decref(again);
    json_decref(bodies);
    return 0;
}
