/* The neighbouring tables of a case, as far apart as tables can be: all rows of
 * the unit are alike, of levels that nobody else has where that matters. */
#include "audit/epsilon/primitive_internal.h"

#include "core/atomicfile.h"
#include "core/memory.h"
#include "dp/account.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *const pv_case_label[PV_CASE_LABELS] = {"near", "other", "lone",
                                                   "lone2"};

static void add(pv_case_world *w, pv_case_rows rows)
{
    w->rows[w->kinds++] = rows;
}

/* The unit's rows: one too many of a person, to be cut down. */
static void add_target(const pv_case *c, pv_case_world *w, pv_case_rows row)
{
    row.target = true;
    row.held = (size_t)c->k + c->which.person;
    row.counted = (size_t)c->k;
    add(w, row);
}

/* In: the unit in the first cell. Out: in the last, or not there. */
static void vector_rows(pv_case *c)
{
    const uint32_t last = (uint32_t)c->options->cells - 1;
    const pv_case_rows others[] = {
        {.a = 0, .held = 1, .counted = 1},
        {.a = last, .held = 2, .counted = 2}};
    for (int in = 0; in < 2; in++) {
        add(&c->world[in], others[0]);
        add(&c->world[in], others[1]);
    }
    add_target(c, &c->world[PV_IN], (pv_case_rows){.a = 0, .b = 1, .c = 1});
    if (c->which.neighbours == PV_REPLACE)
        add_target(c, &c->world[PV_OUT],
                   (pv_case_rows){.a = last, .b = 2, .c = 2});
}

/* Labels that so many others have that the unit takes them to the threshold; or
 * labels of the unit alone. */
static pv_status label_rows(pv_case *c, pv_error *err)
{
    enum { most_rows = 65536 };
    const char *const *name = pv_case_label;
    const bool lone = c->which.other;
    uint64_t threshold;
    if (!pv_label_threshold(c->sigma2, c->k,
                            pv_delta_units(c->options->delta_labels, 1),
                            &threshold) ||
        threshold > most_rows)
        return pv_fail(err, PV_EINVAL,
                       "labels with this noise need more than %d rows to be "
                       "found; give a smaller --sigma2",
                       most_rows);
    const size_t others = (size_t)(threshold - c->k);
    for (int in = 0; in < 2; in++)
        for (int l = 0; l < 2; l++)
            add(&c->world[in], (pv_case_rows){.label = name[l],
                                              .held = others,
                                              .counted = others});
    add_target(c, &c->world[PV_IN],
               (pv_case_rows){.label = name[lone ? 2 : 0]});
    if (c->which.neighbours == PV_REPLACE)
        add_target(c, &c->world[PV_OUT],
                   (pv_case_rows){.label = name[lone ? 3 : 1]});
    return PV_OK;
}

static size_t cell_of(const pv_case_rows *row, pv_case_view view)
{
    switch (view) {
    case PV_VIEW_A:
        return row->a;
    case PV_VIEW_B:
        return row->b;
    default:
        return (size_t)row->b * 3 + row->c;
    }
}

void pv_case_counts(const pv_case_world *world, pv_case_view view,
                    int64_t *counts)
{
    for (size_t i = 0; i < world->kinds; i++)
        counts[cell_of(&world->rows[i], view)] +=
            (int64_t)world->rows[i].counted;
}

/* --- files ---------------------------------------------------------------- */

#define LEVELS(name, top)                                                      \
    "{\"name\":\"" name "\",\"type\":\"integer\",\"constraints\":"             \
    "{\"required\":true,\"minimum\":0,\"maximum\":" top "}"

static pv_status write_schema(pv_case *c, pv_error *err)
{
    static const char raw[] =
        ",\"privet\":{\"bins\":\"private\",\"levels\":4}";
    static const char open[] = ",{\"name\":\"label\",\"type\":\"string\","
                               "\"privet\":{\"open\":true,\"levels\":8}}";
    char unit[160] = "";
    if (c->which.person)
        (void)snprintf(unit, sizeof unit,
                       ",\"privet\":{\"unit\":{\"column\":\"who\","
                       "\"max_rows\":%llu}}",
                       (unsigned long long)c->k);
    char *text = pv_sprintf_alloc(
        "{\"fields\":[" LEVELS("a", "%zu") "%s}," LEVELS("b", "2") "},"
        LEVELS("c", "2") "}%s,{\"name\":\"who\",\"type\":\"string\","
        "\"privet\":{\"role\":\"id\"}}]%s}",
        c->options->cells - 1,
        c->which.primitive == PV_PRIMITIVE_INTERVALS ? raw : "",
        c->which.primitive == PV_PRIMITIVE_LABELS ? open : "", unit);
    if (text == NULL)
        return pv_fail_memory(err, "a schema");
    const pv_status status =
        pv_schema_parse(text, strlen(text), "the schema", &c->schema, err);
    free(text);
    return status;
}

