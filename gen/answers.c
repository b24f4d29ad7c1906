#include "gen/answers.h"

#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "marginals/factor.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const size_t most_cells = (size_t)1 << 26;

/* A marginal on its way: over roots it is read off the model. */
typedef struct question {
    pv_clique roots;
    size_t root_cells;
    size_t *to;      /* the asked cell of a root cell; NULL: the same */
    double *squares; /* of deviations from the count, by asked cell: summed */
} question;

typedef struct bootstrap {
    const pv_schema *schema;
    const pv_measurement *measurement;
    size_t measurements;
    pv_domain domain;
    pv_zero *zeros;
    size_t zero_count;
    pv_target *target;
    double **fresh; /* of each target: the model's answers, then with noise */
    pv_fit_options fit;
    pv_fit_path *path; /* each refit begins where the one before ended */
    question *question;
    pv_answer *answer;
    size_t answers;
    double *scratch, *asked; /* for the largest question */
} bootstrap;

void pv_answer_clear(pv_answer *answer)
{
    free(answer->count);
    free(answer->error);
    memset(answer, 0, sizeof *answer);
}

const char *pv_support_text(pv_support support)
{
    static const char *const text[] = {"measured", "inside a measured one",
                                       "model-based"};
    return text[support];
}

static void clear(bootstrap *b)
{
    for (size_t i = 0; b->question != NULL && i < b->answers; i++) {
        free(b->question[i].to);
        free(b->question[i].squares);
    }
    for (size_t i = 0; b->fresh != NULL && i < b->measurements; i++)
        free(b->fresh[i]);
    pv_fit_path_free(b->path);
    free(b->question);
    free(b->fresh);
    free(b->zeros);
    free(b->target);
    free(b->scratch);
    free(b->asked);
}

/* --- what is asked ------------------------------------------------------------- */

static pv_support support_of(const bootstrap *b, const pv_clique *roots)
{
    pv_support support = PV_SUPPORT_MODEL;
    for (size_t i = 0; i < b->measurements; i++) {
        if (pv_clique_equal(&b->target[i].clique, roots))
            return PV_SUPPORT_MEASURED;
        if (pv_clique_subset(roots, &b->target[i].clique))
            support = PV_SUPPORT_INSIDE;
    }
    return support;
}

/* The asked cell that a root cell falls into. */
static size_t asked_cell(const bootstrap *b, const pv_domain *whole,
                         const pv_clique *asked, const pv_clique *roots,
                         size_t cell)
{
    uint32_t code[PV_MAX_COLUMNS], column[PV_MAX_COLUMNS];
    size_t at = 0;
    for (size_t i = pv_clique_columns(roots, column, PV_MAX_COLUMNS); i-- > 0;) {
        const uint32_t levels = b->domain.levels[column[i]];
        code[column[i]] = (uint32_t)(cell % levels);
        cell /= levels;
    }
    for (size_t c = pv_clique_next(asked, 0); c < PV_MAX_COLUMNS;
         c = pv_clique_next(asked, c + 1)) {
        const uint32_t *map = pv_schema_map(b->schema, c);
        const uint32_t of = code[pv_schema_root(b->schema, c)];
        at = at * whole->levels[c] + (map != NULL ? map[of] : of);
    }
    return at;
}

static pv_status add_question(bootstrap *b, const pv_clique *asked,
                              question *q, pv_answer *a, pv_error *err)
{
    pv_domain whole;
    pv_domain_of_schema(b->schema, &whole);
    a->clique = *asked;
    a->cells = pv_domain_cells(&whole, asked);
    for (size_t c = pv_clique_next(asked, 0); c < PV_MAX_COLUMNS;
         c = pv_clique_next(asked, c + 1))
        pv_clique_add(&q->roots, pv_schema_root(b->schema, c));
    q->root_cells = pv_domain_cells(&b->domain, &q->roots);
    if (a->cells > most_cells || q->root_cells > most_cells)
        return pv_fail(err, PV_ETOOBIG,
                       "a marginal of more than %zu cells; ask for fewer "
                       "columns",
                       most_cells);
    a->support = support_of(b, &q->roots);
    a->count = pv_array_calloc(a->cells, sizeof *a->count);
    a->error = pv_array_calloc(a->cells, sizeof *a->error);
    q->squares = pv_array_calloc(a->cells, sizeof *q->squares);
    if (!pv_clique_equal(asked, &q->roots))
        q->to = pv_array_alloc(q->root_cells, sizeof *q->to);
    if (a->count == NULL || a->error == NULL || q->squares == NULL ||
        (q->to == NULL && !pv_clique_equal(asked, &q->roots)))
        return pv_fail_memory(err, "the answers");
    for (size_t k = 0; q->to != NULL && k < q->root_cells; k++)
        q->to[k] = asked_cell(b, &whole, asked, &q->roots, k);
    return PV_OK;
}

