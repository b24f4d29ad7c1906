/* Rows drawn from what the evidence says: their density, before and after moves. */
#include "gen/pe/particles_internal.h"

#include "marginals/factor.h"
#include "pe_fixture.h"

enum { classes = 2, hues = 3, kins = 5, ages = 6, cells = hues * kins * ages };

/* All of it is whole: as many rows as there are cells, and red ones of kin 2 are none. */
#define TINY(more) \
    "{\"fields\":[" \
    "{\"name\":\"class\",\"type\":\"string\",\"categories\":[\"x\",\"y\"]," \
    "\"constraints\":{\"required\":true}}," \
    "{\"name\":\"hue\",\"type\":\"string\",\"categories\":[\"red\",\"blue\"]}," \
    "{\"name\":\"kin\",\"type\":\"integer\",\"constraints\":" \
    "{\"minimum\":1,\"maximum\":4}}," \
    "{\"name\":\"age\",\"type\":\"integer\",\"constraints\":{\"required\":true," \
    "\"minimum\":0,\"maximum\":5}}],\"privet\":{\"zeros\":[" \
    "{\"when\":{\"hue\":[\"red\"]},\"never\":{\"kin\":[2]}}" more "]}}"

static const char wide_schema[] =
    PE_FIELDS ",{\"name\":\"mood\",\"type\":\"string\",\"categories\":"
              "[\"hot\",\"cold\"],\"constraints\":{\"required\":true}}],"
              "\"privet\":{\"functions\":[{\"of\":\"class\",\"gives\":"
              "\"mood\",\"map\":{\"x\":\"hot\",\"y\":\"cold\"}}],\"zeros\":["
              "{\"when\":{\"hue\":[\"red\"]},\"never\":{\"kin\":[2,3]}}]}}";

static pv_schema *schema;
static pv_axes *axes;
static pv_space *space;
static pv_cells *votes[1];
static pv_ground ground;

/* A marginal of each column, and votes on five rows of each class. */
static void add_marginals(void)
{
    static double noisy[classes * 16];
    size_t first[classes + 1];
    for (size_t a = 0; a < pv_axes_count(axes); a++) {
        const size_t bins = pv_axes_bins(axes, a);
        for (size_t c = 0; c <= classes; c++)
            first[c] = c * bins;
        for (size_t i = 0; i < classes * bins; i++)
            noisy[i] = 100 + 40 * (double)((i * 5 + a) % 7);
        cr_assert_eq(pv_evidence_add(ground.evidence, first, noisy, 20, 1,
                                     &err),
                     PV_OK);
        cr_assert_eq(pv_evidence_begin(ground.evidence, a, &err), PV_OK);
        /* laws are others than what is fitted */
        for (size_t i = 0; i < classes * bins; i++)
            noisy[i] = 1 + (double)((i * 3 + a) % 4);
        pv_axes_set_law(axes, a, noisy);
    }
}

static void add_votes(void)
{
    pv_population p;
    double noisy[classes * 5];
    const size_t width = pv_space_width(space);
    float *vector = calloc(width, sizeof *vector);
    cr_assert_eq(pv_population_make(width, classes, &p, &err), PV_OK);
    for (uint32_t i = 0; i < classes * 5; i++) {
        const uint32_t code[8] = {i / 5, i % 3, i * 3 % 5 % 2, i * 7 % 4 % 2};
        pv_space_embed(space, code, NULL, vector);
        vector[width - 1] += (float)i / 64;
        cr_assert_eq(pv_population_add(&p, i / 5, i, 0, vector, &err), PV_OK);
        noisy[i] = 80 + 60 * (double)(i * 3 % 5);
    }
    free(vector);
    cr_assert_eq(pv_population_settle(&p, &err), PV_OK);
    cr_assert_eq(p.count, classes * 5);
    cr_assert_eq(pv_cells_alloc(&p, &votes[0], &err), PV_OK);
    cr_assert_eq(pv_evidence_add(ground.evidence, p.first, noisy, 20, 1, &err),
                 PV_OK);
    cr_assert_eq(pv_evidence_begin(ground.evidence, ground.marginals, &err),
                 PV_OK);
    pv_population_clear(&p);
    ground.vote_count = 1;
}

