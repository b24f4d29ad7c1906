#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"
#include "dp/curator_internal.h"
#include "io/load.h"
#include "io/rows.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* Keyed digests of the columns, one an item; the digest of the table is that of
 * these in order, so threads cannot matter. */
typedef struct digest_work {
    const pv_table *table;
    const uint32_t *persons;
    pv_key key;
    unsigned char (*column)[PV_DIGEST_BYTES];
} digest_work;

/* A number's bits from the lowest byte; missing ones are all alike. */
static void number_bytes(double value, unsigned char bytes[8])
{
    uint64_t bits = UINT64_MAX;
    if (!isnan(value))
        memcpy(&bits, &value, sizeof bits);
    for (unsigned k = 0; k < 8; k++)
        bytes[k] = (unsigned char)(bits >> 8 * k);
}

static uint32_t digest_value(const digest_work *work, size_t item, size_t row)
{
    return item == 0 ? work->persons[row]
                     : pv_codes_at(pv_table_codes(work->table, item - 1), row);
}

/* What a column holds beside its codes: numbers, or of one without levels the
 * texts that the codes stand for. */
static void digest_beside(const pv_table *table, size_t column,
                          crypto_generichash_state *state)
{
    const double *values = pv_table_values(table, column);
    const bool texts = values == NULL && pv_table_is_raw(table, column);
    unsigned char bytes[8];
    for (size_t i = 0; values != NULL && i < pv_table_rows(table); i++) {
        number_bytes(values[i], bytes);
        (void)crypto_generichash_update(state, bytes, sizeof bytes);
    }
    for (size_t i = 0; texts && i < pv_table_texts(table, column); i++) {
        size_t length;
        const char *text = pv_table_text(table, column, i, &length);
        for (unsigned k = 0; k < 4; k++)
            bytes[k] = (unsigned char)(length >> 8 * k);
        (void)crypto_generichash_update(state, bytes, 4);
        (void)crypto_generichash_update(state, (const unsigned char *)text,
                                        length);
    }
    sodium_memzero(bytes, sizeof bytes);
}

static void digest_item(size_t item, void *context)
{
    enum { block = 4096 };
    const digest_work *work = context;
    const size_t rows = pv_table_rows(work->table);
    crypto_generichash_state state;
    unsigned char bytes[4 * block];
    (void)crypto_generichash_init(&state, work->key.bytes,
                                  sizeof work->key.bytes, PV_DIGEST_BYTES);
    for (size_t from = 0; from < rows; from += block) {
        const size_t n = rows - from < block ? rows - from : block;
        if (item == 0 && work->persons == NULL)
            break;
        for (size_t i = 0; i < n; i++) {
            const uint32_t v = digest_value(work, item, from + i);
            bytes[4 * i] = (unsigned char)v;
            bytes[4 * i + 1] = (unsigned char)(v >> 8);
            bytes[4 * i + 2] = (unsigned char)(v >> 16);
            bytes[4 * i + 3] = (unsigned char)(v >> 24);
        }
        (void)crypto_generichash_update(&state, bytes, 4 * n);
    }
    if (item > 0)
        digest_beside(work->table, item - 1, &state);
    (void)crypto_generichash_final(&state, work->column[item],
                                   PV_DIGEST_BYTES);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(&state, sizeof state);
}

/* Embeddings by their bits, after the columns. */
static void digest_vectors(const pv_vectors *v, const pv_key *key,
                           unsigned char digest[PV_DIGEST_BYTES])
{
    crypto_generichash_state state;
    unsigned char bytes[4];
    (void)crypto_generichash_init(&state, key->bytes, sizeof key->bytes,
                                  PV_DIGEST_BYTES);
    for (size_t i = 0; v != NULL && i < v->count * v->width; i++) {
        uint32_t bits;
        memcpy(&bits, &v->value[i], sizeof bits);
        for (unsigned k = 0; k < 4; k++)
            bytes[k] = (unsigned char)(bits >> 8 * k);
        (void)crypto_generichash_update(&state, bytes, sizeof bytes);
    }
    (void)crypto_generichash_final(&state, digest, PV_DIGEST_BYTES);
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(&state, sizeof state);
}

static pv_status digest_rows(pv_curator *curator, pv_error *err)
{
    unsigned char digest[PV_DIGEST_BYTES];
    const size_t columns = pv_schema_columns(curator->schema) + 1;
    const size_t items = columns + (curator->of_vectors ? 1 : 0);
    digest_work work = {.table = curator->rows,
                        .persons = pv_table_persons(curator->rows)};
    work.column = pv_array_alloc(items, sizeof *work.column);
    if (work.column == NULL)
        return pv_fail_memory(err, "the input's digest");
    pv_key_derive(&curator->key, "input digest", NULL, 0, &work.key);
    pv_parallel_for(columns, digest_item, &work);
    if (curator->of_vectors)
        digest_vectors(curator->vectors, &work.key, work.column[columns]);
    (void)crypto_generichash(digest, sizeof digest,
                             (const unsigned char *)work.column,
                             items * sizeof *work.column, work.key.bytes,
                             sizeof work.key.bytes);
    (void)sodium_bin2hex(curator->digest, sizeof curator->digest, digest,
                         sizeof digest);
    pv_key_wipe(&work.key);
    free(work.column);
    return PV_OK;
}

