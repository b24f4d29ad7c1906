/* The report for programs. Keys are sorted, doubles have 17 digits (shareable ones
 * are rounded before, and have 15), and what is no finite number is null. doc/report.schema.json describes it. */
#include "audit/findings_internal.h"
#include "audit/report/report.h"

#include "core/memory.h"

#include <config.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Any text: bytes that are no UTF-8 become "?". */
static json_t *text_of(const char *text)
{
    if (text == NULL)
        return json_null();
    json_t *value = json_string(text);
    if (value != NULL)
        return value;
    char *ascii = pv_strdup(text);
    for (char *c = ascii; c != NULL && *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    value = ascii != NULL ? json_string(ascii) : NULL;
    free(ascii);
    return value;
}

static json_t *number_of(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

/* Fails when `value` is NULL, so that a chain of these fails as a whole. */
static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

/* The object, or NULL when something in it could not be made. */
static json_t *whole(json_t *object, bool ok)
{
    if (ok)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *scope_of(const pv_scope *scope)
{
    if (scope->columns == 0 && scope->rule == NULL && scope->table == NULL &&
        scope->attack == NULL)
        return json_null();
    json_t *object = json_object(), *columns = json_array();
    bool ok = true;
    for (size_t i = 0; i < scope->columns; i++)
        ok = json_array_append_new(columns, text_of(scope->column[i])) == 0 &&
             ok;
    ok = set(object, "columns", columns) && ok;
    if (scope->rule != NULL)
        ok = set(object, "rule", text_of(scope->rule)) && ok;
    if (scope->table != NULL)
        ok = set(object, "table", text_of(scope->table)) && ok;
    if (scope->attack != NULL)
        ok = set(object, "attack", text_of(scope->attack)) && ok;
    return whole(object, ok);
}

static json_t *line_of(const pv_report_line *line)
{
    const pv_criterion *c = line->criterion;
    json_t *o = json_object();
    return whole(
        o,
        set(o, "id", text_of(c->id)) && set(o, "metric", text_of(c->metric)) &&
            set(o, "of", text_of(pv_part_text(c->of))) &&
            set(o, "op", text_of(pv_comparator_text(c->op))) &&
            set(o, "threshold",
                number_of(line->has_threshold ? line->threshold : NAN)) &&
            set(o, "threshold_metric", text_of(c->threshold_metric)) &&
            set(o, "observed",
                number_of(line->has_observed ? line->observed : NAN)) &&
            set(o, "scope", scope_of(&line->scope)) &&
            set(o, "severity",
                text_of(c->mandatory ? "mandatory" : "advisory")) &&
            set(o, "result", text_of(pv_result_text(line->result))) &&
            set(o, "basis", text_of(c->basis)) &&
            set(o, "reason", text_of(line->reason)));
}

static json_t *lines_of(const pv_report *r)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; i < r->lines && ok; i++)
        ok = json_array_append_new(list, line_of(&r->line[i])) == 0;
    return whole(list, ok);
}

static json_t *ledger_of(const pv_claim *claim)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; i < claim->lines && ok; i++) {
        const pv_claim_line *l = &claim->line[i];
        json_t *o = json_object();
        ok = set(o, "sequence", json_integer((json_int_t)l->sequence)) &&
             set(o, "question", text_of(l->question)) &&
             set(o, "noise", text_of(l->noise)) &&
             set(o, "sensitivity2", number_of(l->sensitivity2)) &&
             set(o, "rho", number_of(l->rho)) &&
             set(o, "rho_cumulative", number_of(l->total)) &&
             set(o, "epsilon_cumulative", number_of(l->epsilon));
        ok = json_array_append_new(list, whole(o, ok)) == 0;
    }
    return whole(list, ok);
}

