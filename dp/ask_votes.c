#include "core/memory.h"
#include "dp/curator_internal.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

uint64_t pv_votes_grid(uint64_t rows_per_unit)
{
    return rows_per_unit == 1 ? 1 : PV_VOTE_GRID;
}

/* The votes of a unit are a vector without negative entries of norm G at most. Added or
 * removed it changes the counts by itself; of two in exchange the difference has
 * a squared norm of |a|^2 + |b|^2 - 2 a.b, which is 2 G^2 at most. */
uint64_t pv_votes_sensitivity2(uint64_t rows_per_unit, pv_neighbours neighbours)
{
    const uint64_t grid = pv_votes_grid(rows_per_unit);
    return grid * grid * (neighbours == PV_REPLACE ? 2 : 1);
}

/* --- checks ------------------------------------------------------------------ */

/* Candidates are public: what is wrong with them is found before anything is
 * charged, whatever the private rows are. */
static pv_status check_candidates(const pv_ballot *b, pv_error *err)
{
    if (b->first[0] != 0 || b->width == 0)
        return pv_fail(err, PV_EINVAL, "there is no population to vote on");
    for (size_t c = 0; c < b->classes; c++)
        if (b->first[c + 1] < b->first[c])
            return pv_fail(err, PV_EINVAL,
                           "the classes of a population are out of order");
    const size_t count = b->first[b->classes];
    if (count == 0 || count >= UINT32_MAX ||
        count > (size_t)PV_CHUNK_CELLS << 23)
        return pv_fail(err, PV_EINVAL,
                       "a population must have 1 to 2^32 - 2 candidates");
    return pv_vectors_nearest(b->metric, b->vector, count, b->width, NULL, NULL, 0,
                              NULL, err); /* nobody asks: it checks them */
}

static bool is_of_curator(const pv_curator *c, const pv_ballot *b)
{
    if (b->space != NULL)
        return !c->of_vectors && c->numbers &&
               pv_space_schema(b->space) == c->schema &&
               pv_space_without(b->space) == b->by &&
               pv_space_width(b->space) == b->width;
    return c->of_vectors && b->width == c->width &&
           (b->by == PV_NO_COLUMN || b->by == 0);
}

static pv_status check_ballot(const pv_curator *c, const pv_ballot *b,
                              pv_error *err)
{
    if (!is_of_curator(c, b))
        return pv_fail(err, PV_EINVAL,
                       "a population must be of the vectors that the curator's "
                       "rows have");
    const size_t classes = b->by == PV_NO_COLUMN
                               ? 1
                               : pv_schema_column(c->schema, b->by)->levels;
    if (b->classes != classes)
        return pv_fail(err, PV_EINVAL,
                       "a population must have the classes of its column");
    return check_candidates(b, err);
}

/* --- the question ------------------------------------------------------------- */

static void put_le(crypto_generichash_state *state, uint64_t value)
{
    unsigned char bytes[8];
    for (unsigned k = 0; k < 8; k++)
        bytes[k] = (unsigned char)(value >> 8 * k);
    (void)crypto_generichash_update(state, bytes, sizeof bytes);
}

/* Who may be voted for: how vectors are compared, the classes' sizes, and every
 * coordinate's bits. What rows are as vectors follows from the schema and the columns'
 * factors. */
static void ballot_digest(const pv_curator *curator, const pv_ballot *b,
                          char hex[2 * PV_DIGEST_BYTES + 1])
{
    unsigned char hash[PV_DIGEST_BYTES], bytes[4];
    crypto_generichash_state state;
    const size_t floats = b->first[b->classes] * b->width;
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    put_le(&state, (uint64_t)b->metric);
    put_le(&state, b->width);
    put_le(&state, b->classes);
    for (size_t c = 0; c <= b->classes; c++)
        put_le(&state, b->first[c]);
    for (size_t i = 0;
         b->space != NULL && i < pv_schema_columns(curator->schema); i++) {
        const double factor = pv_space_factor(b->space, i);
        uint64_t bits;
        memcpy(&bits, &factor, sizeof bits);
        put_le(&state, bits);
    }
    for (size_t i = 0; i < floats; i++) {
        uint32_t bits;
        memcpy(&bits, &b->vector[i], sizeof bits);
        for (unsigned k = 0; k < 4; k++)
            bytes[k] = (unsigned char)(bits >> 8 * k);
        (void)crypto_generichash_update(&state, bytes, sizeof bytes);
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(hex, 2 * PV_DIGEST_BYTES + 1, hash, sizeof hash);
}

/* Truth plus noise on every candidate; the truth is wiped. */
static pv_status draw(pv_curator *curator, const pv_question *question,
                      const pv_inquiry *asked, int64_t *answer, pv_error *err)
{
    pv_status status = PV_OK;
    pv_key key;
    int64_t *truth = pv_array_alloc(asked->size, sizeof *truth);
    if (truth == NULL)
        return pv_fail_memory(err, "the votes");
    PV_TRY(pv_curator_votes(curator, asked->ballot, truth, err));
    pv_question_key(curator, question, "noise", &key);
    pv_question_noise(question, &key, asked->gaussian, truth, asked->size,
                      answer);
    pv_key_wipe(&key);
out:
    pv_wipe_free(truth, asked->size * sizeof *truth);
    return status;
}

pv_status pv_votes_inquire(const pv_curator *curator, const pv_ballot *ballot,
                           pv_rational sigma2, pv_inquiry *asked,
                           pv_error *err)
{
    pv_status status = PV_OK;
    char hex[2 * PV_DIGEST_BYTES + 1], variance[64];
    const uint64_t d2 = pv_votes_sensitivity2(curator->rows_per_unit,
                                              curator->neighbours);
    *asked = (pv_inquiry){.draw = draw, .ballot = ballot};
    PV_TRY(check_ballot(curator, ballot, err));
    asked->count = asked->size = ballot->first[ballot->classes];
    PV_TRY(pv_inquiry_noise(asked, sigma2, err));
    PV_TRY(pv_inquiry_charge(asked, d2, err));
    ballot_digest(curator, ballot, hex);
    pv_question_sigma2(asked->gaussian, variance);
    asked->record = json_pack(
        "{s:s, s:I, s:I, s:s, s:s, s:I, s:s, s:I}", "ask", "vote", "count",
        (json_int_t)asked->count, "classes", (json_int_t)ballot->classes, "by",
        ballot->by == PV_NO_COLUMN
            ? ""
            : pv_schema_column(curator->schema, ballot->by)->name,
        "population", hex, "grid",
        (json_int_t)pv_votes_grid(curator->rows_per_unit), "sigma2", variance,
        "sensitivity2", (json_int_t)d2);
out:
    return status;
}

pv_status pv_ask_votes(pv_curator *curator, const pv_ballot *ballot,
                       pv_rational sigma2, int64_t *votes, pv_error *err)
{
    pv_status status = PV_OK;
    pv_inquiry asked = {0};
    PV_TRY(pv_votes_inquire(curator, ballot, sigma2, &asked, err));
    PV_TRY(pv_inquiry_answer(curator, &asked, votes, err));
    PV_TRY(pv_curator_tell(curator,
                           &(pv_heard){.kind = PV_HEARD_VOTES,
                                       .count = asked.count,
                                       .ballot = ballot,
                                       .sigma2 = asked.gaussian->sigma2,
                                       .score = votes},
                           err));
out:
    pv_inquiry_clear(&asked);
    return status;
}
