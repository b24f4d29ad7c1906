/* privet-audit report: evidence, the report, its files. */
#include "audit/command_report.h"

#include "audit/command.h"
#include "audit/report/report.h"
#include "audit/report/xhtml.h"
#include "core/atomicfile.h"
#include "core/memory.h"
#include "core/stream.h"
#include "io/rows.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { exit_failed = 3, exit_inconclusive = 4 };

/* --- evidence ---------------------------------------------------------------- */

typedef struct evidence {
    pv_comparison tables;
    pv_criteria *criteria;
    pv_about *about;
    pv_claim *claim;
    pv_findings *findings[PV_MOST_FINDINGS + 1]; /* of fidelity first */
    size_t count;
    pv_attachment attachment[PV_MOST_ATTACHMENTS];
    size_t attachments;
    char created[32];
} evidence;

static void clear_evidence(evidence *e)
{
    pv_comparison_clear(&e->tables);
    pv_criteria_free(e->criteria);
    pv_about_free(e->about);
    pv_claim_free(e->claim);
    for (size_t i = 0; i < e->count; i++)
        pv_findings_free(e->findings[i]);
}

/* What people wrote comes first: a mistake there need not wait for the probes. */
static pv_status read_texts(const pv_report_options *o, evidence *e,
                            pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(o->criteria != NULL
               ? pv_criteria_read(o->criteria, &e->criteria, err)
               : pv_criteria_default(&e->criteria, err));
    if (o->about != NULL)
        PV_TRY(pv_about_read(o->about, &e->about, err));
out:
    return status;
}

/* Findings of another synthetic table are no evidence about this one. */
static pv_status check_same(const pv_findings *own, const pv_findings *other,
                            const char *path, pv_error *err)
{
    const pv_input *here = pv_findings_input(own, "synthetic");
    const pv_input *there = pv_findings_input(other, "synthetic");
    if (here == NULL || there == NULL || there->rows < 0 ||
        there->rows == here->rows)
        return PV_OK;
    return pv_fail(err, PV_EMISMATCH,
                   "%s is about a synthetic table of %lld rows, and this one has "
                   "%lld: run that command again on this table",
                   path, (long long)there->rows, (long long)here->rows);
}

/* The claim is recomputed here, and never taken from a file. */
static pv_status refuse_claims(const pv_findings *f, const char *path,
                               pv_error *err)
{
    static const char claim[] = "claim.";
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        const char *id = pv_findings_metric(f, i)->id;
        if (strncmp(id, claim, sizeof claim - 1) == 0)
            return pv_fail(err, PV_EFORMAT,
                           "%s has %s, which a release alone can give", path,
                           id);
    }
    return PV_OK;
}

static pv_status read_findings(const pv_report_options *o, evidence *e,
                               pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < o->findings_count; i++) {
        PV_TRY(pv_findings_read(o->findings[i], &e->findings[e->count], err));
        e->count++;
        PV_TRY(refuse_claims(e->findings[e->count - 1], o->findings[i], err));
        PV_TRY(check_same(e->findings[0], e->findings[e->count - 1],
                          o->findings[i], err));
    }
out:
    return status;
}

static bool same_rows(const pv_table *a, const pv_table *b,
                      const pv_schema *schema)
{
    const size_t rows = pv_table_rows(a);
    if (pv_table_rows(b) != rows)
        return false;
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_codes x = pv_table_codes(a, c), y = pv_table_codes(b, c);
        for (size_t i = 0; i < rows; i++)
            if (pv_codes_at(x, i) != pv_codes_at(y, i))
                return false;
        const double *u = pv_table_values(a, c), *v = pv_table_values(b, c);
        for (size_t i = 0; u != NULL && v != NULL && i < rows; i++)
            if (!(u[i] == v[i] || (isnan(u[i]) && isnan(v[i]))))
                return false;
    }
    return true;
}

