#include "core/memory.h"
#include "dp/curator_internal.h"

#include <stdlib.h>
#include <string.h>

void pv_inquiry_clear(pv_inquiry *asked)
{
    json_decref(asked->record);
    free(asked->gaussian);
    free(asked->own_clique);
    free(asked->own_group);
    free(asked->own_candidate);
    memset(asked, 0, sizeof *asked);
}

pv_status pv_inquiry_noise(pv_inquiry *asked, pv_rational sigma2, pv_error *err)
{
    asked->gaussian = pv_array_alloc(1, sizeof *asked->gaussian);
    if (asked->gaussian == NULL)
        return pv_fail_memory(err, "a question");
    return pv_gaussian_init(asked->gaussian, sigma2, err);
}

pv_status pv_inquiry_charge(pv_inquiry *asked, uint64_t sensitivity2,
                            pv_error *err)
{
    if (sensitivity2 > 0 &&
        pv_cost_gaussian(sensitivity2, asked->gaussian->sigma2,
                         &asked->cost.rho))
        return PV_OK;
    return pv_fail(err, PV_EBUDGET,
                   "the noise asked for is so small that its cost cannot be "
                   "accounted");
}

pv_status pv_inquiry_open(pv_curator *curator, pv_inquiry *asked,
                          pv_question *question, pv_error *err)
{
    json_t *record = asked->record;
    asked->record = NULL;
    return pv_question_open(curator, record, asked->cost, question, err);
}

/* An answer may depend on what is no part of the record, such as estimates: drawn
 * again it has the same noise, and perhaps another truth. So it is handed out
 * once it is stored. */
pv_status pv_inquiry_answer(pv_curator *curator, pv_inquiry *asked,
                            int64_t *answer, pv_error *err)
{
    pv_status status = PV_OK;
    pv_question question = {0};
    const size_t bytes = asked->size * sizeof *answer;
    int64_t *drawn = pv_array_alloc(asked->size, sizeof *drawn);
    if (drawn == NULL)
        return pv_fail_memory(err, "an answer");
    PV_TRY(pv_inquiry_open(curator, asked, &question, err));
    if (!question.committed) {
        PV_TRY(asked->draw(curator, &question, asked, drawn, err));
        PV_TRY(pv_question_commit(curator, &question, drawn, bytes, err));
        memcpy(answer, drawn, bytes);
    } else if (question.answer_size == bytes) {
        memcpy(answer, question.answer, bytes);
    } else {
        status = pv_fail(err, PV_ETAMPER,
                         "%s: a stored answer has the wrong size",
                         curator->run_dir);
    }
out:
    pv_question_clear(&question);
    free(drawn);
    return status;
}

pv_status pv_inquiry_choice(pv_curator *curator, pv_inquiry *asked,
                            size_t *chosen, pv_error *err)
{
    int64_t answer;
    const pv_status status = pv_inquiry_answer(curator, asked, &answer, err);
    if (status != PV_OK)
        return status;
    if (answer < 0 || (uint64_t)answer >= asked->count)
        return pv_fail(err, PV_ETAMPER,
                       "%s: a stored answer is no candidate's number",
                       curator->run_dir);
    *chosen = (size_t)answer;
    return PV_OK;
}
