/* privet-gen answer: marginals of a release with standard errors. */
#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"
#include "gen/answers.h"
#include "gen/command.h"
#include "io/measured.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char what_it_is[] =
    "standard errors are of the privacy noise alone: not of sampling, and where "
    "a marginal is model-based its error beyond the noise is unknown";

/* --- which marginals ---------------------------------------------------------- */

/* "a,b,c" to a clique. */
static pv_status read_marginal(const pv_schema *schema, const char *text,
                               pv_clique *clique, pv_error *err)
{
    *clique = pv_clique_empty();
    for (const char *at = text;; at++) {
        char name[1024];
        const size_t length = strcspn(at, ",");
        if (length == 0 || length >= sizeof name)
            return pv_fail(err, PV_EUSAGE,
                           "--marginal \"%s\": write names of columns with "
                           "commas between",
                           text);
        memcpy(name, at, length);
        name[length] = '\0';
        const ptrdiff_t c = pv_schema_find(schema, name);
        if (c < 0)
            return pv_fail(err, PV_EUSAGE,
                           "--marginal \"%s\": no column \"%s\"; privet-table "
                           "info lists the columns (for names that hold commas "
                           "use --workload FILE.json)",
                           text, name);
        pv_clique_add(clique, (size_t)c);
        at += length;
        if (*at == '\0')
            return PV_OK;
    }
}

static pv_status list_marginals(const pv_command *c, const pv_schema *schema,
                                pv_workload *wanted, pv_error *err)
{
    pv_status status = PV_OK;
    pv_workload more = {0};
    const pv_workload_spec spec = {.source = c->workload,
                                   .degree = c->degree,
                                   .max_cells = c->max_cells,
                                   .target = c->target};
    for (size_t i = 0; i < c->marginals; i++) {
        pv_clique clique;
        PV_TRY(read_marginal(schema, c->marginal[i], &clique, err));
        PV_TRY(pv_workload_add(wanted, clique, 1.0, err));
    }
    if (c->workload != NULL || c->degree > 0 || c->target != NULL) {
        PV_TRY(pv_workload_make(&spec, schema, &more, err));
        for (size_t i = 0; i < more.count; i++)
            PV_TRY(pv_workload_add(wanted, more.clique[i], 1.0, err));
    }
    if (wanted->count == 0)
        status = pv_fail(err, PV_EUSAGE,
                         "which marginals? give --marginal a,b or --workload");
out:
    pv_workload_clear(&more);
    return status;
}

/* --- output --------------------------------------------------------------------- */

/* The codes of a cell, by column of the clique. */
static void codes_of(const pv_schema *schema, const pv_answer *a, size_t cell,
                     uint32_t *column, uint32_t *code, size_t *columns)
{
    *columns = pv_clique_columns(&a->clique, column, PV_MAX_COLUMNS);
    for (size_t i = *columns; i-- > 0;) {
        const uint32_t levels = pv_schema_column(schema, column[i])->levels;
        code[i] = (uint32_t)(cell % levels);
        cell /= levels;
    }
}

static void level_text(const pv_schema *schema, uint32_t column, uint32_t code,
                       char *text, size_t size)
{
    const pv_column *c = pv_schema_column(schema, column);
    if (c->missing && code == c->levels - 1)
        (void)snprintf(text, size, "%s", pv_schema_missing_value(schema, 0));
    else
        pv_column_describe(c, code, text, size);
}

static void put_field(FILE *out, const char *text)
{
    if (strpbrk(text, ",\"\r\n") == NULL && text[0] != ' ') {
        (void)fputs(text, out);
        return;
    }
    (void)fputc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            (void)fputc('"', out);
        (void)fputc(*text, out);
    }
    (void)fputc('"', out);
}

static void put_header(FILE *out, const pv_schema *schema,
                       const pv_clique *all)
{
    (void)fputs("marginal", out);
    for (size_t c = pv_clique_next(all, 0); c < PV_MAX_COLUMNS;
         c = pv_clique_next(all, c + 1)) {
        (void)fputc(',', out);
        put_field(out, pv_schema_column(schema, c)->name);
    }
    (void)fputs(",count,standard_error,support\n", out);
}

static void put_answer(FILE *out, const pv_schema *schema, const pv_clique *all,
                       const pv_answer *a)
{
    uint32_t column[PV_MAX_COLUMNS], code[PV_MAX_COLUMNS];
    char name[1024], text[2048];
    size_t columns;
    pv_clique_describe(&a->clique, schema, name, sizeof name);
    for (size_t cell = 0; cell < a->cells; cell++) {
        size_t at = 0;
        codes_of(schema, a, cell, column, code, &columns);
        put_field(out, name);
        for (size_t c = pv_clique_next(all, 0); c < PV_MAX_COLUMNS;
             c = pv_clique_next(all, c + 1)) {
            (void)fputc(',', out);
            if (!pv_clique_has(&a->clique, c))
                continue;
            level_text(schema, (uint32_t)c, code[at++], text, sizeof text);
            put_field(out, text);
        }
        (void)fprintf(out, ",%.10g,%.6g,%s\n", a->count[cell], a->error[cell],
                      pv_support_text(a->support));
    }
}

