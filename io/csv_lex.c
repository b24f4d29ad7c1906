#include "io/csv_lex.h"

#include "core/log.h"
#include "core/memory.h"

#include <csv.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum {
    CHUNK = 1 << 17,
    ZLIB_BUFFER = CHUNK / 4, /* so small that plain files bypass it */
    FIELD_LIMIT = 1 << 20,   /* an open quote must not swallow the memory */
    FIELD_BLOCK = 1 << 16 /* libcsv's buffer is never smaller */
};

/* libcsv calls back; whatever goes wrong waits in `status`. */
typedef struct lexer {
    pv_csv_client *client;
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

pv_status pv_csv_fail_at(const pv_csv_client *client, uint64_t line,
                         const char *what, pv_error *err)
{
    if (client->private_rows && line > 1)
        return pv_fail(err, PV_EFORMAT, "%s: %s", client->path, what);
    return pv_fail(err, PV_EFORMAT, "%s: line %llu: %s", client->path,
                   (unsigned long long)line, what);
}

static pv_status fail_at(const lexer *x, uint64_t line, const char *what)
{
    return pv_csv_fail_at(x->client, line, what, x->err);
}

static void count_line_ends(lexer *x, const char *text, size_t length)
{
    const char *end = text + length;
    while ((text = memchr(text, '\n', (size_t)(end - text))) != NULL) {
        x->line++;
        text++;
    }
}

static void on_field(void *text, size_t length, void *context)
{
    lexer *x = context;
    if (x->status != PV_OK)
        return;
    const size_t field = x->field++;
    if (field == 0)
        x->row_line = x->line;
    if (x->quotes)
        count_line_ends(x, text, length);
    x->status = x->client->field(x->client->context, field, text, length,
                                 x->err);
}

static void on_row(int terminator, void *context)
{
    lexer *x = context;
    if (x->status != PV_OK)
        return;
    if (x->field > 0)
        x->status = x->client->row(x->client->context, x->field, x->row_line,
                                   x->err);
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
                   "%s: %s; save it as CSV text in UTF-8", x->client->path,
                   what);
}

/* The most likely of , ; tab | in the header line that `text` starts with. */
static char detect_delimiter(const char *text, size_t size)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    size_t count[4] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        if (quoted)
            continue;
        if (text[i] == '\n' || text[i] == '\r')
            break;
        for (size_t k = 0; k < sizeof candidates; k++)
            count[k] += text[i] == candidates[k];
    }
    for (size_t k = 1; k < sizeof candidates; k++)
        if (count[k] > count[best])
            best = k;
    return candidates[best];
}

/* The first bytes: byte order mark, encoding, delimiter. */
static pv_status begin(lexer *x, unsigned char **text, size_t *size)
{
    pv_csv_client *client = x->client;
    if (*size >= 2 && (memcmp(*text, "\xff\xfe", 2) == 0 ||
                       memcmp(*text, "\xfe\xff", 2) == 0))
        return not_text(x, "in UTF-16");
    if (*size >= 3 && memcmp(*text, "\xef\xbb\xbf", 3) == 0) {
        *text += 3;
        *size -= 3;
    }
    if (client->delimiter == 0)
        client->delimiter = detect_delimiter((const char *)*text, *size);
    csv_set_delim(&x->parser, (unsigned char)client->delimiter);
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
                             x->client->path);
    if (code == Z_MEM_ERROR)
        return pv_fail_memory(x->err, x->client->path);
    return pv_fail(x->err, PV_EFORMAT,
                   "%s: the gzip data is damaged or cut short; fetch the file "
                   "again",
                   x->client->path);
}

/* Bytes on disk, compressed ones if so; 0 when unknown. */
static uint64_t size_of(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISREG(info.st_mode)
               ? (uint64_t)info.st_size
               : 0;
}

static pv_status read_all(lexer *x)
{
    pv_status status = PV_OK;
    bool first = true;
    pv_progress_begin("reading", size_of(x->client->path));
    for (;;) {
        const int got = gzread(x->in, x->chunk, CHUNK);
        int code = Z_OK;
        (void)gzerror(x->in, &code);
        if (got < 0 || code == Z_BUF_ERROR) {
            status = read_failed(x);
            goto out;
        }
        if (got == 0)
            break;
        unsigned char *text = x->chunk;
        size_t size = (size_t)got;
        if (first)
            PV_TRY(begin(x, &text, &size));
        first = false;
        PV_TRY(feed(x, text, size));
        const z_off_t at = gzoffset(x->in);
        pv_progress_update(at > 0 ? (uint64_t)at : 0);
    }
    if (csv_fini(&x->parser, on_field, on_row, x) != 0 && x->status == PV_OK)
        status = fail_at(x, x->field > 0 ? x->row_line : x->line,
                         "a quote is left open at the end of the file");
    else
        status = x->status;
out:
    pv_progress_end();
    return status;
}

static pv_status open_input(lexer *x)
{
    const char *path = x->client->path;
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

pv_status pv_csv_lex(pv_csv_client *client, pv_error *err)
{
    pv_status status = PV_OK;
    lexer x = {.client = client, .line = 1, .err = err};
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
