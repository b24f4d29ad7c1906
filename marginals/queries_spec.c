/* What a specification says, up to the files it names. */
#include "core/memory.h"
#include "marginals/queries_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FAMILIES                                                               \
    "marginals:K, tree:K[:L], prefix:N[:SEED], halfspace:N[:SEED] or FILE.json"

/* What may stand after a family's name. */
typedef struct shape {
    const char *name, *first, *second;
    pv_family_kind kind;
    uint64_t most_first, most_second, usual_second;
} shape;

static const shape shapes[] = {
    {"marginals", "K", NULL, PV_FAMILY_MARGINALS, PV_MAX_COLUMNS, 0, 0},
    {"tree", "K", "L", PV_FAMILY_TREE, PV_MAX_COLUMNS, PV_TREE_LEVELS,
     PV_TREE_DEFAULT},
    {"prefix", "N", "SEED", PV_FAMILY_PREFIX, 100000000, UINT64_MAX, 1},
    {"halfspace", "N", "SEED", PV_FAMILY_HALFSPACE, 100000000, UINT64_MAX, 1},
};

static const shape *find_shape(const char *text, size_t length)
{
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
        if (strlen(shapes[i].name) == length &&
            memcmp(shapes[i].name, text, length) == 0)
            return &shapes[i];
    return NULL;
}

/* A whole number after a colon, which it ends at; 0 when there is none. */
static bool read_number(const char **at, uint64_t *number)
{
    char *end;
    if (**at != ':' || !isdigit((unsigned char)(*at)[1]))
        return false;
    errno = 0;
    *number = strtoull(*at + 1, &end, 10);
    *at = end;
    return errno == 0;
}

static pv_status read_family(const pv_queries *q, const char *text,
                             pv_family *family, pv_error *err)
{
    const size_t length = strlen(text);
    const shape *s = find_shape(text, strcspn(text, ":"));
    uint64_t first = 0, second = 0;
    *family = (pv_family){.text = text, .kind = PV_FAMILY_FILE};
    if (s == NULL && length > 5 && strcmp(text + length - 5, ".json") == 0)
        return PV_OK;
    if (s == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "\"%s\" is no family of queries; write " FAMILIES, text);
    const char *at = text + strlen(s->name);
    if (!read_number(&at, &first) || first < 1 || first > s->most_first)
        return pv_fail(err, PV_EUSAGE,
                       "\"%s\": write %s:%s, %s a whole number from 1 to %llu",
                       text, s->name, s->first, s->first,
                       (unsigned long long)s->most_first);
    second = s->usual_second;
    const bool more = s->second != NULL && *at == ':';
    if ((more && (!read_number(&at, &second) || second > s->most_second ||
                  (s->kind == PV_FAMILY_TREE && second < 1))) ||
        *at != '\0')
        return s->second == NULL
                   ? pv_fail(err, PV_EUSAGE, "\"%s\": write %s:%s alone", text,
                             s->name, s->first)
                   : pv_fail(err, PV_EUSAGE,
                             "\"%s\": write %s:%s or %s:%s:%s, %s a whole "
                             "number%s",
                             text, s->name, s->first, s->name, s->first,
                             s->second, s->second,
                             s->kind == PV_FAMILY_TREE ? " from 1 to 10" : "");
    family->kind = s->kind;
    family->number = (size_t)first;
    family->levels = s->kind == PV_FAMILY_TREE ? (unsigned)second : 0;
    family->seed = second;
    if (family->kind != PV_FAMILY_PREFIX &&
        family->kind != PV_FAMILY_HALFSPACE && first > q->free_count)
        return pv_fail(err, PV_EUSAGE,
                       "\"%s\": the schema has %zu columns to ask about%s",
                       text, q->free_count,
                       q->free_count < q->columns
                           ? ", those that follow from others not counted"
                           : "");
    return PV_OK;
}

pv_status pv_queries_spec(pv_queries *q, const char *specification,
                          pv_error *err)
{
    pv_status status = PV_OK;
    size_t count = 1;
    for (const char *c = specification; *c != '\0'; c++)
        count += *c == ',';
    char *text = pv_queries_alloc(q, strlen(specification) + 1, 1);
    q->family = pv_queries_alloc(q, count, sizeof *q->family);
    if (text == NULL || q->family == NULL)
        return pv_fail_memory(err, "queries");
    memcpy(text, specification, strlen(specification) + 1);
    while (text != NULL) {
        char *comma = strchr(text, ',');
        if (comma != NULL)
            *comma = '\0';
        PV_TRY(read_family(q, text, &q->family[q->families], err));
        q->families++;
        text = comma != NULL ? comma + 1 : NULL;
    }
out:
    return status;
}
