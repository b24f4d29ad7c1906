#include "io/measured.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/release_internal.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_FILES = 65536 };

/* --- what is stated ---------------------------------------------------------- */

/* The attribute's number, or NAN. */
static double stated_number(hid_t file, const char *name)
{
    double value = NAN;
    return pv_h5_get_numbers(file, name, H5T_NATIVE_DOUBLE, 1, &value) ? value
                                                                       : NAN;
}

static char *stated_text(const json_t *json, const char *key)
{
    const char *text = json_string_value(json_object_get(json, key));
    return pv_strdup(text != NULL ? text : "unknown");
}

/* Everything that a release says of itself, as far as the source does. */
static pv_status set_statement(pv_release *r, const json_t *json,
                               const char *claim, pv_error *err)
{
    const char *own = json_string_value(json_object_get(json, "claim"));
    const char *text = claim != NULL ? claim : own;
    const bool number = isfinite(r->epsilon) || isfinite(r->rho);
    r->public_rows = -1;
    r->method = pv_strdup("measured elsewhere");
    r->tool_version = stated_text(json, "tool_version");
    r->neighbours = stated_text(json, "neighbours");
    r->unit = stated_text(json, "unit");
    r->rng = stated_text(json, "rng");
    r->ledger = pv_strdup("");
    if (text == NULL && !number)
        r->claim = pv_strdup("unknown: measured elsewhere");
    else if (!number)
        r->claim = pv_sprintf_alloc("the source's own statement: %s", text);
    else
        r->claim = pv_sprintf_alloc(
            "the source's own statement: epsilon %.6g, delta %.6g, rho "
            "%.6g%s%s",
            r->epsilon, r->delta, r->rho, text != NULL ? "; " : "",
            text != NULL ? text : "");
    if (r->method == NULL || r->tool_version == NULL || r->neighbours == NULL ||
        r->unit == NULL || r->rng == NULL || r->ledger == NULL ||
        r->claim == NULL)
        return pv_fail_memory(err, "the measurements");
    return PV_OK;
}

/* --- HDF5 ---------------------------------------------------------------------- */

static pv_status read_foreign(hid_t file, const char *path, const char *schema,
                              const char *claim, pv_release *r, pv_error *err)
{
    pv_status status = PV_OK;
    json_t *json = NULL;
    char *text = NULL;
    if (schema != NULL)
        PV_TRY(pv_schema_read(schema, &r->schema, err));
    else
        PV_TRY(pv_h5_load_schema(file, path, &r->schema, err));
    const hid_t privacy = pv_h5_open_group(file, "privacy");
    const bool done =
        privacy >= 0 && pv_release_read_measurements(privacy, r);
    text = privacy >= 0 ? pv_h5_get_document(privacy, "statement") : NULL;
    (void)H5Gclose(privacy);
    if (!done || r->count == 0) {
        status = pv_h5_malformed(
            path,
            "its /privacy/measurements are not groups 0000, 0001 ... with "
            "columns, sigma2 and counts that fit the schema (doc/files.md)",
            err);
        goto out;
    }
    r->epsilon = stated_number(file, "epsilon");
    r->delta = stated_number(file, "delta");
    r->rho = stated_number(file, "rho");
    json = text != NULL ? json_loads(text, JSON_REJECT_DUPLICATES, NULL) : NULL;
    PV_TRY(set_statement(r, json, claim, err));
out:
    json_decref(json);
    free(text);
    return status;
}

static pv_status check_own_schema(const pv_release *r, const char *path,
                                  const char *schema, pv_error *err)
{
    pv_schema *given = NULL;
    pv_status status = pv_schema_read(schema, &given, err);
    if (status == PV_OK &&
        strcmp(pv_schema_json(given), pv_schema_json(r->schema)) != 0)
        status = pv_fail(err, PV_EMISMATCH,
                         "%s: holds another schema than %s; leave --schema out",
                         path, schema);
    pv_schema_free(given);
    return status;
}