static pv_status prepare(bootstrap *b, const pv_clique *clique, pv_error *err)
{
    pv_status status = PV_OK;
    size_t roots = 1, cells = 1;
    pv_domain_of_model(b->schema, &b->domain);
    PV_TRY(pv_schema_zero_array(b->schema, &b->zeros, &b->zero_count, err));
    PV_TRY(pv_targets_of(b->measurement, b->measurements, &b->target, err));
    for (size_t i = 0; i < b->measurements; i++)
        PV_TRY(pv_clique_modelled(&b->target[i].clique, b->schema, err));
    b->question = pv_array_calloc(b->answers, sizeof *b->question);
    if (b->question == NULL)
        return pv_fail_memory(err, "the answers");
    for (size_t i = 0; i < b->answers; i++) {
        PV_TRY(add_question(b, &clique[i], &b->question[i], &b->answer[i],
                            err));
        if (b->question[i].root_cells > roots)
            roots = b->question[i].root_cells;
        if (b->answer[i].cells > cells)
            cells = b->answer[i].cells;
    }
    b->scratch = pv_array_alloc(roots, sizeof *b->scratch);
    b->asked = pv_array_alloc(cells, sizeof *b->asked);
    if (b->scratch == NULL || b->asked == NULL)
        status = pv_fail_memory(err, "the answers");
out:
    return status;
}

/* The answer to question i into b->asked. */
static pv_status ask_model(bootstrap *b, const pv_model *model, size_t i,
                           pv_error *err)
{
    const question *q = &b->question[i];
    double *into = q->to != NULL ? b->scratch : b->asked;
    const pv_status status = pv_model_answer(model, &q->roots, into, err);
    if (status != PV_OK || q->to == NULL)
        return status;
    memset(b->asked, 0, b->answer[i].cells * sizeof *b->asked);
    for (size_t k = 0; k < q->root_cells; k++)
        b->asked[q->to[k]] += into[k];
    return PV_OK;
}

/* --- replicates ----------------------------------------------------------------- */

/* Two normal numbers by Marsaglia's polar method, with our own logarithm: the
 * same on every machine. */
static void two_normals(pv_stream *stream, double *x, double *y)
{
    double u, v, s;
    do {
        u = 2 * pv_stream_double(stream) - 1;
        v = 2 * pv_stream_double(stream) - 1;
        s = u * u + v * v;
    } while (s >= 1 || s == 0);
    const double scale = sqrt(-2 * pv_log(s) / s);
    *x = u * scale;
    *y = v * scale;
}

static pv_status fit(const bootstrap *b, pv_model **model, pv_error *err)
{
    return pv_estimate(&b->domain, b->zeros, b->zero_count, b->target,
                       b->measurements, &b->fit, b->path, model, NULL, err);
}

/* The answers of the fitted model, around which fresh noise is drawn. */
static pv_status first_fit(bootstrap *b, double **centre, pv_error *err)
{
    pv_status status = PV_OK;
    pv_model *model = NULL;
    PV_TRY(fit(b, &model, err));
    for (size_t i = 0; i < b->answers; i++) {
        PV_TRY(ask_model(b, model, i, err));
        memcpy(b->answer[i].count, b->asked,
               b->answer[i].cells * sizeof *b->asked);
    }
    b->fresh = pv_array_calloc(b->measurements, sizeof *b->fresh);
    if (b->fresh == NULL) {
        status = pv_fail_memory(err, "the answers");
        goto out;
    }
    for (size_t i = 0; i < b->measurements; i++) {
        const size_t cells = b->measurement[i].cells;
        b->fresh[i] = pv_array_alloc(cells, sizeof **b->fresh);
        centre[i] = pv_array_alloc(cells, sizeof **centre);
        if (b->fresh[i] == NULL || centre[i] == NULL) {
            status = pv_fail_memory(err, "the answers");
            goto out;
        }
        PV_TRY(pv_model_answer(model, &b->target[i].clique, centre[i], err));
        b->target[i].counts = NULL;
        b->target[i].values = b->fresh[i];
    }
out:
    pv_model_free(model);
    return status;
}

