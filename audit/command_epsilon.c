/* privet-audit epsilon: running, going on, merging. */
#include "audit/command.h"
#include "audit/command_epsilon.h"
#include "audit/stop.h"
#include "audit/summary.h"
#include "core/log.h"
#include "core/memory.h"
#include "core/threads.h"

#include <gsl/gsl_errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { exit_exceeded = 3, exit_inconclusive = 4 };

/* --- findings ------------------------------------------------------------- */

static pv_status add_number(pv_findings *f, const char *name, double value,
                            pv_error *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%.17g", value);
    return pv_findings_add_option(f, name, text, err);
}

static pv_status add_options(const json_t *settings, const pv_contest_claim *c,
                             size_t runs, pv_findings *f, pv_error *err)
{
    pv_status status = PV_OK;
    static const char *const text[] = {"mechanism", "neighbours", "see"};
    const size_t pairs = json_array_size(json_object_get(settings, "pairs"));
    const json_t *about = json_object_get(settings, "about");
    const char *real = json_string_value(json_object_get(about, "real"));
    const char *schema = json_string_value(json_object_get(about, "schema"));
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        const char *value =
            json_string_value(json_object_get(settings, text[i]));
        if (value != NULL)
            PV_TRY(pv_findings_add_option(f, text[i], value, err));
    }
    if (real != NULL && *real != '\0')
        PV_TRY(pv_findings_add_input(f, "real", real, -1, -1, err));
    if (schema != NULL && *schema != '\0')
        PV_TRY(pv_findings_add_input(f, "schema", schema, -1, -1, err));
    PV_TRY(add_number(f, "runs", (double)runs, err));
    PV_TRY(add_number(f, "delta", c->delta, err));
    PV_TRY(add_number(f, "alpha", c->alpha, err));
    PV_TRY(add_number(f, "alpha-each", c->alpha / (2 * (double)pairs), err));
    PV_TRY(pv_findings_add_option(f, "gaussian", c->gaussian ? "yes" : "no",
                                  err));
out:
    return status;
}

static pv_status deliver(const pv_epsilon_options *o, const json_t *settings,
                         const pv_contest_claim *claim,
                         const pv_contest_records *records,
                         pv_contest_verdict *verdict, pv_error *err)
{
    pv_status status = PV_OK;
    pv_findings *findings = NULL;
    PV_TRY(pv_findings_new("privet-audit", "epsilon", &findings, err));
    PV_TRY(add_options(settings, claim, records->count, findings, err));
    PV_TRY(pv_contest_findings(settings, records, claim, findings, verdict,
                               err));
    PV_TRY(pv_output_deliver(&o->output, findings, pv_summary_contest, err));
out:
    pv_findings_free(findings);
    return status;
}

static size_t width_of(const json_t *settings)
{
    return json_array_size(json_object_get(settings, "features"));
}

/* --- running -------------------------------------------------------------- */

/* What was run before, of as many runs as are wanted now, in this part. */
static void keep_wanted(const pv_trials_part *part, pv_contest_records *r)
{
    size_t kept = 0;
    for (size_t i = 0; i < r->count; i++) {
        if (!pv_trials_in(part, r->trial[i]))
            continue;
        r->trial[kept] = r->trial[i];
        r->release[kept] = r->release[i];
        r->rho[kept] = r->rho[i];
        memmove(r->feature + kept * r->width, r->feature + i * r->width,
                r->width * sizeof *r->feature);
        kept++;
    }
    r->count = kept;
}

static pv_status run_missing(const pv_epsilon_options *o,
                             const pv_trials_dir *dir, pv_epsilon_setup *s,
                             const pv_trials_part *part, pv_error *err)
{
    pv_status status = PV_OK;
    uint64_t *missing = NULL, whole = 0;
    size_t count = 0;
    pv_contest_records before = {0};
    const pv_trials_work work = {pv_contest_play, &s->contest, "run", "runs"};
    PV_TRY(pv_contest_records_read(dir->trials, width_of(s->settings), &before,
                                   &whole, err));
    PV_TRY(pv_trials_repair(dir, whole, err));
    PV_TRY(pv_trials_missing(part, before.trial, before.count, &missing, &count,
                             err));
    if (before.count > 0)
        pv_log_info("%s: %zu runs were made before, %zu are left", dir->path,
                    before.count, count);
    PV_TRY(pv_trials_run(&work, dir, missing, count,
                         pv_threads_resolve((int)o->threads), err));
out:
    pv_contest_records_clear(&before);
    free(missing);
    return status;
}

