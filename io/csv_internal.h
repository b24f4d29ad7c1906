/* io/csv_internal.h - the parts of the CSV reader (csv_*.c alone).
 *
 * csv_read.c collects the cells of a block of rows from the lexer;
 * csv_header.c decides what each field of the file is; csv_block.c turns
 * a block into codes, column by column. */
#ifndef PV_IO_CSV_INTERNAL_H
#define PV_IO_CSV_INTERNAL_H

#include "io/csv.h"
#include "io/csv_lex.h"
#include "io/textmap.h"

enum { PV_CSV_BLOCK_ROWS = 1024, PV_CSV_MAX_FIELDS = 65536 };

/* What a field of the file is, beside a column's number. */
enum { PV_CSV_SKIP = -1 };

/* The cells of some rows, those of skipped fields left out. Cell i is
 * text[end[i]..end[i+1]-1]; row r has cells r * kept .. r * kept + kept-1. */
typedef struct pv_csv_block {
    size_t rows, cells, used, room;
    char *text;
    uint32_t *end;  /* PV_CSV_BLOCK_ROWS * kept + 1 */
    uint64_t *line; /* where each row starts in the file */
} pv_csv_block;

typedef struct pv_csv_reader {
    const char *path;
    const pv_schema *schema;
    pv_load_options options;
    pv_load_report report;
    pv_table *table;
    const pv_csv_client *client; /* while the file is read */

    /* header */
    bool header_done;
    char **name;
    size_t fields, names_room;
    int32_t *keep;     /* per field of the file: its kept cell or SKIP */
    size_t kept;
    size_t *cell;      /* per column: its kept cell */
    ptrdiff_t unit;    /* the unit's kept cell, or -1 */

    pv_csv_block block;
    uint32_t *codes;
    double *values;
    uint32_t *persons;
    size_t persons_room;
    pv_textmap *person_map;
} pv_csv_reader;

/* Header fields as they come, then the check against the schema, which fills
 * keep, kept, cell and unit and allocates the block. */
PV_CHECKED pv_status pv_csv_header_add(pv_csv_reader *r, const char *text,
                                       size_t length, pv_error *err);
PV_CHECKED pv_status pv_csv_header_end(pv_csv_reader *r, pv_error *err);

/* Appends the rows of the block to the table and empties the block. */
PV_CHECKED pv_status pv_csv_block_flush(pv_csv_reader *r, pv_error *err);
/* Room for `length` more bytes of text. */
PV_CHECKED pv_status pv_csv_block_reserve(pv_csv_block *block, size_t length,
                                          pv_error *err);

#endif