static void set_up(const char *json)
{
    static const double rows[classes] = {1000, 800};
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    schema = schema_of(json);
    cr_assert_eq(pv_axes_alloc(schema, 0, classes, 8, &axes, &err), PV_OK);
    cr_assert_eq(pv_space_alloc(schema, 0, &space, &err), PV_OK);
    ground = (pv_ground){.schema = schema,
                         .classes = classes,
                         .axes = axes,
                         .space = space,
                         .votes = votes,
                         .marginals = pv_axes_count(axes)};
    cr_assert_eq(pv_evidence_alloc(classes, rows, &ground.evidence, &err),
                 PV_OK);
    add_marginals();
    add_votes();
}

static void done(void)
{
    pv_evidence_free(ground.evidence);
    pv_cells_free(votes[0]);
    pv_space_free(space);
    pv_axes_free(axes);
    pv_schema_free(schema);
}

static pv_particles *draw(size_t x, size_t y, unsigned number)
{
    pv_particles *p;
    const size_t each[classes] = {x, y};
    const pv_key key = key_of(number);
    cr_assert_eq(pv_particles_draw(&ground, each, &key, &p, &err), PV_OK, "%s",
                 err.message);
    return p;
}

static pv_particles *renew(const pv_particles *p, size_t x, size_t y,
                           size_t moves, unsigned number)
{
    pv_particles *next;
    const size_t each[classes] = {x, y};
    const pv_key key = key_of(number);
    cr_assert_eq(pv_particles_renew(p, each, moves, &key, &next, &err), PV_OK);
    return next;
}

static void fit(pv_particles *p, size_t sweeps)
{
    cr_assert_eq(pv_particles_fit(p, sweeps, &err), PV_OK);
}

/* --- the density -------------------------------------------------------------------- */

static size_t cell_of(const uint32_t *code)
{
    return (code[1] * kins + code[2]) * ages + code[3];
}

/* What exp(F) is of each cell of a class, added up to 1. */
static void density_of(uint32_t class, double *share)
{
    double all = 0;
    float vector[16];
    for (uint32_t i = 0; i < cells; i++) {
        const uint32_t code[4] = {class, i / (kins * ages), i / ages % kins,
                                  i % ages};
        double sum = 0;
        for (size_t a = 0; a < 3; a++) {
            const size_t bins[3] = {hues, kins, ages};
            sum += pv_evidence_lambda(ground.evidence,
                                      a)[class * bins[a] + code[a + 1]];
        }
        pv_space_embed(space, code, NULL, vector);
        sum += pv_evidence_lambda(ground.evidence, 3)[pv_cells_find(
            votes[0], class, vector)];
        share[i] = code[1] == 0 && code[2] == 1 ? 0 : exp(sum);
        all += share[i];
    }
    for (uint32_t i = 0; i < cells; i++)
        share[i] /= all;
}

Test(particles, weights_and_moves_have_the_density_that_is_fitted)
{
    enum { number = 40000 };
    double share[cells], count[cells], weight[cells];
    set_up(TINY(""));
    pv_particles *p = draw(number, number, 1);
    fit(p, 0);
    pv_particles *moved = renew(p, number, number, 40, 2);
    fit(moved, 0);
    for (uint32_t c = 0; c < classes; c++) {
        double off = 0;
        memset(count, 0, sizeof count);
        memset(weight, 0, sizeof weight);
        density_of(c, share);
        for (size_t i = c * number; i < (c + 1) * (size_t)number; i++) {
            weight[cell_of(p->code + 4 * i)] += p->weight[i];
            count[cell_of(moved->code + 4 * i)]++;
            cr_assert_eq(moved->code[4 * i], c);
            cr_assert_float_eq(moved->weight[i],
                               pv_evidence_rows(ground.evidence, c) / number,
                               1e-9);
        }
        for (size_t i = 0; i < cells; i++)
            off += fabs(weight[i] / pv_evidence_rows(ground.evidence, c) -
                        share[i]);
        cr_assert_lt(off, 0.06, "class %u: off by %g", c, off);
        check_frequencies(count, share, cells, c == 0 ? "x" : "y");
    }
    pv_particles_free(moved);
    pv_particles_free(p);
    done();
}

