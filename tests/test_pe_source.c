/* Rows of the schema as candidates, and how often what is found is released. */
#include "gen/pe/rows_source.h"

#include "embeddings/space.h"
#include "pe_fixture.h"

enum { classes = 2 };

static const char schema_text[] =
    PE_FIELDS "],\"privet\":{\"zeros\":["
              "{\"when\":{\"hue\":[\"red\"]},\"never\":{\"kin\":[2,3]}}]}}";

static pv_schema *schema;
static pv_axes *axes;
static pv_space *space;
static pv_source *source;
static pv_population parents, children;

static void begin(void)
{
    const pv_key key = key_of(3);
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    schema = schema_of(schema_text);
    cr_assert_eq(pv_axes_alloc(schema, 0, classes, 8, &axes, &err), PV_OK);
    cr_assert_eq(pv_space_alloc(schema, 0, &space, &err), PV_OK);
    cr_assert_eq(pv_rows_source_alloc(schema, 0, classes, axes, space, &key,
                                      &source, &err),
                 PV_OK);
    cr_assert_eq(pv_population_make(source->width, classes, &parents, &err),
                 PV_OK);
    cr_assert_eq(pv_population_make(source->width, classes, &children, &err),
                 PV_OK);
}

static void end(void)
{
    pv_population_clear(&parents);
    pv_population_clear(&children);
    pv_source_free(source);
    pv_space_free(space);
    pv_axes_free(axes);
    pv_schema_free(schema);
}

TestSuite(rows_source, .init = begin, .fini = end);

static void draw(size_t x, size_t y)
{
    const size_t wanted[classes] = {x, y};
    cr_assert_eq(source->random(source, wanted, &parents, &err), PV_OK);
    cr_assert_eq(parents.count, x + y);
}

static void vary(size_t step, double degree, size_t fold, bool ahead)
{
    const pv_variation how = {
        .step = step, .degree = degree, .fold = fold, .ahead = ahead};
    pv_population_clear(&children);
    cr_assert_eq(pv_population_make(source->width, classes, &children, &err),
                 PV_OK);
    cr_assert_eq(source->vary(source, &parents, &how, &children, &err), PV_OK);
    cr_assert_eq(children.count, parents.count * fold);
    for (size_t i = 0; i < children.count; i++) {
        cr_assert_eq(children.class[i], parents.class[i / fold]);
        cr_assert_eq(children.generation[i], step);
    }
}

/* A table with each candidate once. */
static pv_table *table_of(const pv_population *p)
{
    pv_table *table = NULL;
    pv_outcome outcome = {0};
    const pv_key key = key_of(8);
    for (size_t i = 0; i < p->count; i++)
        cr_assert_eq(pv_outcome_add(&outcome, p->class[i], p->item[i], 0, 2,
                                    &err),
                     PV_OK);
    cr_assert_eq(source->rows(source, &outcome, p->count, &key, &table, &err),
                 PV_OK);
    pv_outcome_clear(&outcome);
    return table;
}

static void check_rows(const pv_population *p, double *hue, double *kin)
{
    size_t of_class[classes] = {0}, wanted[classes] = {0};
    pv_table *table = table_of(p);
    for (size_t r = 0; r < p->count; r++) {
        const uint32_t h = pv_codes_at(pv_table_codes(table, pe_hue), r);
        const uint32_t k = pv_codes_at(pv_table_codes(table, pe_kin), r);
        cr_assert_not(h == 0 && (k == 1 || k == 2));
        of_class[pv_codes_at(pv_table_codes(table, 0), r)]++;
        wanted[p->class[r]]++;
        hue[h]++;
        kin[k]++;
        const double age = pv_table_values(table, pe_age)[r];
        cr_assert_eq(pv_column_encode_number(pv_schema_column(schema, pe_age),
                                             age),
                     pv_codes_at(pv_table_codes(table, pe_age), r));
        cr_assert_eq(age, floor(age));
    }
    cr_assert_arr_eq(of_class, wanted, sizeof wanted);
    pv_table_free(table);
}

Test(rows_source, first_rows_break_no_zero)
{
    double hue[3] = {0}, kin[5] = {0};
    draw(4000, 2000);
    for (size_t i = 0; i < parents.count; i++) {
        cr_assert_eq(parents.item[i], i);
        cr_assert_eq(parents.class[i], i >= 4000);
    }
    check_rows(&parents, hue, kin);
    /* red ones have three fifths of the kins */
    const double share[3] = {3 / 13.0, 5 / 13.0, 5 / 13.0};
    check_frequencies(hue, share, 3, "hue");
}

Test(rows_source, children_of_degree_0_are_their_parents)
{
    draw(300, 200);
    vary(1, 0, 3, false);
    for (size_t i = 0; i < children.count; i++) {
        cr_assert_arr_eq(children.vector + i * source->width,
                         parents.vector + i / 3 * source->width,
                         source->width * sizeof *children.vector);
        cr_assert_eq(children.item[i], 500 + i);
    }
}

Test(rows_source, children_of_degree_1_are_anywhere)
{
    double hue[3] = {0}, kin[5] = {0};
    draw(2, 2);
    vary(7, 1, 2000, false);
    check_rows(&children, hue, kin);
    const double share[3] = {3 / 13.0, 5 / 13.0, 5 / 13.0};
    for (size_t i = 0; i < 3; i++)
        cr_assert_float_eq(hue[i] / 8000, share[i], 0.08);
    for (size_t i = 0; i < 5; i++)
        cr_assert_gt(kin[i], 300);
}

