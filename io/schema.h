/* io/schema.h - the public description of a table (Frictionless Table Schema).
 *
 * A schema is public by definition: nothing in it may come from private data
 * without budget. It says which columns there are, which levels each has, what
 * roles they play, which person a row belongs to and which combinations cannot
 * exist. Columns are numbered in the order of the schema, counting only those
 * that are modelled and released: columns of role `id` and the unit column are
 * read (the unit) or skipped (other ids) and never released.
 *
 * Codes. A column has `levels` codes 0..levels-1. When `missing` is true the
 * last code is the missing level. Otherwise:
 *   PV_COLUMN_LABELS    code i is labels[i]
 *   PV_COLUMN_INTEGERS  code i is the integer minimum + i
 *   PV_COLUMN_BINS      code i is the bin [edges[i], edges[i+1]), the last bin
 *                       closed; for integer columns all edges but the last are
 *                       the smallest integer of their bin, and the last edge
 *                       is the maximum
 * The last two edges are equal when the last bin holds the maximum alone; all
 * others increase strictly. Limits named by structural zeros are bin edges too (added when the schema is
 * read), so that a code is either wholly inside a rule or wholly outside.
 *
 * Functions. A column that follows from another one is determined: it is a
 * function of its root, the column at the end of the chain, which follows from
 * none. Determined columns are left out of modelling: nothing is asked about
 * them, and synthetic rows get them from the root (pv_table_determine). In
 * private rows that contradict a function the root's value counts. */
#ifndef PV_IO_SCHEMA_H
#define PV_IO_SCHEMA_H

#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum pv_column_kind {
    PV_COLUMN_LABELS,
    PV_COLUMN_INTEGERS,
    PV_COLUMN_BINS
} pv_column_kind;

typedef enum pv_role {
    PV_ROLE_NONE,
    PV_ROLE_ID,
    PV_ROLE_QUASI_IDENTIFIER,
    PV_ROLE_SECRET,
    PV_ROLE_GROUP,
    PV_ROLE_WEIGHT
} pv_role;

/* What only a paid question can supply; a column with any of these has
 * levels == 0 until it is answered. */
enum {
    PV_NEEDS_BINS = 1,   /* "bins": "private" */
    PV_NEEDS_BOUNDS = 2, /* "bounds": "private" */
    PV_NEEDS_LABELS = 4  /* "open": true */
};

enum {
    PV_MAX_COLUMNS = 1024,   /* modelled columns of one table */
    PV_MAX_LEVELS = 65537    /* codes of one column, the missing one included */
};
#define PV_NO_LEVEL UINT32_MAX

typedef struct pv_column {
    const char *name;
    const char *title;      /* NULL when the schema has none */
    pv_column_kind kind;
    pv_role role;
    bool integer;           /* numbers are whole */
    bool date;              /* they are days since 1970-01-01 (integer too) */
    bool missing;           /* the last code is the missing level */
    uint32_t levels;        /* codes, the missing one included */
    uint32_t other;         /* code for values outside the domain, or
                               PV_NO_LEVEL: then the file is refused */
    char **labels;          /* LABELS: levels - missing of them */
    double minimum, maximum;/* INTEGERS, BINS */
    double *edges;          /* BINS: levels - missing + 1, see above */
    unsigned needs;         /* PV_NEEDS_* */
    uint32_t private_levels;/* "levels" of a private binning or label set */
    const char *rest;       /* open columns, resolved or not: the label of
                               values that have none of their own, even where
                               there is a missing level; else NULL */
} pv_column;

/* One structural zero: a row in which every listed column has a code whose
 * mask is true cannot exist. Columns are increasing. A rule with several
 * columns under "never" is stored as one zero for each of them. */
typedef struct pv_zero {
    size_t columns;
    const uint32_t *column;
    bool *const *mask;      /* mask[j][code], levels of column[j] entries */
    const char *text;       /* for messages: the rule in words */
} pv_zero;

/* A function: where column `of` has code c, column `gives` has code map[c]. */
typedef struct pv_function {
    uint32_t of, gives;
    const uint32_t *map;
    const double *number; /* gives BINS: the number that is stated, by code of
                             `of`, NAN for missing; else NULL */
} pv_function;

typedef struct pv_schema pv_schema;

/* Reads and checks a schema file, or the text of one (`name` is used in
 * messages). PV_ESCHEMA names the field, what is wrong and what to write. */
PV_API PV_CHECKED pv_status pv_schema_read(const char *path, pv_schema **schema,
                                           pv_error *err);
PV_API PV_CHECKED pv_status pv_schema_parse(const char *text, size_t size,
                                            const char *name,
                                            pv_schema **schema, pv_error *err);
PV_API void pv_schema_free(pv_schema *schema);

PV_API size_t pv_schema_columns(const pv_schema *schema);
PV_API const pv_column *pv_schema_column(const pv_schema *schema, size_t i);
/* Index of a modelled column by name, or -1. */
PV_API ptrdiff_t pv_schema_find(const pv_schema *schema, const char *name);