Test(particles, moves_move)
{
    set_up(TINY(""));
    pv_particles *p = draw(2000, 2000, 1);
    fit(p, 0);
    pv_particles *stay = renew(p, 2000, 2000, 0, 2);
    pv_particles *once = renew(p, 2000, 2000, 1, 2);
    size_t moved = 0;
    for (size_t i = 0; i < 4000; i++)
        moved += memcmp(stay->code + 4 * i, once->code + 4 * i,
                        4 * sizeof *stay->code) != 0;
    cr_assert(moved > 1000 && moved < 3500, "%zu moved", moved);
    fit(stay, 0);
    cr_assert_float_eq(stay->weight[0], stay->weight[1999], 1e-9);
    pv_particles_free(once);
    pv_particles_free(stay);
    pv_particles_free(p);
    done();
}

Test(particles, rows_break_no_zero)
{
    set_up(wide_schema);
    pv_particles *p = draw(3000, 3000, 4);
    fit(p, 5);
    pv_particles *moved = renew(p, 3000, 3000, 5, 5);
    for (int m = 0; m < 2; m++) {
        const pv_particles *all = m == 0 ? p : moved;
        for (size_t i = 0; i < all->count; i++) {
            const uint32_t *code = all->code + i * all->columns;
            cr_assert_not(code[pe_hue] == 0 &&
                          (code[pe_kin] == 1 || code[pe_kin] == 2));
        }
    }
    pv_particles_free(moved);
    pv_particles_free(p);
    done();
}

Test(particles, a_class_without_rows_is_refused)
{
    pv_particles *p;
    const size_t each[classes] = {10, 10};
    const pv_key key = key_of(1);
    set_up(TINY(",{\"when\":{\"class\":[\"y\"]},\"never\":{\"age\":"
                "[0,1,2,3,4,5]}}"));
    cr_assert_eq(pv_particles_draw(&ground, each, &key, &p, &err),
                 PV_EUNSUPPORTED);
    cr_assert_null(p);
    done();
}

/* --- by weight ------------------------------------------------------------------- */

/* Five of class x, of which the middle three weigh 2, 5 and 1. */
static pv_particles *weighted(void)
{
    static const double weight[] = {0, 2, 5, 1, 0};
    pv_particles *p = draw(5, 1, 9);
    memcpy(p->weight, weight, sizeof weight);
    p->weight[5] = 1;
    for (uint32_t i = 0; i < 5; i++) {
        const uint32_t code[4] = {0, 1, 2, i};
        memcpy(p->code + 4 * i, code, sizeof code);
        p->value[4 * i + 3] = i;
    }
    return p;
}

static const uint32_t wanted[8] = {1, 1, 2, 2, 2, 2, 2, 3};

Test(particles, are_renewed_by_weight)
{
    set_up(TINY(""));
    pv_particles *p = weighted();
    pv_particles *next = renew(p, 8, 3, 0, 7);
    cr_assert_eq(next->count, 11);
    for (size_t i = 0; i < 8; i++)
        cr_assert_eq(next->code[4 * i + 3], wanted[i]);
    for (size_t i = 8; i < 11; i++)
        cr_assert_arr_eq(next->code + 4 * i, p->code + 4 * 5,
                         4 * sizeof *p->code);
    pv_particles_free(next);
    pv_particles_free(p);
    done();
}

