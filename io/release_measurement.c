/* One noisy marginal from an HDF5 file: ours, or the few parts of it that are
 * enough (doc/files.md). */
#include "io/release_internal.h"

#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool pv_measurement_sane(const pv_measurement *m)
{
    if (!(m->variance >= 1 / PV_MEASURED_LIMIT &&
          m->variance <= PV_MEASURED_LIMIT * PV_MEASURED_LIMIT))
        return false;
    for (size_t k = 0; k < m->cells; k++)
        if (!(fabs(m->values[k]) <= PV_MEASURED_LIMIT))
            return false;
    return true;
}

/* Where each column comes to stand; false when two are the same. */
static bool ranks(const pv_measurement *m, size_t *rank)
{
    for (size_t i = 0; i < m->columns; i++) {
        rank[i] = 0;
        for (size_t j = 0; j < m->columns; j++) {
            if (j != i && m->column[j] == m->column[i])
                return false;
            rank[i] += m->column[j] < m->column[i];
        }
    }
    return true;
}

bool pv_measurement_sort(pv_measurement *m, const uint64_t *dims)
{
    size_t rank[H5S_MAX_RANK], stride[H5S_MAX_RANK] = {0}, step = 1;
    uint32_t sorted[H5S_MAX_RANK];
    bool moved = false;
    if (m->columns > H5S_MAX_RANK || !ranks(m, rank))
        return false;
    for (size_t i = 0; i < m->columns; i++) {
        sorted[rank[i]] = m->column[i];
        moved = moved || rank[i] != i;
    }
    if (!moved)
        return true;
    /* strides of the columns as they are given, in the sorted order */
    for (size_t at = m->columns; at-- > 0;)
        for (size_t i = 0; i < m->columns; i++)
            if (rank[i] == at) {
                stride[i] = step;
                step *= (size_t)dims[i];
            }
    double *values = pv_array_alloc(m->cells, sizeof *values);
    if (values == NULL)
        return false;
    for (size_t k = 0; k < m->cells; k++) {
        size_t rest = k, to = 0;
        for (size_t i = m->columns; i-- > 0;) {
            to += rest % dims[i] * stride[i];
            rest /= dims[i];
        }
        values[to] = m->values[k];
    }
    free(m->values);
    m->values = values;
    memcpy(m->column, sorted, m->columns * sizeof *sorted);
    return true;
}

/* Names as texts of fixed length, one after the other. */
static bool find_names(hid_t group, const pv_schema *schema, pv_measurement *m)
{
    bool done = true;
    size_t size = 0;
    char *names = pv_h5_get_texts(group, "columns", m->columns, &size);
    for (size_t i = 0; names != NULL && done && i < m->columns; i++) {
        char name[PV_H5_NAME_ROOM];
        memcpy(name, names + i * size, size);
        name[size] = '\0';
        const ptrdiff_t c = pv_schema_find(schema, name);
        done = c >= 0;
        m->column[i] = (uint32_t)c;
    }
    done = done && names != NULL;
    free(names);
    return done;
}

/* The columns and the shape that their levels give, in the order of the file. */
static bool read_columns(hid_t group, const pv_schema *schema,
                         pv_measurement *m, uint64_t *dims)
{
    m->cells = 1;
    m->column = pv_array_calloc(m->columns, sizeof *m->column);
    if (m->column == NULL ||
        (!pv_h5_get_numbers(group, "column_numbers", H5T_NATIVE_UINT32,
                            m->columns, m->column) &&
         !find_names(group, schema, m)))
        return false;
    for (size_t i = 0; i < m->columns; i++) {
        if (m->column[i] >= pv_schema_columns(schema))
            return false;
        dims[i] = pv_schema_column(schema, m->column[i])->levels;
        if (dims[i] == 0 || !pv_size_mul(m->cells, (size_t)dims[i], &m->cells))
            return false;
    }
    return true;
}

static bool is_increasing(const pv_measurement *m)
{
    for (size_t i = 1; i < m->columns; i++)
        if (m->column[i] <= m->column[i - 1])
            return false;
    return true;
}

/* Ours: whole counts with noise of a rational parameter. */
static bool read_exact(hid_t group, hid_t dataset, pv_measurement *m)
{
    uint64_t ratio[2] = {0, 0};
    if (!pv_h5_get_numbers(group, "sigma2_ratio", H5T_NATIVE_UINT64, 2,
                           ratio) ||
        ratio[1] == 0 || !is_increasing(m))
        return false;
    m->sigma2_num = ratio[0];
    m->sigma2_den = ratio[1];
    m->counts = pv_array_alloc(m->cells, sizeof *m->counts);
    return m->counts != NULL &&
           H5Dread(dataset, H5T_NATIVE_INT64, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                   m->counts) >= 0;
}

/* Measured elsewhere. */
static bool read_real(hid_t group, hid_t dataset, const uint64_t *dims,
                      pv_measurement *m)
{
    if (!pv_h5_get_numbers(group, "sigma2", H5T_NATIVE_DOUBLE, 1,
                           &m->variance))
        return false;
    m->values = pv_array_alloc(m->cells, sizeof *m->values);
    return m->values != NULL &&
           H5Dread(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                   m->values) >= 0 &&
           pv_measurement_sane(m) && pv_measurement_sort(m, dims);
}

bool pv_measurement_read(hid_t parent, const pv_schema *schema, size_t number,
                         pv_measurement *m)
{
    hsize_t stored[H5S_MAX_RANK];
    uint64_t dims[H5S_MAX_RANK];
    int rank = 0;
    char name[32];
    (void)snprintf(name, sizeof name, "%04zu", number);
    const hid_t group = pv_h5_open_group(parent, name);
    const hid_t dataset =
        group >= 0 ? pv_h5_open_dataset(group, "counts", H5S_MAX_RANK, &rank,
                                        stored)
                   : -1;
    const hid_t type = dataset >= 0 ? H5Dget_type(dataset) : -1;
    const H5T_class_t class = type >= 0 ? H5Tget_class(type) : H5T_NO_CLASS;
    bool done = rank > 0 && (class == H5T_INTEGER || class == H5T_FLOAT);
    m->columns = done ? (size_t)rank : 0;
    done = done && read_columns(group, schema, m, dims);
    for (size_t i = 0; done && i < m->columns; i++)
        done = stored[i] == dims[i];
    if (done && class == H5T_INTEGER && H5Aexists(group, "sigma2_ratio") > 0)
        done = read_exact(group, dataset, m);
    else if (done)
        done = read_real(group, dataset, dims, m);
    (void)H5Tclose(type);
    (void)H5Dclose(dataset);
    (void)H5Gclose(group);
    return done;
}
