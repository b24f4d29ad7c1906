#ifdef HAVE_CONFIG_H
#include "config.h"
#endif
#include "core/atomicfile.h"
#include "core/log.h"
#include "core/memory.h"
#include "dp/curator_internal.h"
#include "io/release.h"

#include <stdlib.h>
#include <string.h>

static const char *kind_of(const json_t *body)
{
    const char *kind = json_string_value(json_object_get(body, "kind"));
    return kind != NULL ? kind : "";
}

/* What the release shows of the ledger: everything but the keyed digest of the
 * input and what came after the answers. */
static char *public_ledger(const pv_curator *c)
{
    char *text = NULL;
    json_t *bodies = json_array();
    for (size_t i = 0; i < pv_ledger_lines(c->ledger); i++) {
        const json_t *line = pv_ledger_line(c->ledger, i);
        if (strcmp(kind_of(line), "final") == 0 ||
            strcmp(kind_of(line), "close") == 0)
            continue;
        json_t *copy = json_deep_copy(line);
        if (copy == NULL)
            goto out;
        (void)json_object_del(copy, "input");
        if (json_array_append_new(bodies, copy) != 0)
            goto out;
    }
    text = pv_ledger_text(bodies);
out:
    json_decref(bodies);
    return text;
}

/* Of the file's own name, so that one left behind says NOT PRIVATE too. */
static char *partial_name(const pv_curator *c)
{
    char *file = pv_release_file_name(c->output, c->insecure);
    char *partial =
        file != NULL ? pv_sprintf_alloc("%s.partial", file) : NULL;
    free(file);
    return partial;
}

static bool has_hash(const char *path, const char *wanted)
{
    char hex[2 * PV_DIGEST_BYTES + 1];
    return wanted != NULL && pv_file_exists(path) &&
           pv_hash_file(path, hex, NULL) == PV_OK && strcmp(hex, wanted) == 0;
}

pv_status pv_publish_resume(pv_curator *c, bool *finished, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t lines = pv_ledger_lines(c->ledger);
    const json_t *last = lines > 0 ? pv_ledger_line(c->ledger, lines - 1) : NULL;
    *finished = false;
    if (last == NULL || strcmp(kind_of(last), "final") != 0)
        return PV_OK;
    const char *hash = json_string_value(json_object_get(last, "release"));
    char *partial = partial_name(c), *key = pv_rundir_path(c, "key");
    char *file = pv_release_file_name(c->output, c->insecure);
    if (partial == NULL || key == NULL || file == NULL) {
        status = pv_fail_memory(err, "a path");
        goto out;
    }
    if (has_hash(partial, hash)) {
        PV_TRY(pv_rundir_wipe_key(c, err));
        PV_TRY(pv_release_publish(partial, c->output, c->insecure, c->force,
                              err));
        *finished = true;
    } else if (has_hash(file, hash)) {
        PV_TRY(pv_rundir_wipe_key(c, err));
        if (c->insecure && !pv_file_same(c->output, file))
            PV_TRY(pv_release_link(c->output, file, c->force, err));
        *finished = true;
    } else if (!pv_file_exists(key) && !c->insecure) {
        status = pv_fail(err, PV_EMISMATCH,
                         "%s: this run was finished, its key is wiped and its "
                         "release is not at %s; give the -o it was made with, "
                         "or start a new run with another --run-dir",
                         c->run_dir, c->output);
    }
    if (*finished)
        pv_log_info("the run in %s was finished: its release is %s; another "
                    "release is another spend and takes another --run-dir",
                    c->run_dir, file);
out:
    free(partial);
    free(key);
    free(file);
    return status;
}

static pv_status write_partial(pv_curator *c, const pv_table *synthetic,
                               const char *partial, pv_spend dataset_total,
                               pv_error *err)
{
    pv_status status = PV_OK;
    size_t rows = 0;
    char *ledger = public_ledger(c);
    char *dataset = NULL, *dataset_delta = NULL;
    if (c->account.path != NULL) {
        dataset = pv_sprintf_alloc("%.17g", pv_units_to_rho(dataset_total.rho));
        dataset_delta = pv_sprintf_alloc(
            "%.17g", pv_delta_of_units(dataset_total.delta));
    }
    if (ledger == NULL || (c->account.path != NULL &&
                           (dataset == NULL || dataset_delta == NULL))) {
        status = pv_fail_memory(err, "the release");
        goto out;
    }
    const double rho = pv_units_to_rho(c->spent);
    const pv_release_info info = {
        .method = c->method,
        .tool_version = PV_VERSION,
        .neighbours = pv_curator_neighbours_text(c),
        .unit = c->unit,
        .rng = c->insecure ? "INSECURE-TEST" : "secure",
        .epsilon = pv_zcdp_epsilon(rho, pv_delta_left(c->delta, c->delta_spent)),
        .delta = c->delta,
        .delta_labels = pv_delta_of_units(c->delta_spent),
        .rho = rho,
        .public_rows =
            pv_curator_public_rows(c, &rows) ? (int64_t)rows : -1,
        .dataset_rho = dataset,
        .dataset_delta = dataset_total.delta > 0 ? dataset_delta : NULL};
    PV_TRY(pv_release_write(partial, synthetic, &info, ledger, c->measurements,
                            c->measured, err));
out:
    free(ledger);
    free(dataset);
    free(dataset_delta);
    return status;
}

pv_status pv_curator_publish(pv_curator *c, const pv_table *synthetic,
                             pv_error *err)
{
    pv_status status = PV_OK;
    char hash[2 * PV_DIGEST_BYTES + 1];
    pv_spend total = {0, 0};
    char *partial = partial_name(c);
    if (partial == NULL)
        return pv_fail_memory(err, "a path");
    /* no question after the account has been told what was spent */
    if (!pv_curator_has_line(c, "close"))
        PV_TRY(pv_ledger_append(c->ledger,
                                json_pack("{s:s, s:I}", "kind", "close",
                                          "spent", (json_int_t)c->spent),
                                err));
    if (c->account.path != NULL)
        PV_TRY(pv_account_settle(&c->account, c->run_id,
                                 (pv_spend){c->spent, c->delta_spent}, &total,
                                 err));
    PV_TRY(write_partial(c, synthetic, partial, total, err));
    PV_TRY(pv_file_sync(partial, err));
    PV_TRY(pv_dir_sync_of(partial, err));
    PV_TRY(pv_hash_file(partial, hash, err));
    PV_TRY(pv_ledger_append(c->ledger,
                            json_pack("{s:s, s:s}", "kind", "final", "release",
                                      hash),
                            err));
    pv_curator_wipe_rows(c);
    PV_TRY(pv_rundir_wipe_key(c, err));
    PV_TRY(pv_release_publish(partial, c->output, c->insecure, c->force,
                              err));
out:
    free(partial);
    return status;
}