/* A row of a person, ordered by person and then by the keyed hash of the
 * row's own codes; rows that tie are equal (128 bits), so their order does not
 * matter. */
typedef struct ranked {
    uint32_t person, row;
    unsigned char hash[crypto_shorthash_siphashx24_BYTES];
} ranked;

static int compare_ranked(const void *a, const void *b)
{
    const ranked *x = a, *y = b;
    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return memcmp(x->hash, y->hash, sizeof x->hash);
}

/* A cell of a row as it enters the hash, of the cell's own value alone: a code
 * of a public column, and the number where one is kept; of a raw one a hash of the
 * text, since its code depends on what other rows hold. Returns the bytes written. */
enum { cell_bytes = 4 + crypto_shorthash_siphashx24_BYTES };

static size_t rank_cell(const pv_table *rows, size_t column, size_t row,
                        const unsigned char *key, unsigned char *bytes)
{
    uint32_t code = pv_codes_at(pv_table_codes(rows, column), row);
    const bool raw = pv_table_is_raw(rows, column);
    const double *values = pv_table_values(rows, column);
    if (raw && code >= PV_RAW_TEXT) {
        size_t length;
        const char *text =
            pv_table_text(rows, column, code - PV_RAW_TEXT, &length);
        (void)crypto_shorthash_siphashx24(
            bytes + 4, (const unsigned char *)text, length, key);
        code = PV_RAW_TEXT;
    } else if (raw || values != NULL) {
        memset(bytes + 4, 0, cell_bytes - 4);
        if (values != NULL)
            number_bytes(values[row], bytes + 4);
    }
    memcpy(bytes, &code, sizeof code);
    return raw || values != NULL ? cell_bytes : sizeof code;
}

static void rank_rows(const pv_curator *curator, ranked *rank)
{
    unsigned char key[crypto_shorthash_siphashx24_KEYBYTES];
    pv_key derived;
    const size_t columns = pv_schema_columns(curator->schema);
    const size_t rows = pv_table_rows(curator->rows);
    unsigned char cells[(PV_MAX_COLUMNS + 1) * cell_bytes];
    const pv_vectors *vectors = curator->vectors;
    pv_key_derive(&curator->key, "truncation", NULL, 0, &derived);
    memcpy(key, derived.bytes, sizeof key);
    for (size_t i = 0; i < rows; i++) {
        size_t size = 0;
        for (size_t c = 0; c < columns; c++)
            size += rank_cell(curator->rows, c, i, key, cells + size);
        if (vectors != NULL) {
            (void)crypto_shorthash_siphashx24(
                cells + size,
                (const unsigned char *)(vectors->value + i * vectors->width),
                vectors->width * sizeof *vectors->value, key);
            size += crypto_shorthash_siphashx24_BYTES;
        }
        rank[i].row = (uint32_t)i;
        rank[i].person = pv_table_persons(curator->rows)[i];
        (void)crypto_shorthash_siphashx24(rank[i].hash, cells, size, key);
    }
    sodium_memzero(cells, sizeof cells);
    sodium_memzero(key, sizeof key);
    pv_key_wipe(&derived);
}

/* Keeps at most k rows a person, by what those rows hold alone. */
static pv_status truncate_persons(pv_curator *curator, pv_error *err)
{
    const size_t rows = pv_table_rows(curator->rows);
    ranked *rank = pv_array_alloc(rows, sizeof *rank);
    bool *keep = pv_array_calloc(rows, sizeof *keep);
    if (rank == NULL || keep == NULL) {
        free(rank);
        free(keep);
        return pv_fail_memory(err, "the limit of rows a person");
    }
    rank_rows(curator, rank);
    qsort(rank, rows, sizeof *rank, compare_ranked);
    uint64_t place = 0;
    for (size_t i = 0; i < rows; i++) {
        place = i > 0 && rank[i].person == rank[i - 1].person ? place + 1 : 0;
        keep[rank[i].row] = place < curator->rows_per_unit;
    }
    pv_table_filter(curator->rows, keep);
    if (curator->vectors != NULL)
        pv_vectors_filter(curator->vectors, keep);
    pv_wipe_free(rank, rows * sizeof *rank);
    pv_wipe_free(keep, rows * sizeof *keep);
    return PV_OK;
}

static pv_status load_table(pv_curator *curator, const char *input,
                            bool ignore_extra, pv_error *err)
{
    pv_load_report report;
    const pv_load_options options = {.unit = !curator->unit_is_row,
                                     .ignore_extra = ignore_extra,
                                     .values = curator->numbers,
                                     .raw = pv_schema_has_needs(curator->schema),
                                     .private_rows = true};
    return pv_load(input, curator->schema, &options, &curator->rows, &report,
                   err);
}

pv_status pv_intake(pv_curator *curator, const char *input, bool ignore_extra,
                    pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(curator->of_vectors
               ? pv_intake_vectors(curator, input, err)
               : load_table(curator, input, ignore_extra, err));
    if (pv_table_rows(curator->rows) > UINT32_MAX - 1) {
        status = pv_fail(err, PV_ETOOBIG,
                         "%s: tables of 2^32 rows and more are not supported",
                         input);
        goto out;
    }
    PV_TRY(digest_rows(curator, err));
    if (!curator->unit_is_row)
        PV_TRY(truncate_persons(curator, err));
out:
    return status;
}
