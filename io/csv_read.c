#include "io/csv_internal.h"

#include "core/memory.h"
#include "io/rows.h"

#include <csv.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum {
    CHUNK = 1 << 17,
    ZLIB_BUFFER = CHUNK / 4, /* so small that plain files bypass it */
    FIELD_LIMIT = 1 << 20, /* an unclosed quote must not swallow the memory */
    FIELD_BLOCK = 1 << 16,
    SHORT = 8, /* most fields are no longer */
    FLUSH_TEXT = 1 << 19
};

/* libcsv calls back; whatever goes wrong waits in `status`. */
typedef struct lexer {
    pv_csv_reader *reader;
    struct csv_parser parser;
    gzFile in;
    unsigned char *chunk;
    size_t field; /* of the row under way */
    uint64_t line, row_line;
    bool after_cr, quotes;
    pv_status status;
    pv_error *err;
} lexer;

static void *bounded_realloc(void *old, size_t size)
{
    return size > FIELD_LIMIT ? NULL : realloc(old, size);
}

/* "FILE: line N: " for messages; without the line where rows are private. */
static pv_status fail_at(const lexer *x, uint64_t line, const char *what)
{
    const pv_csv_reader *r = x->reader;
    if (r->options.private_rows && line > 1)
        return pv_fail(x->err, PV_EFORMAT, "%s: %s", r->path, what);
    return pv_fail(x->err, PV_EFORMAT, "%s: line %llu: %s", r->path,
                   (unsigned long long)line, what);
}

static void count_line_ends(lexer *x, const char *text, size_t length)
{
    const char *end = text + length;
    while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
        x->line++;
        text++;
    }
}

static void on_field(void *data, size_t length, void *context)
{
    lexer *x = context;
    pv_csv_reader *r = x->reader;
    pv_csv_block *b = &r->block;
    const char *text = data;
    if (x->status != PV_OK)
        return;
    const size_t field = x->field++;
    if (field == 0)
        x->row_line = x->line;
    if (x->quotes)
        count_line_ends(x, text, length);
    if (!r->header_done) {
        x->status = pv_csv_header_add(r, text, length, x->err);
        return;
    }
    if (field >= r->fields || r->keep[field] == PV_CSV_SKIP)
        return;
    if (length <= SHORT && b->room - b->used >= SHORT) {
        /* libcsv has only just written these bytes one by one: a wider load
         * would wait for all of them to reach the cache */
        const volatile char *from = text;
        char *to = b->text + b->used;
        for (size_t i = 0; i < length; i++)
            to[i] = from[i];
    } else {
        x->status = pv_csv_block_reserve(b, length, x->err);
        if (x->status != PV_OK) {
            x->status = pv_fail_context(x->err, x->status, "%s", r->path);
            return;
        }
        memcpy(b->text + b->used, text, length);
    }
    b->used += length;
    b->end[++b->cells] = (uint32_t)b->used;
}

static void end_row(lexer *x)
{
    pv_csv_reader *r = x->reader;
    pv_csv_block *b = &r->block;
    char what[160] = "a row has more or fewer fields than the header; quote "
                     "fields that hold the delimiter";
    if (!r->header_done) {
        x->status = pv_csv_header_end(r, x->err);
        return;
    }
    if (x->field != r->fields) {
        if (!r->options.private_rows)
            (void)snprintf(what, sizeof what,
                           "%zu fields where the header has %zu; quote fields "
                           "that hold the delimiter",
                           x->field, r->fields);
        x->status = fail_at(x, x->row_line, what);
        return;
    }
    b->line[b->rows++] = x->row_line;
    if (b->rows == PV_CSV_BLOCK_ROWS || b->used > FLUSH_TEXT)
        x->status = pv_csv_block_flush(r, x->err);
}

static void on_row(int terminator, void *context)
{
    lexer *x = context;
    if (x->status != PV_OK)
        return;
    if (x->field > 0)
        end_row(x);
    /* a blank line has no fields; neither has the LF of a CRLF */
    if (terminator == '\r' || (terminator == '\n' &&
                               !(x->after_cr && x->field == 0)))
        x->line++;
    x->after_cr = terminator == '\r';
    x->field = 0;
}

static pv_status lexing_failed(lexer *x)
{
    const uint64_t line = x->field > 0 ? x->row_line : x->line;
    switch (csv_error(&x->parser)) {
    case CSV_EPARSE:
        return fail_at(x, line,
                       "a quote where none may stand; double quotes inside a "
                       "quoted field, and quote fields that hold quotes");
    case CSV_ENOMEM:
    case CSV_ETOOBIG:
        return fail_at(x, line,
                       "a field of more than 1 MiB; is a quote left open?");
    default:
        return fail_at(x, line, "cannot be read as CSV");
    }
}

static pv_status not_text(const lexer *x, const char *what)
{
    return pv_fail(x->err, PV_EFORMAT,
                   "%s: %s; save it as CSV text in UTF-8", x->reader->path,
                   what);
}

/* The first bytes: byte order mark, encoding, delimiter. */
static pv_status begin(lexer *x, unsigned char **text, size_t *size)
{
    pv_csv_reader *r = x->reader;
    if (*size >= 2 && (memcmp(*text, "\xff\xfe", 2) == 0 ||
                       memcmp(*text, "\xfe\xff", 2) == 0))
        return not_text(x, "in UTF-16");
    if (*size >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
        *text += 3;
        *size -= 3;
    }
    if (r->options.delimiter == 0)
        r->options.delimiter =
            pv_csv_detect_delimiter((const char *)*text, *size);
    csv_set_delim(&x->parser, (unsigned char)r->options.delimiter);
    return PV_OK;
}

