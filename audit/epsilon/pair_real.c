#include "audit/attack/nearest.h"
#include "audit/epsilon/pair.h"
#include "audit/pick.h"
#include "core/memory.h"
#include "io/csv.h"
#include "io/rows.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* --- the most vulnerable record ------------------------------------------- */

enum { most_candidates = 20000, neighbours = 5 };

static double mean_distance(const uint32_t *distance)
{
    double sum = 0;
    size_t n = 0;
    /* the nearest is the row itself, or one equal to it */
    for (size_t i = 1; i <= neighbours && distance[i] != PV_NEAREST_NONE; i++) {
        sum += distance[i];
        n++;
    }
    return n > 0 ? sum / (double)n : 0;
}

pv_status pv_pair_vulnerable(const pv_table *real, const pv_key *key,
                             size_t *row, pv_error *err)
{
    enum { k = neighbours + 1 };
    pv_status status = PV_OK;
    pv_people people = {0};
    uint32_t *drawn = NULL, *found = NULL, *distance = NULL;
    uint32_t column[PV_MAX_COLUMNS];
    pv_nearest *nearest = NULL;
    double most = -1;
    const size_t columns = pv_schema_columns(pv_table_schema(real));
    for (size_t c = 0; c < columns; c++)
        column[c] = (uint32_t)c;
    PV_TRY(pv_people_draw(key, "vulnerable", real, most_candidates, &people,
                          &drawn, err));
    found = pv_array_alloc(people.count, k * sizeof *found);
    distance = pv_array_alloc(people.count, k * sizeof *distance);
    if (found == NULL || distance == NULL) {
        status = pv_fail_memory(err, "distances");
        goto out;
    }
    PV_TRY(pv_nearest_new(real, column, columns, &nearest, err));
    PV_TRY(pv_nearest_find(nearest, &people, k, found, distance, err));
    for (size_t i = 0; i < people.count; i++) {
        const double mean = mean_distance(distance + k * i);
        const size_t here = people.row != NULL ? people.row[i] : i;
        if (mean > most || (mean >= most && here < *row)) {
            most = mean;
            *row = here;
        }
    }
out:
    pv_nearest_free(nearest);
    free(drawn);
    free(found);
    free(distance);
    return status;
}

/* --- the pair ------------------------------------------------------------- */

static pv_status make_tables(const pv_table *real, size_t row, bool replace,
                             pv_pair *pair, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t rows = pv_table_rows(real);
    size_t kept = 0;
    uint32_t *all = pv_array_alloc(rows, sizeof *all);
    uint32_t *others = pv_array_alloc(rows, sizeof *others);
    if (all == NULL || others == NULL) {
        status = pv_fail_memory(err, "a pair");
        goto out;
    }
    for (size_t i = 0; i < rows; i++) {
        all[i] = (uint32_t)i;
        if (i != row || replace)
            others[kept++] = (uint32_t)(i == row ? (row + 1) % rows : i);
    }
    PV_TRY(pv_pick_rows(real, others, kept, &pair->table[0], err));
    PV_TRY(pv_pick_rows(real, all, rows, &pair->table[1], err));
out:
    free(all);
    free(others);
    return status;
}

static pv_status write_tables(const pv_pair *pair, pv_error *err)
{
    pv_status status = PV_OK;
    const mode_t before = umask(077);
    for (int w = 0; status == PV_OK && w < 2; w++)
        status = pv_csv_write(pair->table[w], pair->path[w], true, err);
    (void)umask(before);
    return status;
}

pv_status pv_pair_real(const pv_table *real, size_t row, bool replace,
                       const char *dir, pv_pair *pair, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(pv_table_schema(real));
    *pair = (pv_pair){.name = "real",
                      .path = {pv_sprintf_alloc("%s/real-out.csv", dir),
                               pv_sprintf_alloc("%s/real-in.csv", dir)},
                      .target = pv_array_alloc(columns, sizeof *pair->target)};
    if (pair->path[0] == NULL || pair->path[1] == NULL ||
        pair->target == NULL) {
        status = pv_fail_memory(err, "a pair");
        goto out;
    }
    for (size_t c = 0; c < columns; c++)
        pair->target[c] = pv_codes_at(pv_table_codes(real, c), row);
    PV_TRY(make_tables(real, row, replace, pair, err));
    PV_TRY(write_tables(pair, err));
out:
    if (status != PV_OK)
        pv_pair_clear(pair);
    return status;
}
