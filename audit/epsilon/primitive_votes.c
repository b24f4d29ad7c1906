/* Votes: the unit is where a candidate is that nobody else is near. Its votes are worked
 * out here from the rows, which are at candidates, not by a search for the nearest. */
#include "audit/epsilon/primitive_internal.h"

#include "core/memory.h"

#include <math.h>
#include <stdlib.h>

/* Column b is the class; a norm of one on the grid of persons' votes; others who vote
 * among equals. */
enum { by = 1, one = 256, equals_most = PV_CASE_KINDS - 1 };

uint64_t pv_case_vote_grid(const pv_case *c)
{
    return c->k == 1 ? 1 : one;
}

/* Equal candidates at each place. */
static size_t copies_of(const pv_case *c)
{
    return !c->which.person && c->which.other ? 2 : 1;
}

/* --- rows ------------------------------------------------------------------- */

static void add(pv_case_world *w, uint32_t a, uint32_t b, bool target,
                size_t held, size_t counted)
{
    w->rows[w->kinds++] = (pv_case_rows){.a = a, .b = b, .target = target,
                                         .held = held, .counted = counted};
}

/* The unit at value `a`: of the class b, or spread over all. Then no row is one too
 * many: which of unequal rows are kept would be anybody's guess. */
static void add_unit(const pv_case *c, pv_case_world *w, uint32_t a, uint32_t b)
{
    const size_t k = (size_t)c->k;
    if (!c->which.person || !c->which.other) {
        add(w, a, b, true, k + c->which.person, k);
        return;
    }
    for (uint32_t class = 0; class < PV_CASE_CLASSES && class < k; class++) {
        const size_t here = k / PV_CASE_CLASSES + (class < k % PV_CASE_CLASSES);
        add(w, a, class, true, here, here);
    }
}

/* The unit comes first, and others vote after it: among equals one at each of some
 * places, else at the last. */
void pv_case_vote_rows(pv_case *c)
{
    const uint32_t last = (uint32_t)c->options->cells - 1;
    const bool equals = copies_of(c) > 1;
    for (int in = 0; in < 2; in++) {
        pv_case_world *w = &c->world[in];
        if (in == PV_IN)
            add_unit(c, w, 0, 0);
        else if (c->which.neighbours == PV_REPLACE)
            add_unit(c, w, last, PV_CASE_CLASSES - 1);
        if (!equals)
            add(w, last, 0, false, 2, 2);
        for (uint32_t a = 1; equals && a <= last && a <= equals_most; a++)
            add(w, a, 0, false, 1, 1);
    }
    c->equals = !equals ? 0 : last < equals_most ? last + 1 : equals_most + 1;
}

/* --- what is expected --------------------------------------------------------- */

/* Others have one row each. Of the unit's rows n are for a candidate; those of several
 * count as n / sqrt(sum of n^2), rounded down. */
static void expect(const pv_case *c, pv_case_world *w)
{
    const double grid = (double)pv_case_vote_grid(c);
    double norm2 = 0;
    for (size_t i = 0; i < w->kinds; i++)
        if (w->rows[i].target)
            norm2 += (double)w->rows[i].counted * (double)w->rows[i].counted;
    for (size_t i = 0; i < w->kinds; i++) {
        const pv_case_rows *r = &w->rows[i];
        const double n = (double)r->counted;
        const size_t place = r->b * c->options->cells + r->a;
        w->truth[place * copies_of(c)] +=
            (int64_t)floor(r->target ? grid * n / sqrt(norm2) : grid * n);
    }
}

/* A candidate, or two equal ones, at each value of a in each class. */
static pv_status make_ballot(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t cells = c->options->cells, copies = copies_of(c);
    PV_TRY(pv_space_alloc(c->schema, by, &c->space, err));
    const size_t width = pv_space_width(c->space);
    c->vector = pv_array_alloc(c->size, width * sizeof *c->vector);
    if (c->vector == NULL)
        return pv_fail_memory(err, "a question");
    for (size_t j = 0; j < c->size; j++) {
        const uint32_t code[PV_CASE_COLUMNS] = {(uint32_t)(j / copies % cells)};
        pv_space_embed(c->space, code, NULL, c->vector + j * width);
    }
    for (size_t class = 0; class <= PV_CASE_CLASSES; class++)
        c->first[class] = class * cells * copies;
    c->ballot = (pv_ballot){.space = c->space, .metric = PV_VECTOR_L2, .by = by,
                            .classes = PV_CASE_CLASSES, .first = c->first,
                            .width = width, .vector = c->vector};
out:
    return status;
}

pv_status pv_case_ask_votes(pv_case *c, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t size = PV_CASE_CLASSES * c->options->cells * copies_of(c);
    PV_TRY(pv_case_vector(c, size, (size + PV_CHUNK - 1) / PV_CHUNK, err));
    pv_case_chunks(c, 0, size);
    PV_TRY(make_ballot(c, err));
    for (int in = 0; in < 2; in++) {
        expect(c, &c->world[in]);
        PV_TRY(pv_trial_votes(c->world[in].curator, &c->ballot, c->sigma2,
                              &c->world[in].trial, err));
    }
out:
    return status;
}
