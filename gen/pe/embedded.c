#include "gen/pe/embedded.h"

#include "core/log.h"
#include "core/memory.h"
#include "gen/pe/learn.h"
#include "gen/pe/process.h"
#include "gen/pe/rows_source.h"
#include "gen/pe/steps.h"

#include <stdlib.h>

typedef struct evolved {
    pv_pe_found found;
    pv_pe_run run;
    pv_axes *axes;     /* of rows of the schema */
    pv_space *space;
    pv_source *source;
    bool own_source;   /* the pool is the request's */
    pv_outcome outcome;
} evolved;

/* What row ids stand for, where the records are not the user's own pool. */
static pv_status write_payloads(const evolved *e, pv_error *err)
{
    const pv_request *r = e->run.request;
    if (r->payloads == NULL)
        return PV_OK;
    if (r->pe->api == PV_PE_STEPS)
        return pv_steps_write_payloads(e->source, &e->outcome, r->payloads,
                                       err);
    if (r->pe->api == PV_PE_COMMAND)
        return pv_process_write_payloads(e->source, &e->outcome, r->payloads,
                                         err);
    return PV_OK;
}

static pv_status evolved_rows(pv_pe_found *found, size_t rows,
                              const pv_key *key, pv_table **table,
                              pv_error *err)
{
    evolved *e = (evolved *)found;
    const pv_status status = write_payloads(e, err);
    if (status != PV_OK)
        return status;
    return e->source->rows(e->source, &e->outcome, rows, key, table, err);
}

static void evolved_free(pv_pe_found *found)
{
    evolved *e = (evolved *)found;
    if (e->own_source)
        pv_source_free(e->source);
    pv_outcome_clear(&e->outcome);
    pv_space_free(e->space);
    pv_axes_free(e->axes);
    pv_pe_end(&e->run);
    free(e);
}

/* --- sources -------------------------------------------------------------------- */

/* Rows of the schema, whose columns are drawn alike or by noisy marginals. */
static pv_status begin_table(evolved *e, const pv_request *r,
                             pv_curator *curator, pv_error *err)
{
    pv_status status = PV_OK;
    pv_evidence *unused = NULL;
    pv_key key;
    const double share =
        r->pe->marginals ? pv_pe_size_share : pv_pe_label_share;
    PV_TRY(pv_pe_begin(r, curator, share, &e->run, err));
    PV_TRY(pv_pe_learn(&e->run, &e->axes, &unused, err));
    PV_TRY(pv_space_alloc(r->schema, e->run.by, &e->space, err));
    pv_pe_key(&e->run, "source", 0, &key);
    PV_TRY(pv_rows_source_alloc(r->schema, e->run.by, e->run.classes, e->axes,
                                e->space, &key, &e->source, err));
    e->own_source = true;
out:
    pv_evidence_free(unused);
    return status;
}

static pv_status begin_pool(evolved *e, const pv_request *r,
                            pv_curator *curator, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key key;
    pv_source *source = pv_pool_source_of(r->pool);
    if (pv_curator_width(curator) != source->width)
        return pv_fail(err, PV_EFORMAT,
                       "%s: the pool's embeddings have %zu coordinates and the "
                       "input's %zu; both must come from one model",
                       r->pe->where, source->width, pv_curator_width(curator));
    if (r->pe->one_shot == 0 && r->rounds > 0)
        pv_log_info("of a pool that stays as it is, one histogram over its cells "
                    "mostly tells more than rounds of votes: --one-shot auto");
    PV_TRY(pv_pe_begin(r, curator, pv_pe_label_share, &e->run, err));
    pv_pe_key(&e->run, "source", 0, &key);
    pv_pool_begin(r->pool, &key);
    e->source = source;
out:
    return status;
}

/* Whoever makes candidates is opened before anything is asked, and told nothing yet. */
static pv_status begin_other(evolved *e, const pv_request *r,
                             pv_curator *curator, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t width = pv_curator_width(curator);
    pv_steps_source *steps;
    pv_process_source *process;
    if (r->pe->api == PV_PE_STEPS) {
        PV_TRY(pv_steps_open(r->pe->where, r->schema, width, r->pe->metric,
                             &steps, err));
        e->source = pv_steps_source_of(steps);
    } else {
        PV_TRY(pv_process_open(r->pe->where, r->store, r->schema, width,
                               r->pe->metric, r->pe->timeout, &process, err));
        e->source = pv_process_source_of(process);
    }
    e->own_source = true;
    PV_TRY(pv_pe_begin(r, curator, pv_pe_label_share, &e->run, err));
    pv_pe_key(&e->run, "source", 0, &e->source->key);
out:
    return status;
}

static pv_status begin(evolved *e, const pv_request *r, pv_curator *curator,
                       pv_error *err)
{
    switch (r->pe->api) {
    case PV_PE_TABLE:
        return begin_table(e, r, curator, err);
    case PV_PE_POOL:
        return begin_pool(e, r, curator, err);
    default:
        return begin_other(e, r, curator, err);
    }
}

pv_status pv_pe_embedded(const pv_request *request, pv_curator *curator,
                         pv_pe_found **found, pv_error *err)
{
    pv_status status = PV_OK;
    evolved *e = pv_array_calloc(1, sizeof *e);
    if (e == NULL)
        return pv_fail_memory(err, "the run");
    e->found = (pv_pe_found){.rows = evolved_rows, .free = evolved_free};
    PV_TRY(begin(e, request, curator, err));
    if (request->pe->one_shot > 0)
        PV_TRY(pv_pe_one_shot(&e->run, request->pool, &e->outcome, err));
    else if (request->pe->select == PV_PE_FIT)
        PV_TRY(pv_pe_finite(&e->run, e->source, request->pool, &e->outcome,
                            err));
    else
        PV_TRY(pv_pe_loop(&e->run, e->space, e->source, &e->outcome, err));
    e->found.total = pv_pe_total(&e->run);
    *found = &e->found;
    e = NULL;
out:
    if (e != NULL)
        evolved_free(&e->found);
    return status;
}
