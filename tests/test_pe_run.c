/* Whole runs with so little noise that what is found is known: a pool by each way of
 * choosing, and a table by all votes together. */
#include "pe_pool_fixture.h"

#include "gen/pe/learn.h"
#include "gen/pe/table.h"

/* Class a is in one corner, 480 rows; class b in two others, 120 and 40. */
static size_t truth[2][places];
static pv_pool_source *pool;
static pv_pe_options options;
static pv_request request;

static size_t corner_of(size_t place)
{
    return (place / side >= side / 2 ? 2U : 0U) +
           (place % side >= side / 2 ? 1U : 0U);
}

static void begin(void)
{
    begin_grid();
    memset(truth, 0, sizeof truth);
    for (size_t p = 0; p < places; p++) {
        const size_t corner = corner_of(p);
        const bool edge = p % side % 7 == 0 || p / side % 7 == 0;
        truth[0][p] = corner == 0 ? 30 : 0;
        truth[1][p] = corner == 3 && !edge  ? 120 / 9
                      : corner == 1 && edge ? 40 / 7
                                            : 0;
    }
    put_grid((const size_t(*)[places])truth);
    f.options.budget = UINT64_C(20) << 40;
    cr_assert_eq(reopen(), PV_OK, "%s", f.err.message);
    pool = open_pool(PV_VECTOR_L2);
    options = pv_pe_defaults;
    options.api = PV_PE_POOL;
    request = (pv_request){.schema = f.schema,
                           .budget = f.options.budget,
                           .rows = -1,
                           .one_way_share = 0.2,
                           .rounds = 4,
                           .pe = &options,
                           .pool = pool};
}

static void end(void)
{
    pv_source_free(pv_pool_source_of(pool));
    fixture_close();
}

TestSuite(pe_run, .init = begin, .fini = end);

static size_t rows_of(size_t class)
{
    size_t sum = 0;
    for (size_t p = 0; p < places; p++)
        sum += truth[class][p];
    return sum;
}

typedef struct result {
    size_t rows, of_class[2], place[2][places], corner[2][4];
    uint32_t latest;
} result;

static result evolve(void)
{
    result r = {0};
    pv_pe_found *found = NULL;
    pv_table *table;
    const pv_key key = {{'k'}};
    cr_assert_eq(pv_pe_settle(&options, &f.err), PV_OK, "%s", f.err.message);
    cr_assert_eq(pv_pe_embedded(&request, f.curator, &found, &f.err), PV_OK,
                 "%s", f.err.message);
    r.rows = (size_t)(found->total + 0.5);
    cr_assert_eq(found->rows(found, r.rows, &key, &table, &f.err), PV_OK);
    for (size_t i = 0; i < r.rows; i++) {
        const uint32_t c = pv_codes_at(pv_table_codes(table, 0), i);
        const size_t p =
            (size_t)(pv_table_values(table, 1)[i] - first_id);
        const uint32_t step = pv_codes_at(pv_table_codes(table, 3), i);
        r.of_class[c]++;
        r.place[c][p]++;
        r.corner[c][corner_of(p)]++;
        r.latest = step > r.latest ? step : r.latest;
    }
    pv_table_free(table);
    found->free(found);
    /* all of the budget is spent, but for what noise is rounded up by */
    const double left = (double)pv_curator_remaining(f.curator) -
                        (double)request.kept;
    cr_assert(left >= 0 && left < (double)request.budget / 10, "%g is left",
              left / (double)request.budget);
    for (int c = 0; c < 2; c++)
        cr_assert_float_eq((double)r.of_class[c], (double)rows_of((size_t)c), 8,
                           "%zu rows of class %d", r.of_class[c], c);
    return r;
}

static void assert_corners(const result *r, double within)
{
    for (size_t c = 0; c < 2; c++)
        for (size_t k = 0; k < 4; k++) {
            double wanted = 0;
            for (size_t p = 0; p < places; p++)
                wanted += corner_of(p) == k ? (double)truth[c][p] : 0;
            cr_assert_float_eq((double)r->corner[c][k], wanted, within,
                               "class %zu corner %zu: %zu, not %g", c, k,
                               r->corner[c][k], wanted);
        }
}

