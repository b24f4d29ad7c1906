#include "io/csv.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/date.h"
#include "io/rows.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { BUFFER = 1 << 18 };

/* A cell as it stands in the file, quoted where needed. */
typedef struct cell {
    char *text;
    size_t length;
} cell;

typedef struct writer {
    const pv_table *table;
    const char *path;
    gzFile out;
    char *buffer;
    size_t used;
    cell **cells; /* per column, per code; NULL where numbers are written */
} writer;

/* RFC 4180, and blanks at either end, which readers like to strip. */
static bool needs_quotes(const char *text, size_t length)
{
    if (length == 0)
        return false;
    if (text[0] == ' ' || text[0] == '\t' || text[length - 1] == ' ' ||
        text[length - 1] == '\t')
        return true;
    return strpbrk(text, ",\"\r\n") != NULL;
}

static pv_status quote(const char *text, bool always, cell *result,
                       pv_error *err)
{
    const size_t length = strlen(text);
    char *made = pv_array_alloc(2 * length + 3, 1), *to = made;
    if (made == NULL)
        return pv_fail_memory(err, "a CSV file");
    if (!always && !needs_quotes(text, length)) {
        memcpy(made, text, length + 1);
        *result = (cell){made, length};
        return PV_OK;
    }
    *to++ = '"';
    for (const char *s = text; *s != '\0'; s++) {
        if (*s == '"')
            *to++ = '"';
        *to++ = *s;
    }
    *to++ = '"';
    *result = (cell){made, (size_t)(to - made)};
    return PV_OK;
}

static pv_status put(writer *w, const char *text, size_t length, pv_error *err)
{
    while (length > 0) {
        size_t n = BUFFER - w->used;
        if (n > length)
            n = length;
        memcpy(w->buffer + w->used, text, n);
        w->used += n;
        text += n;
        length -= n;
        if (w->used < BUFFER)
            continue;
        if (gzwrite(w->out, w->buffer, BUFFER) != BUFFER)
            return pv_fail_errno(err, PV_EIO,
                                 "%s: cannot write; free some space or choose "
                                 "another directory",
                                 w->path);
        w->used = 0;
    }
    return PV_OK;
}

static const char *level_text(const pv_schema *schema, const pv_column *column,
                              uint32_t code, char room[PV_NUMBER_ROOM])
{
    if (column->missing && code == column->levels - 1)
        return pv_schema_missing_value(schema, 0);
    if (column->kind == PV_COLUMN_LABELS)
        return column->labels[code];
    room[pv_column_format(column, pv_column_number(column, code), room)] = '\0';
    return room;
}

