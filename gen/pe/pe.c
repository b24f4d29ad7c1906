#include "core/log.h"
#include "core/memory.h"
#include "gen/methods.h"
#include "gen/pe/embedded.h"
#include "gen/pe/learn.h"
#include "gen/pe/plan.h"
#include "gen/pe/table.h"

#include <math.h>

/* Private Evolution (Lin, Gopi, Kulkarni, Nori and Yekhanin, ICLR 2024; of tables Tran et
 * al., ICML 2026): candidates come from public sources, private rows vote for the
 * nearest of them, and the votes, with noise, say which come next. Where this differs from
 * the papers, and what each difference gave, is in doc/pe.md. */

static pv_status search(const pv_request *request, pv_curator *curator,
                        void **found, pv_error *err)
{
    pv_pe_found *what = NULL;
    const pv_pe_options *o = request->pe;
    const pv_status status =
        o->api == PV_PE_TABLE && o->select == PV_PE_FIT
            ? pv_pe_table_fit(request, curator, &what, err)
            : pv_pe_embedded(request, curator, &what, err);
    *found = what;
    return status;
}

static pv_status rows(void *found, const pv_schema *schema, int64_t rows,
                      const pv_key *key, pv_table **table, pv_error *err)
{
    pv_pe_found *f = found;
    (void)schema; /* a release of records by number has its own */
    return f->rows(f, rows >= 0 ? (size_t)rows : (size_t)floor(f->total + 0.5),
                   key, table, err);
}

static void forget(void *found)
{
    pv_pe_found *f = found;
    f->free(f);
}

const pv_generator pv_generator_pe = {
    .name = "pe",
    .summary = "private evolution: votes for the nearest of public candidates",
    .workload = PV_WORKLOAD_NONE,
    .one_way_share = 0.2,
    .plan = pv_pe_plan,
    .evolves = true,
    .search = search,
    .rows = rows,
    .forget = forget};
