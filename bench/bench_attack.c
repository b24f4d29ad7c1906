/* bench_attack - linear reconstruction: CPU time on one thread.
 *
 *   bench/bench_attack [FILE.bin]
 *
 * On a drawn table of the shape of Adult (15 columns): making the queries of
 * order 3 for 1,000 people and answering them on a million rows, beside counting
 * the same marginals densely with pv_count; the four solvers on noisy answers,
 * the exact one beside GLPK's primal simplex and the usual form of the program
 * (split errors, a row a query); least squares on orders 2 to 4. With FILE.bin
 * the solvers run on that instance. */
#include "audit/attack/instance_file.h"
#include "audit/attack/queries.h"
#include "audit/attack/solve.h"
#include "bench/clock.h"
#include "core/memory.h"
#include "core/threads.h"
#include "marginals/count.h"

#include <glpk.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { columns = 15, people_rows = 1000, release_rows = 1000000, secret = 9 };

static const unsigned levels[columns] = {32, 9, 32, 16, 16, 7,  15, 6,
                                         5,  2, 32, 32, 32, 42, 2};
/* The share of the commonest level, in percent; the rest is spread evenly. */
static const unsigned mode_percent[columns] = {6,  70, 10, 32, 32, 46, 13, 40,
                                               85, 67, 92, 95, 47, 90, 76};
static pv_error err;

static void must(pv_status status)
{
    if (status == PV_OK)
        return;
    (void)fprintf(stderr, "bench_attack: %s\n", err.message);
    exit(1);
}

static pv_schema *make_schema(void)
{
    pv_schema *schema = NULL;
    char text[4096] = "{\"fields\":[";
    size_t at = strlen(text);
    for (unsigned c = 0; c < columns; c++)
        at += (size_t)snprintf(
            text + at, sizeof text - at,
            "%s{\"name\":\"c%u\",\"type\":\"integer\",\"constraints\":"
            "{\"required\":true,\"minimum\":0,\"maximum\":%u}}",
            c == 0 ? "" : ",", c, levels[c] - 1);
    (void)snprintf(text + at, sizeof text - at, "]}");
    must(pv_schema_parse(text, strlen(text), "bench", &schema, &err));
    return schema;
}

static pv_table *draw_table(const pv_schema *schema, size_t rows,
                            pv_stream *stream)
{
    pv_table *table = NULL;
    uint32_t *code = pv_array_alloc(rows, sizeof *code);
    must(pv_table_alloc(schema, rows, false, &table, &err));
    for (unsigned c = 0; c < columns; c++) {
        for (size_t r = 0; r < rows; r++)
            code[r] = pv_stream_below(stream, 100) < mode_percent[c]
                          ? 0
                          : (uint32_t)pv_stream_below(stream, levels[c]);
        pv_table_put(table, c, 0, rows, code);
    }
    free(code);
    return table;
}

static double normal(pv_stream *stream)
{
    const double u = pv_stream_double(stream), v = pv_stream_double(stream);
    return sqrt(-2 * log(1 - u)) * cos(6.283185307179586 * v);
}

/* --- queries -------------------------------------------------------------- */

static double dense_counts(const pv_table *release, const uint32_t *known)
{
    pv_clique triple[columns * columns];
    int64_t **counts = NULL;
    size_t n = 0;
    for (unsigned i = 0; i + 1 < columns; i++)
        for (unsigned j = i + 1; j + 1 < columns; j++) {
            const uint32_t of[] = {known[i], known[j], secret};
            triple[n++] = pv_clique_of(of, 3);
        }
    const double start = bench_cpu_seconds();
    must(pv_count_alloc(release, triple, n, &counts, &err));
    const double seconds = bench_cpu_seconds() - start;
    pv_count_free(counts, n);
    return seconds;
}

static pv_clauses *ask(const pv_table *people, const uint32_t *known,
                       unsigned orders)
{
    pv_clauses *q = NULL;
    const pv_query_spec spec = {.known = known,
                                .known_count = columns - 1,
                                .orders = orders};
    must(pv_clauses_make(people, &spec, &q, &err));
    return q;
}

static void bench_queries(const pv_table *people, const pv_table *release,
                          const pv_secret *of, const uint32_t *known)
{
    pv_answers answers;
    const double start = bench_cpu_seconds();
    pv_clauses *q = ask(people, known, 1U << 3);
    must(pv_clauses_answer(q, release, of, &answers, &err));
    const double seconds = bench_cpu_seconds() - start;
    const double dense = dense_counts(release, known);
    (void)printf("queries of order 3, %d people, answered on %d rows: %.3f s; "
                 "dense counts of the same triples %.3f s (ratio %.2f)\n",
                 people_rows, release_rows, seconds, dense, seconds / dense);
    pv_answers_clear(&answers);
    pv_clauses_free(q);
}

/* --- solvers -------------------------------------------------------------- */

/* The program as it is usually given: t, and the errors' two sides, a row a
 * query. */
