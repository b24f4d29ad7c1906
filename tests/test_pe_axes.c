/* Columns as axes: what bins hold, how values are drawn and moved. */
#include "gen/pe/axes.h"

#include "embeddings/space.h"
#include "pe_fixture.h"

enum { classes = 2, most = 8, draws = 60000 };

static pv_schema *schema;
static pv_axes *axes;

static void begin(void)
{
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    schema = schema_of(pe_schema);
    cr_assert_eq(pv_axes_alloc(schema, pe_class, classes, most, &axes, &err),
                 PV_OK);
}

static void end(void)
{
    pv_axes_free(axes);
    pv_schema_free(schema);
}

TestSuite(axes, .init = begin, .fini = end);

static const pv_column *column_of(size_t axis)
{
    return pv_schema_column(schema, pv_axes_column(axes, axis));
}

/* The axis of a column. */
static size_t axis_of(size_t column)
{
    for (size_t a = 0; a < pv_axes_count(axes); a++)
        if (pv_axes_column(axes, a) == column)
            return a;
    cr_assert_fail("column %zu has no axis", column);
    return 0;
}

/* What of a column has this code, were its values alike: a level like any other is
 * missing, and the rest is of the range. */
static double share_of_code(const pv_column *c, uint32_t code)
{
    const double levels = c->levels;
    if (c->kind != PV_COLUMN_BINS || (c->missing && code == c->levels - 1))
        return 1 / levels;
    const uint32_t named = c->levels - (c->missing ? 1 : 0);
    const double whole = c->integer ? 1 : 0;
    const double high =
        c->edges[code + 1] + (code + 1 == named ? whole : 0);
    return (high - c->edges[code]) /
           (c->edges[named] - c->edges[0] + whole) *
           (c->missing ? 1 - 1 / levels : 1);
}

Test(axes, leave_out_the_class_and_what_follows)
{
    pv_axes *own;
    cr_assert_eq(pv_axes_count(axes), pe_columns - 1);
    for (size_t a = 0; a < pv_axes_count(axes); a++)
        cr_assert_eq(pv_axes_column(axes, a), a + 1);
    pv_schema *other = schema_of(
        PE_FIELDS ",{\"name\":\"mood\",\"type\":\"string\",\"categories\":"
                  "[\"hot\",\"cold\"],\"constraints\":{\"required\":true}},"
                  "{\"name\":\"one\",\"type\":\"string\",\"categories\":"
                  "[\"only\"],\"constraints\":{\"required\":true}}],"
                  "\"privet\":{\"functions\":[{\"of\":\"class\",\"gives\":"
                  "\"mood\",\"map\":{\"x\":\"hot\",\"y\":\"cold\"}}]}}");
    cr_assert_eq(pv_axes_alloc(other, PV_NO_COLUMN, 1, most, &own, &err),
                 PV_OK);
    cr_assert_eq(pv_axes_count(own), pe_columns, "%zu axes",
                 pv_axes_count(own));
    pv_axes_free(own);
    pv_schema_free(other);
}

Test(axes, bins_cover_codes)
{
    for (size_t a = 0; a < pv_axes_count(axes); a++) {
        const pv_column *c = column_of(a);
        const size_t bins = pv_axes_bins(axes, a);
        cr_assert_eq(pv_axes_bin(axes, a, 0), 0);
        cr_assert_eq(pv_axes_bin(axes, a, c->levels - 1), bins - 1);
        for (uint32_t v = 1; v < c->levels; v++) {
            const uint32_t here = pv_axes_bin(axes, a, v);
            const uint32_t step = here - pv_axes_bin(axes, a, v - 1);
            cr_assert(step <= 1, "%s: bins are passed over", c->name);
            if (c->missing && v == c->levels - 1)
                cr_assert_eq(step, 1, "%s: missing among others", c->name);
        }
        cr_assert_eq(bins, c->levels > most ? most : c->levels, "%s", c->name);
        cr_assert_eq(pv_axes_is_number(axes, a), pv_axes_column(axes, a) != 1);
    }
}

