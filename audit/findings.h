/* audit/findings.h - what an audit found: metrics, each with an id.
 *
 * A metric has an id that never changes its meaning (doc/metrics.md), a value,
 * perhaps a confidence interval, and a scope: which columns, rule or table it
 * speaks of. What could not be computed is there too, with the reason: nothing
 * is left out silently, and NaN never reaches a file. */
#ifndef PV_AUDIT_FINDINGS_H
#define PV_AUDIT_FINDINGS_H

#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pv_metric_status {
    PV_METRIC_OK,
    PV_METRIC_SKIPPED, /* does not apply here: the reason says why */
    PV_METRIC_ERROR    /* should have been computed and could not be */
} pv_metric_status;

/* What a metric speaks of; a zeroed scope is the whole table. */
typedef struct pv_scope {
    size_t columns;
    const char *const *column; /* names, `columns` of them */
    const char *rule;          /* a structural zero, in words; or NULL */
    const char *table;         /* "holdout" or "real" when the metric is not of
                                  the synthetic table, or the pair of tables it
                                  is of; else NULL */
    const char *attack;        /* which of several attacks it is of; or NULL */
} pv_scope;

typedef struct pv_metric {
    const char *id;
    double value; /* NAN unless the status is ok */
    bool has_ci;
    double ci[2]; /* 95 %, lower and upper */
    pv_scope scope;
    pv_metric_status status;
    const char *reason; /* needed unless the status is ok; may be NULL */
} pv_metric;

/* A file that was read. */
typedef struct pv_input {
    const char *role, *path;
    int64_t rows, columns; /* negative: does not apply */
} pv_input;

typedef struct pv_findings pv_findings;

/* Empty findings of `tool` ("privet-audit") running `command` ("fidelity"). */
PV_API PV_CHECKED pv_status pv_findings_new(const char *tool,
                                            const char *command,
                                            pv_findings **findings,
                                            pv_error *err);
PV_API void pv_findings_free(pv_findings *findings); /* NULL is legal */

/* Notes an input by its role ("real", "synthetic", "schema"); rows and columns
 * are left out of the JSON where they are negative. */
PV_API PV_CHECKED pv_status pv_findings_add_input(pv_findings *findings,
                                                  const char *role,
                                                  const char *path,
                                                  int64_t rows, int64_t columns,
                                                  pv_error *err);

/* Notes an option that the metrics depend on: "binning" is "nist". */
PV_API PV_CHECKED pv_status pv_findings_add_option(pv_findings *findings,
                                                   const char *name,
                                                   const char *value,
                                                   pv_error *err);
/* The value of an option, or NULL. */
PV_API const char *pv_findings_option(const pv_findings *findings,
                                      const char *name);

/* The input of a role, or NULL; owned by the findings, valid until the next
 * input is added. */
PV_API const pv_input *pv_findings_input(const pv_findings *findings,
                                         const char *role);

/* Adds a copy of the metric. A value (or an end of the interval) that is not
 * finite turns an ok metric into an error with a reason. PV_EINVAL when a
 * reason is missing. */
PV_API PV_CHECKED pv_status pv_findings_add(pv_findings *findings,
                                            const pv_metric *metric,
                                            pv_error *err);

/* Adds a copy of a vector under a name: "series": {name: [numbers]} in the JSON,
 * which has no such member without one. Values must be finite (PV_EINVAL). */
PV_API PV_CHECKED pv_status pv_findings_add_series(pv_findings *findings,
                                                   const char *name,
                                                   const double *value,
                                                   size_t count, pv_error *err);

/* The metrics in the order they were added; owned by the findings, valid until
 * the next is added. */
PV_API size_t pv_findings_count(const pv_findings *findings);
PV_API const pv_metric *pv_findings_metric(const pv_findings *findings,
                                           size_t i);
/* The first metric with this id, or NULL. */
PV_API const pv_metric *pv_findings_find(const pv_findings *findings,
                                         const char *id);

/* The numbers of a series: how many there are, the first `room` of them copied
 * to `value`; 0 when there is none of this name. */
PV_API size_t pv_findings_series(const pv_findings *findings, const char *name,
                                 double *value, size_t room);

/* All there is, in turn: tool, command, version, options, inputs, the names of
 * series (NULL behind the last). */
PV_API const char *pv_findings_tool(const pv_findings *findings);
PV_API const char *pv_findings_command(const pv_findings *findings);
PV_API const char *pv_findings_version(const pv_findings *findings);
PV_API const char *pv_findings_option_at(const pv_findings *findings, size_t i,
                                         const char **value);
PV_API const pv_input *pv_findings_input_at(const pv_findings *findings,
                                            size_t i);
PV_API const char *pv_findings_series_at(const pv_findings *findings, size_t i);

/* Sets the version of the tool; it is this one's otherwise. */
PV_API PV_CHECKED pv_status pv_findings_set_version(pv_findings *findings,
                                                    const char *version,
                                                    pv_error *err);

/* Reads a document that pv_findings_json wrote, whoever wrote it: `name` is used
 * in messages. Members that are not known are ignored; PV_EFORMAT names the
 * place of one that is missing or of the wrong type, of a number that is not
 * finite, and of what is too long. Files are limited to 256 MiB. */
PV_API PV_CHECKED pv_status pv_findings_parse(const char *text, size_t size,
                                              const char *name,
                                              pv_findings **findings,
                                              pv_error *err);
PV_API PV_CHECKED pv_status pv_findings_read(const char *path,
                                             pv_findings **findings,
                                             pv_error *err);

/* The JSON document (free()), keys sorted, doubles with 17 digits:
 * {"schema": "privet/findings/1",
 *  "tool": {name, version, command, options: {name: value}},
 *  "inputs": {role: {path, rows, columns}}, "metrics": [{id, value, ci, scope,
 *  status, reason}], "verdicts": []}. Bytes of a path that are not UTF-8 become
 * "?". Equal findings give equal bytes. */
PV_API PV_CHECKED pv_status pv_findings_json(const pv_findings *findings,
                                             char **text, pv_error *err);

#endif