static pv_status read_hdf5(const char *path, const char *schema,
                           const char *claim, pv_release **release,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_release *r = NULL;
    int64_t synthetic = 0;
    const hid_t file = pv_h5_open_file(path);
    if (file < 0)
        return pv_h5_malformed(path,
                               "cannot be read; write it with the newest file "
                               "format (h5py: libver=\"latest\")",
                               err);
    if (pv_h5_get_numbers(file, "is_synthetic", H5T_NATIVE_INT64, 1,
                          &synthetic) &&
        synthetic == 1) {
        if (claim != NULL) {
            status = pv_fail(err, PV_EUSAGE,
                             "%s: a release states its privacy itself; leave "
                             "--claim out",
                             path);
            goto out;
        }
        PV_TRY(pv_release_read(path, &r, err));
        if (schema != NULL)
            PV_TRY(check_own_schema(r, path, schema, err));
    } else {
        r = pv_array_calloc(1, sizeof *r);
        if (r == NULL) {
            status = pv_fail_memory(err, "the measurements");
            goto out;
        }
        PV_TRY(read_foreign(file, path, schema, claim, r, err));
    }
    *release = r;
    r = NULL;
out:
    pv_release_free(r);
    (void)H5Fclose(file);
    return status;
}

/* --- CSV ------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

static int is_csv(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && (ends_with(entry->d_name, ".csv") ||
                                       ends_with(entry->d_name, ".csv.gz"));
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not the locale's order */
}

static pv_status read_directory(const char *path, pv_release *r, pv_error *err)
{
    pv_status status = PV_OK;
    struct dirent **list = NULL;
    const int files = scandir(path, &list, is_csv, by_name);
    if (files < 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot be listed", path);
    if (files == 0 || files > MAX_FILES) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: has %d files NAME.csv; write each marginal into "
                         "one, %d at most",
                         path, files, MAX_FILES);
        goto out;
    }
    r->measurements = pv_array_calloc((size_t)files, sizeof *r->measurements);
    if (r->measurements == NULL) {
        status = pv_fail_memory(err, "the measurements");
        goto out;
    }
    for (int i = 0; i < files; i++) {
        char *file = pv_sprintf_alloc("%s/%s", path, list[i]->d_name);
        status = file == NULL
                     ? pv_fail_memory(err, "a path")
                     : pv_measured_read_csv(file, r->schema,
                                            &r->measurements[i], err);
        free(file);
        if (status != PV_OK)
            goto out;
        r->count++;
    }
out:
    for (int i = 0; i < files; i++)
        free(list[i]);
    free(list);
    return status;
}

static pv_status read_csv(const char *path, bool directory, const char *schema,
                          const char *claim, pv_release **release,
                          pv_error *err)
{
    pv_status status = PV_OK;
    pv_release *r = NULL;
    if (schema == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "%s: marginals as CSV hold no schema; give it with "
                       "--schema",
                       path);
    r = pv_array_calloc(1, sizeof *r);
    if (r == NULL)
        return pv_fail_memory(err, "the measurements");
    r->epsilon = r->delta = r->rho = NAN;
    PV_TRY(pv_schema_read(schema, &r->schema, err));
    if (directory) {
        PV_TRY(read_directory(path, r, err));
    } else {
        r->measurements = pv_array_calloc(1, sizeof *r->measurements);
        if (r->measurements == NULL) {
            status = pv_fail_memory(err, "the measurements");
            goto out;
        }
        PV_TRY(pv_measured_read_csv(path, r->schema, r->measurements, err));
        r->count = 1;
    }
    PV_TRY(set_statement(r, NULL, claim, err));
    *release = r;
    r = NULL;
out:
    pv_release_free(r);
    return status;
}

pv_status pv_measured_read(const char *path, const char *schema,
                           const char *claim, pv_release **release,
                           pv_error *err)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot be opened", path);
    if (S_ISDIR(info.st_mode))
        return read_csv(path, true, schema, claim, release, err);
    if (pv_hdf5_detect(path))
        return read_hdf5(path, schema, claim, release, err);
    return read_csv(path, false, schema, claim, release, err);
}
