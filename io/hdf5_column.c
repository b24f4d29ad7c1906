#include "io/hdf5_column.h"

#include "core/memory.h"
#include "io/number.h"
#include "io/rows.h"
#include "io/schema_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

pv_status pv_h5_column_start(pv_h5_column *c, pv_error *err)
{
    c->codes = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof *c->codes);
    c->values = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof *c->values);
    c->numbers = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof *c->numbers);
    c->integers = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof *c->integers);
    c->mask = pv_array_alloc(PV_H5_BLOCK_ROWS, sizeof *c->mask);
    if (c->codes == NULL || c->values == NULL || c->numbers == NULL ||
        c->integers == NULL || c->mask == NULL)
        return pv_fail_memory(err, "a block of rows");
    return PV_OK;
}

void pv_h5_column_end(pv_h5_column *c)
{
    pv_wipe_free(c->codes, PV_H5_BLOCK_ROWS * sizeof *c->codes);
    pv_wipe_free(c->values, PV_H5_BLOCK_ROWS * sizeof *c->values);
    pv_wipe_free(c->numbers, PV_H5_BLOCK_ROWS * sizeof *c->numbers);
    pv_wipe_free(c->integers, PV_H5_BLOCK_ROWS * sizeof *c->integers);
    pv_wipe_free(c->mask, PV_H5_BLOCK_ROWS * sizeof *c->mask);
}

static const pv_column *column_of(const pv_h5_column *c)
{
    return pv_schema_column(c->schema, c->index);
}

static pv_status malformed(const pv_h5_column *c, const char *what,
                           pv_error *err)
{
    char shown[PV_SHOWN_ROOM];
    return pv_fail(err, PV_EFORMAT, "%s: column '%s': %s", c->path,
                   pv_shown(column_of(c)->name, shown), what);
}

static pv_status outside_domain(const pv_h5_column *c, pv_error *err)
{
    char shown[PV_SHOWN_ROOM];
    return pv_fail(err, PV_EDOMAIN,
                   "%s: column '%s': a value is outside the schema and no rule "
                   "says what to do; add it to the categories, name an "
                   "\"other\" category, or make the field not required",
                   c->path, pv_shown(column_of(c)->name, shown));
}

/* Opens an array of one number or text a row; the first sets the rows. */
static pv_status open_rows(hid_t group, const char *link, pv_h5_column *c,
                           hid_t *dataset, pv_error *err)
{
    int rank = 0;
    hsize_t rows = 0;
    *dataset = pv_h5_open_dataset(group, link, 1, &rank, &rows);
    if (*dataset < 0 || rank != 1)
        return malformed(c,
                         "not stored as the native layout stores it; import "
                         "the table again",
                         err);
    const hid_t type = H5Dget_type(*dataset);
    const H5T_class_t class = H5Tget_class(type);
    (void)H5Tclose(type);
    if (class != H5T_INTEGER && class != H5T_FLOAT && class != H5T_ENUM)
        return malformed(c, "neither numbers nor a categorical group", err);
    if (!c->sized) {
        c->sized = true;
        return pv_table_resize(c->table, (size_t)rows, err);
    }
    if (rows != pv_table_rows(c->table))
        return malformed(c, "has not as many rows as the columns before it",
                         err);
    return PV_OK;
}

static size_t block_rows(const pv_h5_column *c, size_t first)
{
    const size_t left = pv_table_rows(c->table) - first;
    return left < PV_H5_BLOCK_ROWS ? left : PV_H5_BLOCK_ROWS;
}

static void store(pv_h5_column *c, size_t first, size_t count)
{
    pv_table_put(c->table, c->index, first, count, c->codes);
    if (column_of(c)->kind == PV_COLUMN_BINS &&
        (c->options->values || pv_table_is_raw(c->table, c->index)))
        pv_table_put_values(c->table, c->index, first, count, c->values);
}

/* What one stored value becomes. */
typedef struct meaning {
    uint32_t code;
    bool outside;
    double value;
} meaning;

static meaning mean_raw_text(const pv_h5_column *c, const char *text)
{
    meaning m;
    uint64_t outside = 0;
    const size_t length = strlen(text);
    m.code = pv_column_encode_raw(c->schema, c->index, text, length, &outside,
                                  &m.value);
    m.outside = false;
    if (m.code == PV_RAW_TEXT && column_of(c)->kind == PV_COLUMN_LABELS &&
        pv_table_text_code(c->table, c->index, text, length, &m.code, NULL) !=
            PV_OK)
        m.code = PV_NO_LEVEL;
    return m;
}

