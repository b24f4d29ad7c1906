/* privet-table check and info: what a schema or a file says, in words. */
#include "io/privet-table.h"

#include "core/atomicfile.h"
#include "io/hdf5.h"
#include "io/release.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *role_name(pv_role role)
{
    switch (role) {
    case PV_ROLE_QUASI_IDENTIFIER:
        return "quasi-identifier";
    case PV_ROLE_SECRET:
        return "secret";
    case PV_ROLE_GROUP:
        return "group";
    case PV_ROLE_WEIGHT:
        return "weight";
    default:
        return "-";
    }
}

static const char *kind_name(const pv_column *column)
{
    switch (column->kind) {
    case PV_COLUMN_LABELS:
        return "labels";
    case PV_COLUMN_INTEGERS:
        return "integers";
    default:
        return column->date      ? "dates"
               : column->integer ? "bins (int)"
                                 : "bins";
    }
}

/* A name from a file, fit for a terminal and cut to the width of a column. */
static void print_name(const char *name, int width)
{
    int shown = 0;
    for (const char *s = name; *s != '\0' && shown < width; s++) {
        const unsigned char c = (unsigned char)*s;
        (void)putchar(c < 0x20 || c == 0x7f ? '?' : c);
        shown += (c & 0xc0) != 0x80;
    }
    for (; shown < width; shown++)
        (void)putchar(' ');
}

static void print_columns(const pv_schema *schema)
{
    (void)puts("  #  column                    kind        levels  missing  "
               "role              needs");
    for (size_t i = 0; i < pv_schema_columns(schema); i++) {
        const pv_column *c = pv_schema_column(schema, i);
        (void)printf("%3zu  ", i);
        print_name(c->name, 24);
        (void)printf("  %-10s  %6u  %-7s  %-16s  %s%s%s\n", kind_name(c),
                     (unsigned)c->levels, c->missing ? "yes" : "no",
                     role_name(c->role),
                     c->needs & PV_NEEDS_BOUNDS ? "bounds " : "",
                     c->needs & PV_NEEDS_BINS ? "bins " : "",
                     c->needs & PV_NEEDS_LABELS ? "labels" : "");
    }
}

/* Cells of all pairs and triples of columns, by the elementary symmetric
 * polynomials of their levels; the largest have the most levels. */
typedef struct cells {
    size_t columns, open;
    long double pairs, triples, largest_pair, largest_triple, log10_domain;
} cells;

static cells count_cells(const pv_schema *schema)
{
    cells n = {0};
    long double s1 = 0, e2 = 0, top[3] = {0, 0, 0};
    for (size_t i = 0; i < pv_schema_columns(schema); i++) {
        const long double levels = pv_schema_column(schema, i)->levels;
        if (pv_schema_map(schema, i) != NULL)
            continue; /* follows from another */
        if (levels == 0) {
            n.open++;
            continue;
        }
        n.columns++;
        n.triples += e2 * levels;
        e2 += s1 * levels;
        s1 += levels;
        n.log10_domain += log10l(levels);
        for (int k = 0; k < 3; k++)
            if (levels > top[k]) {
                memmove(top + k + 1, top + k, (size_t)(2 - k) * sizeof *top);
                top[k] = levels;
                break;
            }
    }
    n.pairs = e2;
    n.largest_pair = top[0] * top[1];
    n.largest_triple = top[0] * top[1] * top[2];
    return n;
}

static void print_cells(const pv_schema *schema)
{
    const cells n = count_cells(schema);
    const double k = (double)n.columns;
    (void)printf("\ndomain: %zu columns, 10^%.1Lf cells\n", n.columns,
                 n.log10_domain);
    (void)printf("pairs: %.0f marginals, %.0Lf cells, the largest %.0Lf\n",
                 k * (k - 1) / 2, n.pairs, n.largest_pair);
    (void)printf("triples: %.0f marginals, %.0Lf cells, the largest %.0Lf\n",
                 k > 2 ? k * (k - 1) * (k - 2) / 6 : 0, n.triples, n.largest_triple);
    if (n.open > 0)
        (void)printf("%zu columns get their levels from a paid question and "
                     "are not counted\n",
                     n.open);
}

static void print_zeros(const pv_schema *schema)
{
    const size_t zeros = pv_schema_zeros(schema);
    (void)printf("\nstructural zeros: %zu\n", zeros);
    for (size_t i = 0; i < zeros && i < 20; i++) {
        const pv_zero *zero = pv_schema_zero(schema, i);
        (void)fputs("  ", stdout);
        for (size_t k = 0; k < zero->columns; k++) {
            const pv_column *c = pv_schema_column(schema, zero->column[k]);
            size_t codes = 0;
            for (uint32_t code = 0; code < c->levels; code++)
                codes += zero->mask[k][code];
            (void)fputs(k > 0 ? " with " : "", stdout);
            print_name(c->name, (int)strnlen(c->name, 40));
            (void)printf(" in %zu of %u levels", codes, (unsigned)c->levels);
        }
        (void)putchar('\n');
    }
    if (zeros > 20)
        (void)printf("  ... and %zu more\n", zeros - 20);
}

static void print_functions(const pv_schema *schema)
{
    const size_t functions = pv_schema_functions(schema);
    if (functions > 0)
        (void)printf("\nfunctions: %zu; what they give is not modelled\n",
                     functions);
    for (size_t i = 0; i < functions; i++) {
        const pv_function *f = pv_schema_function(schema, i);
        const char *of = pv_schema_column(schema, f->of)->name;
        const char *gives = pv_schema_column(schema, f->gives)->name;
        (void)fputs("  ", stdout);
        print_name(gives, (int)strnlen(gives, 40));
        (void)fputs(" follows from ", stdout);
        print_name(of, (int)strnlen(of, 40));
        (void)putchar('\n');
    }
}

