#include "io/release.h"

#include "io/hdf5_internal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void pv_measurement_clear(pv_measurement *measurement)
{
    free(measurement->column);
    free(measurement->counts);
    free(measurement->values);
    *measurement = (pv_measurement){0};
}

double pv_measurement_variance(const pv_measurement *m)
{
    return m->values != NULL ? m->variance
                             : (double)m->sigma2_num / (double)m->sigma2_den;
}

static bool put_info(hid_t file, const pv_release_info *info)
{
    const int64_t synthetic = 1, format = 1;
    return pv_h5_put_number(file, "is_synthetic", H5T_NATIVE_INT64,
                            &synthetic) &&
           pv_h5_put_text(file, "format", "privet/release") &&
           pv_h5_put_number(file, "format_version", H5T_NATIVE_INT64,
                            &format) &&
           pv_h5_put_text(file, "tool_version", info->tool_version) &&
           pv_h5_put_text(file, "method", info->method) &&
           pv_h5_put_text(file, "neighbours", info->neighbours) &&
           pv_h5_put_text(file, "unit", info->unit) &&
           pv_h5_put_text(file, "rng", info->rng) &&
           pv_h5_put_number(file, "epsilon", H5T_NATIVE_DOUBLE,
                            &info->epsilon) &&
           pv_h5_put_number(file, "delta", H5T_NATIVE_DOUBLE, &info->delta) &&
           pv_h5_put_number(file, "rho", H5T_NATIVE_DOUBLE, &info->rho) &&
           pv_h5_put_number(file, "public_rows", H5T_NATIVE_INT64,
                            &info->public_rows) &&
           (info->delta_labels <= 0 ||
            pv_h5_put_number(file, "delta_labels", H5T_NATIVE_DOUBLE,
                             &info->delta_labels)) &&
           (info->dataset_delta == NULL ||
            pv_h5_put_text(file, "dataset_delta", info->dataset_delta)) &&
           (info->dataset_rho == NULL ||
            pv_h5_put_text(file, "dataset_rho", info->dataset_rho)) &&
           (info->claim == NULL ||
            pv_h5_put_text(file, "privacy_claim", info->claim));
}

/* The texts again, as one document of fixed length: what the reader reads. */
static bool put_statement(hid_t privacy, const pv_release_info *info)
{
    bool done = false;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*}", "method", info->method,
        "tool_version", info->tool_version, "neighbours", info->neighbours,
        "unit", info->unit, "rng", info->rng, "dataset_rho",
        info->dataset_rho, "dataset_delta", info->dataset_delta, "claim",
        info->claim);
    char *text =
        json != NULL ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text != NULL)
        done = pv_h5_put_document(privacy, "statement", text);
    free(text);
    json_decref(json);
    return done;
}

/* Shape and names of a measurement's columns; false when it is not what
 * io/release.h asks for. */
static bool describe(const pv_schema *schema, const pv_measurement *m,
                     hsize_t *dims, const char **names)
{
    hsize_t cells = 1;
    if (m->columns == 0 || m->columns > H5S_MAX_RANK ||
        (m->values == NULL && m->sigma2_den == 0))
        return false;
    for (size_t i = 0; i < m->columns; i++) {
        if (m->column[i] >= pv_schema_columns(schema) ||
            (i > 0 && m->column[i] <= m->column[i - 1]))
            return false;
        const pv_column *column = pv_schema_column(schema, m->column[i]);
        names[i] = column->name;
        dims[i] = column->levels;
        if (dims[i] == 0 || cells > SIZE_MAX / sizeof(int64_t) / dims[i])
            return false;
        cells *= dims[i];
    }
    return cells == m->cells;
}

/* A ratio of whole numbers, or where measured elsewhere a number. */
static bool put_sigma2(hid_t group, const pv_measurement *m)
{
    char sigma2[64];
    const uint64_t ratio[] = {m->sigma2_num, m->sigma2_den};
    if (m->values != NULL)
        return pv_h5_put_number(group, "sigma2", H5T_NATIVE_DOUBLE,
                                &m->variance);
    (void)snprintf(sigma2, sizeof sigma2, "%llu/%llu",
                   (unsigned long long)m->sigma2_num,
                   (unsigned long long)m->sigma2_den);
    return pv_h5_put_text(group, "sigma2", sigma2) &&
           pv_h5_put_numbers(group, "sigma2_ratio", H5T_NATIVE_UINT64, 2,
                             ratio);
}

static bool put_measurement(hid_t parent, const pv_schema *schema,
                            const pv_measurement *m, size_t number)
{
    hsize_t dims[H5S_MAX_RANK];
    const char *names[H5S_MAX_RANK];
    char name[32];
    hid_t dataset = -1;
    const bool real = m->values != NULL;
    if (!describe(schema, m, dims, names))
        return false;
    (void)snprintf(name, sizeof name, "%04zu", number);
    const hid_t group = pv_h5_create_group(parent, name);
    bool done = group >= 0 &&
                pv_h5_put_texts(group, "columns", names, m->columns) &&
                pv_h5_put_numbers(group, "column_numbers", H5T_NATIVE_UINT32,
                                  m->columns, m->column) &&
                put_sigma2(group, m);
    if (done) {
        dataset = pv_h5_create_dataset(group, "counts",
                                       real ? H5T_IEEE_F64LE : H5T_STD_I64LE,
                                       (int)m->columns, dims);
        done = dataset >= 0 &&
               H5Dwrite(dataset, real ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64,
                        H5S_ALL, H5S_ALL, H5P_DEFAULT,
                        real ? (const void *)m->values : m->counts) >= 0;
    }
    (void)H5Dclose(dataset);
    (void)H5Gclose(group);
    return done;
}

static bool put_privacy(hid_t file, const pv_schema *schema,
                        const pv_release_info *info, const char *ledger,
                        const pv_measurement *measurements, size_t count)
{
    const hid_t privacy = pv_h5_create_group(file, "privacy");
    const hid_t parent = pv_h5_create_group(privacy, "measurements");
    bool done = parent >= 0 && put_statement(privacy, info) &&
                pv_h5_put_document(privacy, "ledger", ledger);
    for (size_t i = 0; done && i < count; i++)
        done = put_measurement(parent, schema, &measurements[i], i);
    (void)H5Gclose(parent);
    (void)H5Gclose(privacy);
    return done;
}

pv_status pv_release_write(const char *path, const pv_table *table,
                           const pv_release_info *info, const char *ledger,
                           const pv_measurement *measurements, size_t count,
                           pv_error *err)
{
    pv_status status = PV_OK;
    pv_h5_quiet();
    hid_t file = pv_h5_create_file(path);
    if (file < 0) {
        status = pv_h5_write_failed(path, "the file", err);
        goto out;
    }
    if (!put_info(file, info)) {
        status = pv_h5_write_failed(path, "the attributes", err);
        goto out;
    }
    PV_TRY(pv_h5_write_table(file, table, path, err));
    if (!put_privacy(file, pv_table_schema(table), info, ledger, measurements,
                     count)) {
        status = pv_h5_write_failed(path, "the measurements", err);
        goto out;
    }
    const hid_t finished = file;
    file = -1;
    PV_TRY(pv_h5_finish(finished, path, err));
out:
    if (file >= 0)
        (void)H5Fclose(file);
    if (status != PV_OK)
        (void)unlink(path);
    return status;
}