/* A sound ledger says nothing of a table that is another one. */
static pv_status check_table(const pv_report_options *o, evidence *e,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *released = NULL;
    pv_error why = PV_ERROR_INIT;
    const pv_load_options how = {.values = true, .ignore_extra = true};
    if (strcmp(pv_schema_json(e->claim->release->schema),
               pv_schema_json(e->tables.schema)) != 0)
        PV_TRY(pv_claim_object(e->claim,
                               "the schema of the audit is not the release's",
                               err));
    if (pv_file_same(o->release, o->tables.synthetic))
        return PV_OK;
    if (pv_load(o->release, e->tables.schema, &how, &released, NULL, &why) !=
            PV_OK ||
        !same_rows(released, e->tables.synthetic, e->tables.schema))
        status = pv_claim_object(
            e->claim, "the table that was audited is not the release's", err);
out:
    pv_table_free(released);
    return status;
}

static pv_status read_claim(const pv_report_options *o, evidence *e,
                            pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_attachment_make("synthetic", o->tables.synthetic,
                              &e->attachment[e->attachments++], err));
    if (o->release == NULL)
        goto out;
    PV_TRY(pv_attachment_make("release", o->release,
                              &e->attachment[e->attachments++], err));
    PV_TRY(pv_claim_read(o->release, &e->claim, err));
    PV_TRY(check_table(o, e, err));
out:
    return status;
}

static pv_status gather(const pv_report_options *o, evidence *e, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(read_texts(o, e, err));
    PV_TRY(pv_findings_new("privet-audit", "fidelity", &e->findings[0], err));
    e->count = 1;
    PV_TRY(pv_comparison_load(&o->tables, &e->tables, e->findings[0], err));
    PV_TRY(read_findings(o, e, err));
    PV_TRY(read_claim(o, e, err));
    PV_TRY(pv_comparison_measure(&o->tables, &e->tables, e->findings[0], err));
out:
    return status;
}

/* Now, or as SOURCE_DATE_EPOCH says, for reports that can be made again. */
static void note_time(char *text, size_t size)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    const time_t now = epoch != NULL ? (time_t)strtoll(epoch, NULL, 10)
                                     : time(NULL);
    struct tm utc;
    *text = '\0';
    if (gmtime_r(&now, &utc) != NULL)
        (void)strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

/* --- files ------------------------------------------------------------------- */

typedef struct files {
    char *page, *twin, *page_partial, *twin_partial;
} files;

static void clear_files(files *f)
{
    free(f->page);
    free(f->twin);
    free(f->page_partial);
    free(f->twin_partial);
}

static pv_status name_files(const pv_report_options *o, files *f, pv_error *err)
{
    f->page = pv_sprintf_alloc("%s/report.html", o->directory);
    f->twin = pv_sprintf_alloc("%s/report.json", o->directory);
    f->page_partial = pv_sprintf_alloc("%s/report.html.partial", o->directory);
    f->twin_partial = pv_sprintf_alloc("%s/report.json.partial", o->directory);
    if (f->page == NULL || f->twin == NULL || f->page_partial == NULL ||
        f->twin_partial == NULL)
        return pv_fail_memory(err, "a path");
    return PV_OK;
}

/* Makes the directory and refuses what may not be replaced, before any work. */
static pv_status ready_files(const pv_report_options *o, const files *f,
                             pv_error *err)
{
    pv_status status = PV_OK;
    if (mkdir(o->directory, 0700) != 0 && errno != EEXIST)
        return pv_fail_errno(err, PV_EIO, "%s: cannot make the directory",
                             o->directory);
    PV_TRY(pv_output_check(f->page, o->force, err));
    PV_TRY(pv_output_check(f->twin, o->force, err));
    if (o->registry != NULL)
        PV_TRY(pv_output_check(o->registry, o->force, err));
out:
    return status;
}

/* Both or neither: an old page goes before the twin is new, and a page is there
 * only when its twin is. */
static pv_status publish(const files *f, pv_error *err)
{
    pv_status status = PV_OK;
    if (unlink(f->page) != 0 && errno != ENOENT)
        return pv_fail_errno(err, PV_EIO, "%s: cannot replace", f->page);
    PV_TRY(pv_file_publish(f->twin_partial, f->twin, true, err));
    status = pv_file_publish(f->page_partial, f->page, true, err);
    if (status != PV_OK)
        (void)unlink(f->twin);
out:
    return status;
}

