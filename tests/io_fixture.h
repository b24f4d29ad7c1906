/* What the tests of io/ share: schemas from text, files with given bytes,
 * real tables where they are present. */
#ifndef PV_TESTS_IO_FIXTURE_H
#define PV_TESTS_IO_FIXTURE_H

#include "core/atomicfile.h"
#include "core/memory.h"
#include "io/csv.h"
#include "io/rows.h"
#include "io/schema.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static inline pv_schema *schema_of(const char *json)
{
    pv_schema *schema = NULL;
    pv_error err = PV_ERROR_INIT;
    const pv_status status =
        pv_schema_parse(json, strlen(json), "s.json", &schema, &err);
    cr_assert_eq(status, PV_OK, "%s", err.message);
    return schema;
}

/* A path that is unused, in TMPDIR; `suffix` ends it. free() it. */
static inline char *temporary_path(const char *suffix)
{
    const char *dir = getenv("TMPDIR");
    char *path = pv_sprintf_alloc("%s/pv-test-%ld-XXXXXX",
                                  dir != NULL ? dir : "/tmp", (long)getpid());
    const int fd = path != NULL ? mkstemp(path) : -1;
    cr_assert_geq(fd, 0);
    (void)close(fd);
    (void)unlink(path);
    char *named = pv_sprintf_alloc("%s%s", path, suffix);
    free(path);
    cr_assert_not_null(named);
    return named;
}

static inline char *file_with(const void *bytes, size_t size,
                              const char *suffix)
{
    pv_error err = PV_ERROR_INIT;
    char *path = temporary_path(suffix);
    const pv_status status =
        pv_file_write_atomic(path, bytes, size, 0600, &err);
    cr_assert_eq(status, PV_OK, "%s", err.message);
    return path;
}

static inline void remove_file(char *path)
{
    (void)unlink(path);
    free(path);
}

static inline bool same_bytes(const char *a, const char *b)
{
    unsigned char *x = NULL, *y = NULL;
    size_t m = 0, n = 0;
    cr_assert_eq(pv_file_read(a, 1u << 30, &x, &m, NULL), PV_OK);
    cr_assert_eq(pv_file_read(b, 1u << 30, &y, &n, NULL), PV_OK);
    const bool same = m == n && memcmp(x, y, n) == 0;
    free(x);
    free(y);
    return same;
}

/* Same codes, and where kept the same numbers. */
static inline bool same_rows(const pv_table *a, const pv_table *b)
{
    const size_t rows = pv_table_rows(a);
    if (rows != pv_table_rows(b))
        return false;
    for (size_t c = 0; c < pv_schema_columns(pv_table_schema(a)); c++) {
        const pv_codes x = pv_table_codes(a, c), y = pv_table_codes(b, c);
        const double *u = pv_table_values(a, c), *v = pv_table_values(b, c);
        if (x.width != y.width || (u == NULL) != (v == NULL) ||
            memcmp(x.data, y.data, rows * x.width) != 0)
            return false;
        for (size_t r = 0; u != NULL && r < rows; r++)
            if (!(u[r] == v[r] || (u[r] != u[r] && v[r] != v[r])))
                return false;
    }
    return true;
}

/* A file of the shared real tables, or NULL (said loudly) when absent. */
static inline char *shared_file(const char *name)
{
    const char *root = getenv("PRIVET_SHARED");
    char *path = pv_sprintf_alloc("%s/data/%s", root != NULL ? root : ".", name);
    cr_assert_not_null(path);
    if (pv_file_exists(path))
        return path;
    (void)fprintf(stderr, "SKIPPED: %s is absent; set PRIVET_SHARED\n", path);
    free(path);
    return NULL;
}

#endif