static json_t *answer_json(const pv_schema *schema, const pv_answer *a)
{
    uint32_t column[PV_MAX_COLUMNS], code[PV_MAX_COLUMNS];
    char text[2048];
    size_t columns = 0;
    json_t *names = json_array(), *cells = json_array();
    for (size_t cell = 0; cell < a->cells; cell++) {
        json_t *levels = json_array();
        codes_of(schema, a, cell, column, code, &columns);
        for (size_t i = 0; i < columns; i++) {
            const pv_column *c = pv_schema_column(schema, column[i]);
            const bool missing = c->missing && code[i] == c->levels - 1;
            level_text(schema, column[i], code[i], text, sizeof text);
            (void)json_array_append_new(levels, missing ? json_null()
                                                        : json_string(text));
        }
        (void)json_array_append_new(
            cells, json_pack("{s:o, s:f, s:f}", "levels", levels, "count",
                             a->count[cell], "standard_error",
                             a->error[cell]));
    }
    for (size_t i = 0; i < columns; i++)
        (void)json_array_append_new(
            names, json_string(pv_schema_column(schema, column[i])->name));
    return json_pack("{s:o, s:s, s:o}", "columns", names, "support",
                     pv_support_text(a->support), "cells", cells);
}

static bool put_json(FILE *out, const pv_command *c, const pv_release *r,
                     const pv_answer *answers, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, answer_json(r->schema, &answers[i]));
    json_t *root = json_pack(
        "{s:s, s:s, s:I, s:s*, s:s, s:o}", "schema", "privet/answers/1", "note",
        what_it_is, "replicates", (json_int_t)c->replicates, "privacy_claim",
        r->claim, "method", r->method, "marginals", list);
    const bool done =
        root != NULL && json_dumpf(root, out,
                                   JSON_INDENT(1) | JSON_SORT_KEYS |
                                       JSON_REAL_PRECISION(17)) == 0 &&
        fputc('\n', out) != EOF;
    json_decref(root);
    return done;
}

static pv_status write_answers(const pv_command *c, const pv_release *r,
                               const pv_answer *answers, size_t count,
                               pv_error *err)
{
    pv_status status = PV_OK;
    char *text = NULL;
    size_t size = 0;
    pv_clique all = pv_clique_empty();
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return pv_fail_memory(err, "the answers");
    for (size_t i = 0; i < count; i++)
        all = pv_clique_union(&all, &answers[i].clique);
    bool done = true;
    if (c->json) {
        done = put_json(out, c, r, answers, count);
    } else {
        put_header(out, r->schema, &all);
        for (size_t i = 0; i < count; i++)
            put_answer(out, r->schema, &all, &answers[i]);
    }
    done = done && !ferror(out);
    if (fclose(out) != 0 || !done) {
        status = pv_fail_memory(err, "the answers");
        goto out;
    }
    if (c->output != NULL)
        status = pv_file_write_atomic(c->output, text, size, 0666, err);
    else if (fwrite(text, 1, size, stdout) != size || fflush(stdout) != 0)
        status = pv_fail_errno(err, PV_EIO, "standard output");
out:
    free(text);
    return status;
}

static void summarise(const pv_answer *answers, size_t count)
{
    size_t by[3] = {0};
    for (size_t i = 0; i < count; i++)
        by[answers[i].support]++;
    pv_log_info("%zu marginals measured, %zu inside a measured one, %zu "
                "model-based; %s",
                by[PV_SUPPORT_MEASURED], by[PV_SUPPORT_INSIDE],
                by[PV_SUPPORT_MODEL], what_it_is);
}

pv_status pv_command_answer(const pv_command *c, pv_error *err)
{
    pv_status status = PV_OK;
    pv_release *r = NULL;
    pv_workload wanted = {0};
    pv_answer *answers = NULL;
    size_t made = 0;
    const pv_answer_options options = {.replicates = c->replicates,
                                       .memory = c->memory};
    if (c->rest_count != 2)
        return pv_fail(err, PV_EUSAGE,
                       "usage: privet-gen answer RELEASE.h5 --marginal a,b "
                       "[--marginal c ...] [--workload W] [-o CSV] [--json]");
    if (c->output != NULL) {
        if (pv_file_same(c->rest[1], c->output))
            return pv_fail(err, PV_EEXIST, "%s: is the release; choose "
                                           "another output",
                           c->output);
        PV_TRY(pv_output_check(c->output, c->force, err));
    }
    PV_TRY(pv_measured_read(c->rest[1], c->schema, c->claim, &r, err));
    PV_TRY(list_marginals(c, r->schema, &wanted, err));
    answers = pv_array_calloc(wanted.count, sizeof *answers);
    if (answers == NULL) {
        status = pv_fail_memory(err, "the answers");
        goto out;
    }
    PV_TRY(pv_answer_marginals(r->schema, r->measurements, r->count,
                               r->public_rows > 0 ? (double)r->public_rows : 0,
                               wanted.clique, wanted.count, &options, answers,
                               err));
    made = wanted.count;
    PV_TRY(write_answers(c, r, answers, made, err));
    summarise(answers, made);
out:
    for (size_t i = 0; i < made; i++)
        pv_answer_clear(&answers[i]);
    free(answers);
    pv_workload_clear(&wanted);
    pv_release_free(r);
    return status;
}