static pv_status write_files(const pv_report *report, const files *f,
                             pv_error *err)
{
    pv_status status = PV_OK;
    pv_document *document = NULL;
    char *page = NULL, *twin = NULL;
    size_t size = 0;
    PV_TRY(pv_report_document(report, &document, err));
    PV_TRY(pv_xhtml(document, &page, &size, err));
    PV_TRY(pv_report_json(report, &twin, err));
    PV_TRY(pv_file_write_atomic(f->twin_partial, twin, strlen(twin), 0600, err));
    PV_TRY(pv_file_write_atomic(f->page_partial, page, size, 0600, err));
    PV_TRY(publish(f, err));
out:
    if (status != PV_OK) {
        (void)unlink(f->twin_partial);
        (void)unlink(f->page_partial);
    }
    pv_document_free(document);
    free(page);
    free(twin);
    return status;
}

static pv_status write_registry(const pv_report *report, const char *path,
                                pv_error *err)
{
    char *text = NULL;
    pv_status status = pv_report_registry(report, &text, err);
    if (status == PV_OK)
        status = pv_file_write_atomic(path, text, strlen(text), 0600, err);
    free(text);
    return status;
}

static void tell(const pv_report *report, const char *page)
{
    (void)printf("%s\n", pv_overall_text(report->overall));
    for (size_t i = 0; i < report->lines; i++) {
        const pv_report_line *l = &report->line[i];
        char *what = pv_sprintf_alloc("%-7s %s: %s%s%s",
                                      pv_result_text(l->result),
                                      l->criterion->id, l->criterion->basis,
                                      l->reason != NULL ? "; " : "",
                                      l->reason != NULL ? l->reason : "");
        if (what != NULL) {
            pv_log_printable(what);
            (void)puts(what);
        }
        free(what);
    }
    (void)printf("the report is %s\n", page);
}

static pv_status report(const pv_report_options *o, pv_overall *overall,
                        pv_error *err)
{
    pv_status status = PV_OK;
    evidence e = {.count = 0};
    files f = {NULL, NULL, NULL, NULL};
    pv_report made = {.count = 0};
    PV_TRY(pv_crypto_init(err));
    PV_TRY(name_files(o, &f, err));
    PV_TRY(ready_files(o, &f, err));
    PV_TRY(gather(o, &e, err));
    note_time(e.created, sizeof e.created);
    const pv_report_input input = {
        .shareable = o->shareable,
        .created = e.created,
        .schema = e.tables.schema,
        .criteria = e.criteria,
        .about = e.about,
        .claim = e.claim,
        .findings = (const pv_findings *const *)e.findings,
        .count = e.count,
        .attachment = e.attachment,
        .attachments = e.attachments};
    PV_TRY(pv_report_make(&input, &made, err));
    PV_TRY(write_files(&made, &f, err));
    if (o->registry != NULL)
        PV_TRY(write_registry(&made, o->registry, err));
    *overall = made.overall;
    if (o->level != PV_LOG_QUIET)
        tell(&made, f.page);
out:
    pv_report_clear(&made);
    clear_files(&f);
    clear_evidence(&e);
    return status;
}

int pv_command_report(int argc, char **argv)
{
    pv_error err = PV_ERROR_INIT;
    pv_overall overall = PV_OVERALL_INCONCLUSIVE;
    pv_report_options o;
    pv_status status = pv_report_options_read(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? pv_report_help : NULL);
    if (status == PV_OK) {
        pv_command_begin(o.level, o.threads);
        (void)gsl_set_error_handler_off();
        status = report(&o, &overall, &err);
    }
    const int ended = pv_command_end(status, &err);
    if (ended != 0 || overall == PV_OVERALL_PASS)
        return ended;
    return overall == PV_OVERALL_FAIL ? exit_failed : exit_inconclusive;
}