static double usual_form(const pv_instance *in, double *objective)
{
    const pv_incidence *a = in->incidence;
    const int n = (int)a->users, q = (int)a->queries;
    glp_prob *lp = glp_create_prob();
    int *index = pv_array_alloc(a->users + 3, sizeof *index);
    double *value = pv_array_alloc(a->users + 3, sizeof *value);
    const double start = bench_cpu_seconds();
    glp_add_rows(lp, q);
    glp_add_cols(lp, n + 2 * q);
    for (int j = 1; j <= n; j++)
        glp_set_col_bnds(lp, j, GLP_DB, 0, 1);
    for (int i = 1; i <= q; i++) {
        int k = 0;
        const size_t row = (size_t)i - 1;
        for (size_t e = a->query_start[row]; e < a->query_start[row + 1]; e++) {
            index[++k] = (int)a->user[e] + 1;
            value[k] = 1;
        }
        index[++k] = n + 2 * i - 1;
        value[k] = -1;
        index[++k] = n + 2 * i;
        value[k] = 1;
        glp_set_mat_row(lp, i, k, index, value);
        glp_set_row_bnds(lp, i, GLP_FX, in->answer[row], in->answer[row]);
        for (int side = 1; side >= 0; side--) {
            glp_set_col_bnds(lp, n + 2 * i - side, GLP_LO, 0, 0);
            glp_set_obj_coef(lp, n + 2 * i - side, 1);
        }
    }
    glp_smcp how;
    (void)glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    (void)glp_simplex(lp, &how);
    *objective = glp_get_obj_val(lp);
    const double seconds = bench_cpu_seconds() - start;
    glp_delete_prob(lp);
    free(index);
    free(value);
    return seconds;
}

static void bench_solvers(const char *what, const pv_instance *in)
{
    double exact = 0, objective = 0;
    (void)printf("%s: %zu queries, %zu entries\n", what,
                 in->incidence->queries, in->incidence->entries);
    for (size_t s = 0; s < PV_SOLVERS; s++) {
        pv_solution found;
        const double start = bench_cpu_seconds();
        must(pv_solve(s, in, NULL, &found, &err));
        const double seconds = bench_cpu_seconds() - start;
        exact = s == 0 ? seconds : exact;
        (void)printf("  %-5s %8.3f s  objective %.8g, bound %.8g, %zu "
                     "iterations (ratio to l1 %.3f)\n",
                     pv_solver_at(s)->name, seconds, found.objective,
                     found.bound, found.iterations, seconds / exact);
        pv_solution_clear(&found);
    }
    const double usual = usual_form(in, &objective);
    (void)printf("  the usual form by GLPK's primal simplex %.2f s, objective "
                 "%.8g (l1's ratio %.3f)\n",
                 usual, objective, exact / usual);
}

static void bench_drawn(const pv_table *people, const uint32_t *known,
                        pv_stream *stream, unsigned orders, bool all)
{
    uint32_t class_of[people_rows];
    pv_clauses *q = ask(people, known, orders);
    const pv_incidence *a = pv_clauses_incidence(q);
    pv_answers truth;
    for (size_t j = 0; j < people_rows; j++)
        class_of[j] = (uint32_t)pv_stream_below(stream, 2);
    must(pv_clauses_truth(q, class_of, 2, &truth, &err));
    double *b = pv_array_alloc(a->queries, sizeof *b);
    for (size_t i = 0; i < a->queries; i++)
        b[i] = truth.value[2 * i + 1] + 3 * normal(stream);
    const pv_instance in = {.incidence = a, .levels = 1, .answer = b};
    if (all) {
        bench_solvers("answers with normal noise, sigma 3", &in);
    } else {
        pv_solution found;
        const double start = bench_cpu_seconds();
        must(pv_solve(2, &in, NULL, &found, &err));
        (void)printf("least squares, orders 2 to 4: %zu queries, %zu entries: "
                     "%.3f s, %zu iterations\n",
                     a->queries, a->entries, bench_cpu_seconds() - start,
                     found.iterations);
        pv_solution_clear(&found);
    }
    free(b);
    pv_answers_clear(&truth);
    pv_clauses_free(q);
}

int main(int argc, char **argv)
{
    static uint32_t class[] = {0, 1};
    const pv_secret of = {secret, 2, class};
    const pv_key key = {{1}};
    uint32_t known[columns];
    size_t count = 0;
    pv_stream stream;
    must(pv_crypto_init(&err));
    pv_threads_set(1);
    if (argc > 1) {
        pv_instance_file file = {0};
        must(pv_instance_read(argv[1], &file, &err));
        const pv_instance in = {.incidence = &file.incidence,
                                .levels = 1,
                                .answer = file.answer};
        bench_solvers(argv[1], &in);
        pv_instance_file_clear(&file);
        return 0;
    }
    pv_stream_init(&stream, &key, 0);
    for (uint32_t c = 0; c < columns; c++)
        if (c != secret)
            known[count++] = c;
    pv_schema *schema = make_schema();
    pv_table *people = draw_table(schema, people_rows, &stream);
    pv_table *release = draw_table(schema, release_rows, &stream);
    bench_queries(people, release, &of, known);
    bench_drawn(people, known, &stream, 1U << 3, true);
    bench_drawn(people, known, &stream, 1U << 2 | 1U << 3 | 1U << 4, false);
    pv_table_free(people);
    pv_table_free(release);
    pv_schema_free(schema);
    return 0;
}