Test(particles, are_chosen_by_weight)
{
    pv_population into;
    float vector[16];
    const size_t each[classes] = {8, 2};
    const pv_key key = key_of(7);
    set_up(TINY(""));
    pv_particles *p = weighted();
    const size_t width = pv_space_width(space);
    cr_assert_eq(pv_population_make(width, classes, &into, &err), PV_OK);
    cr_assert_eq(pv_particles_choose(p, each, &key, 6, &into, &err), PV_OK);
    cr_assert_eq(into.count, 10);
    for (size_t i = 0; i < 8; i++) {
        cr_assert_eq(into.item[i], wanted[i]);
        cr_assert_eq(into.class[i], 0);
        cr_assert_eq(into.generation[i], 6);
        pv_space_embed(space, p->code + 4 * wanted[i], p->value + 4 * wanted[i],
                       vector);
        cr_assert_arr_eq(into.vector + i * width, vector,
                         width * sizeof *vector);
    }
    cr_assert_eq(into.class[9], 1);
    pv_population_clear(&into);
    pv_particles_free(p);
    done();
}

/* --- tables ------------------------------------------------------------------------ */

/* The row of the table that each particle is, found by its day and pay. */
static size_t row_of(const pv_table *table, const pv_particles *p, size_t i)
{
    const uint32_t *code = p->code + i * p->columns;
    const double *value = p->value + i * p->columns;
    for (size_t r = 0; r < p->count; r++) {
        const double pay = pv_table_values(table, pe_pay)[r];
        bool same = isnan(value[pe_pay]) ? isnan(pay) : pay == value[pe_pay];
        same = same && pv_table_values(table, pe_age)[r] == value[pe_age];
        for (size_t c = 0; same && c < pe_columns; c++)
            same = pv_codes_at(pv_table_codes(table, c), r) == code[c];
        if (same)
            return r;
    }
    cr_assert_fail("particle %zu is no row of the table", i);
    return 0;
}

Test(particles, make_a_complete_table_in_an_order_of_its_own)
{
    pv_table *table;
    const pv_key key = key_of(21);
    uint32_t order[500];
    size_t at_its_place = 0, by_first_stream = 0;
    pv_stream stream;
    set_up(wide_schema);
    pv_particles *p = draw(300, 200, 20);
    cr_assert_eq(pv_particles_table(p, &key, &table, &err), PV_OK);
    cr_assert_eq(pv_table_rows(table), 500);
    for (uint32_t i = 0; i < 500; i++)
        order[i] = i;
    /* what rows are renewed by must not order them too */
    pv_stream_init(&stream, &key, 0);
    pv_stream_shuffle(&stream, order, 500);
    for (size_t i = 0; i < 500; i++) {
        const size_t r = row_of(table, p, i);
        at_its_place += r == i;
        by_first_stream += r == order[i];
        cr_assert_eq(pv_codes_at(pv_table_codes(table, pe_columns), r), i >= 300);
    }
    cr_assert_lt(at_its_place, 20);
    cr_assert_lt(by_first_stream, 20);
    pv_table_free(table);
    pv_particles_free(p);
    done();
}

Test(particles, same_bytes_for_any_threads)
{
    enum { number = 3000 };
    static uint32_t code[2 * number * (pe_columns + 1)];
    static double value[2 * number * (pe_columns + 1)], weight[2 * number];
    for (int threads = 1; threads <= 4; threads *= 2) {
        pv_threads_set(threads);
        set_up(wide_schema);
        pv_particles *p = draw(number, number, 30);
        fit(p, 5);
        pv_particles *next = renew(p, number, number, 3, 31);
        fit(next, 5);
        if (threads == 1) {
            memcpy(code, next->code, sizeof code);
            memcpy(value, next->value, sizeof value);
            memcpy(weight, next->weight, sizeof weight);
        }
        cr_assert_arr_eq(code, next->code, sizeof code);
        cr_assert_eq(memcmp(value, next->value, sizeof value), 0);
        cr_assert_arr_eq(weight, next->weight, sizeof weight);
        pv_particles_free(next);
        pv_particles_free(p);
        done();
    }
    pv_threads_set(1);
}
