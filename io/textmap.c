#include "io/textmap.h"

#include "core/memory.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

typedef struct slot {
    uint64_t head; /* the first eight bytes, padded with zeros */
    size_t offset; /* of the whole text in `texts` */
    uint32_t length;
    uint32_t number; /* PV_TEXTMAP_NONE: empty */
} slot;

struct pv_textmap {
    slot *slots;
    size_t mask, count; /* the number of slots is mask + 1 */
    char *texts;
    size_t used, room;
    uint64_t seed;
};

enum { FIRST_SLOTS = 16, FIRST_TEXTS = 256 };

static uint64_t load64(const char *text)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

static uint64_t load32(const char *text)
{
    uint32_t word;
    memcpy(&word, text, sizeof word);
    return word;
}

static uint64_t byte_at(const char *text, size_t i)
{
    return (uint64_t)(unsigned char)text[i] << 8 * i;
}

/* Loads overlap, which is harmless: the shared bytes are equal. Big-endian
 * machines get other words for short texts, but one word for each text. */
static uint64_t head_of(const char *text, size_t length)
{
    if (length >= 8)
        return load64(text);
    if (length >= 4)
        return load32(text) | load32(text + length - 4) << 8 * (length - 4);
    if (length == 0)
        return 0;
    return byte_at(text, 0) | byte_at(text, length / 2) |
           byte_at(text, length - 1);
}

static uint64_t mix(uint64_t word, uint64_t seed)
{
    __extension__ typedef unsigned __int128 wide;
    const wide product = (wide)(word ^ seed) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static uint64_t hash_of(const pv_textmap *map, const char *text, size_t length,
                        uint64_t head)
{
    uint64_t hash = mix(head + length, map->seed);
    if (length > 8) {
        for (size_t i = 8; i + 8 <= length; i += 8)
            hash = mix(hash ^ load64(text + i), map->seed);
        hash = mix(hash ^ load64(text + length - 8), map->seed);
    }
    return hash;
}

static slot *seek(const pv_textmap *map, const char *text, size_t length,
                  uint64_t head)
{
    for (size_t i = (size_t)hash_of(map, text, length, head);; i++) {
        slot *s = &map->slots[i & map->mask];
        if (s->number == PV_TEXTMAP_NONE)
            return s;
        if (s->head == head && s->length == length &&
            (length <= 8 || memcmp(map->texts + s->offset, text, length) == 0))
            return s;
    }
}

static slot *slots_alloc(size_t count)
{
    slot *slots = pv_array_alloc(count, sizeof *slots);
    if (slots != NULL)
        for (size_t i = 0; i < count; i++)
            slots[i] = (slot){0, 0, 0, PV_TEXTMAP_NONE};
    return slots;
}

pv_textmap *pv_textmap_alloc(void)
{
    pv_textmap *map = calloc(1, sizeof *map);
    if (map == NULL)
        return NULL;
    map->slots = slots_alloc(FIRST_SLOTS);
    map->mask = FIRST_SLOTS - 1;
    map->texts = malloc(FIRST_TEXTS);
    map->room = FIRST_TEXTS;
    randombytes_buf(&map->seed, sizeof map->seed);
    if (map->slots == NULL || map->texts == NULL) {
        pv_textmap_free(map);
        return NULL;
    }
    return map;
}

void pv_textmap_free(pv_textmap *map)
{
    if (map == NULL)
        return;
    pv_wipe_free(map->slots, (map->mask + 1) * sizeof *map->slots);
    pv_wipe_free(map->texts, map->room);
    free(map);
}

size_t pv_textmap_count(const pv_textmap *map)
{
    return map->count;
}

uint32_t pv_textmap_find(const pv_textmap *map, const char *text, size_t length)
{
    return seek(map, text, length, head_of(text, length))->number;
}

static pv_status grow_slots(pv_textmap *map, pv_error *err)
{
    const size_t old = map->mask + 1;
    slot *slots = slots_alloc(2 * old);
    if (slots == NULL)
        return pv_fail_memory(err, "a table of texts");
    slot *before = map->slots;
    map->slots = slots;
    map->mask = 2 * old - 1;
    for (size_t i = 0; i < old; i++) {
        const slot *s = &before[i];
        if (s->number != PV_TEXTMAP_NONE)
            *seek(map, map->texts + s->offset, s->length, s->head) = *s;
    }
    pv_wipe_free(before, old * sizeof *before);
    return PV_OK;
}

static pv_status grow_texts(pv_textmap *map, size_t length, pv_error *err)
{
    size_t room = map->room;
    while (room - map->used < length)
        if (!pv_size_mul(room, 2, &room))
            return pv_fail_memory(err, "a table of texts");
    if (room == map->room)
        return PV_OK;
    char *texts = malloc(room);
    if (texts == NULL)
        return pv_fail_memory(err, "a table of texts");
    memcpy(texts, map->texts, map->used);
    pv_wipe_free(map->texts, map->room);
    map->texts = texts;
    map->room = room;
    return PV_OK;
}

pv_status pv_textmap_add(pv_textmap *map, const char *text, size_t length,
                         uint32_t number, uint32_t *held, pv_error *err)
{
    pv_status status = PV_OK;
    if (length >= UINT32_MAX || number == PV_TEXTMAP_NONE)
        return pv_fail_memory(err, "a table of texts");
    const uint64_t head = head_of(text, length);
    slot *s = seek(map, text, length, head);
    if (s->number == PV_TEXTMAP_NONE) {
        if (2 * (map->count + 1) > map->mask) {
            PV_TRY(grow_slots(map, err));
            s = seek(map, text, length, head);
        }
        PV_TRY(grow_texts(map, length, err));
        memcpy(map->texts + map->used, text, length);
        *s = (slot){head, map->used, (uint32_t)length, number};
        map->used += length;
        map->count++;
    }
    *held = s->number;
out:
    return status;
}