PV_API size_t pv_schema_zeros(const pv_schema *schema);
PV_API const pv_zero *pv_schema_zero(const pv_schema *schema, size_t i);

/* The zeros as a model sees them: over roots, which determined columns are
 * replaced by. Those that the functions rule out anyway are left away. */
PV_API size_t pv_schema_model_zeros(const pv_schema *schema);
PV_API const pv_zero *pv_schema_model_zero(const pv_schema *schema, size_t i);

/* The functions as they were written. */
PV_API size_t pv_schema_functions(const pv_schema *schema);
PV_API const pv_function *pv_schema_function(const pv_schema *schema, size_t i);
/* The column that `column` follows from in the end: itself when it is not
 * determined; and the map from the root's codes to its own, NULL then. */
PV_API uint32_t pv_schema_root(const pv_schema *schema, size_t column);
PV_API const uint32_t *pv_schema_map(const pv_schema *schema, size_t column);
/* For a determined BINS column the number that goes with each code of the root,
 * NAN for missing; NULL for others. */
PV_API const double *pv_schema_map_numbers(const pv_schema *schema,
                                           size_t column);

/* The unit's column name (NULL: a row is the unit) and the rows a person may
 * have (1 when a row is the unit). */
PV_API const char *pv_schema_unit(const pv_schema *schema);
PV_API uint32_t pv_schema_unit_rows(const pv_schema *schema);

/* True when a CSV column of this name is declared but not modelled (an id). */
PV_API bool pv_schema_is_id(const pv_schema *schema, const char *name);
/* Texts that stand for "missing" in a CSV; at least one (""). */
PV_API size_t pv_schema_missing_values(const pv_schema *schema);
PV_API const char *pv_schema_missing_value(const pv_schema *schema, size_t i);
PV_API const char *pv_schema_title(const pv_schema *schema); /* may be NULL */

/* The schema as canonical JSON (sorted keys, no blanks), owned by the schema;
 * what a release carries and what digests cover. */
PV_API const char *pv_schema_json(const pv_schema *schema);

/* What was found out about one column that has needs. */
typedef struct pv_found {
    size_t column;
    const double *edges;  /* bins, as in pv_column: edge_count of them, at */
    size_t edge_count;    /* least 2. NULL, 0: one bin of the least range that
                             the schema and its zeros leave */
    const char *const *labels; /* open columns: different, without the rest */
    size_t label_count;
} pv_found;

/* The public schema that is left when what was needed is filled in: one entry
 * for each column with needs. Nothing else changes; it stands alone (its JSON
 * has the edges and labels), and its zeros are those of `schema`, the limits
 * they name edges of the found bins too. A range that was to be found is
 * extended to the limits that zeros name, and labels that zeros name are
 * added, so that no answer makes a rule senseless. Labels are in bytewise
 * order, the rest (`other`) after them. The text of `schema` does not matter
 * beyond its JSON. */
PV_API PV_CHECKED pv_status pv_schema_resolve(const pv_schema *schema,
                                              const pv_found *found,
                                              size_t count,
                                              pv_schema **resolved,
                                              pv_error *err);

/* The schema of the columns whose `keep` is true; the others are ids, which files
 * may have and nobody reads. Structural zeros and functions that speak of them are
 * left away, so bins lose the edges that only such rules named. PV_ESCHEMA when
 * no column is kept. */
PV_API PV_CHECKED pv_status pv_schema_part(const pv_schema *schema,
                                           const bool *keep, pv_schema **part,
                                           pv_error *err);

/* True when some column has needs. */
PV_API bool pv_schema_has_needs(const pv_schema *schema);

/* Codes. The text of a cell to its code; `length` bytes, not terminated.
 * PV_NO_LEVEL when the value is outside the domain and the schema has no rule
 * for it. Where "3.0" is no label and "3" is one, it is that: other tools write
 * whole numbers so. `*outside` counts up when the value was clamped or redirected;
 * `*value` (when not NULL) gets the number kept beside the code, NAN when
 * missing or not numeric, clamped when outside. */
PV_API uint32_t pv_column_encode(const pv_schema *schema, size_t column,
                                 const char *text, size_t length,
                                 uint64_t *outside, double *value);
/* The code of a number (not NAN) of a numeric column, clamped into range. */
PV_API uint32_t pv_column_encode_number(const pv_column *column, double value);
/* The number that stands for a code where none was kept: the integer, or the
 * midpoint of the bin (rounded down for integers); NAN for the missing level
 * and for labels. Encoding it gives the code back. */
PV_API double pv_column_number(const pv_column *column, uint32_t code);
/* The code of a label, or PV_NO_LEVEL. */
PV_API uint32_t pv_column_find_label(const pv_schema *schema, size_t column,
                                     const char *text, size_t length);
/* A code as text for people: the label, the integer, "[lo, hi)", "(missing)". */
PV_API void pv_column_describe(const pv_column *column, uint32_t code,
                               char *text, size_t size);

#endif
