#include "gen/pe/embedded.h"

#include "core/memory.h"
#include "gen/pe/learn.h"
#include "gen/pe/rows_source.h"

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

static pv_status evolved_rows(pv_pe_found *found, size_t rows,
                              const pv_key *key, pv_table **table,
                              pv_error *err)
{
    evolved *e = (evolved *)found;
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
    PV_TRY(pv_pe_begin(r, curator, pv_pe_label_share, &e->run, err));
    pv_pe_key(&e->run, "source", 0, &key);
    pv_pool_begin(r->pool, &key);
    e->source = source;
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
        return pv_fail(err, PV_EUNSUPPORTED, "this source is not there");
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
