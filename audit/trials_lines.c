#include "audit/trials.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- lines ---------------------------------------------------------------- */

static pv_status parse_lines(const pv_trials_reader *reader, const char *path,
                             const char *text, size_t size, pv_error *err)
{
    size_t lines = 0, at = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    const pv_status status = reader->make_room(reader->context, lines, err);
    for (size_t i = 0; status == PV_OK && i < lines; i++) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t length = (size_t)(end - (text + at));
        if (!reader->parse(reader->context, text + at, length))
            return pv_fail(err, PV_ETAMPER,
                           "%s: line %zu is no %s of these settings; remove the "
                           "line, and it is made again",
                           path, i + 1, reader->noun);
        at += length + 1;
    }
    return status;
}

pv_status pv_trials_read(const pv_trials_reader *reader, const char *path,
                         uint64_t *whole, pv_error *err)
{
    const size_t limit = (size_t)8 << 30;
    unsigned char *text = NULL;
    size_t size = 0;
    *whole = 0;
    if (!pv_file_exists(path))
        return PV_OK;
    pv_status status = pv_file_read(path, limit, &text, &size, err);
    if (status != PV_OK)
        return status;
    while (size > 0 && text[size - 1] != '\n')
        size--;
    *whole = size;
    status = parse_lines(reader, path, (const char *)text, size, err);
    free(text);
    return status;
}

/* --- order ---------------------------------------------------------------- */

typedef struct place {
    uint64_t trial;
    size_t at;
} place;

static int by_trial(const void *left, const void *right)
{
    const place *a = left, *b = right;
    return a->trial < b->trial ? -1 : a->trial > b->trial;
}

pv_status pv_trials_order(const pv_trials_reader *reader, const char *path,
                          const uint64_t *trial, size_t count, size_t **order,
                          pv_error *err)
{
    pv_status status = PV_OK;
    place *sorted = pv_array_alloc(count + 1, sizeof *sorted);
    *order = pv_array_alloc(count + 1, sizeof **order);
    if (sorted == NULL || *order == NULL) {
        status = pv_fail_memory(err, "the trials");
        goto out;
    }
    for (size_t i = 0; i < count; i++)
        sorted[i] = (place){trial[i], i};
    qsort(sorted, count, sizeof *sorted, by_trial);
    for (size_t i = 0; i < count; i++) {
        (*order)[i] = sorted[i].at;
        if (i > 0 && sorted[i].trial == sorted[i - 1].trial) {
            status = pv_fail(err, PV_ETAMPER,
                             "%s: %s %llu is there twice; remove one of its "
                             "lines",
                             path, reader->noun,
                             (unsigned long long)sorted[i].trial);
            goto out;
        }
    }
out:
    free(sorted);
    return status;
}
