#include "io/release_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <jansson.h>
#include <stdlib.h>

enum { MAX_MEASUREMENTS = 1 << 20 };

void pv_release_free(pv_release *release)
{
    if (release == NULL)
        return;
    free(release->method);
    free(release->tool_version);
    free(release->neighbours);
    free(release->unit);
    free(release->rng);
    free(release->ledger);
    free(release->dataset_rho);
    free(release->claim);
    free(release->dataset_delta);
    for (size_t i = 0; i < release->count; i++)
        pv_measurement_clear(&release->measurements[i]);
    free(release->measurements);
    pv_schema_free(release->schema);
    free(release);
}

static bool read_number(hid_t file, const char *name, hid_t type, void *value)
{
    return pv_h5_get_numbers(file, name, type, 1, value);
}

static bool read_numbers(hid_t file, pv_release *r)
{
    int64_t synthetic = 0, version = 0;
    if (!read_number(file, "delta_labels", H5T_NATIVE_DOUBLE, &r->delta_labels))
        r->delta_labels = 0;
    return read_number(file, "is_synthetic", H5T_NATIVE_INT64, &synthetic) &&
           synthetic == 1 &&
           read_number(file, "format_version", H5T_NATIVE_INT64, &version) &&
           version == 1 &&
           read_number(file, "epsilon", H5T_NATIVE_DOUBLE, &r->epsilon) &&
           read_number(file, "delta", H5T_NATIVE_DOUBLE, &r->delta) &&
           read_number(file, "rho", H5T_NATIVE_DOUBLE, &r->rho) &&
           read_number(file, "public_rows", H5T_NATIVE_INT64, &r->public_rows);
}

/* False when memory is short; a text that is absent stays NULL. */
static bool take_text(const json_t *json, const char *key, char **text)
{
    const char *value = json_string_value(json_object_get(json, key));
    *text = value != NULL ? pv_strdup(value) : NULL;
    return value != NULL && *text != NULL;
}

static bool read_statement(hid_t privacy, pv_release *r)
{
    char *text = pv_h5_get_document(privacy, "statement");
    json_t *json = text != NULL
                       ? json_loads(text, JSON_REJECT_DUPLICATES, NULL)
                       : NULL;
    free(text);
    const bool done = take_text(json, "method", &r->method) &&
                      take_text(json, "tool_version", &r->tool_version) &&
                      take_text(json, "neighbours", &r->neighbours) &&
                      take_text(json, "unit", &r->unit) &&
                      take_text(json, "rng", &r->rng) &&
                      (json_object_get(json, "dataset_delta") == NULL ||
                       take_text(json, "dataset_delta", &r->dataset_delta)) &&
                      (json_object_get(json, "dataset_rho") == NULL ||
                       take_text(json, "dataset_rho", &r->dataset_rho)) &&
                      (json_object_get(json, "claim") == NULL ||
                       take_text(json, "claim", &r->claim));
    json_decref(json);
    return done;
}

bool pv_release_read_measurements(hid_t privacy, pv_release *r)
{
    H5G_info_t info;
    const hid_t parent = pv_h5_open_group(privacy, "measurements");
    bool done = false;
    if (parent >= 0 && H5Gget_info(parent, &info) >= 0 &&
        info.nlinks <= MAX_MEASUREMENTS) {
        r->measurements =
            pv_array_calloc((size_t)info.nlinks, sizeof *r->measurements);
        done = r->measurements != NULL;
        while (done && r->count < info.nlinks) {
            const size_t i = r->count++; /* counted first: freed on failure */
            done = pv_measurement_read(parent, r->schema, i,
                                       &r->measurements[i]);
        }
    }
    (void)H5Gclose(parent);
    return done;
}

static bool read_privacy(hid_t file, pv_release *r)
{
    const hid_t privacy = pv_h5_open_group(file, "privacy");
    bool done = false;
    if (privacy >= 0) {
        r->ledger = pv_h5_get_document(privacy, "ledger");
        done = r->ledger != NULL && read_statement(privacy, r) &&
               pv_release_read_measurements(privacy, r);
    }
    (void)H5Gclose(privacy);
    return done;
}

pv_status pv_release_read(const char *path, pv_release **release, pv_error *err)
{
    pv_status status = PV_OK;
    hid_t file = -1;
    pv_release *r = calloc(1, sizeof *r);
    if (r == NULL)
        return pv_fail_memory(err, "a release");
    if (!pv_file_exists(path)) {
        status = pv_fail(err, PV_EIO, "%s: no such file", path);
        goto out;
    }
    file = pv_h5_open_file(path);
    if (file < 0 || !read_numbers(file, r)) {
        status = pv_h5_malformed(
            path, "not a release, or damaged; privet-gen writes releases", err);
        goto out;
    }
    PV_TRY(pv_h5_load_schema(file, path, &r->schema, err));
    if (!read_privacy(file, r)) {
        status = pv_h5_malformed(
            path, "its /privacy does not fit its schema; fetch it again", err);
        goto out;
    }
    *release = r;
    r = NULL;
out:
    if (file >= 0)
        (void)H5Fclose(file);
    pv_release_free(r);
    return status;
}
