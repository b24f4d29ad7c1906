#include "audit/utility/uses.h"

#include "audit/fidelity/numbers.h"
#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

void pv_uses_clear(pv_uses *uses)
{
    for (size_t i = 0; i < uses->models; i++)
        free(uses->model[i].column);
    memset(uses, 0, sizeof *uses);
}

static pv_status find(const pv_schema *schema, const char *option,
                      const char *name, uint32_t *column, pv_error *err)
{
    const ptrdiff_t found = pv_schema_find(schema, name);
    if (found < 0)
        return pv_fail(err, PV_EUSAGE, "%s: the schema has no column \"%s\"",
                       option, name);
    *column = (uint32_t)found;
    return PV_OK;
}

/* The next name of a formula and the sign after it ('\0' at the end), in place;
 * NULL when there is none. */
static char *next_name(char **text, char *sign)
{
    char *at = *text + strspn(*text, " \t");
    char *name = at, *end;
    if (*at == '"') {
        name = at + 1;
        end = strchr(name, '"');
        if (end == NULL)
            return NULL;
        *end = '\0';
        at = end + 1 + strspn(end + 1, " \t");
        if (*at != '~' && *at != '+' && *at != '\0')
            return NULL;
    } else {
        at += strcspn(at, "~+");
        end = at;
        while (end > name && (end[-1] == ' ' || end[-1] == '\t'))
            end--;
    }
    *sign = *at;
    *text = *at != '\0' ? at + 1 : at;
    *end = '\0';
    return *name != '\0' ? name : NULL;
}

static pv_status check_response(const pv_schema *schema, uint32_t response,
                                pv_error *err)
{
    const pv_column *c = pv_schema_column(schema, response);
    if (pv_is_numeric(c) || c->levels - c->missing == 2)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE,
                   "--model: \"%s\" has %u levels; a response is a number, or "
                   "has two",
                   c->name, c->levels - c->missing);
}

static pv_status add_column(pv_use_model *m, uint32_t column,
                            const char *name, pv_error *err)
{
    for (size_t i = 0; i < m->columns; i++)
        if (m->column[i] == column)
            return pv_fail(err, PV_EUSAGE, "--model: \"%s\" is there twice",
                           name);
    if (column == m->response)
        return pv_fail(err, PV_EUSAGE, "--model: \"%s\" explains itself", name);
    m->column[m->columns++] = column;
    return PV_OK;
}

static pv_status read_model(const pv_schema *schema, char *text,
                            pv_use_model *m, pv_error *err)
{
    pv_status status = PV_OK;
    char sign = '\0', *rest = text;
    for (size_t i = 0; i == 0 || sign != '\0'; i++) {
        uint32_t column = 0;
        const char *name = next_name(&rest, &sign);
        if (name == NULL || (sign == '~') != (i == 0)) {
            status = pv_fail(err, PV_EUSAGE,
                             "--model takes a response and what explains it, as "
                             "\"income ~ age + sex\"");
            goto out;
        }
        PV_TRY(find(schema, "--model", name, &column, err));
        if (i == 0) {
            m->response = column;
            PV_TRY(check_response(schema, column, err));
        } else {
            PV_TRY(add_column(m, column, name, err));
        }
    }
out:
    return status;
}

pv_status pv_uses_add_model(pv_uses *uses, const pv_schema *schema,
                            const char *text, pv_error *err)
{
    pv_use_model m = {0};
    if (uses->models == PV_USES_MODELS)
        return pv_fail(err, PV_EUSAGE, "at most %d times --model",
                       PV_USES_MODELS);
    char *copy = pv_strdup(text);
    m.column = pv_array_calloc(pv_schema_columns(schema), sizeof *m.column);
    if (copy == NULL || m.column == NULL) {
        free(copy);
        free(m.column);
        return pv_fail_memory(err, "a model");
    }
    const pv_status status = read_model(schema, copy, &m, err);
    free(copy);
    if (status != PV_OK)
        free(m.column);
    else
        uses->model[uses->models++] = m;
    return status;
}

pv_status pv_uses_set_target(pv_uses *uses, const pv_schema *schema,
                             const char *name, pv_error *err)
{
    uses->has_target = true;
    return find(schema, "--target", name, &uses->target, err);
}

pv_status pv_uses_set_survival(pv_uses *uses, const pv_schema *schema,
                               const char *text, pv_error *err)
{
    pv_status status = PV_OK;
    char *copy = pv_strdup(text);
    if (copy == NULL)
        return pv_fail_memory(err, "a column");
    char *comma = strchr(copy, ',');
    char *equals = comma != NULL ? strchr(comma, '=') : NULL;
    if (equals == NULL) {
        status = pv_fail(err, PV_EUSAGE,
                         "--survival takes columns of time and event and the "
                         "event's label, as \"days,status=dead\", not \"%s\"",
                         text);
        goto out;
    }
    *comma = *equals = '\0';
    PV_TRY(find(schema, "--survival", copy, &uses->time, err));
    PV_TRY(find(schema, "--survival", comma + 1, &uses->event, err));
    const pv_column *event = pv_schema_column(schema, uses->event);
    uint64_t outside = 0;
    uses->event_code = pv_column_encode(schema, uses->event, equals + 1,
                                        strlen(equals + 1), &outside, NULL);
    if (outside > 0 || uses->event_code == PV_NO_LEVEL)
        status = pv_fail(err, PV_EUSAGE,
                         "--survival: \"%s\" has no level \"%s\"", event->name,
                         equals + 1);
    else if (!pv_is_numeric(pv_schema_column(schema, uses->time)))
        status = pv_fail(err, PV_EUSAGE,
                         "--survival: \"%s\" is not a column of numbers", copy);
    uses->has_survival = status == PV_OK;
out:
    free(copy);
    return status;
}
