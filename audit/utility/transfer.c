/* Train on synthetic, test on real: does a model learned from the synthetic table
 * predict real people as well as one learned from real ones? */
#include "audit/attack/interval.h"
#include "audit/attack/people.h"
#include "audit/fidelity/numbers.h"
#include "audit/probe.h"
#include "audit/utility/linear.h"
#include "audit/utility/tree.h"
#include "audit/utility/uses.h"
#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { most_trained = 50000, most_classes = 64, depth = 8, least_leaf = 20 };
static const double ridge = 1;
static const double tested_share = 0.3; /* of the real rows, without a holdout */

static const char no_target[] = "no column to predict was declared (--target)";
static const char split_note[] =
    "without a holdout, the test rows are real rows that the generator saw";

/* Rows to train on, or to test on. */
typedef struct sample {
    const pv_table *table;
    uint32_t *row;
    size_t count;
} sample;

typedef struct study {
    const pv_probe_input *input;
    pv_findings *findings;
    uint32_t target;
    uint32_t *column; /* to predict from */
    size_t columns;
    sample real, synthetic, test;
    bool held_out;
    double *y;        /* responses of the table at hand */
    double *belief;   /* of the test rows */
    bool *positive;
} study;

/* --- rows and columns ----------------------------------------------------- */

/* All columns that do not say what the target is: not itself, nor what follows
 * from it or it from. */
static pv_status choose_columns(study *s, pv_error *err)
{
    const pv_schema *schema = s->input->schema;
    const size_t all = pv_schema_columns(schema);
    const uint32_t root = pv_schema_root(schema, s->target);
    s->column = pv_array_alloc(all, sizeof *s->column);
    if (s->column == NULL)
        return pv_fail_memory(err, "the columns");
    for (size_t c = 0; c < all; c++)
        if (pv_schema_root(schema, c) != root)
            s->column[s->columns++] = (uint32_t)c;
    return PV_OK;
}

static pv_status draw(const pv_table *table, const char *purpose, size_t most,
                      sample *to, pv_error *err)
{
    pv_stream stream;
    static const pv_key key = {{0}};
    const size_t rows = pv_table_rows(table);
    *to = (sample){.table = table, .count = rows < most ? rows : most};
    to->row = pv_array_alloc(to->count + 1, sizeof *to->row);
    if (to->row == NULL)
        return pv_fail_memory(err, "rows");
    pv_people_stream(&key, purpose, &stream);
    return pv_people_shuffle(&stream, rows, to->count, to->row, err);
}

/* Rows in random order, of a fixed key: a sample is the same each time. */
static pv_status choose_rows(study *s, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_table *holdout = s->input->holdout;
    PV_TRY(draw(s->input->synthetic, "train on synthetic", most_trained,
                &s->synthetic, err));
    s->held_out = holdout != NULL && pv_table_rows(holdout) > 0;
    if (s->held_out) {
        PV_TRY(draw(s->input->real, "train on real", most_trained, &s->real,
                    err));
        PV_TRY(draw(holdout, "test", most_trained, &s->test, err));
        goto out;
    }
    const size_t rows = pv_table_rows(s->input->real);
    const size_t tested = (size_t)(tested_share * (double)rows);
    PV_TRY(draw(s->input->real, "split", rows, &s->real, err));
    s->test = (sample){.table = s->input->real, .count = tested};
    s->test.row = pv_array_alloc(tested + 1, sizeof *s->test.row);
    if (s->test.row == NULL) {
        status = pv_fail_memory(err, "rows");
        goto out;
    }
    for (size_t i = 0; i < tested; i++)
        s->test.row[i] = s->real.row[--s->real.count];
    if (s->real.count > most_trained)
        s->real.count = most_trained;
    if (s->test.count > most_trained)
        s->test.count = most_trained;
out:
    return status;
}

/* --- learners ------------------------------------------------------------- */