static pv_status run_contest(const pv_epsilon_options *o,
                             pv_contest_verdict *verdict, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key seed = {{0}}, key = {{0}};
    pv_epsilon_setup s = {0};
    pv_trials_dir dir = {0};
    pv_contest_records records = {0};
    uint64_t whole;
    char *path = pv_trials_path(o->run_dir, o->output.path, "epsilon.run");
    if (path == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_option_seed(o->seed, &seed, err));
    PV_TRY(pv_trials_dir_open(&pv_contest_kind, path, &dir, err));
    PV_TRY(pv_trials_key(&dir, o->seed != NULL ? &seed : NULL, &key, err));
    PV_TRY(pv_epsilon_set_up(o, &dir, &key, &s, err));
    PV_TRY(pv_trials_settings(&dir, s.settings, err));
    /* every part has runs of all pairs on both tables */
    const pv_trials_part part = {(uint64_t)o->runs * s.contest.pairs, o->shard,
                                 o->shards, 2 * s.contest.pairs};
    PV_TRY(run_missing(o, &dir, &s, &part, err));
    PV_TRY(pv_contest_records_read(dir.trials, width_of(s.settings), &records,
                                   &whole, err));
    keep_wanted(&part, &records);
    if (o->shards > 1) { /* each part would be an audit of its own */
        pv_log_info("a part of the runs gives no verdict: merge all parts");
        s.claim.has_epsilon = s.claim.has_rho = false;
    }
    PV_TRY(deliver(o, s.settings, &s.claim, &records, verdict, err));
out:
    pv_contest_records_clear(&records);
    pv_epsilon_setup_clear(&s);
    pv_trials_dir_close(&dir);
    pv_key_wipe(&seed);
    pv_key_wipe(&key);
    free(path);
    return status;
}

/* --- merging -------------------------------------------------------------- */

typedef struct part {
    json_t *settings;
    const char *key;
    pv_contest_records records;
} part;

/* Which record comes where: by key, then by number. */
typedef struct place {
    const char *key;
    uint64_t trial;
    size_t part, at;
} place;

static int by_place(const void *left, const void *right)
{
    const place *a = left, *b = right;
    const int order = strcmp(a->key, b->key);
    return order != 0 ? order : (a->trial > b->trial) - (a->trial < b->trial);
}

static pv_status read_part(const pv_epsilon_options *o, size_t i, part *parts,
                           pv_error *err)
{
    pv_status status = PV_OK;
    uint64_t whole;
    part *p = &parts[i];
    char *trials = pv_sprintf_alloc("%s/trials.jsonl", o->dir[i]);
    if (trials == NULL)
        return pv_fail_memory(err, "a path");
    PV_TRY(pv_trials_settings_read(&pv_contest_kind, o->dir[i], &p->settings,
                                   err));
    const char *key = json_string_value(json_object_get(p->settings, "key"));
    p->key = key != NULL ? key : "";
    const char *what = pv_trials_settings_differ(
        &pv_contest_kind, parts[0].settings, p->settings, false);
    if (what != NULL) {
        status = pv_fail(err, PV_EMISMATCH,
                         "%s: is of another audit: %s differs; merge runs that "
                         "differ in their numbers or seeds alone",
                         o->dir[i], what);
        goto out;
    }
    PV_TRY(pv_contest_records_read(trials, width_of(p->settings), &p->records,
                                   &whole, err));
out:
    free(trials);
    return status;
}

static pv_status order_places(const pv_epsilon_options *o, const part *parts,
                              place **order, size_t *count, pv_error *err)
{
    size_t n = 0;
    *count = 0;
    for (int i = 0; i < o->dirs; i++)
        *count += parts[i].records.count;
    *order = pv_array_calloc(*count + 1, sizeof **order);
    if (*order == NULL)
        return pv_fail_memory(err, "the runs");
    for (size_t i = 0; i < (size_t)o->dirs; i++)
        for (size_t k = 0; k < parts[i].records.count; k++)
            (*order)[n++] =
                (place){parts[i].key, parts[i].records.trial[k], i, k};
    qsort(*order, n, sizeof **order, by_place);
    for (size_t k = 1; k < n; k++)
        if (by_place(&(*order)[k - 1], &(*order)[k]) == 0)
            return pv_fail(err, PV_EMISMATCH,
                           "%s and %s both have run %llu of the same audit; "
                           "leave one of them out",
                           o->dir[(*order)[k - 1].part],
                           o->dir[(*order)[k].part],
                           (unsigned long long)(*order)[k].trial);
    return PV_OK;
}

static pv_status join(const part *parts, const place *order, size_t count,
                      pv_contest_records *all, pv_error *err)
{
    all->trial = pv_array_calloc(count + 1, sizeof *all->trial);
    all->release = pv_array_calloc(count + 1, sizeof *all->release);
    all->rho = pv_array_calloc(count + 1, sizeof *all->rho);
    all->feature =
        pv_array_calloc(count + 1, all->width * sizeof *all->feature);
    if (all->trial == NULL || all->release == NULL || all->rho == NULL ||
        all->feature == NULL)
        return pv_fail_memory(err, "the runs");
    for (size_t i = 0; i < count; i++) {
        const pv_contest_records *from = &parts[order[i].part].records;
        const size_t at = order[i].at;
        all->trial[i] = from->trial[at];
        all->release[i] = from->release[at];
        all->rho[i] = from->rho[at];
        memcpy(all->feature + i * all->width, from->feature + at * all->width,
               all->width * sizeof *all->feature);
    }
    all->count = count;
    return PV_OK;
}

