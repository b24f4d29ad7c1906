#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"
#include "gen/command.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { json_flags = JSON_INDENT(2) | JSON_SORT_KEYS | JSON_REAL_PRECISION(17) };

pv_status pv_command_json(json_t *object, pv_error *err)
{
    char *text = object != NULL ? json_dumps(object, json_flags) : NULL;
    json_decref(object);
    if (text == NULL)
        return pv_fail_memory(err, "the output");
    const bool failed = puts(text) == EOF || fflush(stdout) != 0;
    free(text);
    return failed ? pv_fail_errno(err, PV_EIO, "standard output") : PV_OK;
}

pv_status pv_command_flush(pv_error *err)
{
    if (ferror(stdout) || fflush(stdout) != 0)
        return pv_fail_errno(err, PV_EIO, "standard output");
    return PV_OK;
}

/* ---- methods ---------------------------------------------------------- */

pv_status pv_command_methods(const pv_command *c, pv_error *err)
{
    json_t *all = json_object();
    for (size_t i = 0; pv_generator_at(i) != NULL; i++) {
        const pv_generator *g = pv_generator_at(i);
        if (c->json)
            (void)json_object_set_new(all, g->name, json_string(g->summary));
        else
            (void)printf("%-12s %s\n", g->name, g->summary);
    }
    if (c->json)
        return pv_command_json(all, err);
    json_decref(all);
    return pv_command_flush(err);
}

/* ---- plan ------------------------------------------------------------- */

static json_t *plan_json(const pv_request *r, const pv_plan *plan)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < plan->count; i++) {
        const pv_plan_line *line = &plan->line[i];
        (void)json_array_append_new(
            lines, json_pack("{s:s, s:f, s:I, s:f, s:f}", "marginal",
                             line->what, "sigma", line->sigma, "cells",
                             (json_int_t)line->cells, "error", line->error,
                             "share", line->share));
    }
    return json_pack("{s:s, s:f, s:f, s:f, s:o, s:s, s:I, s:f}", "method",
                     r->method->name, "rho", pv_units_to_rho(r->budget),
                     "delta_labels", pv_delta_of_units(r->delta_labels),
                     "rows_hint", r->rows_hint, "lines", lines, "note",
                     plan->note != NULL ? plan->note : "", "bytes",
                     (json_int_t)plan->bytes, "seconds", plan->seconds);
}

static pv_status plan_text(const pv_request *r, pv_plan *plan,
                           double delta, pv_error *err)
{
    const double rho = pv_units_to_rho(r->budget);
    const double left = pv_delta_left(delta, r->delta_labels);
    (void)printf("method %s, rho %.6g (epsilon %.4g at delta %.3g), for about "
                 "%.0f rows\n",
                 r->method->name, rho, pv_zcdp_epsilon(rho, left), delta,
                 r->rows_hint);
    if (r->delta_labels > 0)
        (void)printf("finding labels takes %.3g of delta\n",
                     pv_delta_of_units(r->delta_labels));
    (void)putchar('\n');
    (void)printf("%-44s %9s %9s %9s %8s\n", "marginal", "cells", "sigma",
                 "error", "budget");
    for (size_t i = 0; i < plan->count; i++) {
        pv_plan_line *line = &plan->line[i];
        pv_log_printable(line->what);
        (void)printf("%-44s %9zu %9.2f %9.4f %7.2f%%\n", line->what,
                     line->cells, line->sigma, line->error,
                     100 * line->share);
    }
    (void)printf("\nsigma is the noise of one cell in rows; error is the "
                 "expected sum of absolute errors\nover the rows once fitted, for "
                 "rows spread over the cells by Zipf's law.\nNote: %s.\nAbout %.0f MB of memory and "
                 "%.1f seconds of one core.\n",
                 plan->note != NULL ? plan->note : "none",
                 (double)plan->bytes / 1048576.0, plan->seconds);
    return pv_command_flush(err);
}

pv_status pv_command_plan(const pv_command *c, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *schema = NULL;
    pv_command_parts parts = {0};
    pv_plan plan = {0};
    pv_request request;
    pv_command_terms terms;
    const pv_generator *method =
        c->rest_count == 2 ? pv_generator_find(c->rest[1]) : NULL;
    if (method == NULL || c->schema == NULL)
        return pv_fail(err, PV_EUSAGE,
                       "usage: privet-gen plan METHOD --schema S --epsilon E "
                       "--delta D [--rows-hint N]; privet-gen methods lists "
                       "the methods");
    PV_TRY(pv_schema_read(c->schema, &schema, err));
    PV_TRY(pv_command_budget(c, schema, &terms, err));
    PV_TRY(pv_command_request(c, method, schema, &terms, &parts, &request,
                              err));
    PV_TRY(pv_plan_make(&request, &plan, err));
    PV_TRY(c->json ? pv_command_json(plan_json(&request, &plan), err)
                   : plan_text(&request, &plan, terms.delta, err));
out:
    pv_plan_clear(&plan);
    pv_command_parts_clear(&parts);
    pv_schema_free(schema);
    return status;
}

/* ---- ledger ----------------------------------------------------------- */