/* The response of all rows of a table: the number, or whether it is the class. */
static pv_status take_responses(study *s, const pv_table *table,
                                uint32_t class, pv_error *err)
{
    const pv_column *c = pv_schema_column(s->input->schema, s->target);
    const pv_codes codes = pv_table_codes(table, s->target);
    const size_t rows = pv_table_rows(table);
    free(s->y);
    s->y = pv_array_alloc(rows + 1, sizeof *s->y);
    if (s->y == NULL)
        return pv_fail_memory(err, "responses");
    for (size_t i = 0; i < rows; i++)
        s->y[i] = pv_is_numeric(c) ? pv_design_number(table, s->target, i)
                                    : pv_codes_at(codes, i) == class;
    return PV_OK;
}

typedef pv_status learner(study *s, const sample *train, bool label,
                          pv_error *err);

static pv_status learn_linear(study *s, const sample *train, bool label,
                              pv_error *err)
{
    pv_status status = PV_OK;
    pv_design design = {0};
    pv_linear fit = {0};
    uint32_t *index = pv_array_alloc(s->columns + 1, sizeof *index);
    double *value = pv_array_alloc(s->columns + 1, sizeof *value);
    if (index == NULL || value == NULL) {
        status = pv_fail_memory(err, "a model");
        goto out;
    }
    PV_TRY(pv_design_make(s->input->schema, s->column, s->columns, true,
                          &design, err));
    pv_design_standardise(&design, train->table);
    PV_TRY(pv_linear_fit(&design, train->table, train->row, train->count, s->y,
                         label, ridge, &fit, err));
    for (size_t i = 0; i < s->test.count; i++)
        s->belief[i] = pv_linear_predict(&fit, &design, s->test.table,
                                         s->test.row[i], index, value);
out:
    pv_linear_clear(&fit);
    pv_design_clear(&design);
    free(index);
    free(value);
    return status;
}

static pv_status learn_tree(study *s, const sample *train, bool label,
                            pv_error *err)
{
    (void)label;
    pv_tree *tree = NULL;
    const pv_status status =
        pv_tree_grow(train->table, s->column, s->columns, train->row,
                     train->count, s->y, depth, least_leaf, &tree, err);
    for (size_t i = 0; status == PV_OK && i < s->test.count; i++)
        s->belief[i] = pv_tree_predict(tree, s->test.table, s->test.row[i]);
    pv_tree_free(tree);
    return status;
}

/* --- scores --------------------------------------------------------------- */

/* 1 - squared errors over those of the mean; rows without a number left out. */
static double r_squared(const study *s)
{
    double n = 0, mean = 0, spread = 0, errors = 0;
    for (size_t i = 0; i < s->test.count; i++) {
        const double y =
            pv_design_number(s->test.table, s->target, s->test.row[i]);
        if (isnan(y))
            continue;
        n++;
        const double off = y - mean;
        mean += off / n;
        spread += off * (y - mean);
        errors += (y - s->belief[i]) * (y - s->belief[i]);
    }
    return spread > 0 ? 1 - errors / spread : NAN;
}

static pv_status area(study *s, uint32_t class, double *auc, pv_error *err)
{
    const pv_codes codes = pv_table_codes(s->test.table, s->target);
    for (size_t i = 0; i < s->test.count; i++)
        s->positive[i] = pv_codes_at(codes, s->test.row[i]) == class;
    return pv_auc(s->belief, s->positive, s->test.count, auc, err);
}

/* The score of a learner after training: R^2, or the mean over the classes that
 * the test rows have of the area under the ROC curve against all others. */
