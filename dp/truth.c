#include "core/memory.h"
#include "dp/curator_internal.h"
#include "marginals/count.h"

#include <stdlib.h>
#include <string.h>

/* True counts of the marginals asked about, found by a hash table of cliques:
 * a selection among all pairs of a wide table asks for very many, many times. */

static size_t hash_of(const pv_clique *clique)
{
    uint64_t h = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < PV_CLIQUE_WORDS; i++)
        h = (h ^ clique->word[i]) * UINT64_C(1099511628211);
    return (size_t)(h ^ h >> 29);
}

/* The clique's slot: it holds 1 + its place in truth[], or 0 when it is not
 * there yet. */
static size_t *slot_of(const pv_curator *c, const pv_clique *clique)
{
    size_t at = hash_of(clique) % c->truth_slots;
    while (c->truth_slot[at] != 0 &&
           !pv_clique_equal(&c->truth[c->truth_slot[at] - 1].clique, clique))
        at = (at + 1) % c->truth_slots;
    return &c->truth_slot[at];
}

/* Room for `more` marginals, and a table at most half full. */
static pv_status make_room(pv_curator *c, size_t more, pv_error *err)
{
    const size_t needed = c->truths + more;
    pv_truth *truth = pv_array_realloc(c->truth, needed, sizeof *truth);
    if (truth == NULL)
        return pv_fail_memory(err, "the counts");
    c->truth = truth;
    if (2 * needed < c->truth_slots)
        return PV_OK;
    free(c->truth_slot);
    c->truth_slots = 4 * needed + 17; /* odd: all bits of a hash count */
    c->truth_slot = pv_array_calloc(c->truth_slots, sizeof *c->truth_slot);
    if (c->truth_slot == NULL) {
        c->truth_slots = 0;
        return pv_fail_memory(err, "the counts");
    }
    for (size_t i = 0; i < c->truths; i++)
        *slot_of(c, &truth[i].clique) = i + 1;
    return PV_OK;
}

/* Takes back the last `fresh` marginals: what was not counted must not be
 * found later. */
static void forget(pv_curator *c, size_t fresh)
{
    for (; fresh > 0; fresh--) {
        const pv_truth *last = &c->truth[--c->truths];
        pv_wipe_free(last->counts, last->cells * sizeof *last->counts);
    }
    memset(c->truth_slot, 0, c->truth_slots * sizeof *c->truth_slot);
    for (size_t i = 0; i < c->truths; i++)
        *slot_of(c, &c->truth[i].clique) = i + 1;
}

static pv_status add(pv_curator *c, const pv_clique *clique, size_t *slot,
                     pv_error *err)
{
    const size_t cells = pv_domain_cells(&c->domain, clique);
    int64_t *block = pv_array_calloc(cells, sizeof *block);
    if (block == NULL)
        return pv_fail_memory(err, "the counts");
    c->truth[c->truths++] = (pv_truth){*clique, block, cells};
    *slot = c->truths;
    return PV_OK;
}

pv_status pv_curator_count(pv_curator *c, const pv_clique *clique, size_t count,
                           const int64_t **counts, pv_error *err)
{
    pv_status status = PV_OK;
    size_t fresh = 0;
    pv_clique *ask = pv_array_alloc(count, sizeof *ask);
    int64_t **into = pv_array_alloc(count, sizeof *into);
    if (ask == NULL || into == NULL) {
        status = pv_fail_memory(err, "the counts");
        goto out;
    }
    PV_TRY(make_room(c, count, err));
    for (size_t i = 0; i < count; i++) {
        size_t *slot = slot_of(c, &clique[i]);
        if (*slot == 0) {
            PV_TRY(add(c, &clique[i], slot, err));
            ask[fresh] = clique[i];
            into[fresh++] = c->truth[c->truths - 1].counts;
        }
        counts[i] = c->truth[*slot - 1].counts;
    }
    if (fresh > 0)
        PV_TRY(pv_count(c->rows, ask, fresh, into, err));
out:
    if (status != PV_OK && fresh > 0)
        forget(c, fresh);
    free(ask);
    free(into);
    return status;
}

void pv_curator_wipe_rows(pv_curator *c)
{
    for (size_t i = 0; i < c->truths; i++)
        pv_wipe_free(c->truth[i].counts, c->truth[i].cells * sizeof(int64_t));
    free(c->truth);
    free(c->truth_slot);
    c->truth = NULL;
    c->truth_slot = NULL;
    c->truths = c->truth_slots = 0;
    for (size_t i = 0; i < c->query_truths; i++)
        pv_wipe_free(c->query_truth[i].counts,
                     c->query_truth[i].cells * sizeof(int64_t));
    free(c->query_truth);
    c->query_truth = NULL;
    c->query_truths = 0;
    pv_table_free(c->rows);
    c->rows = NULL;
    pv_vectors_free(c->vectors);
    c->vectors = NULL;
}