/* How many codes there are of each kind, in so many draws by the class's law or alike. */
static void count_codes(size_t a, size_t class, bool alike, double *count)
{
    pv_stream stream;
    const pv_column *c = column_of(a);
    const pv_key key = key_of(5);
    memset(count, 0, c->levels * sizeof *count);
    pv_stream_init(&stream, &key, a);
    for (int i = 0; i < draws; i++) {
        uint32_t code = UINT32_MAX;
        double value = -7;
        if (alike)
            pv_axes_draw_alike(axes, a, &stream, &code, &value);
        else
            pv_axes_draw(axes, a, class, &stream, &code, &value);
        cr_assert(code < c->levels);
        const bool none = c->kind == PV_COLUMN_LABELS ||
                          (c->missing && code == c->levels - 1);
        cr_assert_eq(isnan(value) != 0, none);
        if (!none) {
            cr_assert_eq(pv_column_encode_number(c, value), code);
            cr_assert(value >= c->minimum && value <= c->maximum);
            cr_assert(!c->integer || value == floor(value));
        }
        count[code]++;
    }
}

Test(axes, laws_are_those_drawn_by)
{
    double law[classes * 9], count[64], share[64];
    for (size_t a = 0; a < pv_axes_count(axes); a++) {
        const pv_column *c = column_of(a);
        const size_t bins = pv_axes_bins(axes, a);
        for (size_t i = 0; i < classes * bins; i++)
            law[i] = 1 + (double)(i * i * 7 % 11); /* adds up to anything */
        pv_axes_set_law(axes, a, law);
        for (size_t class = 0; class < classes; class++) {
            /* density times what is alike */
            for (uint32_t v = 0; v < c->levels; v++)
                share[v] = exp(pv_axes_density(axes, a, class, v)) *
                           share_of_code(c, v);
            count_codes(a, class, false, count);
            check_frequencies(count, share, c->levels, c->name);
            /* and bins have what was set */
            double all = 0, of[9] = {0};
            for (size_t b = 0; b < bins; b++)
                all += law[class * bins + b];
            for (uint32_t v = 0; v < c->levels; v++)
                of[pv_axes_bin(axes, a, v)] += share[v];
            for (size_t b = 0; b < bins; b++)
                cr_assert_float_eq(of[b], law[class * bins + b] / all, 1e-9);
        }
    }
}

Test(axes, are_alike_at_first)
{
    double count[64], share[64];
    for (size_t a = 0; a < pv_axes_count(axes); a++) {
        const pv_column *c = column_of(a);
        for (uint32_t v = 0; v < c->levels; v++) {
            cr_assert_float_eq(pv_axes_density(axes, a, 1, v), 0, 1e-9, "%s %u",
                               c->name, v);
            share[v] = share_of_code(c, v);
        }
        count_codes(a, 1, false, count);
        check_frequencies(count, share, c->levels, c->name);
        count_codes(a, 1, true, count);
        check_frequencies(count, share, c->levels, c->name);
    }
}

Test(axes, real_numbers_are_alike_in_a_bin)
{
    double tenth[10] = {0}, share[10];
    const size_t a = axis_of(pe_pay);
    pv_stream stream;
    const pv_key key = key_of(9);
    pv_stream_init(&stream, &key, 0);
    for (int i = 0; i < draws; i++) {
        uint32_t code;
        double value;
        pv_axes_draw(axes, a, 0, &stream, &code, &value);
        if (code == 2) /* from 0 to 0.5 */
            tenth[(size_t)(value * 20)]++;
    }
    for (size_t i = 0; i < 10; i++)
        share[i] = 0.1;
    check_frequencies(tenth, share, 10, "pay");
}

/* --- shifts --------------------------------------------------------------------- */