static void print_title(const pv_schema *schema)
{
    const char *title = pv_schema_title(schema);
    const char *unit = pv_schema_unit(schema);
    if (title != NULL) {
        print_name(title, (int)strnlen(title, 78));
        (void)putchar('\n');
    }
    if (unit != NULL) {
        (void)fputs("unit: a person, by column ", stdout);
        print_name(unit, (int)strnlen(unit, 40));
        (void)printf(", at most %u rows\n",
                     (unsigned)pv_schema_unit_rows(schema));
    } else {
        (void)puts("unit: a row");
    }
}

pv_status pv_table_check(const pv_table_command *command, pv_error *err)
{
    pv_schema *schema = NULL;
    const pv_status status = pv_schema_read(command->input, &schema, err);
    if (status != PV_OK)
        return status;
    print_title(schema);
    (void)putchar('\n');
    print_columns(schema);
    print_cells(schema);
    print_zeros(schema);
    print_functions(schema);
    pv_schema_free(schema);
    return PV_OK;
}

static void print_line(const char *label, const char *text)
{
    (void)printf("%-12s ", label);
    print_name(text, (int)strnlen(text, 120));
    (void)putchar('\n');
}

static void print_number(const char *label, double value)
{
    if (isfinite(value))
        (void)printf("%-12s %.17g\n", label, value);
    else
        (void)printf("%-12s not stated\n", label);
}

/* Six digits that claim no more privacy than the number does. */
static const char *rounded_up(double value, char text[32])
{
    (void)snprintf(text, 32, "%.6g", value);
    if (strtod(text, NULL) < value)
        (void)snprintf(text, 32, "%.6g", value * (1 + 1e-5));
    return text;
}

static void print_statement(const pv_release *r)
{
    char epsilon[32], delta[32];
    (void)printf(
        "Privacy statement: the table and the marginals are the output of a\n"
        "mechanism that is (epsilon, delta)-differentially private with\n"
        "epsilon = %s and delta = %s, where neighbouring tables differ\n"
        "in one unit (%s) that is %s. Whatever is computed from\n"
        "this file keeps that guarantee. The releases of one dataset add up:\n"
        "the numbers above cover this release%s.\n",
        rounded_up(r->epsilon, epsilon), rounded_up(r->delta, delta), r->unit,
        strcmp(r->neighbours, "replace") == 0 ? "replaced by another"
                                              : "added or removed",
        r->dataset_rho != NULL ? ", and dataset rho all of them so far"
                               : " alone");
}

static void print_release(const pv_release *r)
{
    print_line("method:", r->method);
    print_line("made by:", r->tool_version);
    print_line("neighbours:", r->neighbours);
    print_line("unit:", r->unit);
    print_line("randomness:", r->rng);
    print_number("epsilon:", r->epsilon);
    print_number("delta:", r->delta);
    print_number("rho:", r->rho);
    if (r->delta_labels > 0)
        (void)printf("of delta:    %.6g for labels that were found\n",
                     r->delta_labels);
    if (r->dataset_rho != NULL)
        print_line("dataset rho:", r->dataset_rho);
    if (r->dataset_delta != NULL)
        print_line("its labels:", r->dataset_delta);
    (void)printf("marginals:   %zu noisy ones in /privacy/measurements\n\n",
                 r->count);
    if (r->claim != NULL) {
        (void)puts("Privacy: the marginals were measured elsewhere, and nothing "
                   "here vouches for them.");
        print_name(r->claim, (int)strlen(r->claim));
        (void)putchar('\n');
        return;
    }
    if (strcmp(r->rng, "secure") != 0) {
        (void)puts("NOT PRIVATE: made with a test seed. Whoever knows the seed "
                   "can take the noise\naway. Treat this file as the data it "
                   "was made from.");
        return;
    }
    print_statement(r);
}

/* A file that is no release is a plain table, or neither. */
static pv_status print_origin(const char *path, pv_error *err)
{
    pv_release *release = NULL;
    const pv_status status = pv_release_read(path, &release, err);
    if (status == PV_EFORMAT) {
        (void)puts("not a release: nothing says that this table is synthetic; "
                   "treat it as private data");
        return PV_OK;
    }
    if (status == PV_OK)
        print_release(release);
    pv_release_free(release);
    return status;
}

pv_status pv_table_info(const pv_table_command *command, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *schema = NULL;
    pv_table *table = NULL;
    if (pv_file_exists(command->input) && !pv_hdf5_detect(command->input))
        return pv_fail(err, PV_EFORMAT,
                       "%s: not an HDF5 file; import it first (privet-table "
                       "import)",
                       command->input);
    PV_TRY(pv_hdf5_read_schema(command->input, &schema, err));
    PV_TRY(pv_hdf5_load(command->input, schema, NULL, &table, NULL, err));
    print_title(schema);
    (void)printf("%zu rows, %zu columns\n\n", pv_table_rows(table),
                 pv_schema_columns(schema));
    print_columns(schema);
    (void)putchar('\n');
    PV_TRY(print_origin(command->input, err));
out:
    pv_table_free(table);
    pv_schema_free(schema);
    return status;
}

pv_status pv_table_schema_of(const pv_table_command *command, pv_error *err)
{
    pv_schema *schema = NULL;
    pv_status status = pv_hdf5_read_schema(command->input, &schema, err);
    if (status == PV_OK && (puts(pv_schema_json(schema)) == EOF ||
                            fflush(stdout) != 0))
        status = pv_fail_errno(err, PV_EIO, "standard output");
    pv_schema_free(schema);
    return status;
}