static pv_status write_table(const pv_case_world *w, const char *path,
                             pv_error *err)
{
    pv_status status = PV_OK;
    char *text = NULL;
    size_t size = 0, person = 0;
    FILE *file = open_memstream(&text, &size);
    if (file == NULL)
        return pv_fail_memory(err, "a table");
    (void)fputs("a,b,c,who,label\n", file);
    for (size_t k = 0; k < w->kinds; k++)
        for (size_t i = 0; i < w->rows[k].held; i++) {
            const pv_case_rows *r = &w->rows[k];
            (void)fprintf(file, "%u,%u,%u,p%zu,%s\n", (unsigned)r->a,
                          (unsigned)r->b, (unsigned)r->c,
                          r->target ? 0 : ++person,
                          r->label != NULL ? r->label : "");
        }
    if (fclose(file) != 0)
        status = pv_fail_memory(err, "a table");
    else
        status = pv_file_write_atomic(path, text, size, 0600, err);
    free(text);
    return status;
}

static pv_status open_world(pv_case *c, int in, const char *directory,
                            const pv_key *key, pv_error *err)
{
    pv_status status = PV_OK;
    const char *world = in ? "in" : "out";
    char *input = pv_sprintf_alloc("%s/%s.csv", directory, world);
    char *run = pv_sprintf_alloc("%s/%s.run", directory, world);
    char *output = pv_sprintf_alloc("%s/%s.h5", directory, world);
    if (input == NULL || run == NULL || output == NULL) {
        status = pv_fail_memory(err, "a path");
        goto out;
    }
    PV_TRY(write_table(&c->world[in], input, err));
    const pv_curator_options options = {
        .input = input,
        .schema = c->schema,
        .ignore_extra = true,
        .numbers = c->which.primitive == PV_PRIMITIVE_QUERIES ||
                   c->which.primitive == PV_PRIMITIVE_GROUP ||
                   c->which.primitive == PV_PRIMITIVE_VOTES,
        .run_dir = run,
        .output = output,
        .budget = UINT64_C(1) << PV_UNIT_BITS, /* of which nothing is spent */
        .delta = c->options->delta,
        .neighbours = c->which.neighbours,
        .method = "audit",
        .settings = "none",
        .test_key = key};
    PV_TRY(pv_curator_open(&options, &c->world[in].curator, err));
out:
    free(input);
    free(run);
    free(output);
    return status;
}

/* k^2 times as many vectors as one unit moves, unless it was said. */
static pv_rational noise_of(const pv_case *c)
{
    const uint64_t k2 = c->k * c->k;
    if (c->options->sigma2.num != 0)
        return c->options->sigma2;
    if (c->which.primitive == PV_PRIMITIVE_VOTES) {
        const uint64_t grid = pv_case_vote_grid(c);
        return (pv_rational){grid * grid, 1};
    }
    if (c->which.primitive == PV_PRIMITIVE_SCORES)
        return (pv_rational){k2 * c->options->candidates, 1};
    if (c->which.primitive == PV_PRIMITIVE_QUERIES) {
        size_t parts[PV_CASE_LEVELS];
        return (pv_rational){k2 * pv_case_levels(c->options->cells, parts), 1};
    }
    return (pv_rational){c->which.primitive == PV_PRIMITIVE_MEASURE &&
                                 c->which.other
                             ? k2 * PV_CASE_MARGINALS
                             : k2,
                         1};
}

pv_status pv_case_tables(const pv_primitive_case *which,
                         const pv_primitive_options *options,
                         const char *directory, const pv_key *key, pv_case *c,
                         pv_error *err)
{
    pv_status status = PV_OK;
    *c = (pv_case){.which = *which,
                   .options = options,
                   .k = which->person ? options->rows : 1};
    c->moved = which->neighbours == PV_REPLACE ? 2 * c->k : c->k;
    c->sigma2 = noise_of(c);
    if (which->primitive == PV_PRIMITIVE_LABELS)
        PV_TRY(label_rows(c, err));
    else if (which->primitive == PV_PRIMITIVE_VOTES)
        pv_case_vote_rows(c);
    else
        vector_rows(c);
    PV_TRY(write_schema(c, err));
    for (int in = 0; in < 2; in++)
        PV_TRY(open_world(c, in, directory, key, err));
out:
    return status;
}

void pv_case_clear(pv_case *c)
{
    for (int in = 0; in < 2; in++) {
        pv_trial_free(c->world[in].trial);
        pv_curator_close(c->world[in].curator);
        free(c->world[in].truth);
        free(c->world[in].law);
    }
    pv_queries_free(c->queries);
    pv_space_free(c->space);
    free(c->vector);
    pv_schema_free(c->schema);
    free(c->chunk);
    free(c->llr);
    free(c->cliques);
    free(c->up);
    free(c->down);
    free(c->estimate);
    free(c->candidate);
    free(c->group_candidate);
    free(c->interval);
    memset(c, 0, sizeof *c);
}