Test(rows_source, children_are_as_far_as_the_degree)
{
    size_t moved = 0;
    double nearest = 1, farthest = 0;
    draw(400, 400);
    vary(2, 0.1, 5, false);
    /* hue's coordinates come first, then age, of the range */
    for (size_t i = 0; i < children.count; i++) {
        const float *child = children.vector + i * source->width;
        const float *parent = parents.vector + i / 5 * source->width;
        moved += memcmp(child, parent, 3 * sizeof *child) != 0;
        const double day = fabs((double)child[source->width - 1] -
                                (double)parent[source->width - 1]);
        nearest = fmin(nearest, day);
        farthest = fmax(farthest, day);
    }
    /* two of three draws are another hue */
    cr_assert_float_eq((double)moved / 4000, 0.1 * 2 / 3, 0.015);
    cr_assert(nearest <= 0 && farthest > 0.08 && farthest < 0.1 + 1.0 / 59,
              "%g to %g", nearest, farthest);
}

Test(rows_source, steps_and_looks_ahead_are_drawn_apart)
{
    draw(100, 0);
    float *kept[3];
    const size_t bytes = 100 * source->width * sizeof(float);
    for (size_t i = 0; i < 3; i++) {
        vary(i == 1 ? 2 : 1, 0.5, 1, i == 2);
        kept[i] = malloc(bytes);
        memcpy(kept[i], children.vector, bytes);
        for (size_t j = 0; j < i; j++)
            cr_assert_neq(memcmp(kept[i], kept[j], bytes), 0);
    }
    vary(1, 0.5, 1, false);
    cr_assert_arr_eq(children.vector, kept[0], bytes);
    for (size_t i = 0; i < 3; i++)
        free(kept[i]);
}

/* --- copies --------------------------------------------------------------------- */

static void check_copies(const double *weight, size_t count, size_t rows,
                         unsigned number)
{
    uint32_t copies[32], all = 0;
    double total = 0;
    pv_stream stream;
    pv_outcome outcome = {0};
    const pv_key key = key_of(number);
    pv_stream_init(&stream, &key, 0);
    for (size_t i = 0; i < count; i++) {
        cr_assert_eq(pv_outcome_add(&outcome, 0, i, 0, weight[i], &err), PV_OK);
        total += weight[i];
    }
    pv_outcome_copies(&outcome, rows, &stream, copies);
    for (size_t i = 0; i < count; i++) {
        const double share = total > 0 ? weight[i] / total
                                       : 1 / (double)count;
        cr_assert(fabs(copies[i] - share * (double)rows) < 1 + 1e-9);
        cr_assert(!(total > 0) || weight[i] > 0 || copies[i] == 0);
        all += copies[i];
    }
    cr_assert_eq(all, rows);
    pv_outcome_clear(&outcome);
}

Test(copies, are_as_many_as_rows_and_within_one_of_what_is_expected)
{
    static const double weight[] = {0, 3, 0.5, 0, 1e-9, 7, 2.25, 1e3, 0.125, 0};
    static const double none[10] = {0};
    static const double one[1] = {5};
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    for (unsigned n = 0; n < 200; n++) {
        check_copies(weight, 10, 1 + n * 7, n);
        check_copies(none, 10, n, n);
        check_copies(one, 1, n, n);
    }
}

/* What is left is drawn: each has its share on average. */
Test(copies, are_in_proportion_on_average)
{
    static const double weight[4] = {1, 2, 3, 4};
    double sum[4] = {0}, share[4];
    pv_outcome outcome = {0};
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    for (size_t i = 0; i < 4; i++) {
        share[i] = weight[i] / 10;
        cr_assert_eq(pv_outcome_add(&outcome, 0, i, 0, weight[i], &err), PV_OK);
    }
    for (unsigned n = 0; n < 4000; n++) {
        uint32_t copies[4];
        pv_stream stream;
        const pv_key key = key_of(n);
        pv_stream_init(&stream, &key, 0);
        pv_outcome_copies(&outcome, 1, &stream, copies);
        for (size_t i = 0; i < 4; i++)
            sum[i] += copies[i];
    }
    check_frequencies(sum, share, 4, "copies");
    pv_outcome_clear(&outcome);
}

static void refill_ones(pv_stream *stream)
{
    memset(stream->words, 0xff, sizeof stream->words);
    stream->position = 0;
    stream->available = PV_STREAM_WORDS;
}

/* Sums of shares are a little less than 1, and the draw is the largest there is. */
Test(copies, of_what_weighs_nothing_are_none)
{
    uint32_t copies[11];
    pv_outcome outcome = {0};
    pv_stream stream = {.digit_bits = 32, .refill = refill_ones};
    for (size_t i = 0; i < 11; i++)
        cr_assert_eq(pv_outcome_add(&outcome, 0, i, 0, i < 10 ? 0.1 : 0, &err),
                     PV_OK);
    pv_outcome_copies(&outcome, 10, &stream, copies);
    uint32_t all = 0;
    for (size_t i = 0; i < 10; i++)
        all += copies[i];
    cr_assert_eq(all, 10);
    cr_assert_eq(copies[10], 0);
    pv_outcome_clear(&outcome);
}
