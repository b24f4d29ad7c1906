/* The native layout on its way out. */
#include "io/hdf5_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* One column under way: a block of rows in each type it may be stored in. */
typedef struct writer {
    const pv_table *table;
    const char *path;
    hid_t group;
    size_t rows;
    int64_t *integers;
    double *numbers;
    int8_t *mask;
    hid_t boolean; /* what h5py takes for bool */
} writer;

static const char reserved[] = "column-";

void pv_h5_link_name(const char *name, size_t index, char *link, size_t size)
{
    const bool usable = strchr(name, '/') == NULL && name[0] != '.' &&
                        strcmp(name, "_index") != 0 &&
                        strncmp(name, reserved, sizeof reserved - 1) != 0 &&
                        strlen(name) < size;
    if (usable)
        (void)snprintf(link, size, "%s", name);
    else
        (void)snprintf(link, size, "%s%04zu", reserved, index);
}

/* FALSE and TRUE by name, over one byte. */
static hid_t boolean_type(void)
{
    const hid_t type = H5Tenum_create(H5T_STD_I8LE);
    const int8_t no = 0, yes = 1;
    if (H5Tenum_insert(type, "FALSE", &no) < 0 ||
        H5Tenum_insert(type, "TRUE", &yes) < 0) {
        (void)H5Tclose(type);
        return -1;
    }
    return type;
}

static hid_t code_type(uint32_t labels)
{
    return labels <= 1u << 7    ? H5T_STD_I8LE
           : labels <= 1u << 15 ? H5T_STD_I16LE
                                : H5T_STD_I32LE;
}

static hid_t integer_type(const pv_column *column)
{
    return fabs(column->minimum) < 2147483648.0 &&
                   fabs(column->maximum) < 2147483648.0
               ? H5T_STD_I32LE
               : H5T_STD_I64LE;
}

static size_t block_rows(const writer *w, size_t first)
{
    const size_t left = w->rows - first;
    return left < PV_H5_BLOCK_ROWS ? left : PV_H5_BLOCK_ROWS;
}

static hid_t create_rows(const writer *w, hid_t parent, const char *name,
                         hid_t type, const char *encoding)
{
    const hsize_t dims[] = {w->rows};
    const hid_t dataset = pv_h5_create_dataset(parent, name, type, 1, dims);
    if (dataset >= 0 && !pv_h5_put_encoding(dataset, encoding, "0.2.0")) {
        (void)H5Dclose(dataset);
        return -1;
    }
    return dataset;
}

/* The number of each row of a block: as kept, or what stands for the code. */
static void fill_numbers(const writer *w, size_t c, size_t first, size_t count)
{
    const pv_column *column =
        pv_schema_column(pv_table_schema(w->table), c);
    const pv_codes codes = pv_table_codes(w->table, c);
    const double *values = pv_table_values(w->table, c);
    for (size_t i = 0; i < count; i++) {
        const uint32_t code = pv_codes_at(codes, first + i);
        const bool missing = column->missing && code == column->levels - 1;
        w->numbers[i] = missing ? NAN
                        : values != NULL && !isnan(values[first + i])
                            ? values[first + i]
                            : pv_column_number(column, code);
    }
}

static bool write_codes(const writer *w, size_t c, hid_t group)
{
    const pv_column *column =
        pv_schema_column(pv_table_schema(w->table), c);
    const uint32_t labels = column->levels - column->missing;
    const pv_codes codes = pv_table_codes(w->table, c);
    const hid_t dataset =
        create_rows(w, group, "codes", code_type(labels), "array");
    bool done = dataset >= 0;
    for (size_t first = 0; done && first < w->rows; first += PV_H5_BLOCK_ROWS) {
        const size_t count = block_rows(w, first);
        for (size_t i = 0; i < count; i++) {
            const uint32_t code = pv_codes_at(codes, first + i);
            w->integers[i] = code < labels ? (int64_t)code : -1;
        }
        done = pv_h5_write_slice(dataset, H5T_NATIVE_INT64, first, count,
                                 w->integers);
    }
    (void)H5Dclose(dataset);
    return done;
}

