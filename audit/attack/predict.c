#include "audit/attack/predict.h"

#include "audit/attack/nearest.h"
#include "core/memory.h"

#include <stdlib.h>

/* The share of each class among the votes; alike where nobody voted. */
static void share_votes(const uint32_t *votes, uint32_t levels, double *belief)
{
    uint64_t total = 0;
    for (uint32_t c = 0; c < levels; c++)
        total += votes[c];
    for (uint32_t c = 0; c < levels; c++)
        belief[c] = total > 0 ? (double)votes[c] / (double)total : 1.0 / levels;
}

pv_status pv_predict_nearest(const pv_table *synthetic,
                             const pv_attack_terms *terms,
                             const pv_table *people, double *belief,
                             pv_error *err)
{
    pv_status status = PV_OK;
    const uint32_t levels = terms->secret->levels;
    const pv_people all = {people, NULL, pv_table_rows(people)};
    pv_nearest *nearest = NULL;
    uint32_t *class_of =
        pv_array_alloc(pv_table_rows(synthetic), sizeof *class_of);
    uint32_t *votes = pv_array_alloc(all.count * levels, sizeof *votes);
    if (class_of == NULL || votes == NULL) {
        status = pv_fail_memory(err, "classes of the secret");
        goto out;
    }
    pv_secret_classes(terms->secret, synthetic, class_of);
    PV_TRY(pv_nearest_new(synthetic, terms->known, terms->known_count, &nearest,
                          err));
    PV_TRY(pv_nearest_vote(nearest, &all, class_of, levels, votes, err));
    for (size_t p = 0; p < all.count; p++)
        share_votes(votes + p * levels, levels, belief + p * levels);
out:
    pv_nearest_free(nearest);
    free(class_of);
    free(votes);
    return status;
}
