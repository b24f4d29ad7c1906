#include "audit/attack/queries.h"

#include "audit/attack/queries_internal.h"
#include "core/memory.h"
#include "core/threads.h"
#include "io/rows.h"
#include "marginals/clique.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void pv_clauses_free(pv_clauses *q)
{
    if (q == NULL)
        return;
    for (size_t k = 0; k < q->known && q->ranked != NULL; k++) {
        free(q->ranked[k].of_code);
        free(q->ranked[k].of_user);
    }
    free(q->ranked);
    free(q->prefix);
    free(q->cell_of_user);
    free(q->first_cell);
    free(q->size);
    free(q->query);
    pv_incidence_clear(&q->incidence);
    free(q);
}

const pv_incidence *pv_clauses_incidence(const pv_clauses *q)
{
    return &q->incidence;
}

/* --- ranks ---------------------------------------------------------------- */

static pv_status rank_column(const pv_table *users, uint32_t column,
                             pv_ranked *r, pv_error *err)
{
    const pv_column *c = pv_schema_column(pv_table_schema(users), column);
    const pv_codes codes = pv_table_codes(users, column);
    const size_t rows = pv_table_rows(users);
    r->column = column;
    r->of_code = pv_array_alloc(c->levels, sizeof *r->of_code);
    r->of_user = pv_array_alloc(rows, sizeof *r->of_user);
    if (r->of_code == NULL || r->of_user == NULL)
        return pv_fail_memory(err, "the people's values");
    memset(r->of_code, 0, c->levels * sizeof *r->of_code);
    for (size_t j = 0; j < rows; j++)
        r->of_code[pv_codes_at(codes, j)] = 1;
    for (uint32_t code = 0; code < c->levels; code++)
        r->ranks += r->of_code[code];
    if (r->ranks >= UINT16_MAX)
        return pv_fail(err, PV_ETOOBIG,
                       "column \"%s\" has %u or more different values; an "
                       "identifier is no quasi-identifier: leave it out with "
                       "--known",
                       c->name, (unsigned)UINT16_MAX);
    uint16_t next = 0;
    for (uint32_t code = 0; code < c->levels; code++)
        r->of_code[code] =
            r->of_code[code] != 0 ? next++ : (uint16_t)r->ranks;
    for (size_t j = 0; j < rows; j++)
        r->of_user[j] = r->of_code[pv_codes_at(codes, j)];
    return PV_OK;
}

static pv_status rank_all(const pv_table *users, const pv_query_spec *spec,
                          pv_clauses *q, pv_error *err)
{
    q->users = pv_table_rows(users);
    q->known = spec->known_count;
    q->ranked = pv_array_calloc(q->known, sizeof *q->ranked);
    if (q->ranked == NULL)
        return pv_fail_memory(err, "the people's values");
    for (size_t k = 0; k < q->known; k++) {
        const pv_status status =
            rank_column(users, spec->known[k], &q->ranked[k], err);
        if (status != PV_OK)
            return status;
    }
    return PV_OK;
}

/* --- sets ----------------------------------------------------------------- */

/* All prefixes of `count` columns that a column follows; counts them when
 * q->prefix is NULL. */
static void list_prefixes(pv_clauses *q, uint32_t count)
{
    uint32_t member[PV_ORDER_MOST];
    for (uint32_t i = 0; i < count; i++)
        member[i] = i;
    do {
        const size_t next = count > 0 ? member[count - 1] + 1U : 0;
        if (next >= q->known)
            continue;
        if (q->prefix != NULL) {
            pv_prefix *p = &q->prefix[q->prefixes];
            *p = (pv_prefix){.count = count,
                             .first_last = (uint32_t)next,
                             .first_set = q->sets};
            memcpy(p->member, member, count * sizeof *member);
        }
        q->prefixes++;
        q->sets += q->known - next;
    } while (pv_combination_next(member, count, q->known));
}

static double choose(size_t n, unsigned k)
{
    double c = 1;
    for (unsigned i = 0; i < k; i++)
        c *= (double)(n - i) / (double)(i + 1);
    return c;
}

