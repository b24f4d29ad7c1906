/* White box: the published noisy marginals as queries. */
#include "audit/attack/queries_internal.h"
#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>
#include <string.h>

/* What the attacker has of people, and what is asked about them. */
typedef struct asked {
    const pv_table *users;
    const pv_secret *secret;
    const uint32_t *known;
    size_t known_count;
} asked;

/* One marginal with the secret. The last of its columns runs fastest. */
typedef struct marginal {
    const pv_measurement *from;
    size_t secret_stride;
    size_t *rest;        /* offsets of the cells that differ in columns that are
                            not known: they are added up */
    size_t rests;
    size_t *cell;        /* of each user, code 0 of the secret and of what is
                            not known */
    size_t queries;
    size_t first;        /* the first of them */
    uint32_t *query;     /* of each user */
} marginal;

static void free_marginal(marginal *m)
{
    free(m->rest);
    free(m->cell);
    free(m->query);
}

static bool is_known(const asked *a, uint32_t column)
{
    for (size_t i = 0; i < a->known_count; i++)
        if (a->known[i] == column)
            return true;
    return false;
}

/* It has the secret and something that is known. */
static bool is_useful(const asked *a, const pv_measurement *m)
{
    bool secret = false, known = false;
    for (size_t k = 0; k < m->columns; k++) {
        secret |= m->column[k] == a->secret->column;
        known |= is_known(a, m->column[k]);
    }
    return secret && known;
}

static uint32_t levels_of(const asked *a, uint32_t column)
{
    return pv_schema_column(pv_table_schema(a->users), column)->levels;
}

/* Cells beside each of those so far, for the other codes of one more column. */
static void add_rest(marginal *m, size_t stride, uint32_t levels)
{
    const size_t before = m->rests;
    for (uint32_t code = 1; code < levels; code++)
        for (size_t i = 0; i < before; i++)
            m->rest[m->rests++] = m->rest[i] + code * stride;
}

/* The cells of the users and what is added up for each. */
static pv_status find_cells(const asked *a, marginal *m, pv_error *err)
{
    const size_t rows = pv_table_rows(a->users), columns = m->from->columns;
    size_t stride = 1, rests = 1;
    for (size_t k = 0; k < columns; k++)
        if (m->from->column[k] != a->secret->column &&
            !is_known(a, m->from->column[k]))
            rests *= levels_of(a, m->from->column[k]);
    m->rest = pv_array_alloc(rests, sizeof *m->rest);
    m->cell = pv_array_calloc(rows, sizeof *m->cell);
    if (m->rest == NULL || m->cell == NULL)
        return pv_fail_memory(err, "the measured queries");
    m->rest[m->rests++] = 0;
    for (size_t k = columns; k-- > 0;) {
        const uint32_t column = m->from->column[k];
        const uint32_t levels = levels_of(a, column);
        const pv_codes codes = pv_table_codes(a->users, column);
        if (column == a->secret->column)
            m->secret_stride = stride;
        else if (!is_known(a, column))
            add_rest(m, stride, levels);
        else
            for (size_t j = 0; j < rows; j++)
                m->cell[j] += stride * pv_codes_at(codes, j);
        stride *= levels;
    }
    return PV_OK;
}

/* --- queries -------------------------------------------------------------- */

typedef struct placed {
    size_t cell;
    uint32_t user;
} placed;

static int by_cell(const void *a, const void *b)
{
    const placed *x = a, *y = b;
    if (x->cell != y->cell)
        return x->cell < y->cell ? -1 : 1;
    return (x->user > y->user) - (x->user < y->user);
}

/* Queries numbered by rising cell. */
static pv_status place_users(const asked *a, marginal *m, pv_error *err)
{
    const size_t rows = pv_table_rows(a->users);
    const pv_status status = find_cells(a, m, err);
    if (status != PV_OK)
        return status;
    placed *order = pv_array_calloc(rows, sizeof *order);
    m->query = pv_array_alloc(rows, sizeof *m->query);
    if (order == NULL || m->query == NULL) {
        free(order);
        return pv_fail_memory(err, "the measured queries");
    }
    for (size_t j = 0; j < rows; j++)
        order[j] = (placed){m->cell[j], (uint32_t)j};
    qsort(order, rows, sizeof *order, by_cell);
    for (size_t j = 0; j < rows; j++) {
        if (j > 0 && order[j].cell != order[j - 1].cell)
            m->queries++;
        m->query[order[j].user] = (uint32_t)m->queries;
    }
    m->queries++;
    free(order);
    return PV_OK;
}

