#include "io/header.h"

#include "core/memory.h"
#include "io/csv_lex.h"
#include "io/hdf5.h"

#include <stdlib.h>
#include <string.h>

typedef struct reading {
    const pv_schema *schema;
    pv_header *header;
    bool done;
} reading;

static pv_status take_name(const pv_schema *schema, pv_header *h,
                           const char *text, size_t length, pv_error *err)
{
    char *name = pv_array_alloc(length + 1, 1);
    if (name == NULL)
        return pv_fail_memory(err, "a header");
    memcpy(name, text, length);
    name[length] = '\0';
    const ptrdiff_t column = pv_schema_find(schema, name);
    if (column >= 0 || pv_schema_is_id(schema, name)) {
        if (column >= 0 && !h->present[column]) {
            h->present[column] = true;
            h->absent--;
        }
        free(name);
        return PV_OK;
    }
    char **extra = pv_array_realloc(h->extra, h->extras + 1, sizeof *extra);
    if (extra == NULL) {
        free(name);
        return pv_fail_memory(err, "a header");
    }
    h->extra = extra;
    h->extra[h->extras++] = name;
    return PV_OK;
}

static pv_status take_field(void *context, size_t field, const char *text,
                            size_t length, pv_error *err)
{
    const reading *r = context;
    (void)field;
    return r->done ? PV_OK
                   : take_name(r->schema, r->header, text, length, err);
}

/* The first row is all there is to read: the status ends the lexer. */
static pv_status take_row(void *context, size_t fields, uint64_t line,
                          pv_error *err)
{
    reading *r = context;
    (void)fields;
    (void)line;
    (void)err;
    r->done = true;
    return PV_ESTOPPED;
}

static pv_status read_csv(const char *path, reading *r, pv_error *err)
{
    pv_csv_client client = {
        .path = path, .context = r, .field = take_field, .row = take_row};
    const pv_status status = pv_csv_lex(&client, err);
    if (r->done)
        return PV_OK;
    return status != PV_OK
               ? status
               : pv_fail(err, PV_EFORMAT,
                         "%s: empty; the first line has to name the columns",
                         path);
}

static pv_status read_hdf5(const char *path, reading *r, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *stored = NULL;
    PV_TRY(pv_hdf5_read_schema(path, &stored, err));
    for (size_t c = 0; c < pv_schema_columns(stored); c++) {
        const char *name = pv_schema_column(stored, c)->name;
        PV_TRY(take_name(r->schema, r->header, name, strlen(name), err));
    }
out:
    pv_schema_free(stored);
    return status;
}

pv_status pv_header_read(const char *path, const pv_schema *schema,
                         pv_header *header, pv_error *err)
{
    const size_t columns = pv_schema_columns(schema);
    reading r = {schema, header, false};
    *header = (pv_header){.absent = columns};
    header->present = pv_array_calloc(columns, sizeof *header->present);
    if (header->present == NULL)
        return pv_fail_memory(err, "a header");
    return pv_hdf5_detect(path) ? read_hdf5(path, &r, err)
                                : read_csv(path, &r, err);
}

void pv_header_clear(pv_header *header)
{
    for (size_t i = 0; i < header->extras; i++)
        free(header->extra[i]);
    free(header->extra);
    free(header->present);
    *header = (pv_header){.present = NULL};
}
