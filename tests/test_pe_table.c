/* Rows of a table by all answers together, with little noise: what single columns tell,
 * and what only votes can. */
#include "curator_fixture.h"

#include "gen/pe/learn.h"
#include "gen/pe/options.h"
#include "gen/pe/table.h"

/* Class 1 where x and y are on the same side, and twice as many of these; z is 9 - class
 * twice as often as 3. */
static const char table_schema[] =
    "{\"fields\":[" INTEGER("x", "7") "," INTEGER("class", "1") ","
    INTEGER("y", "7") "," INTEGER("z", "9") "]}";
enum { x_column, class_column, y_column, z_column, all_rows = 3000 };

static pv_pe_options options;
static pv_request request;

static void begin(void)
{
    char *text = NULL;
    size_t size;
    fixture_open();
    use_schema(table_schema);
    FILE *out = open_memstream(&text, &size);
    (void)fprintf(out, "x,class,y,z\n");
    for (unsigned i = 0; i < all_rows; i++) {
        const unsigned class = i % 3 != 0;
        const unsigned x = i / 3 % 8;
        const unsigned y = (class == (x < 4) ? 0 : 4) + i / 24 % 4;
        (void)fprintf(out, "%u,%u,%u,%u\n", x, class, y,
                      i % 5 < 3 ? 9 - class : 3);
    }
    cr_assert_eq(fclose(out), 0);
    use_csv(text);
    free(text);
    f.options.budget = UINT64_C(20) << 40;
    f.options.numbers = true;
    f.options.test_key = &f.seed; /* the same noise each time */
    open_well();
    options = pv_pe_defaults;
    cr_assert_eq(pv_pe_settle(&options, &f.err), PV_OK);
    request = (pv_request){.schema = f.schema,
                           .budget = f.options.budget,
                           .rows = -1,
                           .one_way_share = 0.2,
                           .rounds = 4,
                           .pe = &options,
                           .pe_by = class_column};
}

TestSuite(pe_table, .init = begin, .fini = fixture_close);

/* Shares of x, which are alike, and of z in a class: what is drawn is mostly the
 * marginal, and a tenth alike. */
static void check_law(const pv_axes *axes, size_t class, uint32_t often)
{
    cr_assert_eq(pv_axes_column(axes, 0), x_column);
    cr_assert_eq(pv_axes_column(axes, 2), z_column);
    cr_assert_eq(pv_axes_bins(axes, 2), 10);
    for (uint32_t v = 0; v < 8; v++)
        cr_assert_float_eq(pv_axes_density(axes, 0, class, v), 0, 0.1);
    for (uint32_t v = 0; v < 10; v++) {
        const double share = exp(pv_axes_density(axes, 2, class, v)) / 10;
        const double wanted = v == often ? 0.6 : v == 3 ? 0.4 : 0;
        cr_assert_float_eq(share, 0.9 * wanted + 0.01, 0.02,
                           "class %zu z %u: %g", class, v, share);
    }
}

Test(pe_table, single_columns_are_learned_by_class)
{
    pv_pe_run run;
    pv_axes *axes;
    pv_space *space;
    pv_evidence *evidence;
    cr_assert_eq(pv_pe_begin(&request, f.curator, pv_pe_size_share, &run,
                             &f.err),
                 PV_OK);
    cr_assert_eq(run.classes, 2);
    /* two hundredths of 20: a standard deviation of one and a bit */
    cr_assert_float_eq(run.rows_sigma, sqrt(1 / (2 * 0.4)), 0.02);
    cr_assert_float_eq(run.rows[0], 1000, 6);
    run.rows[0] += 400; /* what the columns say of it outweighs this */
    const double before = run.rows[0];
    cr_assert_eq(pv_pe_learn(&run, &axes, &evidence, &f.err), PV_OK, "%s",
                 f.err.message);
    cr_assert_eq(pv_axes_count(axes), 3);
    cr_assert_eq(pv_evidence_count(evidence), 3);
    /* sums over 8, 8 and 10 levels, sigma^2 = 3 / (2 x 4), against 1.25 */
    const double part = 1 / 1.25, each = 8.0 / 3 * (1 / 8.0 + 1 / 8.0 + 0.1);
    cr_assert_float_eq(run.rows[0],
                       (before * part + 1000 * each) / (part + each), 6,
                       "%g", run.rows[0]);
    cr_assert_float_eq(run.rows[1], 2000, 5);
    check_law(axes, 0, 9);
    check_law(axes, 1, 8);
    cr_assert_eq(pv_pe_space(&run, axes, &space, &f.err), PV_OK);
    /* columns count by how far apart their values are */
    cr_assert_float_eq(pv_space_factor(space, x_column),
                       0.5 / pv_axes_spread(axes, 0, run.rows), 1e-9);
    cr_assert_float_eq(pv_space_factor(space, x_column), 0.5 / 0.33, 0.1);
    pv_space_free(space);
    pv_evidence_free(evidence);
    pv_axes_free(axes);
    pv_pe_end(&run);
}

