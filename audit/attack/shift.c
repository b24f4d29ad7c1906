#include "audit/attack/shift.h"

#include "audit/attack/people.h"
#include "audit/attack/predict.h"
#include "audit/attack/score.h"
#include "core/memory.h"

#include <stdlib.h>

/* Right guesses of `people` by a model of `from`. */
static pv_status count_right(const pv_table *from, const pv_attack_terms *terms,
                             const pv_table *people, size_t *right,
                             pv_error *err)
{
    const size_t rows = pv_table_rows(people);
    const uint32_t levels = terms->secret->levels;
    pv_status status = PV_OK;
    double *belief = pv_array_alloc(rows, levels * sizeof *belief);
    uint32_t *truth = pv_array_alloc(rows, sizeof *truth);
    if (belief == NULL || truth == NULL) {
        status = pv_fail_memory(err, "the guesses");
        goto out;
    }
    PV_TRY(pv_predict_model(from, terms, people, belief, err));
    pv_secret_classes(terms->secret, people, truth);
    for (size_t i = 0; i < rows; i++)
        *right += pv_score_guess(belief + i * levels, levels) == truth[i];
out:
    free(belief);
    free(truth);
    return status;
}

/* Every other of people in random order. */
static pv_status every_other(const pv_people *people, size_t first,
                             pv_table **half, pv_error *err)
{
    const size_t count = (people->count + 1 - first) / 2;
    uint32_t *row = pv_array_alloc(count, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "half of the people");
    for (size_t i = 0; i < count; i++)
        row[i] = people->row[first + 2 * i];
    const pv_status status = pv_people_copy(
        &(const pv_people){people->table, row, count}, half, err);
    free(row);
    return status;
}

pv_status pv_shift_measure(const pv_table *real, const pv_attack_terms *terms,
                           pv_shift *shift, pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *half[2] = {0}, *holdout = NULL;
    pv_people inside, outside;
    uint32_t *order = NULL, *order_outside = NULL;
    PV_TRY(pv_people_draw(terms->key, "halves", real, 0, &inside, &order, err));
    PV_TRY(pv_people_draw(terms->key, "halves outside", terms->holdout, 0,
                          &outside, &order_outside, err));
    *shift = (pv_shift){.real_of = inside.count, .holdout_of = outside.count};
    for (size_t i = 0; i < 2; i++)
        PV_TRY(every_other(&inside, i, &half[i], err));
    for (size_t i = 0; i < 2; i++) {
        pv_table_free(holdout);
        holdout = NULL;
        PV_TRY(every_other(&outside, i, &holdout, err));
        PV_TRY(count_right(half[i], terms, half[1 - i], &shift->real, err));
        PV_TRY(count_right(half[i], terms, holdout, &shift->holdout, err));
    }
out:
    pv_table_free(half[0]);
    pv_table_free(half[1]);
    pv_table_free(holdout);
    free(order);
    free(order_outside);
    return status;
}
