/* io/csv_lex.h - a CSV file as a stream of fields and rows (internal).
 *
 * libcsv over zlib: plain and gzip files alike, byte order mark, CRLF and
 * delimiter detected, blank lines skipped, constant memory. Whatever is not
 * CSV text gives PV_EFORMAT with the file, the line and the remedy. */
#ifndef PV_IO_CSV_LEX_H
#define PV_IO_CSV_LEX_H

#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_CSV_SLACK = 8 };

typedef struct pv_csv_client {
    const char *path;  /* "-": standard input */
    bool private_rows; /* give no line number beyond the header's */
    char delimiter;    /* 0: detect; holds the one in use before any field */
    void *context;
    /* Field number `field` of the row under way; the text is not terminated
     * and lives until the call returns. PV_CSV_SLACK bytes may be read from it,
     * however short it is. */
    pv_status (*field)(void *context, size_t field, const char *text,
                       size_t length, pv_error *err);
    /* The row that started at `line` has ended. */
    pv_status (*row)(void *context, size_t fields, uint64_t line,
                     pv_error *err);
} pv_csv_client;

PV_CHECKED pv_status pv_csv_lex(pv_csv_client *client, pv_error *err);

/* PV_EFORMAT "path: line N: what", the line as private_rows allows. */
pv_status pv_csv_fail_at(const pv_csv_client *client, uint64_t line,
                         const char *what, pv_error *err);

#endif
