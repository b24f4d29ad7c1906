#include "gen/pe/options.h"

#include <string.h>

const pv_pe_options pv_pe_defaults = {.keep = -1,
                                      .threshold = -1,
                                      .degree = {0.5, 0.01},
                                      .init = -1,
                                      .timeout = 600};

pv_status pv_pe_take_api(pv_pe_options *options, const char *text, int argc,
                         char **argv, int *index, pv_error *err)
{
    static const struct {
        const char *name;
        pv_pe_api api;
        const char *where;
    } known[] = {{"table", PV_PE_TABLE, NULL},
                 {"pool", PV_PE_POOL, "FILE.h5"},
                 {"steps", PV_PE_STEPS, "DIR"},
                 {"command", PV_PE_COMMAND, "\"PROGRAM ...\""}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(text, known[i].name) != 0)
            continue;
        options->api = known[i].api;
        options->where = NULL;
        if (known[i].where == NULL)
            return PV_OK;
        if (*index >= argc || argv[*index][0] == '-')
            return pv_fail(err, PV_EUSAGE, "--api %s takes one word more: %s",
                           text, known[i].where);
        options->where = argv[(*index)++];
        return PV_OK;
    }
    return pv_fail(err, PV_EUSAGE,
                   "--api: \"%s\" is not table, pool FILE.h5, steps DIR or "
                   "command \"PROGRAM ...\"",
                   text);
}

pv_status pv_pe_metric(const char *text, const char *where,
                       pv_vector_metric *metric, pv_error *err)
{
    static const char *const name[] = {"l2", "cosine", "ip"};
    for (int i = 0; i < 3; i++)
        if (strcmp(text, name[i]) == 0) {
            *metric = (pv_vector_metric)i;
            return PV_OK;
        }
    return pv_fail(err, PV_EUSAGE,
                   "%s: the metric \"%s\" is not l2, cosine or ip", where,
                   text);
}

/* What the selection has no use for. */
static const char *idle(const pv_pe_options *o)
{
    const bool draws = o->api == PV_PE_TABLE || o->api == PV_PE_POOL;
    if (o->select == PV_PE_RANK && o->threshold >= 0)
        return "--threshold is not for --select rank, which takes the most votes "
               "whatever they are";
    if (o->select != PV_PE_FIT)
        return NULL;
    if (o->keep >= 0 || o->lookahead > 0)
        return "--keep-parents and --lookahead are for --select sample or rank: a "
               "fit keeps all candidates, where they are";
    if (draws && (o->children > 0 || o->degree_given))
        return "--children and --degrees are for --select sample or rank: a fit "
               "of rows or of a pool draws candidates by what all rounds say";
    if (o->threshold >= 0 && o->one_shot == 0)
        return "--threshold is for --select sample and for --one-shot";
    if (o->one_shot > 0 && o->candidates > 0)
        return "--one-shot says how many cells there are: leave out "
               "--candidates";
    return NULL;
}

static const char *contradiction(const pv_pe_options *o)
{
    const bool table = o->api == PV_PE_TABLE;
    if (o->one_shot > 0 && o->api != PV_PE_POOL)
        return "--one-shot is for a pool (--api pool FILE.h5)";
    if (o->one_shot > 0 && o->select_given)
        return "--one-shot asks once: leave out --select";
    if (table && o->metric_given)
        return "--metric is for embeddings; rows are compared by L2";
    if (!table && o->init == 1)
        return "--init marginals is for tables (--api table)";
    return idle(o);
}

pv_status pv_pe_settle(pv_pe_options *o, pv_error *err)
{
    const char *what = contradiction(o);
    const bool rank = o->select == PV_PE_RANK;
    if (what != NULL)
        return pv_fail(err, PV_EUSAGE, "%s", what);
    o->marginals = o->api == PV_PE_TABLE &&
                   (o->init >= 0 ? o->init == 1 : o->select == PV_PE_FIT);
    if (o->children == 0)
        o->children = rank ? 3 : 1;
    if (o->keep < 0)
        o->keep = rank;
    if (o->threshold < 0)
        o->threshold = o->one_shot > 0 ? 2 : 0;
    return PV_OK;
}