static pv_status check_memory(const pv_query_spec *spec, double sets,
                              size_t users, double bytes, pv_error *err)
{
    if (sets <= 1e7 && (spec->memory == 0 || bytes <= (double)spec->memory))
        return PV_OK;
    return pv_fail(err, PV_ETOOBIG,
                   "the queries are of %.0f sets of columns and %zu people: "
                   "%.2g GB, above the memory allowed; lower --order, name "
                   "fewer columns with --known, or raise --memory",
                   sets, users, bytes / 1e9);
}

/* cells by user, then the matrix by rows and by columns */
static double matrix_bytes(double sets, size_t users)
{
    return 12 * sets * (double)users;
}

static pv_status check_orders(const pv_query_spec *spec, size_t users,
                              pv_error *err)
{
    double sets = 0;
    for (unsigned k = 0; k < 32; k++) {
        if ((spec->orders >> k & 1) == 0)
            continue;
        if (k < 2 || k > PV_ORDER_MOST)
            return pv_fail(err, PV_EUSAGE,
                           "an order is from 2 to %d: the secret and the "
                           "others of a conjunction",
                           PV_ORDER_MOST);
        if (k - 1 > spec->known_count)
            return pv_fail(err, PV_EUSAGE,
                           "order %u asks for %u quasi-identifiers and there "
                           "are %zu; lower --order",
                           k, k - 1, spec->known_count);
        sets += choose(spec->known_count, k - 1);
    }
    if (sets == 0)
        return pv_fail(err, PV_EUSAGE, "no order of queries is given");
    return check_memory(spec, sets, users, matrix_bytes(sets, users), err);
}

/* Once the cells are known: their sizes and queries, and at a time what merges
 * them, or their counts and answers. */
static pv_status check_cells(const pv_query_spec *spec, const pv_clauses *q,
                             pv_error *err)
{
    const double merging = spec->distinct ? 24 : 0;
    const double answers = 12 * (double)spec->levels;
    const double bytes = matrix_bytes((double)q->sets, q->users) +
                         (double)q->first_cell[q->sets] *
                             (8 + fmax(merging, answers));
    return check_memory(spec, (double)q->sets, q->users, bytes, err);
}

static pv_status list_sets(const pv_query_spec *spec, pv_clauses *q,
                           pv_error *err)
{
    for (uint32_t k = 2; k <= PV_ORDER_MOST; k++)
        if ((spec->orders >> k & 1) != 0)
            list_prefixes(q, k - 2);
    q->prefix = pv_array_alloc(q->prefixes, sizeof *q->prefix);
    q->first_cell = pv_array_calloc(q->sets + 1, sizeof *q->first_cell);
    q->cell_of_user = pv_array_alloc(q->sets, q->users * sizeof(uint32_t));
    if (q->prefix == NULL || q->first_cell == NULL || q->cell_of_user == NULL)
        return pv_fail_memory(err, "the queries");
    q->prefixes = q->sets = 0;
    for (uint32_t k = 2; k <= PV_ORDER_MOST; k++)
        if ((spec->orders >> k & 1) != 0)
            list_prefixes(q, k - 2);
    return PV_OK;
}

/* --- cells ---------------------------------------------------------------- */

typedef struct cells_work {
    pv_clauses *q;
    pv_status *status; /* an item */
} cells_work;

static void cells_item(size_t item, void *context)
{
    const cells_work *w = context;
    pv_clauses *q = w->q;
    const pv_prefix *p = &q->prefix[item];
    pv_status status = PV_OK;
    pv_cell_map map = {0};
    size_t cells = 1;
    uint32_t *prefix = pv_array_calloc(q->users, sizeof *prefix);
    if (prefix == NULL) {
        status = PV_ENOMEM;
        goto out;
    }
    for (uint32_t i = 0; i < p->count; i++) {
        PV_TRY(pv_cells_extend(q, prefix, cells, &q->ranked[p->member[i]], &map,
                               prefix, NULL));
        cells = map.cells;
    }
    for (size_t last = p->first_last; last < q->known; last++) {
        const size_t set = p->first_set + last - p->first_last;
        PV_TRY(pv_cells_extend(q, prefix, cells, &q->ranked[last], &map,
                               q->cell_of_user + set * q->users, NULL));
        q->first_cell[set + 1] = map.cells;
    }
out:
    w->status[item] = status;
    pv_cell_map_free(&map);
    free(prefix);
}

