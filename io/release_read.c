#include "io/release.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/hdf5_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    for (size_t i = 0; i < release->count; i++)
        pv_measurement_clear(&release->measurements[i]);
    free(release->measurements);
    pv_schema_free(release->schema);
    free(release);
}

static bool read_info(hid_t file, pv_release *r)
{
    int64_t synthetic = 0, version = 0;
    char *format = pv_h5_get_text(file, "format");
    const bool ours =
        format != NULL && strcmp(format, "privet/release") == 0 &&
        pv_h5_get_number(file, "is_synthetic", H5T_NATIVE_INT64, &synthetic) &&
        synthetic == 1 &&
        pv_h5_get_number(file, "format_version", H5T_NATIVE_INT64, &version) &&
        version == 1;
    free(format);
    if (!ours)
        return false;
    r->method = pv_h5_get_text(file, "method");
    r->tool_version = pv_h5_get_text(file, "tool_version");
    r->neighbours = pv_h5_get_text(file, "neighbours");
    r->unit = pv_h5_get_text(file, "unit");
    r->rng = pv_h5_get_text(file, "rng");
    r->dataset_rho = pv_h5_get_text(file, "dataset_rho"); /* may be absent */
    return r->method != NULL && r->tool_version != NULL &&
           r->neighbours != NULL && r->unit != NULL && r->rng != NULL &&
           pv_h5_get_number(file, "epsilon", H5T_NATIVE_DOUBLE, &r->epsilon) &&
           pv_h5_get_number(file, "delta", H5T_NATIVE_DOUBLE, &r->delta) &&
           pv_h5_get_number(file, "rho", H5T_NATIVE_DOUBLE, &r->rho) &&
           pv_h5_get_number(file, "public_rows", H5T_NATIVE_INT64,
                            &r->public_rows);
}

/* "n/d", digits only, nothing after. */
static bool parse_ratio(const char *text, uint64_t *num, uint64_t *den)
{
    uint64_t part[2] = {0, 0};
    const char *s = text;
    for (int i = 0; i < 2; i++) {
        const char *start = s;
        for (; *s >= '0' && *s <= '9'; s++)
            if (__builtin_mul_overflow(part[i], 10u, &part[i]) ||
                __builtin_add_overflow(part[i], (uint64_t)(*s - '0'), &part[i]))
                return false;
        if (s == start || *s != (i == 0 ? '/' : '\0'))
            return false;
        s += i == 0;
    }
    *num = part[0];
    *den = part[1];
    return part[1] > 0;
}

/* The measurement's columns by name, which must be increasing, and the shape
 * their levels give. */
static bool read_columns(hid_t group, const pv_schema *schema,
                         pv_measurement *m, hsize_t *dims)
{
    char **names = NULL;
    size_t count = 0;
    bool done = pv_h5_get_texts(group, "columns", H5S_MAX_RANK, &names, &count);
    if (!done)
        return false;
    m->columns = count;
    m->column = pv_array_calloc(count, sizeof *m->column);
    m->cells = 1;
    done = m->column != NULL && count > 0;
    for (size_t i = 0; done && i < count; i++) {
        const ptrdiff_t column = pv_schema_find(schema, names[i]);
        done = column >= 0 &&
               (i == 0 || column > (ptrdiff_t)m->column[i - 1]);
        if (!done)
            break;
        m->column[i] = (uint32_t)column;
        dims[i] = pv_schema_column(schema, (size_t)column)->levels;
        done = dims[i] > 0 && pv_size_mul(m->cells, dims[i], &m->cells);
    }
    pv_h5_free_texts(names, count);
    return done;
}

static bool read_counts(hid_t group, pv_measurement *m, const hsize_t *dims)
{
    hsize_t stored[H5S_MAX_RANK];
    int rank = 0;
    const hid_t dataset =
        pv_h5_open_dataset(group, "counts", H5S_MAX_RANK, &rank, stored);
    const hid_t type = dataset >= 0 ? H5Dget_type(dataset) : -1;
    bool done = dataset >= 0 && H5Tget_class(type) == H5T_INTEGER &&
                (size_t)rank == m->columns &&
                memcmp(stored, dims, m->columns * sizeof *dims) == 0;
    if (done) {
        m->counts = pv_array_alloc(m->cells, sizeof *m->counts);
        done = m->counts != NULL &&
               H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                       m->counts) >= 0;
    }
    (void)H5Tclose(type);
    (void)H5Dclose(dataset);
    return done;
}

static bool read_measurement(hid_t parent, const pv_schema *schema,
                             size_t number, pv_measurement *m)
{
    hsize_t dims[H5S_MAX_RANK];
    char name[32];
    (void)snprintf(name, sizeof name, "%04zu", number);
    const hid_t group = pv_h5_open_group(parent, name);
    char *sigma2 = group >= 0 ? pv_h5_get_text(group, "sigma2") : NULL;
    const bool done = sigma2 != NULL &&
                      parse_ratio(sigma2, &m->sigma2_num, &m->sigma2_den) &&
                      read_columns(group, schema, m, dims) &&
                      read_counts(group, m, dims);
    free(sigma2);
    (void)H5Gclose(group);
    return done;
}

static bool read_privacy(hid_t file, pv_release *r)
{
    H5G_info_t info;
    const hid_t privacy = pv_h5_open_group(file, "privacy");
    const hid_t parent =
        privacy >= 0 ? pv_h5_open_group(privacy, "measurements") : -1;
    bool done = false;
    if (parent >= 0 && H5Gget_info(parent, &info) >= 0 &&
        info.nlinks <= MAX_MEASUREMENTS) {
        r->ledger = pv_h5_get_document(privacy, "ledger");
        r->measurements =
            pv_array_calloc((size_t)info.nlinks, sizeof *r->measurements);
        done = r->ledger != NULL && r->measurements != NULL;
        while (done && r->count < info.nlinks) {
            const size_t i = r->count++; /* counted first: freed on failure */
            done = read_measurement(parent, r->schema, i, &r->measurements[i]);
        }
    }
    (void)H5Gclose(parent);
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
    if (file < 0 || !read_info(file, r)) {
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