/* Measurement i anew: its own stream, whatever the number of threads. */
static void draw(bootstrap *b, const double *centre, size_t i,
                 size_t replicate, const pv_key *key)
{
    pv_stream stream;
    const double sigma = sqrt(b->target[i].sigma2);
    pv_stream_init(&stream, key, (uint64_t)replicate << 32 | i);
    for (size_t k = 0; k < b->measurement[i].cells; k += 2) {
        double x, y;
        two_normals(&stream, &x, &y);
        b->fresh[i][k] = centre[k] + sigma * x;
        if (k + 1 < b->measurement[i].cells)
            b->fresh[i][k + 1] = centre[k + 1] + sigma * y;
    }
    pv_stream_wipe(&stream);
}

static pv_status replicate(bootstrap *b, pv_error *err)
{
    pv_status status = PV_OK;
    pv_model *model = NULL;
    PV_TRY(fit(b, &model, err));
    for (size_t i = 0; i < b->answers; i++) {
        const pv_answer *a = &b->answer[i];
        PV_TRY(ask_model(b, model, i, err));
        for (size_t k = 0; k < a->cells; k++) {
            const double d = b->asked[k] - a->count[k];
            b->question[i].squares[k] += d * d;
        }
    }
out:
    pv_model_free(model);
    return status;
}

static void finish(bootstrap *b, size_t replicates)
{
    const double n = (double)replicates;
    for (size_t i = 0; i < b->answers; i++)
        for (size_t k = 0; k < b->answer[i].cells; k++)
            b->answer[i].error[k] = sqrt(b->question[i].squares[k] / n);
}

static pv_status run(bootstrap *b, const pv_answer_options *options,
                     double **centre, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t replicates =
        options->replicates > 0 ? options->replicates : 20;
    PV_TRY(first_fit(b, centre, err));
    pv_progress_begin("replicates", replicates);
    for (size_t r = 0; r < replicates; r++) {
        for (size_t i = 0; i < b->measurements; i++)
            draw(b, centre[i], i, r, &options->key);
        PV_TRY(replicate(b, err));
        pv_progress_update(r + 1);
    }
    finish(b, replicates);
out:
    pv_progress_end();
    return status;
}

pv_status pv_answer_marginals(const pv_schema *schema,
                              const pv_measurement *measurements, size_t count,
                              double total, const pv_clique *clique,
                              size_t cliques, const pv_answer_options *options,
                              pv_answer *answers, pv_error *err)
{
    pv_status status = PV_OK;
    bootstrap b = {.schema = schema,
                   .measurement = measurements,
                   .measurements = count,
                   .fit = {.total = total, .memory = options->memory},
                   .answer = answers,
                   .answers = cliques};
    double **centre = pv_array_calloc(count, sizeof *centre);
    memset(answers, 0, cliques * sizeof *answers);
    if (centre == NULL)
        return pv_fail_memory(err, "the answers");
    if (count == 0 || options->replicates == 1) {
        status = pv_fail(err, PV_EINVAL,
                         "answers need a measurement and two replicates");
        goto out;
    }
    PV_TRY(pv_fit_path_alloc(&b.path, err));
    PV_TRY(prepare(&b, clique, err));
    PV_TRY(run(&b, options, centre, err));
out:
    for (size_t i = 0; i < count; i++)
        free(centre[i]);
    free(centre);
    clear(&b);
    for (size_t i = 0; status != PV_OK && i < cliques; i++)
        pv_answer_clear(&answers[i]);
    return status;
}