static pv_status score(study *s, learner *learn, const sample *train,
                       double *result, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *c = pv_schema_column(s->input->schema, s->target);
    const bool label = !pv_is_numeric(c);
    double sum = 0;
    size_t classes = 0;
    if (!label) {
        PV_TRY(take_responses(s, train->table, 0, err));
        PV_TRY(learn(s, train, false, err));
        *result = r_squared(s);
        goto out;
    }
    /* of two classes the second's area is the first's too */
    for (uint32_t k = c->levels == 2; k < c->levels; k++) {
        double auc = NAN;
        PV_TRY(take_responses(s, train->table, k, err));
        PV_TRY(learn(s, train, true, err));
        PV_TRY(area(s, k, &auc, err));
        if (!isnan(auc)) {
            sum += auc;
            classes++;
        }
    }
    *result = classes > 0 ? sum / (double)classes : NAN;
out:
    return status;
}

/* --- findings ------------------------------------------------------------- */

static pv_status add(study *s, const char *prefix, const char *name,
                     const char *suffix, double value, pv_error *err)
{
    char id[64];
    const char *const column[] = {
        pv_schema_column(s->input->schema, s->target)->name};
    const bool good = isfinite(value);
    (void)snprintf(id, sizeof id, "%s.%s.%s", prefix, name, suffix);
    const pv_metric m = {
        .id = id,
        .value = value,
        .status = good ? PV_METRIC_OK : PV_METRIC_SKIPPED,
        .reason = !good ? "all test rows have the same value of the target"
                  : s->held_out ? NULL
                                : split_note,
        .scope = {.columns = 1, .column = column}};
    return pv_probe_add(s->input, s->findings, &m, err);
}

static pv_status compare(study *s, const char *name, learner *learn,
                         pv_error *err)
{
    pv_status status = PV_OK;
    double real = NAN, synthetic = NAN;
    PV_TRY(score(s, learn, &s->real, &real, err));
    PV_TRY(score(s, learn, &s->synthetic, &synthetic, err));
    PV_TRY(add(s, "trtr", name, "score", real, err));
    PV_TRY(add(s, "tstr", name, "score", synthetic, err));
    PV_TRY(add(s, "tstr", name, "gap", real - synthetic, err));
out:
    return status;
}

static pv_status skip(const pv_probe_input *input, pv_findings *findings,
                      const char *reason, pv_error *err)
{
    const pv_metric none = {.id = "tstr.linear.score",
                            .status = PV_METRIC_SKIPPED,
                            .reason = reason};
    return pv_probe_add(input, findings, &none, err);
}

static const char *why_not(const study *s)
{
    const pv_column *c = pv_schema_column(s->input->schema, s->target);
    return s->columns == 0 ? "there is no other column to predict from"
           : !pv_is_numeric(c) && c->levels > most_classes
               ? "the target has more than 64 levels"
           : s->real.count == 0 || s->test.count == 0 ||
                   s->synthetic.count == 0
               ? "a table has too few rows"
               : NULL;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    study s = {.input = input, .findings = findings};
    if (input->uses == NULL || !input->uses->has_target)
        return skip(input, findings, no_target, err);
    s.target = input->uses->target;
    PV_TRY(choose_columns(&s, err));
    PV_TRY(choose_rows(&s, err));
    const char *why = why_not(&s);
    if (why != NULL) {
        PV_TRY(skip(input, findings, why, err));
        goto out;
    }
    s.belief = pv_array_alloc(s.test.count, sizeof *s.belief);
    s.positive = pv_array_alloc(s.test.count, sizeof *s.positive);
    if (s.belief == NULL || s.positive == NULL) {
        status = pv_fail_memory(err, "predictions");
        goto out;
    }
    PV_TRY(compare(&s, "linear", learn_linear, err));
    PV_TRY(compare(&s, "tree", learn_tree, err));
out:
    free(s.column);
    free(s.real.row);
    free(s.synthetic.row);
    free(s.test.row);
    free(s.y);
    free(s.belief);
    free(s.positive);
    return status;
}

const pv_probe pv_probe_transfer = {
    .name = "transfer",
    .kind = "fidelity",
    .summary = "train on synthetic, test on real: a declared target",
    .run = run};