static pv_status find_cells(pv_clauses *q, pv_error *err)
{
    pv_status status = PV_OK;
    cells_work w = {.q = q,
                    .status = pv_array_calloc(q->prefixes, sizeof *w.status)};
    if (w.status == NULL)
        return pv_fail_memory(err, "the queries");
    pv_parallel_for(q->prefixes, cells_item, &w);
    for (size_t i = 0; i < q->prefixes && status == PV_OK; i++)
        status = w.status[i];
    free(w.status);
    if (status != PV_OK)
        return pv_fail_memory(err, "the queries");
    for (size_t s = 0; s < q->sets; s++)
        q->first_cell[s + 1] += q->first_cell[s];
    return PV_OK;
}

static pv_status size_cells(pv_clauses *q, pv_error *err)
{
    const size_t cells = q->first_cell[q->sets];
    q->size = pv_array_calloc(cells, sizeof *q->size);
    q->query = pv_array_alloc(cells, sizeof *q->query);
    if (q->size == NULL || q->query == NULL)
        return pv_fail_memory(err, "the queries");
    for (size_t s = 0; s < q->sets; s++)
        for (size_t j = 0; j < q->users; j++)
            q->size[q->first_cell[s] + q->cell_of_user[s * q->users + j]]++;
    return PV_OK;
}

/* --- from cells to queries ------------------------------------------------ */

/* The matrix of the cells that are queries; of merged ones the first counts. */
static pv_status make_incidence(pv_clauses *q, size_t queries, pv_error *err)
{
    const size_t cells = q->first_cell[q->sets];
    size_t *start = pv_array_calloc(queries + 2, sizeof *start);
    uint32_t *user = NULL;
    bool *first = pv_array_calloc(cells, sizeof *first);
    pv_status status = PV_OK;
    if (start == NULL || first == NULL) {
        status = pv_fail_memory(err, "the queries");
        goto out;
    }
    for (size_t c = 0; c < cells; c++)
        if (q->query[c] != PV_NO_QUERY && start[q->query[c] + 2] == 0) {
            first[c] = true;
            start[q->query[c] + 2] = q->size[c];
        }
    for (size_t i = 2; i < queries + 2; i++)
        start[i] += start[i - 1];
    user = pv_array_alloc(start[queries + 1], sizeof *user);
    if (user == NULL) {
        status = pv_fail_memory(err, "the queries");
        goto out;
    }
    for (size_t s = 0; s < q->sets; s++)
        for (size_t j = 0; j < q->users; j++) {
            const size_t c =
                q->first_cell[s] + q->cell_of_user[s * q->users + j];
            if (first[c])
                user[start[q->query[c] + 1]++] = (uint32_t)j;
        }
    PV_TRY(pv_incidence_make(queries, q->users, start, user, &q->incidence,
                             err));
    start = NULL;
    user = NULL;
out:
    free(start);
    free(user);
    free(first);
    return status;
}

pv_status pv_clauses_make(const pv_table *users, const pv_query_spec *spec,
                          pv_clauses **queries, pv_error *err)
{
    pv_status status = PV_OK;
    size_t count = 0;
    *queries = NULL;
    pv_clauses *q = pv_array_calloc(1, sizeof *q);
    if (q == NULL)
        return pv_fail_memory(err, "the queries");
    if (pv_table_rows(users) == 0) {
        status = pv_fail(err, PV_EINVAL, "there are no people to ask about");
        goto out;
    }
    PV_TRY(check_orders(spec, pv_table_rows(users), err));
    PV_TRY(rank_all(users, spec, q, err));
    PV_TRY(list_sets(spec, q, err));
    PV_TRY(find_cells(q, err));
    PV_TRY(check_cells(spec, q, err));
    PV_TRY(size_cells(q, err));
    PV_TRY(pv_clauses_choose(q, spec, &count, err));
    PV_TRY(make_incidence(q, count, err));
    *queries = q;
    q = NULL;
out:
    pv_clauses_free(q);
    return status;
}
