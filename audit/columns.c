#include "audit/columns.h"

#include "core/log.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void warn(const pv_schema *whole, const pv_header *header)
{
    char list[512] = "";
    size_t used = 0, named = 0;
    for (size_t c = 0; c < pv_schema_columns(whole) && named < 4; c++)
        if (!header->present[c] && used < sizeof list) {
            used += (size_t)snprintf(list + used, sizeof list - used, "%s'%s'",
                                     named++ > 0 ? ", " : "",
                                     pv_schema_column(whole, c)->name);
        }
    pv_log_warning("the synthetic table lacks %zu of the schema's %zu columns "
                   "(%s%s); the others are compared",
                   header->absent, pv_schema_columns(whole), list,
                   header->absent > named ? ", ..." : "");
}

pv_status pv_columns_match(const char *path, pv_schema **schema,
                           pv_schema **whole, pv_header *header, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *part = NULL;
    if (strcmp(path, "-") == 0)
        return PV_OK;
    status = pv_header_read(path, *schema, header, err);
    if (status != PV_OK)
        return pv_fail_context(err, status, "the synthetic table");
    if (header->absent == 0 || header->absent == pv_schema_columns(*schema))
        return PV_OK;
    status = pv_schema_part(*schema, header->present, &part, err);
    if (status != PV_OK)
        return status;
    warn(*schema, header);
    *whole = *schema;
    *schema = part;
    return PV_OK;
}

static pv_status add_missing(const pv_header *header, const pv_schema *whole,
                             const char **name, pv_findings *findings,
                             pv_error *err)
{
    pv_status status = PV_OK;
    size_t count = 0;
    for (size_t c = 0; whole != NULL && c < pv_schema_columns(whole); c++)
        if (!header->present[c])
            name[count++] = pv_schema_column(whole, c)->name;
    const pv_metric all = {
        .id = "columns.missing",
        .value = (double)count,
        .scope = {.columns = count, .column = name},
        .reason = count > 0 ? "neither they nor the rules that speak of them "
                              "are in any other figure"
                            : NULL};
    PV_TRY(pv_findings_add(findings, &all, err));
    for (size_t i = 0; i < count && status == PV_OK; i++) {
        char *id = pv_sprintf_alloc("tv.1way.%s", name[i]);
        const pv_metric one = {.id = id,
                               .scope = {.columns = 1, .column = &name[i]},
                               .status = PV_METRIC_SKIPPED,
                               .reason = "the synthetic table lacks the column"};
        status = id == NULL ? pv_fail_memory(err, "a metric's id")
                            : pv_findings_add(findings, &one, err);
        free(id);
    }
out:
    return status;
}

pv_status pv_columns_findings(const pv_header *header, const pv_schema *whole,
                              pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    if (header->present == NULL)
        return PV_OK;
    const pv_metric extra = {
        .id = "columns.extra",
        .value = (double)header->extras,
        .scope = {.columns = header->extras,
                  .column = (const char *const *)header->extra},
        .reason = header->extras > 0 ? "nothing is known of them" : NULL};
    const char **name = pv_array_alloc(header->absent, sizeof *name);
    if (name == NULL)
        return pv_fail_memory(err, "a list of columns");
    PV_TRY(add_missing(header, whole, name, findings, err));
    PV_TRY(pv_findings_add(findings, &extra, err));
out:
    free(name);
    return status;
}
