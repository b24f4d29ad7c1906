/* White box: the published noisy marginals as queries. */
#include "audit/attack/queries_internal.h"
#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>
#include <string.h>

/* One marginal with the secret. The last of its columns runs fastest. */
typedef struct marginal {
    const pv_measurement *from;
    size_t *stride;      /* of each column */
    size_t secret_at;    /* which of its columns is the secret */
    size_t *cell;        /* of each user, the secret's code 0 */
    size_t queries;
    size_t first;        /* the first of them */
    uint32_t *query;     /* of each user */
} marginal;

static void free_marginal(marginal *m)
{
    free(m->stride);
    free(m->cell);
    free(m->query);
}

static bool has_secret(const pv_measurement *m, const pv_secret *secret,
                       size_t *at)
{
    for (*at = 0; *at < m->columns; ++*at)
        if (m->column[*at] == secret->column)
            return m->columns > 1;
    return false;
}

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

/* Cells of the users, and queries numbered by rising cell. */
static pv_status place_users(const pv_table *users, marginal *m, pv_error *err)
{
    const pv_schema *schema = pv_table_schema(users);
    const size_t rows = pv_table_rows(users), columns = m->from->columns;
    size_t stride = 1;
    placed *order = pv_array_calloc(rows, sizeof *order);
    m->stride = pv_array_alloc(columns, sizeof *m->stride);
    m->cell = pv_array_calloc(rows, sizeof *m->cell);
    m->query = pv_array_alloc(rows, sizeof *m->query);
    if (order == NULL || m->stride == NULL || m->cell == NULL ||
        m->query == NULL) {
        free(order);
        return pv_fail_memory(err, "the measured queries");
    }
    for (size_t k = columns; k-- > 0;) {
        m->stride[k] = stride;
        stride *= pv_schema_column(schema, m->from->column[k])->levels;
        const pv_codes codes = pv_table_codes(users, m->from->column[k]);
        for (size_t j = 0; j < rows && k != m->secret_at; j++)
            m->cell[j] += m->stride[k] * pv_codes_at(codes, j);
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

/* The noisy counts of each class in the cells of a marginal's queries. */
static void read_answers(const marginal *m, const pv_secret *secret,
                         uint32_t codes, size_t users, pv_answers *answers)
{
    const size_t levels = secret->levels;
    size_t most = 1;
    for (uint32_t l = 0; l < levels; l++) {
        size_t in_class = 0;
        for (uint32_t c = 0; c < codes; c++)
            in_class += secret->class[c] == l;
        most = in_class > most ? in_class : most;
    }
    for (size_t j = 0; j < users; j++) {
        const size_t i = m->first + m->query[j];
        if (answers->variance[i] > 0)
            continue; /* another user of the cell came before */
        answers->variance[i] =
            pv_measurement_variance(m->from) * (double)most + 1e-9;
        for (uint32_t c = 0; c < codes; c++) {
            const size_t cell = m->cell[j] + c * m->stride[m->secret_at];
            answers->value[i * levels + secret->class[c]] +=
                m->from->counts != NULL ? (double)m->from->counts[cell]
                                        : m->from->values[cell];
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

pv_status pv_queries_measured(const pv_table *users, const pv_secret *secret,
                              const pv_measurement *measurement, size_t count,
                              pv_queries **queries, pv_answers *answers,
                              pv_error *err)
{
    const size_t rows = pv_table_rows(users);
    const uint32_t codes =
        pv_schema_column(pv_table_schema(users), secret->column)->levels;
    pv_status status = PV_OK;
    size_t marginals = 0, total = 0;
    marginal *m = pv_array_calloc(count, sizeof *m);
    pv_queries *q = pv_array_calloc(1, sizeof *q);
    *queries = NULL;
    *answers = (pv_answers){0};
    if (m == NULL || q == NULL) {
        status = pv_fail_memory(err, "the measured queries");
        goto out;
    }
    for (size_t i = 0; i < count && rows > 0; i++) {
        if (!has_secret(&measurement[i], secret, &m[marginals].secret_at))
            continue;
        m[marginals].from = &measurement[i];
        PV_TRY(place_users(users, &m[marginals++], err));
        m[marginals - 1].first = total;
        total += m[marginals - 1].queries;
    }
    if (marginals == 0) {
        status = pv_fail(err, PV_EINVAL,
                         "no published marginal has the secret and another "
                         "column");
        goto out;
    }
    q->users = rows;
    PV_TRY(make_matrix(m, marginals, rows, total, &q->incidence, err));
    PV_TRY(pv_answers_alloc(total, secret->levels, answers, err));
    for (size_t k = 0; k < marginals; k++)
        read_answers(&m[k], secret, codes, rows, answers);
    *queries = q;
    q = NULL;
out:
    for (size_t i = 0; m != NULL && i < count; i++)
        free_marginal(&m[i]);
    free(m);
    pv_queries_free(q);
    if (status != PV_OK)
        pv_answers_clear(answers);
    return status;
}