Test(axes, shifts_are_reflected)
{
    uint32_t code = 3;
    double value = 0.8;
    const size_t pay = axis_of(pe_pay);
    cr_assert(pv_axes_shift(axes, pay, 0.25, &code, &value));
    cr_assert_float_eq(value, 0.7, 1e-12);
    cr_assert(pv_axes_shift(axes, pay, -0.9, &code, &value));
    cr_assert_float_eq(value, -0.9, 1e-12);
    cr_assert_eq(code, 0);
    /* and never leave the range */
    for (int i = -300; i <= 300; i++) {
        for (size_t a = 1; a < pv_axes_count(axes); a++) {
            const pv_column *c = column_of(a);
            value = c->minimum + (c->integer ? 1 : 0.1);
            cr_assert(pv_axes_shift(axes, a, i / 100.0, &code, &value));
            cr_assert(value >= c->minimum && value <= c->maximum);
            cr_assert_eq(code, pv_column_encode_number(c, value));
            cr_assert(!c->integer || value == floor(value));
        }
    }
}

Test(axes, labels_and_what_is_missing_are_not_shifted)
{
    uint32_t code = 1;
    double value = NAN;
    cr_assert_not(pv_axes_shift(axes, axis_of(pe_hue), 0.5, &code, &value));
    cr_assert_eq(code, 1);
    code = 4;
    cr_assert_not(pv_axes_shift(axes, axis_of(pe_kin), 0.5, &code, &value));
    cr_assert_eq(code, 4);
    cr_assert(isnan(value));
}

/* There and back are as likely, at the ends too: numbers that are alike stay so. */
static void check_balance(size_t column, double widest, size_t cells)
{
    double count[64] = {0}, share[64];
    const size_t a = axis_of(column);
    const pv_column *c = column_of(a);
    const double whole = c->integer ? 1 : 0;
    pv_stream stream;
    const pv_key key = key_of(11);
    pv_stream_init(&stream, &key, column);
    for (size_t i = 0; i < draws; i++) {
        uint32_t code;
        const double part = ((double)(i % 600) + 0.5) / 600;
        const double range = c->maximum - c->minimum + whole;
        double value = c->minimum + part * range;
        value = c->integer ? floor(value) : value;
        const double shift = widest * (2 * pv_stream_double(&stream) - 1);
        cr_assert(pv_axes_shift(axes, a, shift, &code, &value));
        const double at = (value - c->minimum) / range * (double)cells;
        count[(size_t)fmin(at + 1e-9, (double)cells - 1)]++;
    }
    for (size_t i = 0; i < cells; i++)
        share[i] = 1 / (double)cells;
    check_frequencies(count, share, cells, c->name);
}

Test(axes, shifts_are_as_likely_as_their_reverse)
{
    static const double widest[] = {0.05, 0.3, 1};
    for (size_t i = 0; i < 3; i++) {
        check_balance(pe_age, widest[i], 6);
        check_balance(pe_kin, widest[i], 4);
        check_balance(pe_pay, widest[i], 10);
        check_balance(pe_day, widest[i], 60);
    }
}

/* --- spread --------------------------------------------------------------------- */

Test(axes, spread_is_of_all_classes)
{
    const double rows[classes] = {30, 10};
    const double hue[] = {1, 1, 2, 1, 0.5, 0.5};
    /* all at the ends: the middles of the first and the last of four bins */
    const double pay[] = {1, 1e-9, 1e-9, 1, 1e-9, 1, 1e-9, 1e-9, 1, 1e-9};
    pv_axes_set_law(axes, axis_of(pe_hue), hue);
    pv_axes_set_law(axes, axis_of(pe_pay), pay);
    /* 5/16, 1/4, 7/16 of the labels */
    cr_assert_float_eq(pv_axes_spread(axes, axis_of(pe_hue), rows),
                       sqrt(1 - (25 + 16 + 49) / 256.0), 1e-6);
    cr_assert_float_eq(pv_axes_spread(axes, axis_of(pe_pay), rows), 0.375,
                       1e-6);
    cr_assert_float_eq(pv_axes_spread(axes, axis_of(pe_day), rows), 0.289,
                       5e-3);
}