static meaning mean_text(const pv_h5_column *c, const char *text)
{
    meaning m;
    uint64_t outside = 0;
    if (pv_table_is_raw(c->table, c->index))
        return mean_raw_text(c, text);
    m.code = pv_column_encode(c->schema, c->index, text, strlen(text), &outside,
                              &m.value);
    m.outside = outside > 0;
    return m;
}

static meaning mean_missing(const pv_h5_column *c)
{
    const pv_column *column = column_of(c);
    const bool raw = pv_table_is_raw(c->table, c->index);
    if (column->missing)
        return (meaning){raw ? PV_RAW_MISSING : column->levels - 1, false, NAN};
    if (raw)
        return (meaning){column->kind == PV_COLUMN_LABELS ? PV_RAW_REST
                                                          : PV_NO_LEVEL,
                         false, NAN};
    return (meaning){column->other, true, NAN};
}

static meaning mean_number(const pv_h5_column *c, double number)
{
    const pv_column *column = column_of(c);
    if (isnan(number))
        return mean_missing(c);
    if (column->kind == PV_COLUMN_LABELS) {
        char text[PV_NUMBER_ROOM];
        text[pv_number_format(number, text)] = '\0';
        return mean_text(c, text);
    }
    if (column->integer && number != floor(number)) {
        meaning m = mean_missing(c);
        m.outside = !pv_table_is_raw(c->table, c->index);
        return m;
    }
    if (pv_table_is_raw(c->table, c->index)) {
        meaning m = {PV_RAW_VALUE, false, NAN};
        uint64_t outside = 0;
        m.code = pv_column_raw_number(column, number, &outside, &m.value);
        return m;
    }
    const bool below = number < column->minimum;
    const bool outside = below || number > column->maximum;
    if (outside)
        number = below ? column->minimum : column->maximum;
    return (meaning){pv_column_encode_number(column, number), outside, number};
}

static bool apply(pv_h5_column *c, size_t row, meaning m)
{
    c->codes[row] = m.code;
    c->values[row] = m.value;
    if (m.code == PV_NO_LEVEL)
        return false;
    if (m.outside)
        pv_column_count_outside(column_of(c), m.code, &c->report);
    return true;
}

/* An array of numbers, with the rows that `mask` says are missing (-1: no
 * mask). */
static pv_status read_numbers(hid_t values, hid_t mask, pv_h5_column *c,
                              pv_error *err)
{
    const size_t rows = pv_table_rows(c->table);
    const hid_t flags = mask >= 0 ? H5Dget_type(mask) : -1;
    pv_status status = PV_OK;
    for (size_t first = 0; first < rows; first += PV_H5_BLOCK_ROWS) {
        const size_t count = block_rows(c, first);
        if (!pv_h5_read_slice(values, H5T_NATIVE_DOUBLE, first, count,
                              c->numbers) ||
            (mask >= 0 &&
             !pv_h5_read_slice(mask, flags, first, count, c->mask))) {
            status = malformed(c, "cannot be read: the file is damaged", err);
            goto out;
        }
        for (size_t i = 0; i < count; i++) {
            const bool missing = mask >= 0 && c->mask[i] != 0;
            if (!apply(c, i, missing ? mean_missing(c)
                                     : mean_number(c, c->numbers[i]))) {
                status = outside_domain(c, err);
                goto out;
            }
        }
        store(c, first, count);
    }
out:
    (void)H5Tclose(flags);
    return status;
}

static pv_status read_array(hid_t group, const char *link, pv_h5_column *c,
                            pv_error *err)
{
    hid_t values = -1;
    pv_status status = open_rows(group, link, c, &values, err);
    if (status == PV_OK)
        status = read_numbers(values, -1, c, err);
    (void)H5Dclose(values);
    return status;
}

static pv_status read_nullable(hid_t group, pv_h5_column *c, pv_error *err)
{
    hid_t values = -1, mask = -1;
    pv_status status = PV_OK;
    PV_TRY(open_rows(group, "values", c, &values, err));
    PV_TRY(open_rows(group, "mask", c, &mask, err));
    const hid_t type = H5Dget_type(mask);
    const size_t size = H5Tget_size(type);
    (void)H5Tclose(type);
    if (size != 1) {
        status = malformed(c, "its mask is not made of bytes", err);
        goto out;
    }
    PV_TRY(read_numbers(values, mask, c, err));
out:
    (void)H5Dclose(mask);
    (void)H5Dclose(values);
    return status;
}

