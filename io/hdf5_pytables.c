/* One compound table as H5TBmake_table writes it, for pandas.read_hdf; by hand
 * since that function leaves a time stamp and wants all rows at once. */
#include "io/hdf5_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct field {
    size_t offset, size;
    hid_t type;
} field;

typedef struct writer {
    const pv_table *table;
    const char *path;
    size_t columns, row_size;
    field *fields;
    hid_t type, dataset;
} writer;

static size_t longest_label(const pv_column *column)
{
    size_t longest = 1;
    for (uint32_t i = 0; i < column->levels - column->missing; i++) {
        const size_t length = strlen(column->labels[i]);
        longest = length > longest ? length : longest;
    }
    return longest;
}

/* Missing has no integer: such columns become float64 with NaN. */
static bool as_integer(const pv_column *column)
{
    return column->integer && !column->missing;
}

static bool make_type(writer *w)
{
    const pv_schema *schema = pv_table_schema(w->table);
    for (size_t c = 0; c < w->columns; c++) {
        const pv_column *column = pv_schema_column(schema, c);
        field *f = &w->fields[c];
        f->offset = w->row_size;
        f->type = column->kind == PV_COLUMN_LABELS
                      ? pv_h5_string_type(longest_label(column))
                      : H5Tcopy(as_integer(column) ? H5T_NATIVE_INT64
                                                   : H5T_NATIVE_DOUBLE);
        /* pandas takes fixed texts for ASCII and decodes them itself */
        if (column->kind == PV_COLUMN_LABELS)
            (void)H5Tset_cset(f->type, H5T_CSET_ASCII);
        f->size = H5Tget_size(f->type);
        w->row_size += f->size;
    }
    w->type = H5Tcreate(H5T_COMPOUND, w->row_size);
    for (size_t c = 0; w->type >= 0 && c < w->columns; c++)
        if (H5Tinsert(w->type, pv_schema_column(schema, c)->name,
                      w->fields[c].offset, w->fields[c].type) < 0)
            return false;
    return w->type >= 0;
}

static bool put_attributes(const writer *w)
{
    const pv_schema *schema = pv_table_schema(w->table);
    char name[40];
    bool done = pv_h5_put_text(w->dataset, "CLASS", "TABLE") &&
                pv_h5_put_text(w->dataset, "VERSION", "3.0") &&
                pv_h5_put_text(w->dataset, "TITLE", "table");
    for (size_t c = 0; done && c < w->columns; c++) {
        (void)snprintf(name, sizeof name, "FIELD_%zu_NAME", c);
        done = pv_h5_put_text(w->dataset, name,
                              pv_schema_column(schema, c)->name);
    }
    return done;
}

static void fill_cell(const writer *w, size_t c, size_t row, unsigned char *to)
{
    const pv_column *column =
        pv_schema_column(pv_table_schema(w->table), c);
    const uint32_t code = pv_codes_at(pv_table_codes(w->table, c), row);
    const double *values = pv_table_values(w->table, c);
    const bool missing = column->missing && code == column->levels - 1;
    if (column->kind == PV_COLUMN_LABELS) {
        memset(to, 0, w->fields[c].size);
        if (!missing)
            memcpy(to, column->labels[code], strlen(column->labels[code]));
        return;
    }
    const double kept = values != NULL ? values[row] : NAN;
    const double number = missing        ? NAN
                          : !isnan(kept) ? kept
                                         : pv_column_number(column, code);
    if (as_integer(column)) {
        const int64_t whole = (int64_t)number;
        memcpy(to, &whole, sizeof whole);
    } else {
        memcpy(to, &number, sizeof number);
    }
}

static bool write_rows(const writer *w)
{
    enum { BLOCK_BYTES = 1 << 22 };
    const size_t rows = pv_table_rows(w->table);
    size_t block = BLOCK_BYTES / w->row_size;
    block = block < 1 ? 1 : block > PV_H5_BLOCK_ROWS ? PV_H5_BLOCK_ROWS : block;
    unsigned char *buffer = pv_array_alloc(block, w->row_size);
    bool done = buffer != NULL;
    for (size_t first = 0; done && first < rows; first += block) {
        const size_t count = rows - first < block ? rows - first : block;
        for (size_t i = 0; i < count; i++)
            for (size_t c = 0; c < w->columns; c++)
                fill_cell(w, c, first + i,
                          buffer + i * w->row_size + w->fields[c].offset);
        done = pv_h5_write_slice(w->dataset, w->type, first, count, buffer);
    }
    pv_wipe_free(buffer, block * w->row_size);
    return done;
}

static hid_t create_table(const writer *w, hid_t file)
{
    const hsize_t rows = pv_table_rows(w->table), unlimited = H5S_UNLIMITED;
    hsize_t chunk = (1 << 18) / w->row_size;
    chunk = chunk < 1 ? 1 : chunk;
    hid_t dataset = -1;
    const hid_t how = H5Pcreate(H5P_DATASET_CREATE);
    const hid_t space = H5Screate_simple(1, &rows, &unlimited);
    if (how >= 0 && space >= 0 && H5Pset_obj_track_times(how, false) >= 0 &&
        H5Pset_chunk(how, 1, &chunk) >= 0 && H5Pset_shuffle(how) >= 0 &&
        H5Pset_deflate(how, 4) >= 0 && H5Pset_fletcher32(how) >= 0)
        dataset = H5Dcreate2(file, "table", w->type, space, H5P_DEFAULT, how,
                             H5P_DEFAULT);
    (void)H5Sclose(space);
    (void)H5Pclose(how);
    return dataset;
}

static pv_status write_table(writer *w, hid_t file, pv_error *err)
{
    w->fields = pv_array_calloc(w->columns, sizeof *w->fields);
    if (w->fields == NULL)
        return pv_fail_memory(err, "a table");
    if (make_type(w))
        w->dataset = create_table(w, file);
    if (w->dataset < 0 || !put_attributes(w))
        return pv_fail(err, PV_EUNSUPPORTED,
                       "%s: so many columns or such names do not fit the "
                       "pytables layout; use --layout=native",
                       w->path);
    if (!write_rows(w))
        return pv_h5_write_failed(w->path, "the rows", err);
    return PV_OK;
}

static void clear(writer *w)
{
    for (size_t c = 0; w->fields != NULL && c < w->columns; c++)
        (void)H5Tclose(w->fields[c].type);
    free(w->fields);
    (void)H5Tclose(w->type);
    (void)H5Dclose(w->dataset);
}

pv_status pv_hdf5_write_pytables(const pv_table *table, const char *path,
                                 bool force, pv_error *err)
{
    pv_status status = PV_OK;
    hid_t file = -1;
    writer w = {.table = table,
                .path = path,
                .columns = pv_schema_columns(pv_table_schema(table)),
                .type = -1,
                .dataset = -1};
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
    PV_TRY(write_table(&w, file, err));
    clear(&w);
    w = (writer){.type = -1, .dataset = -1};
    const hid_t finished = file;
    file = -1;
    PV_TRY(pv_h5_finish(finished, temporary, err));
    PV_TRY(pv_file_publish(temporary, path, force, err));
out:
    clear(&w);
    if (file >= 0)
        (void)H5Fclose(file);
    if (status != PV_OK && temporary != NULL)
        (void)unlink(temporary);
    free(temporary);
    return status;
}