static pv_status read_ledger(const char *path, json_t **bodies, pv_error *err)
{
    pv_status status = PV_OK;
    struct stat info;
    unsigned char *text = NULL;
    size_t size = 0;
    pv_release *release = NULL;
    char *file = NULL;
    if (stat(path, &info) != 0)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open", path);
    if (S_ISDIR(info.st_mode)) {
        file = pv_sprintf_alloc("%s/ledger.jsonl", path);
        if (file == NULL)
            return pv_fail_memory(err, "a path");
        PV_TRY(pv_file_read(file, 1 << 28, &text, &size, err));
        while (size > 0 && text[size - 1] != '\n')
            size--; /* a line being written, or cut short by a kill */
        PV_TRY(pv_ledger_parse((const char *)text, size, file, bodies, err));
    } else {
        PV_TRY(pv_release_read(path, &release, err));
        if (release->claim != NULL) {
            status = pv_fail(err, PV_EINVAL,
                             "%s: no ledger: its marginals were measured "
                             "elsewhere; privacy %s",
                             path, release->claim);
            goto out;
        }
        PV_TRY(pv_ledger_parse(release->ledger, strlen(release->ledger), path,
                               bodies, err));
    }
out:
    free(file);
    free(text);
    pv_release_free(release);
    return status;
}

static void describe_question(const json_t *question, char *text, size_t size)
{
    const char *ask = json_string_value(json_object_get(question, "ask"));
    const json_t *cliques = json_object_get(question, "cliques");
    const char *column =
        json_string_value(json_object_get(question, "column"));
    if (column != NULL && ask != NULL && strcmp(ask, "labels") == 0) {
        (void)snprintf(text, size, "labels of %s, threshold %lld, delta %.3g",
                       column,
                       (long long)json_integer_value(
                           json_object_get(question, "threshold")),
                       pv_delta_of_units((uint64_t)json_integer_value(
                           json_object_get(question, "delta"))));
    } else if (column != NULL && ask != NULL) {
        (void)snprintf(text, size, "%lld %s of %s",
                       (long long)json_integer_value(
                           json_object_get(question, "count")),
                       ask, column);
    } else if (ask != NULL && strcmp(ask, "measure") == 0) {
        char *first = json_dumps(json_array_get(cliques, 0), JSON_COMPACT);
        (void)snprintf(text, size, "measure %zu marginal%s, first %s",
                       json_array_size(cliques),
                       json_array_size(cliques) == 1 ? "" : "s",
                       first != NULL ? first : "");
        free(first);
    } else {
        (void)snprintf(
            text, size, "%s among %lld", ask != NULL ? ask : "?",
            (long long)json_integer_value(json_object_get(question, "count")));
    }
}

static void print_lines(const json_t *bodies)
{
    size_t i;
    const json_t *body;
    (void)printf("%4s  %-58s %12s %12s\n", "", "question", "rho", "sum");
    json_array_foreach (bodies, i, body) {
        char what[256];
        const char *kind = json_string_value(json_object_get(body, "kind"));
        if (kind == NULL || strcmp(kind, "reserve") != 0)
            continue;
        describe_question(json_object_get(body, "question"), what, sizeof what);
        pv_log_printable(what);
        (void)printf(
            "%4lld  %-58.58s %12.6g %12.6g\n",
            (long long)json_integer_value(json_object_get(body, "sequence")),
            what,
            pv_units_to_rho((uint64_t)json_integer_value(
                json_object_get(body, "units"))),
            pv_units_to_rho((uint64_t)json_integer_value(
                json_object_get(body, "spent"))));
    }
}

pv_status pv_command_ledger(const pv_command *c, pv_error *err)
{
    pv_status status = PV_OK;
    json_t *bodies = NULL;
    pv_ledger_summary s;
    if (c->rest_count != 2)
        return pv_fail(err, PV_EUSAGE,
                       "usage: privet-gen ledger RUN_DIR | RELEASE.h5");
    PV_TRY(read_ledger(c->rest[1], &bodies, err));
    PV_TRY(pv_ledger_check(bodies, &s, err));
    const json_t *head = json_array_get(bodies, 0);
    const double delta = json_number_value(json_object_get(head, "delta"));
    const double rho = pv_units_to_rho(s.spent);
    const double labels = pv_delta_of_units(s.delta_spent);
    const double epsilon =
        s.spent > 0 ? pv_zcdp_epsilon(rho, pv_delta_left(delta, s.delta_spent))
                    : 0;
    if (c->json) {
        PV_TRY(pv_command_json(json_pack("{s:O, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:b}",
                                    "lines", bodies, "rho", rho, "budget_rho",
                                    pv_units_to_rho(s.budget), "epsilon",
                                    epsilon, "delta", delta, "delta_labels",
                                    labels, "questions",
                                    (json_int_t)s.questions, "unanswered",
                                    (json_int_t)s.uncommitted, "finished",
                                    s.finished),
                          err));
        goto out;
    }
    print_lines(bodies);
    (void)printf("\n%zu questions, %zu not answered; the chain of hashes and "
                 "every cost hold.\nspent rho %.10g of %.10g: epsilon %.6g at "
                 "delta %.3g\n",
                 s.questions, s.uncommitted, rho, pv_units_to_rho(s.budget),
                 epsilon, delta);
    if (s.delta_spent > 0)
        (void)printf("of this delta, finding labels took %.6g\n", labels);
    PV_TRY(pv_command_flush(err));
out:
    json_decref(bodies);
    return status;
}
