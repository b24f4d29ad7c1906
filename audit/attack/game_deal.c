#include "audit/attack/game_internal.h"

#include "audit/attack/people.h"
#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>
#include <string.h>

enum { most_draws = 100 };

pv_key pv_game_key(const pv_game *game, uint64_t trial, const char *purpose)
{
    pv_key key;
    unsigned char number[8];
    for (unsigned i = 0; i < sizeof number; i++)
        number[i] = (unsigned char)(trial >> 8 * i);
    pv_key_derive(&game->key, purpose, number, sizeof number, &key);
    return key;
}

pv_status pv_game_known(const pv_schema *schema, uint32_t secret,
                        uint32_t **known, size_t *count, pv_error *err)
{
    const size_t columns = pv_schema_columns(schema);
    *count = 0;
    *known = pv_array_alloc(columns, sizeof **known);
    if (*known == NULL)
        return pv_fail_memory(err, "the known columns");
    for (uint32_t c = 0; c < columns; c++)
        if (pv_schema_root(schema, c) != pv_schema_root(schema, secret))
            (*known)[(*count)++] = c;
    return PV_OK;
}

/* What a row has in the known columns, in 64 bits: that two of 1,000 different
 * ones agree by chance has a probability of 3e-14. */
typedef struct combination {
    uint64_t hash;
    size_t row;
} combination;

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash ^= value + UINT64_C(0x9e3779b97f4a7c15) + (hash << 6) + (hash >> 2);
    hash = (hash ^ hash >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ hash >> 27) * UINT64_C(0x94d049bb133111eb);
    return hash ^ hash >> 31;
}

static int by_hash(const void *left, const void *right)
{
    const combination *a = left, *b = right;
    if (a->hash != b->hash)
        return a->hash < b->hash ? -1 : 1;
    return a->row < b->row ? -1 : a->row > b->row;
}

static void combine(const pv_game *game, const pv_table *people,
                    combination *c)
{
    const size_t rows = pv_table_rows(people);
    for (size_t row = 0; row < rows; row++)
        c[row] = (combination){0, row};
    for (size_t k = 0; k < game->known_count; k++) {
        const pv_codes codes = pv_table_codes(people, game->known[k]);
        for (size_t row = 0; row < rows; row++)
            c[row].hash = mix(c[row].hash, pv_codes_at(codes, row));
    }
    qsort(c, rows, sizeof *c, by_hash);
}

/* Whether the other values of a row forbid some secret: then it is no secret. */
static bool forbids(const pv_table *people, size_t row, uint32_t secret)
{
    const pv_schema *schema = pv_table_schema(people);
    for (size_t z = 0; z < pv_schema_zeros(schema); z++) {
        const pv_zero *zero = pv_schema_zero(schema, z);
        bool concerns = false, others = true;
        for (size_t j = 0; j < zero->columns; j++) {
            const uint32_t column = zero->column[j];
            if (pv_schema_root(schema, column) == secret)
                concerns = true;
            else if (!zero->mask[j][pv_codes_at(pv_table_codes(people, column),
                                                row)])
                others = false;
        }
        if (concerns && others)
            return true;
    }
    return false;
}

/* One of the rows that may be a target, or false when there is none. */
static bool choose(const pv_game *game, const pv_table *people,
                   combination *c, pv_stream *stream, size_t *target)
{
    const size_t rows = pv_table_rows(people);
    size_t unique = 0;
    combine(game, people, c);
    for (size_t i = 0; i < rows; i++) {
        const bool alone = (i == 0 || c[i - 1].hash != c[i].hash) &&
                           (i + 1 == rows || c[i + 1].hash != c[i].hash);
        /* c[i] is not looked at again once it is not the next one's neighbour */
        if (alone && !forbids(people, c[i].row, game->coins->secret->column))
            c[unique++] = c[i];
    }
    if (unique == 0)
        return false;
    *target = c[pv_stream_below(stream, unique)].row;
    return true;
}

static pv_status draw(const pv_game *game, pv_stream *stream,
                      pv_table **people, pv_error *err)
{
    uint32_t *row = pv_array_alloc(game->people, sizeof *row);
    if (row == NULL)
        return pv_fail_memory(err, "the people");
    pv_status status = pv_people_shuffle(stream, pv_table_rows(game->real),
                                      game->people, row, err);
    if (status == PV_OK)
        status = pv_pick_rows(game->real, row, game->people, people, err);
    free(row);
    return status;
}

static pv_status flip(const pv_game *game, pv_stream *stream, pv_table *people,
                      size_t target, uint32_t *face, pv_error *err)
{
    for (size_t row = 0; game->coin_secrets && row < game->people; row++)
        if (row != target && !forbids(people, row, game->coins->secret->column))
            (void)pv_coins_toss(game->coins, stream, people, row);
    *face = pv_coins_toss(game->coins, stream, people, target);
    return pv_table_determine(people, err);
}

pv_status pv_game_deal(const pv_game *game, uint64_t trial, pv_table **result,
                       size_t *target, uint32_t *face, pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *people = NULL;
    pv_stream stream;
    const pv_key key = pv_game_key(game, trial, "people");
    combination *c = pv_array_alloc(game->people, sizeof *c);
    if (c == NULL)
        return pv_fail_memory(err, "the people");
    pv_stream_init(&stream, &key, 0);
    for (int draws = 0; draws < most_draws; draws++) {
        pv_table_free(people);
        people = NULL;
        PV_TRY(draw(game, &stream, &people, err));
        if (!choose(game, people, c, &stream, target))
            continue;
        PV_TRY(flip(game, &stream, people, *target, face, err));
        *result = people;
        people = NULL;
        goto out;
    }
    status = pv_fail(err, PV_EINVAL,
                     "in %d draws of %zu people nobody's known values were "
                     "unique, so there is no target: give fewer "
                     "--rows-per-trial, or more columns to --known",
                     most_draws, game->people);
out:
    free(c);
    pv_table_free(people);
    return status;
}