static json_t *claim_of(const pv_claim *claim)
{
    if (claim == NULL)
        return json_null();
    const pv_release *r = claim->release;
    json_t *o = json_object();
    return whole(
        o,
        set(o, "variant", text_of("zCDP")) &&
            set(o, "method", text_of(r->method)) &&
            set(o, "tool_version", text_of(r->tool_version)) &&
            set(o, "epsilon", number_of(r->epsilon)) &&
            set(o, "delta", number_of(r->delta)) &&
            set(o, "rho", number_of(r->rho)) &&
            set(o, "delta_labels", number_of(r->delta_labels)) &&
            set(o, "unit", text_of(r->unit)) &&
            set(o, "neighbours", text_of(r->neighbours)) &&
            set(o, "rng", text_of(r->rng)) &&
            set(o, "dataset_rho", text_of(r->dataset_rho)) &&
            set(o, "stated_elsewhere", text_of(r->claim)) &&
            set(o, "holds",
                claim->has_ledger
                    ? json_boolean(claim->problem == NULL && claim->secure)
                    : json_null()) &&
            set(o, "problem", text_of(claim->problem)) &&
            set(o, "rho_recomputed",
                number_of(claim->has_ledger ? claim->rho : NAN)) &&
            set(o, "epsilon_recomputed",
                number_of(claim->has_ledger ? claim->epsilon : NAN)) &&
            set(o, "ledger", ledger_of(claim)));
}

static json_t *about_of(const pv_about *about)
{
    json_t *o = json_object();
    bool ok = o != NULL;
    for (const pv_about_key *k = pv_about_keys(); k->key != NULL && ok; k++)
        ok = set(o, k->key, text_of(pv_about_text(about, k->key)));
    return whole(o, ok);
}

static json_t *attachments_of(const pv_report_input *in)
{
    json_t *o = json_object();
    bool ok = o != NULL;
    for (size_t i = 0; i < in->attachments && ok; i++) {
        const pv_attachment *a = &in->attachment[i];
        json_t *one = json_object();
        ok = set(one, "blake2b_256", text_of(a->blake2b)) &&
             set(one, "sha256", text_of(a->sha256)) &&
             set(one, "bytes", json_integer((json_int_t)a->bytes));
        ok = set(o, a->role, whole(one, ok));
    }
    return whole(o, ok);
}

static json_t *findings_of(const pv_report *r)
{
    json_t *list = json_array();
    bool ok = list != NULL;
    for (size_t i = 0; i < r->count && ok; i++) {
        const pv_findings *f =
            r->findings[i] != NULL ? r->findings[i] : r->input->findings[i];
        ok = json_array_append_new(list, pv_findings_object(f)) == 0;
    }
    return whole(list, ok);
}

static json_t *tool_of(void)
{
    json_t *o = json_object();
    return whole(o, set(o, "name", text_of("privet-audit")) &&
                        set(o, "command", text_of("report")) &&
                        set(o, "version", text_of(PV_VERSION)));
}

pv_status pv_report_json(const pv_report *report, char **text, pv_error *err)
{
    const pv_report_input *in = report->input;
    json_t *o = json_object();
    const bool ok =
        set(o, "schema", text_of("privet/report/1")) &&
        set(o, "tool", tool_of()) && set(o, "created", text_of(in->created)) &&
        set(o, "disclosure_mode",
            text_of(in->shareable ? "shareable" : "internal")) &&
        set(o, "overall", text_of(pv_overall_text(report->overall))) &&
        set(o, "criteria", text_of(pv_criteria_title(in->criteria))) &&
        set(o, "verdicts", lines_of(report)) &&
        set(o, "claim", claim_of(in->claim)) &&
        set(o, "about", about_of(in->about)) &&
        set(o, "attachments", attachments_of(in)) &&
        set(o, "findings", findings_of(report)) &&
        set(o, "withheld", json_integer((json_int_t)report->withheld));
    /* 15 digits give a rounded number back as it was rounded */
    const size_t format = JSON_SORT_KEYS | JSON_INDENT(1) |
                          (in->shareable ? JSON_REAL_PRECISION(15)
                                         : JSON_REAL_PRECISION(17));
    char *json = ok ? json_dumps(o, format) : NULL;
    json_decref(o);
    *text = json != NULL ? pv_sprintf_alloc("%s\n", json) : NULL;
    free(json);
    return *text != NULL ? PV_OK : pv_fail_memory(err, "the report");
}
