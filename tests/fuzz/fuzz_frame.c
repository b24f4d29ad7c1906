/* Any bytes as the answer of a co-process: what is accepted fills its frame to the end,
 * and said again gives the same bytes. The first three bytes say what is wanted. */
#include "gen/pe/frame.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void say_again(const uint8_t *body, size_t size, const pv_wanted *wanted,
                      const float *vector, const pv_payload *payload)
{
    pv_bytes again = {0};
    pv_error err = PV_ERROR_INIT;
    for (size_t i = 0; i < wanted->count; i++)
        PV_CHECK(pv_frame_add_vector(&again, vector + i * wanted->width,
                                     wanted->width, &err) == PV_OK);
    for (size_t i = 0;
         wanted->kind != PV_PAYLOAD_NONE && i < wanted->count; i++)
        PV_CHECK(pv_frame_add_payload(&again, payload[i].at, payload[i].length,
                                      &err) == PV_OK);
    PV_CHECK(again.size == size &&
             (size == 0 || memcmp(again.at, body, size) == 0));
    free(again.at);
}

static void look(const uint8_t *line, size_t length, const uint8_t *body,
                 size_t size, const pv_wanted *wanted)
{
    size_t bytes = 0;
    pv_error err = PV_ERROR_INIT;
    if (pv_frame_head((const char *)line, length, wanted, &bytes, &err) !=
        PV_OK) {
        PV_CHECK(err.message[0] != '\0');
        return;
    }
    PV_CHECK(bytes <= PV_FRAME_MOST);
    float *vector = calloc(wanted->count * wanted->width + 1, sizeof *vector);
    pv_payload *payload = calloc(wanted->count + 1, sizeof *payload);
    PV_CHECK(vector != NULL && payload != NULL);
    if (bytes <= size &&
        pv_frame_body(body, bytes, wanted, vector, payload, &err) == PV_OK)
        say_again(body, bytes, wanted, vector, payload);
    free(vector);
    free(payload);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const op[] = {"random", "vary"};
    pv_error err = PV_ERROR_INIT;
    if (size < 3)
        return 0;
    const pv_wanted wanted = {op[data[0] / 8 % 2], 3, data[1], data[2] + 1u,
                              (pv_payload_kind)(data[0] % PV_PAYLOAD_KINDS)};
    const uint8_t *line = data + 3;
    const uint8_t *end = memchr(line, '\n', size - 3);
    const size_t length = end != NULL ? (size_t)(end - line) : size - 3;
    const size_t taken = end != NULL ? length + 1 : length;
    if ((data[0] & 128) != 0) {
        pv_payload_kind kind = PV_PAYLOAD_KINDS;
        const pv_frame_request hello = {
            .op = "hello", .id = 3, .width = wanted.width, .metric = "l2"};
        const pv_status status = pv_frame_hello((const char *)line, length,
                                                &hello, &kind, &err);
        PV_CHECK(status == PV_OK ? kind < PV_PAYLOAD_KINDS
                                 : err.message[0] != '\0');
    } else {
        look(line, length, line + taken, size - 3 - taken, &wanted);
    }
    return 0;
}