static double count_at(const pv_measurement *m, size_t cell)
{
    return m->counts != NULL ? (double)m->counts[cell] : m->values[cell];
}

/* The most codes that one class has. */
static size_t widest_class(const pv_secret *secret, uint32_t codes)
{
    size_t most = 1, in_class[PV_SECRET_MOST] = {0};
    for (uint32_t c = 0; c < codes; c++) {
        const size_t n = ++in_class[secret->class[c]];
        most = n > most ? n : most;
    }
    return most;
}

/* The noisy counts of each class in the cells of a marginal's queries. */
static void read_answers(const asked *a, const marginal *m, pv_answers *answers)
{
    const uint32_t codes = levels_of(a, a->secret->column);
    const double noise = pv_measurement_variance(m->from) *
                         (double)(widest_class(a->secret, codes) * m->rests);
    for (size_t j = 0; j < pv_table_rows(a->users); j++) {
        const size_t i = m->first + m->query[j];
        if (answers->variance[i] > 0)
            continue; /* another user of the cell came before */
        answers->variance[i] = noise + 1e-9;
        for (uint32_t c = 0; c < codes; c++) {
            const size_t cell = m->cell[j] + c * m->secret_stride;
            double *value =
                &answers->value[i * answers->levels + a->secret->class[c]];
            for (size_t r = 0; r < m->rests; r++)
                *value += count_at(m->from, cell + m->rest[r]);
        }
    }
}

static pv_status make_matrix(const marginal *m, size_t marginals, size_t users,
                             size_t queries, pv_incidence *incidence,
                             pv_error *err)
{
    size_t *start = pv_array_calloc(queries + 2, sizeof *start);
    uint32_t *user = pv_array_alloc(marginals, users * sizeof *user);
    pv_status status = PV_OK;
    if (start == NULL || user == NULL) {
        status = pv_fail_memory(err, "the measured queries");
        goto out;
    }
    for (size_t k = 0; k < marginals; k++)
        for (size_t j = 0; j < users; j++)
            start[m[k].first + m[k].query[j] + 2]++;
    for (size_t i = 2; i < queries + 2; i++)
        start[i] += start[i - 1];
    for (size_t k = 0; k < marginals; k++)
        for (size_t j = 0; j < users; j++)
            user[start[m[k].first + m[k].query[j] + 1]++] = (uint32_t)j;
    PV_TRY(pv_incidence_make(queries, users, start, user, incidence, err));
    start = NULL;
    user = NULL;
out:
    free(start);
    free(user);
    return status;
}

pv_status pv_clauses_measured(const pv_table *users, const pv_secret *secret,
                              const uint32_t *known, size_t known_count,
                              const pv_measurement *measurement, size_t count,
                              pv_clauses **queries, pv_answers *answers,
                              pv_error *err)
{
    const asked a = {users, secret, known, known_count};
    const size_t rows = pv_table_rows(users);
    pv_status status = PV_OK;
    size_t marginals = 0, total = 0;
    marginal *m = pv_array_calloc(count, sizeof *m);
    pv_clauses *q = pv_array_calloc(1, sizeof *q);
    *queries = NULL;
    *answers = (pv_answers){0};
    if (m == NULL || q == NULL) {
        status = pv_fail_memory(err, "the measured queries");
        goto out;
    }
    for (size_t i = 0; i < count && rows > 0; i++) {
        if (!is_useful(&a, &measurement[i]))
            continue;
        m[marginals].from = &measurement[i];
        PV_TRY(place_users(&a, &m[marginals++], err));
        m[marginals - 1].first = total;
        total += m[marginals - 1].queries;
    }
    if (marginals == 0) {
        status = pv_fail(err, PV_EINVAL,
                         "no published marginal has the secret and a column "
                         "that is known");
        goto out;
    }
    q->users = rows;
    PV_TRY(make_matrix(m, marginals, rows, total, &q->incidence, err));
    PV_TRY(pv_answers_alloc(total, secret->levels, answers, err));
    for (size_t k = 0; k < marginals; k++)
        read_answers(&a, &m[k], answers);
    *queries = q;
    q = NULL;
out:
    for (size_t i = 0; m != NULL && i < count; i++)
        free_marginal(&m[i]);
    free(m);
    pv_clauses_free(q);
    if (status != PV_OK)
        pv_answers_clear(answers);
    return status;
}