static bool write_categories(const pv_column *column, hid_t group)
{
    const hsize_t dims[] = {column->levels - column->missing};
    const hid_t type = pv_h5_string_type(0);
    const hid_t dataset =
        pv_h5_create_dataset(group, "categories", type, 1, dims);
    const bool done =
        dataset >= 0 && pv_h5_put_encoding(dataset, "string-array", "0.2.0") &&
        H5Dwrite(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
                 column->labels) >= 0;
    (void)H5Dclose(dataset);
    (void)H5Tclose(type);
    return done;
}

static bool write_labels(const writer *w, size_t c, const char *link)
{
    const int8_t ordered = 0;
    const hid_t group = pv_h5_create_group(w->group, link);
    const bool done =
        group >= 0 && pv_h5_put_encoding(group, "categorical", "0.2.0") &&
        pv_h5_put_number(group, "ordered", w->boolean, &ordered) &&
        write_categories(pv_schema_column(pv_table_schema(w->table), c),
                         group) &&
        write_codes(w, c, group);
    (void)H5Gclose(group);
    return done;
}

static bool write_floats(const writer *w, size_t c, const char *link)
{
    const hid_t dataset =
        create_rows(w, w->group, link, H5T_IEEE_F64LE, "array");
    bool done = dataset >= 0;
    for (size_t first = 0; done && first < w->rows; first += PV_H5_BLOCK_ROWS) {
        const size_t count = block_rows(w, first);
        fill_numbers(w, c, first, count);
        done = pv_h5_write_slice(dataset, H5T_NATIVE_DOUBLE, first, count,
                                 w->numbers);
    }
    (void)H5Dclose(dataset);
    return done;
}

/* The numbers of an integer column into `values`, and where they are missing
 * into `mask` (-1: the column is required). */
static bool write_integers(const writer *w, size_t c, hid_t values, hid_t mask)
{
    bool done = true;
    for (size_t first = 0; done && first < w->rows; first += PV_H5_BLOCK_ROWS) {
        const size_t count = block_rows(w, first);
        fill_numbers(w, c, first, count);
        for (size_t i = 0; i < count; i++) {
            w->mask[i] = (int8_t)(isnan(w->numbers[i]) != 0);
            w->integers[i] = w->mask[i] ? 0 : (int64_t)w->numbers[i];
        }
        done = pv_h5_write_slice(values, H5T_NATIVE_INT64, first, count,
                                 w->integers) &&
               (mask < 0 || pv_h5_write_slice(mask, w->boolean, first, count,
                                              w->mask));
    }
    return done;
}

/* Dates are days: the attribute says since when, as CF and xarray write it. */
static bool put_units(const pv_column *column, hid_t values)
{
    return !column->date ||
           pv_h5_put_text(values, "units", "days since 1970-01-01");
}

static bool write_nullable(const writer *w, size_t c, const char *link)
{
    const pv_column *column =
        pv_schema_column(pv_table_schema(w->table), c);
    const hid_t group = pv_h5_create_group(w->group, link);
    hid_t values = -1, mask = -1;
    bool done = group >= 0 &&
                pv_h5_put_encoding(group, "nullable-integer", "0.1.0");
    if (done) {
        values = create_rows(w, group, "values", integer_type(column), "array");
        mask = create_rows(w, group, "mask", w->boolean, "array");
        done = values >= 0 && mask >= 0 && put_units(column, values) &&
               write_integers(w, c, values, mask);
    }
    (void)H5Dclose(mask);
    (void)H5Dclose(values);
    (void)H5Gclose(group);
    return done;
}

static bool write_column(const writer *w, size_t c, const char *link)
{
    const pv_column *column =
        pv_schema_column(pv_table_schema(w->table), c);
    if (column->kind == PV_COLUMN_LABELS)
        return write_labels(w, c, link);
    if (!column->integer)
        return write_floats(w, c, link);
    if (column->missing)
        return write_nullable(w, c, link);
    const hid_t values =
        create_rows(w, w->group, link, integer_type(column), "array");
    const bool done = values >= 0 && put_units(column, values) &&
                      write_integers(w, c, values, -1);
    (void)H5Dclose(values);
    return done;
}