static pv_status read_codes(hid_t codes, const meaning *meanings, size_t count,
                            pv_h5_column *c, pv_error *err)
{
    const size_t rows = pv_table_rows(c->table);
    const meaning missing = mean_missing(c);
    for (size_t first = 0; first < rows; first += PV_H5_BLOCK_ROWS) {
        const size_t n = block_rows(c, first);
        if (!pv_h5_read_slice(codes, H5T_NATIVE_INT64, first, n, c->integers))
            return malformed(c, "cannot be read: the file is damaged", err);
        for (size_t i = 0; i < n; i++) {
            const int64_t code = c->integers[i];
            if (code < -1 || (code >= 0 && (uint64_t)code >= count))
                return malformed(c, "has codes without a category", err);
            if (!apply(c, i, code < 0 ? missing : meanings[code]))
                return outside_domain(c, err);
        }
        store(c, first, n);
    }
    return PV_OK;
}

/* The labels are the file's; the schema may know others. */
static pv_status read_categorical(hid_t group, const pv_column *stored,
                                  pv_h5_column *c, pv_error *err)
{
    pv_status status = PV_OK;
    hid_t codes = -1;
    const size_t count = stored->levels - stored->missing;
    meaning *meanings = pv_array_alloc(count, sizeof *meanings);
    if (meanings == NULL)
        return pv_fail_memory(err, "categories");
    for (size_t i = 0; i < count; i++)
        meanings[i] = mean_text(c, stored->labels[i]);
    PV_TRY(open_rows(group, "codes", c, &codes, err));
    PV_TRY(read_codes(codes, meanings, count, c, err));
out:
    (void)H5Dclose(codes);
    free(meanings);
    return status;
}

pv_status pv_h5_read_column(hid_t group, const char *link,
                            const pv_column *stored, pv_h5_column *c,
                            pv_error *err)
{
    if (stored->levels == 0)
        return malformed(c, "the file's schema gives it no levels", err);
    const hid_t inner = pv_h5_open_group(group, link);
    pv_status status;
    if (stored->kind == PV_COLUMN_LABELS)
        status = read_categorical(inner, stored, c, err);
    else if (inner >= 0)
        status = read_nullable(inner, c, err);
    else
        status = read_array(group, link, c, err);
    (void)H5Gclose(inner);
    return status;
}

static pv_status number_persons(hid_t dataset, pv_h5_column *c,
                                pv_textmap *map, uint32_t *persons,
                                pv_error *err)
{
    const size_t rows = pv_table_rows(c->table);
    pv_status status = PV_OK;
    for (size_t first = 0; first < rows; first += PV_H5_BLOCK_ROWS) {
        const size_t count = block_rows(c, first);
        if (!pv_h5_read_slice(dataset, H5T_NATIVE_INT64, first, count,
                              c->integers))
            return malformed(c, "cannot be read: the file is damaged", err);
        for (size_t i = 0; i < count; i++) {
            const size_t known = pv_textmap_count(map);
            if (known >= UINT32_MAX - 1)
                return pv_fail(err, PV_ETOOBIG, "%s: too many persons",
                               c->path);
            PV_TRY(pv_textmap_add(map, (const char *)&c->integers[i],
                                  sizeof *c->integers, (uint32_t)known,
                                  &persons[first + i], err));
        }
    }
out:
    return status;
}

pv_status pv_h5_read_persons(hid_t group, const char *link, pv_h5_column *c,
                             pv_error *err)
{
    pv_status status = PV_OK;
    hid_t dataset = -1;
    uint32_t *persons = NULL;
    pv_textmap *map = pv_textmap_alloc();
    if (map == NULL)
        return pv_fail_memory(err, "person numbers");
    if (pv_h5_is_group(group, link)) {
        status = pv_fail(err, PV_EFORMAT,
                         "%s: the unit column is not an array of integers; "
                         "number the persons",
                         c->path);
        goto out;
    }
    PV_TRY(open_rows(group, link, c, &dataset, err));
    persons = pv_array_alloc(pv_table_rows(c->table), sizeof *persons);
    if (persons == NULL) {
        status = pv_fail_memory(err, "person numbers");
        goto out;
    }
    PV_TRY(number_persons(dataset, c, map, persons, err));
    pv_table_set_persons(c->table, persons, (uint32_t)pv_textmap_count(map));
    persons = NULL;
out:
    free(persons);
    pv_textmap_free(map);
    (void)H5Dclose(dataset);
    return status;
}