static pv_status feed(lexer *x, const unsigned char *text, size_t size)
{
    if (memchr(text, 0, size) != NULL)
        return not_text(x, "a zero byte: not a text file");
    x->quotes = x->quotes || memchr(text, '"', size) != NULL;
    const size_t done =
        csv_parse(&x->parser, text, size, on_field, on_row, x);
    if (x->status != PV_OK)
        return x->status;
    return done == size ? PV_OK : lexing_failed(x);
}

static pv_status read_failed(const lexer *x)
{
    int code = Z_OK;
    (void)gzerror(x->in, &code);
    if (code == Z_ERRNO)
        return pv_fail_errno(x->err, PV_EIO, "%s: cannot read",
                             x->reader->path);
    if (code == Z_MEM_ERROR)
        return pv_fail_memory(x->err, x->reader->path);
    return pv_fail(x->err, PV_EFORMAT,
                   "%s: the gzip data is damaged or cut short; fetch the file "
                   "again",
                   x->reader->path);
}

static pv_status read_all(lexer *x)
{
    pv_status status = PV_OK;
    bool first = true;
    for (;;) {
        const int got = gzread(x->in, x->chunk, CHUNK);
        int code = Z_OK;
        (void)gzerror(x->in, &code);
        if (got < 0 || code == Z_BUF_ERROR)
            return read_failed(x);
        if (got == 0)
            break;
        unsigned char *text = x->chunk;
        size_t size = (size_t)got;
        if (first)
            PV_TRY(begin(x, &text, &size));
        first = false;
        PV_TRY(feed(x, text, size));
    }
    if (csv_fini(&x->parser, on_field, on_row, x) != 0 && x->status == PV_OK)
        return fail_at(x, x->field > 0 ? x->row_line : x->line,
                       "a quote is left open at the end of the file");
    PV_TRY(x->status);
    if (!x->reader->header_done)
        return pv_fail(x->err, PV_EFORMAT,
                       "%s: empty; the first line has to name the columns",
                       x->reader->path);
    PV_TRY(pv_csv_block_flush(x->reader, x->err));
out:
    return status;
}

static pv_status open_input(lexer *x)
{
    const char *path = x->reader->path;
    const int copy = strcmp(path, "-") == 0 ? dup(STDIN_FILENO) : -1;
    errno = 0;
    x->in = copy >= 0 ? gzdopen(copy, "rb") : gzopen(path, "rb");
    if (x->in == NULL) {
        if (copy >= 0)
            (void)close(copy);
        if (errno == 0)
            errno = ENOMEM;
        return pv_fail_errno(x->err, PV_EIO, "%s: cannot open", path);
    }
    (void)gzbuffer(x->in, ZLIB_BUFFER);
    return PV_OK;
}

static pv_status run(pv_csv_reader *r, pv_error *err)
{
    pv_status status = PV_OK;
    lexer x = {.reader = r, .line = 1, .err = err};
    const unsigned char options =
        CSV_STRICT | CSV_STRICT_FINI | CSV_REPALL_NL;
    if (csv_init(&x.parser, options) != 0)
        return pv_fail_memory(err, "a CSV lexer");
    csv_set_realloc_func(&x.parser, bounded_realloc);
    csv_set_blk_size(&x.parser, FIELD_BLOCK);
    x.chunk = malloc(CHUNK);
    if (x.chunk == NULL) {
        status = pv_fail_memory(err, "a CSV lexer");
        goto out;
    }
    PV_TRY(open_input(&x));
    PV_TRY(read_all(&x));
out:
    if (x.in != NULL)
        (void)gzclose(x.in);
    pv_wipe_free(x.chunk, CHUNK);
    if (x.parser.entry_buf != NULL)
        sodium_memzero(x.parser.entry_buf, x.parser.entry_size);
    csv_free(&x.parser);
    return status;
}

static void clear(pv_csv_reader *r)
{
    for (size_t i = 0; i < r->fields; i++)
        free(r->name[i]);
    free(r->name);
    free(r->keep);
    free(r->cell);
    pv_wipe_free(r->block.text, r->block.room);
    free(r->block.end);
    free(r->block.line);
    pv_wipe_free(r->codes, PV_CSV_BLOCK_ROWS * sizeof *r->codes);
    pv_wipe_free(r->values, PV_CSV_BLOCK_ROWS * sizeof *r->values);
    pv_wipe_free(r->persons, r->persons_room * sizeof *r->persons);
    pv_textmap_free(r->person_map);
    pv_table_free(r->table);
}

/* The table takes exactly as many person numbers as it has rows. */
static pv_status hand_over_persons(pv_csv_reader *r, pv_error *err)
{
    const size_t rows = pv_table_rows(r->table);
    if (r->unit < 0)
        return PV_OK;
    uint32_t *persons = pv_array_alloc(rows, sizeof *persons);
    if (persons == NULL)
        return pv_fail_memory(err, "person numbers");
    if (rows > 0)
        memcpy(persons, r->persons, rows * sizeof *persons);
    pv_table_set_persons(r->table, persons,
                         (uint32_t)pv_textmap_count(r->person_map));
    return PV_OK;
}

pv_status pv_csv_load(const char *path, const pv_schema *schema,
                      const pv_load_options *options, pv_table **table,
                      pv_load_report *report, pv_error *err)
{
    pv_status status = PV_OK;
    pv_csv_reader r = {.path = path, .schema = schema, .unit = -1};
    if (options != NULL)
        r.options = *options;
    PV_TRY(pv_table_alloc(schema, 0, r.options.values, &r.table, err));
    PV_TRY(run(&r, err));
    PV_TRY(hand_over_persons(&r, err));
    if (report != NULL)
        *report = r.report;
    *table = r.table;
    r.table = NULL;
out:
    clear(&r);
    return status;
}
