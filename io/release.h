/* io/release.h - what a release file holds.
 *
 * A release is the native table plus root attributes (is_synthetic=1, format
 * and tool version, method, epsilon, delta, rho, neighbours, unit, rng),
 * /privacy/ledger (the public ledger lines, one string), /privacy/measurements
 * (noisy marginals with their sigma^2) and /schema. It never holds keys, seeds,
 * true counts, paths, host or user names, or timings.
 *
 * A measurement is a group /privacy/measurements/NNNN: attributes columns (by
 * name), column_numbers, sigma2 ("n/d") and sigma2_ratio (n, d), and a dataset
 * counts shaped by the columns' levels. /privacy/statement repeats the textual
 * attributes as JSON; the reader reads that and the numbers.
 *
 * Marginals measured elsewhere come as a subset of this (doc/files.md) or as
 * CSV: io/measured.h. A release made from them says in `claim` whose statement
 * of privacy it carries, if any, and its epsilon, delta and rho are not a number
 * where nothing is stated. */
#ifndef PV_IO_RELEASE_H
#define PV_IO_RELEASE_H

#include "core/api.h"
#include "core/status.h"
#include "io/table.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A noisy marginal: counts over `columns` (increasing numbers of modelled
 * columns), row-major with the last column fastest, each with independent
 * discrete Gaussian noise of variance parameter sigma2_num / sigma2_den. */
typedef struct pv_measurement {
    size_t columns;
    uint32_t *column;
    size_t cells;
    int64_t *counts;
    uint64_t sigma2_num, sigma2_den;
    /* Of one that was measured elsewhere: numbers in the place of counts, which
     * are NULL then, and the variance of their noise, of whatever kind. */
    double *values;
    double variance;
} pv_measurement;

PV_API void pv_measurement_clear(pv_measurement *measurement);
/* The noise's variance (of a discrete Gaussian: its parameter). */
PV_API double pv_measurement_variance(const pv_measurement *measurement);

typedef struct pv_release_info {
    const char *method;
    const char *tool_version;
    const char *neighbours;     /* "add-remove" or "replace" */
    const char *unit;           /* "row", or "person, at most K rows" */
    const char *rng;            /* "secure" or "INSECURE-TEST" */
    double epsilon, delta, rho; /* the spend that is claimed, rounded up */
    double delta_labels;        /* the part of delta that finding labels took;
                                   0: none */
    int64_t public_rows;        /* -1 unless the row count is public */
    const char *dataset_rho;    /* cumulative over releases, exact; or NULL */
    const char *dataset_delta;  /* the same for delta_labels; NULL: none */
    const char *claim;          /* measured elsewhere: what is stated of privacy,
                                   and by whom; else NULL */
} pv_release_info;

/* Writes to `path` itself (give a temporary name and publish it), fsynced. The
 * bytes depend on the arguments alone. On failure the file is removed. */
PV_API PV_CHECKED pv_status pv_release_write(
    const char *path, const pv_table *table, const pv_release_info *info,
    const char *ledger, const pv_measurement *measurements, size_t count,
    pv_error *err);

/* Where a release asked for as `output` stands: there, or for one made with a
 * test seed NAME.NOT-PRIVATE.EXT beside it. free(); NULL on short memory. */
PV_API char *pv_release_file_name(const char *output, bool insecure);

/* Refuses, before work is done, an output that may not be written: as
 * pv_output_check for the file that the release will be. An earlier test
 * release may be replaced by another without `force`. */
PV_API PV_CHECKED pv_status pv_release_check(const char *output, bool insecure,
                                             bool force, pv_error *err);

/* Renames a finished release into place, after pv_release_check, and for one
 * made with a test seed makes `output` a link to it. */
PV_API PV_CHECKED pv_status pv_release_publish(const char *partial,
                                               const char *output,
                                               bool insecure, bool force,
                                               pv_error *err);

/* The link alone, made anew. With `force` false, PV_EEXIST when `output` is
 * there and is not a link. */
PV_API PV_CHECKED pv_status pv_release_link(const char *output,
                                            const char *file, bool force,
                                            pv_error *err);

/* What a release states of itself; strings are owned by the struct. */
typedef struct pv_release {
    char *method, *tool_version, *neighbours, *unit, *rng, *ledger, *dataset_rho,
        *dataset_delta, *claim;
    double epsilon, delta, rho;
    double delta_labels; /* 0 when the release does not say */
    int64_t public_rows;
    pv_schema *schema;
    pv_measurement *measurements;
    size_t count;
} pv_release;

/* Reads everything but the rows. PV_EFORMAT when it is not a release. */
PV_API PV_CHECKED pv_status pv_release_read(const char *path,
                                            pv_release **release,
                                            pv_error *err);
PV_API void pv_release_free(pv_release *release);

#endif
