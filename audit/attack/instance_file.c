#include "audit/attack/instance_file.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Users in no query take no room in a file: a few bytes could ask for all
 * memory. */
enum { unasked_most = 1 << 24 };

static uint64_t little_endian(const unsigned char *at, int bytes)
{
    uint64_t value = 0;
    for (int i = bytes - 1; i >= 0; i--)
        value = value << 8 | at[i];
    return value;
}

static double double_at(const unsigned char *at)
{
    const uint64_t bits = little_endian(at, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

typedef struct parts {
    uint64_t queries, users, entries;
    const unsigned char *start, *user, *answer;
} parts;

static pv_status find_parts(const unsigned char *bytes, size_t size,
                            const char *name, parts *p, pv_error *err)
{
    if (size < 24)
        return pv_fail(err, PV_EFORMAT,
                       "%s: too short for an instance: it begins with three "
                       "64-bit numbers, of queries, users and entries",
                       name);
    p->queries = little_endian(bytes, 8);
    p->users = little_endian(bytes + 8, 8);
    p->entries = little_endian(bytes + 16, 8);
    if (p->queries < 1 || p->users < 1 || p->queries >= INT_MAX ||
        p->users >= INT_MAX || p->entries > UINT64_C(1) << 40 ||
        p->users > p->entries + unasked_most ||
        size != 24 + 8 * (p->queries + 1) + 4 * p->entries + 8 * p->queries)
        return pv_fail(err, PV_EFORMAT,
                       "%s: the numbers of queries, users and entries do not "
                       "go with a file of %zu bytes",
                       name, size);
    p->start = bytes + 24;
    p->user = p->start + 8 * (p->queries + 1);
    p->answer = p->user + 4 * p->entries;
    return PV_OK;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static pv_status read_starts(const parts *p, const char *name, size_t *start,
                             pv_error *err)
{
    for (size_t i = 0; i <= p->queries; i++) {
        start[i] = little_endian(p->start + 8 * i, 8);
        if (start[i] > p->entries || (i == 0 && start[i] != 0) ||
            (i > 0 && start[i] < start[i - 1]) ||
            (i == p->queries && start[i] != p->entries))
            return pv_fail(err, PV_EFORMAT,
                           "%s: the start of query %zu is not in order", name,
                           i);
    }
    return PV_OK;
}

static pv_status read_users(const parts *p, const char *name,
                            const size_t *start, uint32_t *user, pv_error *err)
{
    for (size_t i = 0; i < p->queries; i++) {
        for (size_t e = start[i]; e < start[i + 1]; e++)
            user[e] = (uint32_t)little_endian(p->user + 4 * e, 4);
        qsort(user + start[i], start[i + 1] - start[i], sizeof *user,
              by_number);
        for (size_t e = start[i]; e < start[i + 1]; e++)
            if (user[e] >= p->users ||
                (e > start[i] && user[e] == user[e - 1]))
                return pv_fail(err, PV_EFORMAT,
                               "%s: query %zu names a user twice, or one that "
                               "there is not",
                               name, i);
    }
    return PV_OK;
}

static pv_status read_answers(const parts *p, const char *name, double *answer,
                              pv_error *err)
{
    for (size_t i = 0; i < p->queries; i++) {
        answer[i] = double_at(p->answer + 8 * i);
        if (!isfinite(answer[i]) || fabs(answer[i]) > 1e15)
            return pv_fail(err, PV_EFORMAT,
                           "%s: the answer of query %zu is no usable number",
                           name, i);
    }
    return PV_OK;
}

pv_status pv_instance_parse(const unsigned char *bytes, size_t size,
                            const char *name, pv_instance_file *file,
                            pv_error *err)
{
    pv_status status = PV_OK;
    parts p = {0};
    size_t *start = NULL;
    uint32_t *user = NULL;
    double *answer = NULL;
    PV_TRY(find_parts(bytes, size, name, &p, err));
    start = pv_array_alloc(p.queries + 1, sizeof *start);
    user = pv_array_alloc(p.entries, sizeof *user);
    answer = pv_array_alloc(p.queries, sizeof *answer);
    if (start == NULL || user == NULL || answer == NULL) {
        status = pv_fail_memory(err, "an instance");
        goto out;
    }
    PV_TRY(read_starts(&p, name, start, err));
    PV_TRY(read_users(&p, name, start, user, err));
    PV_TRY(read_answers(&p, name, answer, err));
    PV_TRY(pv_incidence_make(p.queries, p.users, start, user, &file->incidence,
                             err));
    file->answer = answer;
    return PV_OK;
out:
    free(start);
    free(user);
    free(answer);
    return status;
}

pv_status pv_instance_read(const char *path, pv_instance_file *file,
                           pv_error *err)
{
    unsigned char *bytes = NULL;
    size_t size = 0;
    pv_status status = pv_file_read(path, (size_t)1 << 36, &bytes, &size, err);
    if (status == PV_OK)
        status = pv_instance_parse(bytes, size, path, file, err);
    free(bytes);
    return status;
}

void pv_instance_file_clear(pv_instance_file *file)
{
    pv_incidence_clear(&file->incidence);
    free(file->answer);
    file->answer = NULL;
}
