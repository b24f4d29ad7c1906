/* A curator over a small CSV in a directory of its own. */
#ifndef PV_TESTS_CURATOR_FIXTURE_H
#define PV_TESTS_CURATOR_FIXTURE_H

#include "core/log.h"
#include "dp/curator_internal.h"
#include "dp_fixture.h"
#include "io/rows.h"

#define INTEGER(name, top)                                                     \
    "{\"name\":\"" name "\",\"type\":\"integer\",\"constraints\":"             \
    "{\"required\":true,\"minimum\":0,\"maximum\":" top "}}"
#define FIELDS "{\"fields\":[" INTEGER("a", "2047") "," INTEGER("b", "2") "]"
#define BY_ROW FIELDS "}"
#define BY_PERSON                                                              \
    "{\"fields\":[" INTEGER("a", "2047") "," INTEGER("b", "2")                  \
    ",{\"name\":\"who\",\"type\":\"string\",\"privet\":{\"role\":\"id\"}}],"    \
    "\"privet\":{\"unit\":{\"column\":\"who\",\"max_rows\":3}}}"

typedef struct fixture {
    pv_error err;
    char *directory, *input, *run_dir, *output, *ledger;
    pv_schema *schema;
    pv_key seed;
    pv_curator_options options;
    pv_curator *curator;
} fixture;

static fixture f;

static inline void use_schema(const char *json)
{
    cr_assert_eq(pv_schema_parse(json, strlen(json), "s", &f.schema, &f.err),
                 PV_OK, "%s", f.err.message);
    f.options.schema = f.schema;
}

static inline void use_csv(const char *text)
{
    put_file(f.input, text, strlen(text));
}

static inline void fixture_open(void)
{
    memset(&f, 0, sizeof f);
    cr_assert_eq(pv_crypto_init(&f.err), PV_OK);
    pv_log_init("test", PV_LOG_QUIET);
    f.directory = temporary_directory();
    f.input = pv_sprintf_alloc("%s/in.csv", f.directory);
    f.run_dir = pv_sprintf_alloc("%s/run", f.directory);
    f.output = pv_sprintf_alloc("%s/out.h5", f.directory);
    f.ledger = pv_sprintf_alloc("%s/ledger.jsonl", f.run_dir);
    f.seed = (pv_key){{'s', 'e', 'e', 'd'}};
    f.options = (pv_curator_options){.input = f.input,
                                     .run_dir = f.run_dir,
                                     .output = f.output,
                                     .budget = UINT64_C(1) << 40,
                                     .delta = 1e-9,
                                     .method = "test",
                                     .settings = "none"};
    use_schema(BY_ROW);
    use_csv("a,b\n0,0\n1,1\n1,2\n2047,1\n");
}

static inline void fixture_close(void)
{
    pv_curator_close(f.curator);
    free(f.input);
    free(f.run_dir);
    free(f.output);
    free(f.ledger);
    remove_tree(f.directory);
}

static inline pv_status reopen(void)
{
    pv_curator_close(f.curator);
    f.curator = NULL;
    return pv_curator_open(&f.options, &f.curator, &f.err);
}

static inline void open_well(void)
{
    cr_assert_eq(reopen(), PV_OK, "%s", f.err.message);
    cr_assert_not_null(f.curator);
}

static inline pv_clique columns(bool a, bool b)
{
    pv_clique c = pv_clique_empty();
    if (a)
        pv_clique_add(&c, 0);
    if (b)
        pv_clique_add(&c, 1);
    return c;
}

/* Measures column a (2048 cells) or b (3); a copy of the answer, free(). */
static inline pv_status measure(pv_clique clique, uint64_t sigma2,
                                int64_t **answer)
{
    const pv_measurement *m = NULL;
    const pv_rational s = {sigma2, 1};
    *answer = NULL;
    const pv_status status =
        pv_ask_measure(f.curator, &clique, &s, 1, &m, &f.err);
    if (status == PV_OK) {
        *answer = pv_array_alloc(m->cells, sizeof **answer);
        memcpy(*answer, m->counts, m->cells * sizeof **answer);
    }
    return status;
}

static inline int64_t *measure_well(pv_clique clique, uint64_t sigma2)
{
    int64_t *answer;
    cr_assert_eq(measure(clique, sigma2, &answer), PV_OK, "%s", f.err.message);
    return answer;
}

static inline char *slurp(const char *path)
{
    unsigned char *text = NULL;
    size_t size;
    cr_assert_eq(pv_file_read(path, 1 << 24, &text, &size, &f.err), PV_OK,
                 "%s", f.err.message);
    return (char *)text;
}

/* Leaves out the ledger's last `count` lines, as a kill or a hand might. */
static inline void cut_lines(size_t count)
{
    char *text = slurp(f.ledger);
    size_t size = strlen(text);
    for (; count > 0; count--) {
        size--;
        while (size > 0 && text[size - 1] != '\n')
            size--;
    }
    put_file(f.ledger, text, size);
    free(text);
}

static inline char *in_run_dir(const char *name)
{
    return pv_sprintf_alloc("%s/%s", f.run_dir, name);
}

#endif