static pv_status prepare_column(writer *w, size_t c, pv_error *err)
{
    const pv_schema *schema = pv_table_schema(w->table);
    const pv_column *column = pv_schema_column(schema, c);
    const bool alone = pv_schema_columns(schema) == 1;
    w->cells[c] = pv_array_calloc(column->levels, sizeof **w->cells);
    if (w->cells[c] == NULL)
        return pv_fail_memory(err, "a CSV file");
    for (uint32_t code = 0; code < column->levels; code++) {
        char room[PV_NUMBER_ROOM];
        const char *text = level_text(schema, column, code, room);
        /* an empty line would be skipped by readers, us included */
        const pv_status status = quote(text, alone && text[0] == '\0',
                                       &w->cells[c][code], err);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

static pv_status write_header(writer *w, pv_error *err)
{
    const pv_schema *schema = pv_table_schema(w->table);
    const size_t columns = pv_schema_columns(schema);
    pv_status status = PV_OK;
    cell name = {NULL, 0};
    for (size_t c = 0; c < columns; c++) {
        PV_TRY(quote(pv_schema_column(schema, c)->name, false, &name, err));
        PV_TRY(put(w, name.text, name.length, err));
        PV_TRY(put(w, c + 1 < columns ? "," : "\n", 1, err));
        free(name.text);
        name.text = NULL;
    }
out:
    free(name.text);
    return status;
}

static pv_status write_cell(writer *w, size_t c, size_t row, pv_codes codes,
                            const double *values, pv_error *err)
{
    const uint32_t code = pv_codes_at(codes, row);
    const cell *text = &w->cells[c][code];
    if (values == NULL || isnan(values[row]))
        return put(w, text->text, text->length, err);
    char room[PV_NUMBER_ROOM];
    const pv_column *column = pv_schema_column(pv_table_schema(w->table), c);
    return put(w, room, pv_column_format(column, values[row], room), err);
}

static pv_status write_rows(writer *w, pv_error *err)
{
    const size_t columns = pv_schema_columns(pv_table_schema(w->table));
    const size_t rows = pv_table_rows(w->table);
    pv_status status = PV_OK;
    for (size_t row = 0; row < rows; row++)
        for (size_t c = 0; c < columns; c++) {
            PV_TRY(write_cell(w, c, row, pv_table_codes(w->table, c),
                              pv_table_values(w->table, c), err));
            PV_TRY(put(w, c + 1 < columns ? "," : "\n", 1, err));
        }
out:
    return status;
}

static pv_status open_output(writer *w, const char *file, bool gzip,
                             pv_error *err)
{
    const char *mode = gzip ? "wb6" : "wbT";
    errno = 0;
    if (strcmp(w->path, "-") == 0) {
        const int copy = dup(STDOUT_FILENO);
        w->out = copy >= 0 ? gzdopen(copy, mode) : NULL;
        if (w->out == NULL && copy >= 0)
            (void)close(copy);
    } else {
        w->out = gzopen(file, mode);
    }
    if (w->out == NULL)
        return pv_fail_errno(err, PV_EIO, "%s: cannot create", w->path);
    return PV_OK;
}

static pv_status close_output(writer *w, pv_error *err)
{
    const bool written =
        w->used == 0 ||
        gzwrite(w->out, w->buffer, (unsigned)w->used) == (int)w->used;
    const int closed = gzclose(w->out);
    w->out = NULL;
    if (!written || closed != Z_OK)
        return pv_fail_errno(err, PV_EIO,
                             "%s: cannot write; free some space or choose "
                             "another directory",
                             w->path);
    return PV_OK;
}

static pv_status write_to(writer *w, const char *file, bool gzip, pv_error *err)
{
    const size_t columns = pv_schema_columns(pv_table_schema(w->table));
    pv_status status = PV_OK;
    w->buffer = malloc(BUFFER);
    w->cells = pv_array_calloc(columns, sizeof *w->cells);
    if (w->buffer == NULL || w->cells == NULL) {
        status = pv_fail_memory(err, "a CSV file");
        goto out;
    }
    for (size_t c = 0; c < columns; c++)
        PV_TRY(prepare_column(w, c, err));
    PV_TRY(open_output(w, file, gzip, err));
    PV_TRY(write_header(w, err));
    PV_TRY(write_rows(w, err));
    PV_TRY(close_output(w, err));
out:
    if (w->out != NULL)
        (void)gzclose(w->out);
    return status;
}

static void clear(writer *w)
{
    const pv_schema *schema = pv_table_schema(w->table);
    for (size_t c = 0; w->cells != NULL && c < pv_schema_columns(schema); c++) {
        const uint32_t levels = pv_schema_column(schema, c)->levels;
        for (uint32_t code = 0; w->cells[c] != NULL && code < levels; code++)
            free(w->cells[c][code].text);
        free(w->cells[c]);
    }
    free(w->cells);
    pv_wipe_free(w->buffer, BUFFER);
}

pv_status pv_csv_write(const pv_table *table, const char *path, bool force,
                       pv_error *err)
{
    pv_status status = PV_OK;
    writer w = {.table = table, .path = path};
    char *temporary = NULL;
    const size_t length = strlen(path);
    const bool gzip = length > 3 && strcmp(path + length - 3, ".gz") == 0;
    const bool to_stdout = strcmp(path, "-") == 0;
    if (!to_stdout) {
        PV_TRY(pv_output_check(path, force, err));
        temporary = pv_sprintf_alloc("%s.tmp", path);
        if (temporary == NULL) {
            status = pv_fail_memory(err, "a path");
            goto out;
        }
    }
    PV_TRY(write_to(&w, temporary, gzip, err));
    if (!to_stdout) {
        PV_TRY(pv_file_sync(temporary, err));
        PV_TRY(pv_file_publish(temporary, path, force, err));
    }
out:
    if (status != PV_OK && temporary != NULL)
        (void)unlink(temporary);
    free(temporary);
    clear(&w);
    return status;
}