/* Row numbers: what a dataframe is indexed by. Persons: the unit's column. */
static bool write_rows(const writer *w, const char *link,
                       const uint32_t *persons)
{
    const hid_t dataset =
        create_rows(w, w->group, link, H5T_STD_I64LE, "array");
    bool done = dataset >= 0;
    for (size_t first = 0; done && first < w->rows; first += PV_H5_BLOCK_ROWS) {
        const size_t count = block_rows(w, first);
        for (size_t i = 0; i < count; i++)
            w->integers[i] = persons != NULL ? (int64_t)persons[first + i]
                                             : (int64_t)(first + i);
        done = pv_h5_write_slice(dataset, H5T_NATIVE_INT64, first, count,
                                 w->integers);
    }
    (void)H5Dclose(dataset);
    return done;
}

static bool write_frame(const writer *w)
{
    const pv_schema *schema = pv_table_schema(w->table);
    const size_t columns = pv_schema_columns(schema);
    const uint32_t *persons = pv_table_persons(w->table);
    const char *unit = pv_schema_unit(schema);
    const size_t all = columns + (persons != NULL && unit != NULL);
    char link[PV_H5_LINK_ROOM];
    const char **names = pv_array_calloc(all, sizeof *names);
    if (names == NULL)
        return false;
    for (size_t c = 0; c < all; c++)
        names[c] = c < columns ? pv_schema_column(schema, c)->name : unit;
    bool done = pv_h5_put_encoding(w->group, "dataframe", "0.2.0") &&
                pv_h5_put_text(w->group, "_index", "_index") &&
                pv_h5_put_texts(w->group, "column-order", names, all) &&
                write_rows(w, "_index", NULL);
    for (size_t c = 0; done && c < all; c++) {
        pv_h5_link_name(names[c], c, link, sizeof link);
        done = c < columns ? write_column(w, c, link)
                           : write_rows(w, link, persons);
    }
    free(names);
    return done;
}

static void clear(writer *w)
{
    pv_wipe_free(w->integers, PV_H5_BLOCK_ROWS * sizeof *w->integers);
    pv_wipe_free(w->numbers, PV_H5_BLOCK_ROWS * sizeof *w->numbers);
    free(w->mask);
    (void)H5Tclose(w->boolean);
    (void)H5Gclose(w->group);
}

pv_status pv_h5_write_table(hid_t file, const pv_table *table, const char *path,
                            pv_error *err)
{
    pv_status status = PV_OK;
    writer w = {.table = table,
                .path = path,
                .rows = pv_table_rows(table),
                .boolean = boolean_type(),
                .group = pv_h5_create_group(file, "table"),
                .integers = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof(int64_t)),
                .numbers = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof(double)),
                .mask = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof(int8_t))};
    if (w.integers == NULL || w.numbers == NULL || w.mask == NULL)
        status = pv_fail_memory(err, "a block of rows");
    else if (w.boolean < 0 || w.group < 0 || !write_frame(&w))
        status = pv_h5_write_failed(path, "the table", err);
    else if (!pv_h5_put_document(file, "schema",
                                 pv_schema_json(pv_table_schema(table))))
        status = pv_h5_write_failed(path, "the schema", err);
    clear(&w);
    return status;
}

pv_status pv_hdf5_write(const pv_table *table, const char *path, bool force,
                        pv_error *err)
{
    pv_status status = PV_OK;
    hid_t file = -1;
    char *temporary = NULL;
    pv_h5_quiet();
    PV_TRY(pv_output_check(path, force, err));
    temporary = pv_sprintf_alloc("%s.tmp", path);
    if (temporary == NULL) {
        status = pv_fail_memory(err, "a path");
        goto out;
    }
    file = pv_h5_create_file(temporary);
    if (file < 0) {
        status = pv_h5_write_failed(temporary, "the file", err);
        goto out;
    }
    PV_TRY(pv_h5_write_table(file, table, path, err));
    const hid_t finished = file;
    file = -1;
    PV_TRY(pv_h5_finish(finished, temporary, err));
    PV_TRY(pv_file_publish(temporary, path, force, err));
out:
    if (file >= 0)
        (void)H5Fclose(file);
    if (status != PV_OK && temporary != NULL)
        (void)unlink(temporary);
    free(temporary);
    return status;
}
