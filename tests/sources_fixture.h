/* What the tests of sources that ask others share: a schema of labels, a directory, a
 * population, an outcome. */
#ifndef PV_TESTS_SOURCES_FIXTURE_H
#define PV_TESTS_SOURCES_FIXTURE_H

#include "core/log.h"
#include "core/scratch.h"
#include "gen/pe/source.h"
#include "io_fixture.h"

#include <jansson.h>
#include <sys/stat.h>

enum { width = 3, labels = 2 };
static const char label_schema[] =
    "{\"fields\":[{\"name\":\"kind\",\"type\":\"string\",\"categories\":"
    "[\"circle\",\"a \\\"square\\\"\"],\"constraints\":{\"required\":true}}]}";
static const pv_key master = {{'m', 'a', 's', 't', 'e', 'r'}};

static pv_error err;
static pv_schema *schema;
static char *place; /* a directory of the test's own */

static inline void begin_place(void)
{
    err = (pv_error)PV_ERROR_INIT;
    pv_log_init("test", PV_LOG_QUIET);
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    schema = schema_of(label_schema);
    cr_assert_eq(pv_schema_column(schema, 0)->levels, labels);
    cr_assert_eq(pv_scratch_make(NULL, &place, &err), PV_OK, "%s", err.message);
}

static inline void end_place(void)
{
    pv_scratch_remove(place);
    free(place);
    pv_schema_free(schema);
}

static inline char *in_place(const char *name)
{
    char *path = pv_sprintf_alloc("%s/%s", place, name);
    cr_assert_not_null(path);
    return path;
}

static inline pv_population nobody(void)
{
    pv_population p;
    cr_assert_eq(pv_population_make(width, labels, &p, &err), PV_OK);
    return p;
}

/* The text of a file; free() it. */
static inline char *text_of(const char *path)
{
    unsigned char *data = NULL;
    size_t size = 0;
    cr_assert_eq(pv_file_read(path, 1u << 28, &data, &size, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(strlen((char *)data), size, "%s holds a 0 byte", path);
    char *text = pv_strdup((char *)data);
    free(data);
    cr_assert_not_null(text);
    return text;
}

/* Line `i` of a file of JSON lines. */
static inline json_t *line_of(const char *path, size_t i)
{
    char *text = text_of(path), *line = text;
    for (; i > 0 && line != NULL; i--)
        line = strchr(line, '\n') != NULL ? strchr(line, '\n') + 1 : NULL;
    json_t *value = line != NULL
                        ? json_loads(line, JSON_DISABLE_EOF_CHECK, NULL)
                        : NULL;
    free(text);
    return value;
}

static inline size_t lines_of(const char *path)
{
    size_t lines = 0;
    char *text = text_of(path);
    for (const char *at = text; *at != '\0'; at++)
        lines += *at == '\n';
    free(text);
    return lines;
}

static inline json_int_t whole(const json_t *line, const char *name)
{
    const json_t *value = json_object_get(line, name);
    cr_assert(json_is_integer(value), "%s is no whole number", name);
    return json_integer_value(value);
}

static inline const char *words(const json_t *line, const char *name)
{
    const char *value = json_string_value(json_object_get(line, name));
    cr_assert_not_null(value, "%s is no text", name);
    return value;
}

static inline void fails(pv_status status, pv_status expected,
                         const char *message)
{
    cr_assert_eq(status, expected, "%s instead of %s: %s",
                 pv_status_text(status), pv_status_text(expected), err.message);
    cr_expect_not_null(strstr(err.message, message), "\"%s\" lacks \"%s\"",
                       err.message, message);
}

#define MUST(call)                                                             \
    do {                                                                       \
        const pv_status status_ = (call);                                      \
        cr_assert_eq(status_, PV_OK, "%s: %s", pv_status_text(status_),        \
                     err.message);                                             \
    } while (0)

static inline unsigned mode_of(const char *path)
{
    struct stat info;
    cr_assert_eq(stat(path, &info), 0, "%s", path);
    return info.st_mode & 0777;
}

#endif
