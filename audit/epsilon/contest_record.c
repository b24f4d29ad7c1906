#include "audit/epsilon/contest.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

void pv_contest_records_clear(pv_contest_records *r)
{
    free(r->trial);
    free(r->release);
    free(r->rho);
    free(r->feature);
    memset(r, 0, sizeof *r);
}

static pv_status make_room(pv_contest_records *r, size_t count, pv_error *err)
{
    r->trial = pv_array_calloc(count + 1, sizeof *r->trial);
    r->release = pv_array_calloc(count + 1, sizeof *r->release);
    r->rho = pv_array_calloc(count + 1, sizeof *r->rho);
    r->feature = pv_array_calloc(count + 1, r->width * sizeof *r->feature);
    if (r->trial != NULL && r->release != NULL && r->rho != NULL &&
        r->feature != NULL)
        return PV_OK;
    return pv_fail_memory(err, "the runs");
}

/* One line into record `at`. */
static bool parse_line(const char *text, size_t size, pv_contest_records *r,
                       size_t at)
{
    bool good = false;
    char *end = NULL;
    json_t *line = json_loadb(text, size, 0, NULL);
    const json_t *trial = json_object_get(line, "trial");
    const json_t *rho = json_object_get(line, "rho");
    const json_t *x = json_object_get(line, "x");
    const char *release =
        json_string_value(json_object_get(line, "release"));
    if (!json_is_integer(trial) || json_integer_value(trial) < 0 ||
        !json_is_number(rho) || release == NULL || strlen(release) != 16 ||
        json_array_size(x) != r->width)
        goto out;
    r->trial[at] = (uint64_t)json_integer_value(trial);
    r->release[at] = strtoull(release, &end, 16);
    r->rho[at] = json_number_value(rho);
    if (*end != '\0')
        goto out;
    for (size_t i = 0; i < r->width; i++) {
        const json_t *number = json_array_get(x, i);
        if (!json_is_number(number))
            goto out;
        r->feature[at * r->width + i] = json_number_value(number);
    }
    good = true;
out:
    json_decref(line);
    return good;
}

typedef struct place {
    uint64_t trial;
    size_t at;
} place;

static int by_trial(const void *left, const void *right)
{
    const place *a = left, *b = right;
    return a->trial < b->trial ? -1 : a->trial > b->trial;
}

/* By number; the second of one run is an error. */
static pv_status sort_records(const char *path, pv_contest_records *r,
                              pv_error *err)
{
    pv_status status = PV_OK;
    const size_t width = r->width;
    pv_contest_records sorted = {.width = width};
    place *order = pv_array_alloc(r->count + 1, sizeof *order);
    if (order == NULL)
        return pv_fail_memory(err, "the runs");
    PV_TRY(make_room(&sorted, r->count, err));
    for (size_t i = 0; i < r->count; i++)
        order[i] = (place){r->trial[i], i};
    qsort(order, r->count, sizeof *order, by_trial);
    for (size_t i = 0; i < r->count; i++) {
        const size_t at = order[i].at;
        if (i > 0 && order[i].trial == order[i - 1].trial) {
            status = pv_fail(err, PV_ETAMPER,
                             "%s: run %llu is there twice; remove one of its "
                             "lines",
                             path, (unsigned long long)order[i].trial);
            goto out;
        }
        sorted.trial[i] = r->trial[at];
        sorted.release[i] = r->release[at];
        sorted.rho[i] = r->rho[at];
        memcpy(sorted.feature + i * width, r->feature + at * width,
               width * sizeof *sorted.feature);
    }
    sorted.count = r->count;
    pv_contest_records_clear(r);
    *r = sorted;
    memset(&sorted, 0, sizeof sorted);
out:
    pv_contest_records_clear(&sorted);
    free(order);
    return status;
}

static pv_status parse_lines(const char *path, const char *text, size_t size,
                             pv_contest_records *r, pv_error *err)
{
    size_t lines = 0;
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    const pv_status status = make_room(r, lines, err);
    if (status != PV_OK)
        return status;
    for (size_t at = 0; at < size; r->count++) {
        const char *end = memchr(text + at, '\n', size - at);
        const size_t length = (size_t)(end - (text + at));
        if (!parse_line(text + at, length, r, r->count))
            return pv_fail(err, PV_ETAMPER,
                           "%s: line %zu is no run of this contest; remove the "
                           "line, and the run is made again",
                           path, r->count + 1);
        at += length + 1;
    }
    return sort_records(path, r, err);
}

pv_status pv_contest_records_read(const char *path, size_t width,
                                  pv_contest_records *records, uint64_t *whole,
                                  pv_error *err)
{
    const size_t limit = (size_t)8 << 30;
    pv_status status = PV_OK;
    unsigned char *text = NULL;
    size_t size = 0;
    *whole = 0;
    *records = (pv_contest_records){.width = width};
    if (!pv_file_exists(path))
        return PV_OK;
    PV_TRY(pv_file_read(path, limit, &text, &size, err));
    while (size > 0 && text[size - 1] != '\n')
        size--;
    *whole = size;
    PV_TRY(parse_lines(path, (const char *)text, size, records, err));
out:
    free(text);
    if (status != PV_OK)
        pv_contest_records_clear(records);
    return status;
}

/* --- settings ------------------------------------------------------------- */

static bool valid(const json_t *settings)
{
    enum { features_most = 4096 };
    const size_t features =
        json_array_size(json_object_get(settings, "features"));
    const size_t groups = json_array_size(json_object_get(settings, "groups"));
    const size_t pairs = json_array_size(json_object_get(settings, "pairs"));
    return features > 0 && features <= features_most && groups > 0 &&
           pairs > 0 && pairs <= PV_CONTEST_PAIRS;
}

static const char *const setting[][2] = {
    {"format", "the version of Privet"},
    {"mechanism", "--mechanism"},
    {"schema", "the schema (--schema, --columns, --levels)"},
    {"real", "the real table"},
    {"pairs", "--pair"},
    {"tables", "the tables (--pair, --copies, --real, --target)"},
    {"neighbours", "--neighbors"},
    {"rows", "--rows"},
    {"see", "--see"},
    {"features", "the version of Privet"},
    {"groups", "the version of Privet"},
    {"key", "--seed"}};

const pv_trials_kind pv_contest_kind = {.name = "an audit of epsilon",
                                        .setting = setting,
                                        .settings = sizeof setting /
                                                    sizeof *setting,
                                        .valid = valid};
