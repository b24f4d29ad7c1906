#include "io/texts.h"

#include "core/memory.h"
#include "io/textmap.h"

#include <stdlib.h>
#include <string.h>

struct pv_texts {
    pv_textmap *number;
    char *bytes;
    size_t used, room;
    size_t *end; /* text i is bytes[end[i]..end[i+1]-1] */
    size_t ends_room;
};

enum { FIRST_BYTES = 1 << 12, FIRST_ENDS = 1 << 8 };

pv_texts *pv_texts_alloc(void)
{
    pv_texts *texts = calloc(1, sizeof *texts);
    if (texts == NULL)
        return NULL;
    texts->number = pv_textmap_alloc();
    texts->bytes = pv_array_alloc(FIRST_BYTES, 1);
    texts->end = pv_array_alloc(FIRST_ENDS, sizeof *texts->end);
    texts->room = FIRST_BYTES;
    texts->ends_room = FIRST_ENDS;
    if (texts->number == NULL || texts->bytes == NULL || texts->end == NULL) {
        pv_texts_free(texts);
        return NULL;
    }
    texts->end[0] = 0;
    return texts;
}

void pv_texts_free(pv_texts *texts)
{
    if (texts == NULL)
        return;
    pv_textmap_free(texts->number);
    pv_wipe_free(texts->bytes, texts->room);
    pv_wipe_free(texts->end, texts->ends_room * sizeof *texts->end);
    free(texts);
}

size_t pv_texts_count(const pv_texts *texts)
{
    return pv_textmap_count(texts->number);
}

const char *pv_texts_at(const pv_texts *texts, size_t i, size_t *length)
{
    *length = texts->end[i + 1] - texts->end[i];
    return texts->bytes + texts->end[i];
}

/* realloc would leave a copy of private texts behind. */
static pv_status move(void **block, size_t used, size_t old, size_t room,
                      pv_error *err)
{
    void *bigger = pv_array_alloc(room, 1);
    if (bigger == NULL)
        return pv_fail_memory(err, "texts");
    memcpy(bigger, *block, used);
    pv_wipe_free(*block, old);
    *block = bigger;
    return PV_OK;
}

static pv_status make_room(pv_texts *t, size_t length, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = pv_texts_count(t);
    if (t->room - t->used < length) {
        size_t room = 2 * t->room > t->used + length ? 2 * t->room
                                                     : 2 * (t->used + length);
        void *bytes = t->bytes;
        PV_TRY(move(&bytes, t->used, t->room, room, err));
        t->bytes = bytes;
        t->room = room;
    }
    if (count + 2 > t->ends_room) {
        const size_t each = sizeof *t->end;
        void *end = t->end;
        PV_TRY(move(&end, (count + 1) * each, t->ends_room * each,
                    2 * t->ends_room * each, err));
        t->end = end;
        t->ends_room *= 2;
    }
out:
    return status;
}

pv_status pv_texts_add(pv_texts *t, const char *text, size_t length,
                       uint32_t *number, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = pv_texts_count(t);
    PV_TRY(make_room(t, length, err));
    if (count >= UINT32_MAX - 16) {
        status = pv_fail(err, PV_ETOOBIG, "too many different texts");
        goto out;
    }
    PV_TRY(pv_textmap_add(t->number, text, length, (uint32_t)count, number,
                          err));
    if (*number == count) {
        memcpy(t->bytes + t->used, text, length);
        t->used += length;
        t->end[count + 1] = t->used;
    }
out:
    return status;
}
