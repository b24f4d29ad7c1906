#include "audit/epsilon/contest.h"

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

static pv_status begin(void *context, size_t lines, pv_error *err)
{
    return make_room(context, lines, err);
}

/* One line into the next record. */
static bool parse_line(void *context, const char *text, size_t size)
{
    bool good = false;
    char *end = NULL;
    pv_contest_records *r = context;
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
    r->trial[r->count] = (uint64_t)json_integer_value(trial);
    r->release[r->count] = strtoull(release, &end, 16);
    r->rho[r->count] = json_number_value(rho);
    if (*end != '\0')
        goto out;
    for (size_t i = 0; i < r->width; i++) {
        const json_t *number = json_array_get(x, i);
        if (!json_is_number(number))
            goto out;
        r->feature[r->count * r->width + i] = json_number_value(number);
    }
    r->count++;
    good = true;
out:
    json_decref(line);
    return good;
}

/* The records of `from` in another order. */
static pv_status reorder(const pv_contest_records *from, const size_t *order,
                         pv_contest_records *to, pv_error *err)
{
    const size_t width = from->width;
    *to = (pv_contest_records){.width = width};
    const pv_status status = make_room(to, from->count, err);
    if (status != PV_OK)
        return status;
    for (size_t i = 0; i < from->count; i++) {
        const size_t at = order[i];
        to->trial[i] = from->trial[at];
        to->release[i] = from->release[at];
        to->rho[i] = from->rho[at];
        memcpy(to->feature + i * width, from->feature + at * width,
               width * sizeof *to->feature);
    }
    to->count = from->count;
    return PV_OK;
}

pv_status pv_contest_records_read(const char *path, size_t width,
                                  pv_contest_records *records, uint64_t *whole,
                                  pv_error *err)
{
    pv_status status = PV_OK;
    size_t *order = NULL;
    pv_contest_records read = {.width = width};
    const pv_trials_reader reader = {"run", &read, begin, parse_line};
    *records = (pv_contest_records){.width = width};
    PV_TRY(pv_trials_read(&reader, path, whole, err));
    PV_TRY(pv_trials_order(&reader, path, read.trial, read.count, &order, err));
    PV_TRY(reorder(&read, order, records, err));
out:
    free(order);
    pv_contest_records_clear(&read);
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