Test(pe_run, one_histogram_finds_what_there_is)
{
    options.one_shot = places;
    options.threshold = 0;
    request.rounds = 1;
    const result r = evolve();
    for (size_t c = 0; c < 2; c++)
        for (size_t p = 0; p < places; p++)
            cr_assert_float_eq((double)r.place[c][p], (double)truth[c][p], 2.5);
}

/* So many standard deviations of noise are no votes. */
Test(pe_run, a_threshold_leaves_empty_places_out)
{
    options.one_shot = places;
    request.budget = UINT64_C(2) << 40;
    request.kept = f.options.budget - request.budget;
    options.threshold = 4; /* two rows */
    request.rounds = 1;
    const result r = evolve();
    for (size_t c = 0; c < 2; c++)
        for (size_t p = 0; p < places; p++)
            cr_assert_eq(r.place[c][p] > 0, truth[c][p] > 0);
}

Test(pe_run, a_fit_finds_what_there_is)
{
    request.rounds = 12;
    assert_corners((const result[]){evolve()}, 12);
}

/* Candidates that are asked for are those of all classes together. */
Test(pe_run, a_fit_of_few_candidates_in_many_rounds)
{
    request.rounds = 20;
    options.candidates = 16;
    assert_corners((const result[]){evolve()}, 48);
}

Test(pe_run, parents_drawn_by_votes)
{
    options.select = PV_PE_SAMPLE;
    options.candidates = 160;
    options.degree[0] = 0.3;
    options.degree[1] = 0;
    const result r = evolve();
    cr_assert_gt(r.corner[0][0], rows_of(0) * 7 / 10);
    cr_assert_gt(r.corner[1][3] + r.corner[1][1], rows_of(1) * 7 / 10);
    cr_assert_gt(r.corner[1][3], r.corner[1][1]);
    cr_assert_eq(r.latest, 4);
}

Test(pe_run, parents_of_the_most_votes)
{
    options.select = PV_PE_RANK;
    request.rounds = 12;
    options.candidates = 12; /* a class has places in proportion: 9 and 3 */
    const result r = evolve();
    size_t different[2] = {0, 0};
    for (size_t c = 0; c < 2; c++)
        for (size_t p = 0; p < places; p++)
            different[c] += r.place[c][p] > 0;
    cr_assert_eq(r.corner[0][0], r.of_class[0], "%zu", r.corner[0][0]);
    cr_assert_eq(r.corner[1][0] + r.corner[1][2], 0);
    cr_assert(different[0] <= 9 && different[1] <= 3 && different[1] >= 2,
              "%zu and %zu records", different[0], different[1]);
}

/* Placed where its children would be, a candidate on the edge gets none of the votes
 * there; but it is the candidate that is chosen. */
Test(pe_run, looking_ahead_places_candidates_by_their_children)
{
    options.select = PV_PE_RANK;
    options.candidates = 12;
    options.lookahead = 4;
    request.rounds = 12;
    const result r = evolve();
    cr_assert_gt(r.corner[0][0], r.of_class[0] * 7 / 10, "%zu of %zu",
                 r.corner[0][0], r.of_class[0]);
}

Test(pe_run, no_rounds_draw_the_pool_alike)
{
    request.rounds = 0;
    result r = {0};
    pv_pe_found *found = NULL;
    pv_table *table;
    const pv_key key = {{'k'}};
    cr_assert_eq(pv_pe_settle(&options, &f.err), PV_OK);
    cr_assert_eq(pv_pe_embedded(&request, f.curator, &found, &f.err), PV_OK);
    cr_assert_eq(found->rows(found, 6400, &key, &table, &f.err), PV_OK);
    for (size_t i = 0; i < 6400; i++)
        r.place[0][(size_t)(pv_table_values(table, 1)[i] - first_id)]++;
    for (size_t p = 0; p < places; p++)
        cr_assert_float_eq((double)r.place[0][p], 100, 2.5);
    pv_table_free(table);
    found->free(found);
}
