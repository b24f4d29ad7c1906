#include "dp/trial.h"

#include "core/memory.h"
#include "dp/curator_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In place of a record: of fixed length, so that it is written once. */
#define NUMBER "trial %020" PRIu64
enum { number_length = 26 };

struct pv_trial {
    pv_curator *curator;
    const pv_schema *schema; /* the curator's when it was prepared */
    pv_inquiry asked;
    char *record;            /* "trial N of {...}" */
};

/* Everything else here goes through this. */
static pv_status begin(pv_curator *curator, pv_trial **trial, pv_error *err)
{
    *trial = NULL;
    if (!curator->insecure)
        return pv_fail(err, PV_EINVAL,
                       "only a curator with a test key can be tried: the rows "
                       "of a private run are for charged questions alone");
    *trial = pv_array_calloc(1, sizeof **trial);
    if (*trial == NULL)
        return pv_fail_memory(err, "a trial");
    (*trial)->curator = curator;
    (*trial)->schema = curator->schema;
    return PV_OK;
}

/* Completes the trial whose question was checked with this outcome. */
static pv_status end(pv_trial **trial, pv_status status, pv_error *err)
{
    pv_trial *t = *trial;
    char *text = NULL;
    if (status == PV_OK) {
        text = json_dumps(t->asked.record, JSON_COMPACT | JSON_SORT_KEYS);
        t->record = text == NULL ? NULL
                                 : pv_sprintf_alloc(NUMBER " of %s",
                                                    UINT64_C(0), text);
        if (t->record == NULL)
            status = pv_fail_memory(err, "a trial");
    }
    free(text);
    if (status != PV_OK) {
        pv_trial_free(t);
        *trial = NULL;
    }
    return status;
}

pv_status pv_trial_measure(pv_curator *curator, const pv_clique *clique,
                           const pv_rational *sigma2, size_t count,
                           pv_trial **trial, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_measure_inquire(curator, clique, sigma2, count,
                                  &(*trial)->asked, err),
               err));
out:
    return status;
}

pv_status pv_trial_select(pv_curator *curator, const pv_candidate *candidate,
                          size_t count, uint64_t epsilon_num, pv_trial **trial,
                          pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_select_inquire(curator, candidate, count, epsilon_num,
                                 &(*trial)->asked, err),
               err));
out:
    return status;
}

pv_status pv_trial_scores(pv_curator *curator, const pv_clique *clique,
                          const double *const *estimate, size_t count,
                          pv_rational sigma2, pv_trial **trial, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_scores_inquire(curator, clique, estimate, count, sigma2,
                                 &(*trial)->asked, err),
               err));
out:
    return status;
}

pv_status pv_trial_intervals(pv_curator *curator, size_t column,
                             const pv_interval *interval, size_t count,
                             pv_rational sigma2, pv_trial **trial,
                             pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_intervals_inquire(curator, column, interval, count, sigma2,
                                    &(*trial)->asked, err),
               err));
out:
    return status;
}

pv_status pv_trial_queries(pv_curator *curator, const pv_queries *queries,
                           const size_t *group, size_t count,
                           pv_rational sigma2, pv_trial **trial, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_queries_inquire(curator, queries, group, count, sigma2,
                                  &(*trial)->asked, err),
               err));
out:
    return status;
}

pv_status pv_trial_group(pv_curator *curator, const pv_queries *queries,
                         const pv_group_candidate *candidate, size_t count,
                         pv_group_distance distance, uint64_t epsilon_num,
                         pv_trial **trial, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_group_inquire(curator, queries, candidate, count, distance,
                                epsilon_num, &(*trial)->asked, err),
               err));
out:
    return status;
}

pv_status pv_trial_votes(pv_curator *curator, const pv_ballot *ballot,
                         pv_rational sigma2, pv_trial **trial, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_votes_inquire(curator, ballot, sigma2, &(*trial)->asked, err),
               err));
out:
    return status;
}

pv_status pv_trial_labels(pv_curator *curator, size_t column,
                          pv_rational sigma2, uint64_t delta, size_t most,
                          pv_trial **trial, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(begin(curator, trial, err));
    PV_TRY(end(trial,
               pv_labels_inquire(curator, column, sigma2, delta, most,
                                 &(*trial)->asked, err),
               err));
out:
    return status;
}

void pv_trial_free(pv_trial *trial)
{
    if (trial == NULL)
        return;
    pv_inquiry_clear(&trial->asked);
    free(trial->record);
    free(trial);
}

pv_spend pv_trial_cost(const pv_trial *trial)
{
    return trial->asked.cost;
}

size_t pv_trial_size(const pv_trial *trial)
{
    return trial->asked.size;
}

/* The state of a question that nobody asked: no sequence number of a ledger, no
 * answer in the store. */
static pv_status question_of(pv_trial *trial, uint64_t number, bool numbers,
                             pv_question *question, pv_error *err)
{
    char text[number_length + 1];
    if (trial->curator->rows == NULL ||
        trial->curator->schema != trial->schema ||
        numbers != (trial->asked.draw != NULL))
        return pv_fail(err, PV_EINVAL,
                       "a trial is of the rows that it was prepared for, and "
                       "of one kind of answer");
    (void)snprintf(text, sizeof text, NUMBER, number);
    memcpy(trial->record, text, number_length);
    *question = (pv_question){.sequence = 0, .record = trial->record};
    return PV_OK;
}

pv_status pv_trial_draw(pv_trial *trial, uint64_t number, int64_t *answer,
                        pv_error *err)
{
    pv_question question;
    const pv_status status = question_of(trial, number, true, &question, err);
    return status != PV_OK ? status
                           : trial->asked.draw(trial->curator, &question,
                                               &trial->asked, answer, err);
}

pv_status pv_trial_draw_labels(pv_trial *trial, uint64_t number,
                               pv_labels *labels, pv_error *err)
{
    pv_status status = PV_OK;
    pv_question question;
    unsigned char *bytes = NULL;
    size_t size = 0;
    *labels = (pv_labels){NULL, 0};
    PV_TRY(question_of(trial, number, false, &question, err));
    PV_TRY(pv_labels_draw(trial->curator, &question, &trial->asked, &bytes,
                          &size, err));
    PV_TRY(pv_labels_unpack(bytes, size, labels, err));
out:
    if (status != PV_OK)
        pv_labels_clear(labels);
    free(bytes);
    return status;
}
