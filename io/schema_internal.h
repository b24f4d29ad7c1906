/* io/schema_internal.h - what a schema is made of; for the schema_*.c files and
 * domain.c alone.
 *
 * Everything a schema points to is registered with pv_schema_own and freed
 * with it, so that a half-parsed schema needs no clean-up of its own. */
#ifndef PV_IO_SCHEMA_INTERNAL_H
#define PV_IO_SCHEMA_INTERNAL_H

#include "io/load.h"
#include "io/number.h"
#include "io/schema.h"
#include "io/textmap.h"

#include <jansson.h>

enum {
    PV_MAX_LABEL_BYTES = 1024,
    PV_MAX_EDGES = 1 << 22,     /* of all columns together */
    PV_MAX_MASK_BYTES = 1 << 26 /* of all structural zeros together */
};

struct pv_schema {
    char *file; /* as named by the caller, for messages */
    char *title, *json, *unit;
    uint32_t unit_rows;

    size_t columns;
    pv_column *column;
    pv_textmap **label_index; /* LABELS: label or missing text to code */
    pv_textmap *name_index;

    size_t ids;
    const char **id;
    size_t missing_values;
    const char **missing_value;
    bool missing_looks_numeric; /* some missing text is a number */

    size_t zeros;
    pv_zero *zero;
    size_t model_zeros; /* over the columns that are modelled */
    pv_zero *model_zero;

    size_t functions;
    pv_function *function;
    uint32_t *root; /* a column, by column; NULL: no functions */
    uint32_t **map; /* from the root's codes; NULL where it is its own root */
    double **map_number;

    size_t edges, mask_bytes; /* in use, against the limits above */
    void **owned;
    size_t owned_count, owned_room;
};

/* The label of an open column's rest where the schema names none. */
#define PV_DEFAULT_REST "(other)"

/* One field on its way in. */
typedef struct pv_field {
    pv_schema *schema;
    size_t number; /* from 1, as people count */
    const char *name;
    const char *type;
    const json_t *json, *constraints, *privet; /* the last two may be NULL */
} pv_field;

/* Registers a block with the schema; frees it and returns NULL when memory is
 * short; NULL in, NULL out. */
void *pv_schema_own(pv_schema *schema, void *block);
char *pv_schema_own_text(pv_schema *schema, const char *text);

/* PV_ESCHEMA with "file: field N 'name': " before the message. */
pv_status pv_field_fail(const pv_field *field, pv_error *err, const char *fmt,
                        ...) PV_PRINTF(3, 4);

/* A text from a file made fit for a terminal: no control characters, short. */
enum { PV_SHOWN_ROOM = 64 };
const char *pv_shown(const char *text, char shown[PV_SHOWN_ROOM]);

/* PV_ESCHEMA for the first key of `object` that is not in `known` (a list that
 * ends with NULL). `where` says which object. */
PV_CHECKED pv_status pv_schema_known_keys(const pv_schema *schema,
                                          const json_t *object,
                                          const char *const *known,
                                          const char *where, pv_error *err);

/* schema_parse.c: the whole document into an empty schema. */
PV_CHECKED pv_status pv_schema_build(pv_schema *schema, const json_t *root,
                                     pv_error *err);
/* schema_field.c: one field into `column` (zeroed, its name set). */
PV_CHECKED pv_status pv_field_parse(const pv_field *field, pv_column *column,
                                    pv_textmap **index, pv_error *err);
/* schema_labels.c: the labels of a field that has them. */
PV_CHECKED pv_status pv_field_labels(const pv_field *field, pv_column *column,
                                     pv_textmap **index, pv_error *err);
/* The text of a category: a text, a number, or version 2's {"value": ...};
 * NULL for anything else. `room` may hold it. */
const char *pv_schema_label_text(const json_t *item, char room[PV_NUMBER_ROOM]);
/* schema_bins.c: range and bins of a numeric field. */
PV_CHECKED pv_status pv_field_range(const pv_field *field, pv_column *column,
                                    pv_error *err);
/* Puts an edge into a BINS column, unless it is there or outside the range. */
PV_CHECKED pv_status pv_column_add_edge(pv_schema *schema, pv_column *column,
                                        double edge, pv_error *err);
/* schema_zeros.c */
PV_CHECKED pv_status pv_schema_parse_zeros(pv_schema *schema,
                                           const json_t *rules, pv_error *err);

/* schema_functions.c, after the zeros, whose limits split bins. */
PV_CHECKED pv_status pv_schema_parse_functions(pv_schema *schema,
                                               const json_t *list,
                                               pv_error *err);
/* schema_roots.c: roots and maps from the functions; the zeros over roots. */
PV_CHECKED pv_status pv_schema_find_roots(pv_schema *schema, pv_error *err);
PV_CHECKED pv_status pv_schema_model_rules(pv_schema *schema, pv_error *err);

/* Cells of one column: row r is text[end[0]..end[1]-1], end += r * stride. */
typedef struct pv_cells {
    const char *text;
    const uint32_t *end;
    size_t stride, rows;
} pv_cells;

/* pv_column_encode over many cells of a column that needs nothing. Returns how
 * many were encoded: fewer than rows when that one has no code. `values` has
 * room for a number a row and is written for numeric columns. */
size_t pv_column_encode_cells(const pv_schema *schema, size_t column,
                              const pv_cells *cells, uint32_t *codes,
                              double *values, pv_load_report *report);

/* The cell of a column that has no levels yet. Numbers: PV_RAW_VALUE with
 * *value clamped into the range if that is public, PV_RAW_MISSING with NAN.
 * Labels: PV_RAW_MISSING, PV_RAW_REST for what can never be a label of its own,
 * else PV_RAW_TEXT. PV_NO_LEVEL when the cell has no meaning. */
uint32_t pv_column_encode_raw(const pv_schema *schema, size_t column,
                              const char *text, size_t length,
                              uint64_t *outside, double *value);
/* The same for a number from a binary file, not NAN. */
uint32_t pv_column_raw_number(const pv_column *column, double number,
                              uint64_t *outside, double *value);

/* Counts a value that was clamped or redirected to `code`. */
void pv_column_count_outside(const pv_column *column, uint32_t code,
                             pv_load_report *report);

/* The index of a missing text, or -1. */
ptrdiff_t pv_schema_missing_index(const pv_schema *schema, const char *text,
                                  size_t length);

#endif