Test(pe_table, without_marginals_nothing_is_asked)
{
    pv_pe_run run;
    pv_axes *axes;
    pv_evidence *evidence;
    options.marginals = false;
    request.pe_by = PV_NO_COLUMN;
    cr_assert_eq(pv_pe_begin(&request, f.curator, pv_pe_label_share, &run,
                             &f.err),
                 PV_OK);
    cr_assert_eq(run.classes, 1);
    /* the column of fewest levels: twice the variance */
    cr_assert_float_eq(run.rows_sigma, 1, 0.02);
    cr_assert_float_eq(run.rows[0], all_rows, 6);
    const uint64_t left = pv_curator_remaining(f.curator);
    cr_assert_eq(pv_pe_learn(&run, &axes, &evidence, &f.err), PV_OK);
    cr_assert_eq(pv_curator_remaining(f.curator), left);
    cr_assert_eq(pv_axes_count(axes), 4);
    cr_assert_eq(pv_evidence_count(evidence), 0);
    pv_evidence_free(evidence);
    pv_axes_free(axes);
    pv_pe_end(&run);
}

Test(pe_table, votes_tell_what_columns_have_in_common)
{
    enum { rows = 4000 };
    pv_pe_found *found = NULL;
    pv_table *table;
    size_t right = 0, ones = 0, eights = 0;
    const pv_key key = {{'k'}};
    cr_assert_eq(pv_pe_table_fit(&request, f.curator, &found, &f.err), PV_OK,
                 "%s", f.err.message);
    cr_assert_float_eq(found->total, all_rows, 6);
    cr_assert_lt(pv_curator_remaining(f.curator), f.options.budget / 10);
    cr_assert_eq(found->rows(found, rows, &key, &table, &f.err), PV_OK);
    for (size_t i = 0; i < rows; i++) {
        uint32_t code[4];
        for (size_t c = 0; c < 4; c++)
            code[c] = pv_codes_at(pv_table_codes(table, c), i);
        right += code[class_column] ==
                 ((code[x_column] < 4) == (code[y_column] >= 4) ? 0U : 1U);
        ones += code[class_column];
        eights += code[z_column] == 8;
    }
    cr_assert_gt(right, rows * 9 / 10, "%zu of %d", right, rows);
    cr_assert_float_eq((double)ones, rows * 2.0 / 3, 12);
    cr_assert_float_eq((double)eights, rows * 0.4, rows * 0.03);
    pv_table_free(table);
    found->free(found);
}

/* A number of rows that is known is nobody's secret: it is not asked for, and what
 * classes have is brought to it. */
Test(pe_table, known_rows_are_kept_to)
{
    pv_pe_run run;
    f.options.neighbours = PV_REPLACE;
    request.neighbours = PV_REPLACE;
    pv_curator_close(f.curator);
    f.curator = NULL;
    remove_tree(pv_strdup(f.run_dir));
    open_well();
    cr_assert_eq(pv_pe_begin(&request, f.curator, pv_pe_size_share, &run,
                             &f.err),
                 PV_OK);
    cr_assert_float_eq(pv_pe_total(&run), all_rows, 1e-9);
    pv_pe_end(&run);
    const uint64_t left = pv_curator_remaining(f.curator);
    request.pe_by = PV_NO_COLUMN;
    cr_assert_eq(pv_pe_begin(&request, f.curator, pv_pe_size_share, &run,
                             &f.err),
                 PV_OK);
    cr_assert_eq(run.rows[0], all_rows);
    cr_assert_eq(pv_curator_remaining(f.curator), left);
    pv_pe_end(&run);
}
