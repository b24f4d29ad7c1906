/* What the tests of co-processes share: a run of five first candidates by the program of
 * tests/coprocess.c. */
#ifndef PV_TESTS_PROCESS_FIXTURE_H
#define PV_TESTS_PROCESS_FIXTURE_H

#include "gen/pe/process.h"
#include "sources_fixture.h"

#include <signal.h>

static const size_t wanted[labels] = {3, 2};
enum { firsts = 5 };

static pv_process_source *process;
static char *store, *log_path;
static double timeout;

static inline pv_source *source(void)
{
    return pv_process_source_of(process);
}

static inline void use(const char *command, pv_vector_metric metric)
{
    if (process != NULL)
        pv_source_free(source());
    process = NULL;
    MUST(pv_process_open(command, store, schema, width, metric, timeout,
                         &process, &err));
    source()->key = master;
}

/* The program of tests/coprocess.c. */
static inline void open_by(const char *kind, const char *fault, pv_vector_metric metric)
{
    const char *top = getenv("top_builddir");
    char *command =
        pv_sprintf_alloc("'%s/tests/coprocess' %s '%s' '%s'",
                         top != NULL ? top : ".", kind, fault, log_path);
    cr_assert_not_null(command);
    use(command, metric);
    free(command);
}

static inline void begin(void)
{
    begin_place();
    (void)signal(SIGPIPE, SIG_IGN);
    store = in_place("store");
    log_path = in_place("log");
    timeout = 20;
    process = NULL;
    open_by("utf8", "", PV_VECTOR_L2);
}

static inline void end(void)
{
    pv_source_free(source());
    free(store);
    free(log_path);
    end_place();
}

static inline size_t logged(const char *start)
{
    size_t found = 0;
    if (!pv_file_exists(log_path))
        return 0;
    char *text = text_of(log_path);
    for (const char *at = text; at != NULL && *at != '\0';
         at = strchr(at, '\n') + 1)
        found += strncmp(at, start, strlen(start)) == 0;
    free(text);
    return found;
}

/* The `k`th request of this op, as it came. */
static inline json_t *heard(const char *op, size_t k)
{
    const size_t lines = lines_of(log_path);
    for (size_t i = 0; i < lines; i++) {
        json_t *line = line_of(log_path, i);
        if (line != NULL && strcmp(words(line, "op"), op) == 0 && k-- == 0)
            return line;
        json_decref(line);
    }
    cr_assert_fail("no such request");
    return NULL;
}

static inline pv_status first(pv_population *p)
{
    *p = nobody();
    return source()->random(source(), wanted, p, &err);
}

static inline pv_population begun(void)
{
    pv_population p;
    MUST(first(&p));
    return p;
}

static inline void alike(const pv_population *p, const pv_population *q)
{
    cr_assert_eq(p->count, q->count);
    for (size_t i = 0; i < p->count; i++) {
        cr_expect_eq(p->class[i], q->class[i]);
        cr_expect_eq(p->item[i], q->item[i]);
        cr_expect_eq(p->generation[i], q->generation[i]);
    }
    cr_expect_eq(memcmp(p->vector, q->vector,
                        p->count * width * sizeof *p->vector),
                 0);
}

#endif