/* The claim that the runs were made for, unless the options say another. */
static pv_contest_claim claim_of(const pv_epsilon_options *o,
                                 const json_t *settings)
{
    pv_contest_claim c = o->claim;
    const json_t *about = json_object_get(settings, "about");
    c.gaussian |= json_is_true(json_object_get(about, "gaussian"));
    if (!o->has_delta)
        c.delta = json_number_value(json_object_get(about, "delta"));
    if (!c.has_epsilon && !c.has_rho) {
        c.has_epsilon = json_is_true(json_object_get(about, "has_epsilon")) &&
                        !o->has_delta;
        c.epsilon = json_number_value(json_object_get(about, "epsilon"));
        c.has_rho = json_is_true(json_object_get(about, "has_rho"));
        c.rho = json_number_value(json_object_get(about, "rho"));
    }
    return c;
}

static bool of_ours(const json_t *settings)
{
    return json_is_true(
        json_object_get(json_object_get(settings, "about"), "ours"));
}

/* Runs that are not there may be those that failed. */
static void warn_of_missing(const json_t *settings,
                            const pv_contest_records *all)
{
    const json_t *about = json_object_get(settings, "about");
    const size_t pairs = json_array_size(json_object_get(settings, "pairs"));
    const json_int_t runs =
        json_integer_value(json_object_get(about, "runs"));
    if (runs > 0 && all->count < (size_t)runs * pairs)
        pv_log_warning("%zu of %zu runs are there: other parts are missing or "
                       "not finished",
                       all->count, (size_t)runs * pairs);
}

static pv_status merge(const pv_epsilon_options *o, pv_contest_verdict *verdict,
                       pv_error *err)
{
    pv_status status = PV_OK;
    place *order = NULL;
    size_t count;
    pv_contest_records all = {0};
    part *parts = pv_array_calloc((size_t)o->dirs, sizeof *parts);
    if (parts == NULL)
        return pv_fail_memory(err, "the runs");
    for (size_t i = 0; i < (size_t)o->dirs; i++)
        PV_TRY(read_part(o, i, parts, err));
    all.width = parts[0].records.width;
    PV_TRY(order_places(o, parts, &order, &count, err));
    PV_TRY(join(parts, order, count, &all, err));
    const pv_contest_claim claim = claim_of(o, parts[0].settings);
    if (claim.gaussian && of_ours(parts[0].settings)) {
        status = pv_fail(err, PV_EUSAGE,
                         "--gaussian does not hold for privet-gen: leave it "
                         "out");
        goto out;
    }
    warn_of_missing(parts[0].settings, &all);
    PV_TRY(deliver(o, parts[0].settings, &claim, &all, verdict, err));
out:
    for (size_t i = 0; i < (size_t)o->dirs; i++) {
        json_decref(parts[i].settings);
        pv_contest_records_clear(&parts[i].records);
    }
    free(parts);
    free(order);
    pv_contest_records_clear(&all);
    return status;
}

/* --- the command ---------------------------------------------------------- */

static pv_status run(const pv_epsilon_options *o, pv_contest_verdict *verdict,
                     pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_crypto_init(err));
    PV_TRY(pv_output_ready(&o->output, err));
    PV_TRY(o->merge ? merge(o, verdict, err) : run_contest(o, verdict, err));
out:
    return status;
}

/* Whether a question of the curator is to be audited: --primitive, or as much of
 * it as getopt takes for it. */
static bool of_a_primitive(int argc, char **argv)
{
    static const char option[] = "--primitive";
    enum { least = 6 };
    for (int i = 1; i < argc; i++) {
        const size_t length = strcspn(argv[i], "=");
        if (length >= least && length < sizeof option &&
            strncmp(argv[i], option, length) == 0)
            return true;
    }
    return false;
}

int pv_command_epsilon(int argc, char **argv)
{
    if (of_a_primitive(argc, argv))
        return pv_command_primitive(argc, argv);
    pv_error err = PV_ERROR_INIT;
    pv_epsilon_options o;
    pv_contest_verdict verdict = {0};
    pv_status status = pv_epsilon_read_options(argc, argv, &o, &err);
    if (status == PV_OK && (o.help || o.version))
        return pv_command_tell(o.help ? pv_epsilon_help : NULL);
    if (status == PV_OK) {
        /* one thread: runs are made side by side instead */
        pv_command_begin(o.level, 1);
        (void)gsl_set_error_handler_off();
        pv_stop_on_signals();
        status = run(&o, &verdict, &err);
    }
    const int end = pv_command_end(status, &err);
    return end != 0             ? end
           : verdict.exceeded   ? exit_exceeded
           : verdict.identical ? exit_inconclusive
                                : 0;
}
