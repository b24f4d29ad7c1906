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
