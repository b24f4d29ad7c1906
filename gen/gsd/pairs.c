/* Moves of two cells at once, where no single one gains: two columns of a row copied
 * from another row, or a column's values swapped between two rows. */
#include "gen/gsd/search_internal.h"

#include <stdbool.h>

static void own_cell(const pv_gsd_state *s, size_t row, size_t place,
                     pv_gsd_change *change)
{
    *change = (pv_gsd_change){place, pv_gsd_cell(s, row, place),
                              pv_gsd_number(s, row, place)};
}

/* What goes together in one row may be missing in another: strongly related columns
 * have to change together. */
static double try_copy(pv_gsd_state *s, size_t row, size_t from,
                       const size_t place[2])
{
    pv_gsd_change change[2];
    for (int k = 0; k < 2; k++) {
        own_cell(s, from, place[k], &change[k]);
        if (change[k].cell == pv_gsd_cell(s, row, place[k]))
            return 0;
    }
    const double delta = pv_gsd_delta(s, row, change, 2);
    if (!(delta < 0))
        return 0;
    pv_gsd_apply(s, row, change, 2);
    return -delta;
}

/* Keeps the column's own counts, whatever they are. */
static double try_swap(pv_gsd_state *s, size_t row, size_t other, size_t place)
{
    pv_gsd_change to, back;
    own_cell(s, other, place, &to);
    own_cell(s, row, place, &back);
    if (to.cell == back.cell)
        return 0;
    const double first = pv_gsd_delta(s, row, &to, 1);
    if (!(first + pv_gsd_delta(s, other, &back, 1) < 0))
        return 0;
    pv_gsd_apply(s, row, &to, 1); /* the two may meet in a cell: exactly now */
    const double both = first + pv_gsd_delta(s, other, &back, 1);
    if (both < 0) {
        pv_gsd_apply(s, other, &back, 1);
        return -both;
    }
    pv_gsd_apply(s, row, &back, 1);
    return 0;
}

double pv_gsd_pairs(pv_gsd_state *s, const uint32_t *place, size_t places,
                    bool swap, size_t tries, pv_stream *stream,
                    pv_gsd_progress *progress)
{
    const size_t rows = pv_gsd_rows(s);
    double gained = 0;
    if (rows < 2 || places < 2)
        return 0;
    for (size_t i = 0; i < tries; i++) {
        const size_t row = (size_t)pv_stream_below(stream, rows);
        const size_t other = (size_t)pv_stream_below(stream, rows);
        const size_t a = (size_t)pv_stream_below(stream, places);
        const size_t b = (size_t)pv_stream_below(stream, places - 1);
        const size_t two[2] = {place[a], place[b < a ? b : b + 1]};
        const double gain = row == other ? 0
                            : swap       ? try_swap(s, row, other, two[0])
                                         : try_copy(s, row, other, two);
        progress->moved += gain > 0;
        progress->objective -= gain;
        gained += gain;
    }
    progress->scored += tries;
    return gained;
}
