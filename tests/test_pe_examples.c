/* The example job and the example co-process do what their interfaces ask. */
#include "gen/pe/process.h"
#include "gen/pe/steps.h"
#include "sources_fixture.h"

#include <signal.h>

static const size_t wanted[labels] = {3, 2};

static void begin(void)
{
    begin_place();
    (void)signal(SIGPIPE, SIG_IGN);
}

TestSuite(pe_examples, .init = begin, .fini = end_place, .timeout = 120);

/* Debian's Python has the modules of Debian's packages. */
static const char *python(void)
{
    const char *given = getenv("PYTHON");
    return given != NULL ? given : "/usr/bin/python3";
}

static char *example(const char *name)
{
    const char *top = getenv("top_srcdir");
    char *path = pv_sprintf_alloc("%s/examples/%s", top != NULL ? top : ".",
                                  name);
    cr_assert_not_null(path);
    return path;
}

static bool runs(const char *code)
{
    char *command =
        pv_sprintf_alloc("%s -c '%s' 2>/dev/null", python(), code);
    const bool ran = system(command) == 0;
    free(command);
    return ran;
}

static void take_one_of_each_class(const pv_population *p, pv_population *of)
{
    MUST(pv_population_make(p->width, labels, of, &err));
    MUST(pv_population_copy(of, p, 0, &err));
    MUST(pv_population_copy(of, p, p->count - 1, &err));
}

Test(pe_examples, process)
{
    enum { wide = 4 };
    if (!runs("pass"))
        cr_skip_test("no Python 3; PYTHON names one");
    pv_process_source *process = NULL;
    pv_population p, parents, q;
    char *script = example("pe-process.py"), *store = in_place("store");
    char *path = in_place("payloads.jsonl");
    char *command = pv_sprintf_alloc("%s '%s'", python(), script);
    MUST(pv_process_open(command, store, schema, wide, PV_VECTOR_L2, 60,
                         &process, &err));
    pv_source *source = pv_process_source_of(process);
    source->key = master;
    MUST(pv_population_make(wide, labels, &p, &err));
    MUST(pv_population_make(wide, labels, &q, &err));
    MUST(source->random(source, wanted, &p, &err));
    cr_assert_eq(p.count, 5);
    take_one_of_each_class(&p, &parents);
    const pv_variation how = {1, 0.1, 3, false};
    MUST(source->vary(source, &parents, &how, &q, &err));
    cr_assert_eq(q.count, 6);
    pv_outcome o = {0};
    MUST(pv_outcome_add(&o, q.class[5], q.item[5], q.generation[5], 1, &err));
    MUST(pv_process_write_payloads(source, &o, path, &err));
    json_t *line = line_of(path, 0);
    json_t *shape = json_loads(words(line, "payload"), 0, NULL);
    cr_expect_geq(whole(shape, "corners"), 3);
    cr_expect_float_eq(json_number_value(json_object_get(shape, "x")),
                       (double)q.vector[5 * wide + 2], 1e-6);
    json_decref(shape);
    json_decref(line);
    pv_outcome_clear(&o);
    pv_population_clear(&p);
    pv_population_clear(&parents);
    pv_population_clear(&q);
    pv_source_free(source);
    free(command);
    free(script);
    free(store);
    free(path);
}

static void run_job(const char *directory)
{
    char *script = example("pe-steps.py");
    char *command = pv_sprintf_alloc("%s '%s' '%s' >/dev/null", python(),
                                     script, directory);
    cr_assert_eq(system(command), 0);
    free(command);
    free(script);
}

Test(pe_examples, steps)
{
    enum { wide = 64 };
    if (!runs("import h5py, numpy"))
        cr_skip_test("no Python with h5py and numpy; PYTHON names one");
    pv_steps_source *steps = NULL;
    pv_population p, parents, q;
    char *directory = in_place("steps");
    MUST(pv_steps_open(directory, schema, wide, PV_VECTOR_L2, &steps, &err));
    pv_source *source = pv_steps_source_of(steps);
    source->key = master;
    MUST(pv_population_make(wide, labels, &p, &err));
    MUST(pv_population_make(wide, labels, &q, &err));
    fails(source->random(source, wanted, &p, &err), PV_ESTOPPED, "waits for");
    run_job(directory);
    MUST(source->random(source, wanted, &p, &err));
    cr_assert_eq(p.count, 5);
    take_one_of_each_class(&p, &parents);
    const pv_variation how = {1, 0.1, 3, false};
    fails(source->vary(source, &parents, &how, &q, &err), PV_ESTOPPED,
          "gen_001");
    run_job(directory);
    MUST(source->vary(source, &parents, &how, &q, &err));
    cr_assert_eq(q.count, 6);
    for (size_t i = 0; i < q.count; i++) {
        double apart = 0;
        for (size_t k = 0; k < wide; k++)
            apart += (double)(q.vector[i * wide + k] -
                              parents.vector[i / 3 * wide + k]) *
                     (double)(q.vector[i * wide + k] -
                              parents.vector[i / 3 * wide + k]);
        cr_expect_gt(apart, 0);
        cr_expect_lt(apart, 1, "child %zu is far from its parent", i);
    }
    pv_population_clear(&p);
    pv_population_clear(&parents);
    pv_population_clear(&q);
    pv_source_free(source);
    free(directory);
}
