#include "audit/fidelity/write.h"

#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdlib.h>

pv_status pv_write(const pv_writing *w, const char *prefix, const char *name,
                   double value, const char *reason, const uint32_t *column,
                   size_t columns, pv_error *err)
{
    return pv_write_error(w, prefix, name, value, NAN, reason, column, columns,
                          err);
}

pv_status pv_write_error(const pv_writing *w, const char *prefix,
                         const char *name, double value, double error,
                         const char *reason, const uint32_t *column,
                         size_t columns, pv_error *err)
{
    const double half = 1.959963984540054 * error; /* 95 % of a normal law */
    pv_status status = PV_OK;
    char *id = name == NULL ? pv_strdup(prefix)
                            : pv_sprintf_alloc("%s.%s", prefix, name);
    const char **names = pv_array_calloc(columns, sizeof *names);
    if (id == NULL || names == NULL) {
        status = pv_fail_memory(err, "a metric");
        goto out;
    }
    for (size_t i = 0; i < columns; i++)
        names[i] = pv_schema_column(w->input->schema, column[i])->name;
    const pv_metric metric = {.id = id,
                              .value = value,
                              .has_ci = isfinite(value) && isfinite(half),
                              .ci = {value - half, value + half},
                              .scope = {.columns = columns, .column = names},
                              .status = isnan(value) && reason != NULL
                                            ? PV_METRIC_SKIPPED
                                            : PV_METRIC_OK,
                              .reason = reason};
    PV_TRY(pv_probe_add(w->input, w->findings, &metric, err));
out:
    free(names);
    free(id);
    return status;
}

pv_status pv_write_series(const pv_writing *w, const char *name, size_t number,
                          const double *value, size_t count, pv_error *err)
{
    if (w->input->yardstick)
        return PV_OK;
    char *full = number == 0 ? pv_strdup(name)
                             : pv_sprintf_alloc("%s.%zu", name, number);
    if (full == NULL)
        return pv_fail_memory(err, "a series");
    const pv_status status =
        pv_findings_add_series(w->findings, full, value, count, err);
    free(full);
    return status;
}

const char *pv_no_rows(const pv_probe_input *input)
{
    if (pv_table_rows(input->real) == 0)
        return "the real table has no rows";
    if (pv_table_rows(input->synthetic) == 0)
        return input->yardstick ? "the holdout has no rows"
                                : "the synthetic table has no rows";
    return NULL;
}
