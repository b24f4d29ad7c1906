/* Generators as mechanisms: options, noise, releases. */
#include "core/log.h"
#include "core/scratch.h"
#include "core/threads.h"
#include "dp_fixture.h"
#include "gen/generator.h"
#include "gen/mechanism.h"
#include "io/csv.h"
#include "io/rows.h"

enum { columns = 8, people = 1000, most_levels = 16 };
static const uint32_t levels[columns] = {16, 9, 16, 7, 15, 6, 2, 2};

static pv_error err;
static pv_schema *schema;
static pv_table *table;
static char *scratch, *input;

static void parse_schema(void)
{
    char text[2048] = "{\"fields\":[";
    for (size_t c = 0; c < columns; c++)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                       "%s{\"name\":\"c%zu\",\"type\":\"integer\","
                       "\"constraints\":{\"required\":true,\"minimum\":0,"
                       "\"maximum\":%u}}",
                       c > 0 ? "," : "", c, levels[c] - 1);
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "]}");
    cr_assert_eq(pv_schema_parse(text, strlen(text), "s", &schema, &err), PV_OK,
                 "%s", err.message);
}

/* Each column leans on the one before, unevenly, as Adult's do. */
static void set_up(void)
{
    pv_stream stream;
    const pv_key key = {{7}};
    pv_log_init("test", PV_LOG_QUIET);
    pv_threads_set(1);
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    parse_schema();
    cr_assert_eq(pv_table_alloc(schema, people, true, &table, &err), PV_OK);
    pv_stream_init(&stream, &key, 0);
    for (size_t row = 0; row < people; row++) {
        uint32_t last = 0;
        for (size_t c = 0; c < columns; c++) {
            const uint64_t a = pv_stream_below(&stream, levels[c]);
            const uint64_t b = pv_stream_below(&stream, levels[c]);
            last = pv_stream_below(&stream, 3) == 0
                       ? (uint32_t)(a * b / levels[c])
                       : last % levels[c];
            pv_table_put(table, c, row, 1, &last);
        }
    }
    cr_assert_eq(pv_scratch_make(NULL, &scratch, &err), PV_OK);
    input = pv_sprintf_alloc("%s/in.csv", scratch);
    cr_assert_eq(pv_csv_write(table, input, false, &err), PV_OK, "%s",
                 err.message);
}

static void tear_down(void)
{
    pv_scratch_remove(scratch);
    cr_assert(!pv_file_exists(scratch));
    free(scratch);
    free(input);
    pv_table_free(table);
    pv_schema_free(schema);
}

TestSuite(mechanism, .init = set_up, .fini = tear_down);

/* Parses a command line split at blanks. */
static pv_status parse(const char *line, bool no_noise, pv_mechanism **m)
{
    char *copy = pv_strdup(line), *word[32];
    size_t words = 0;
    for (char *at = strtok(copy, " "); at != NULL; at = strtok(NULL, " "))
        word[words++] = at;
    const pv_status status =
        pv_mechanism_parse(words, word, schema, no_noise, m, &err);
    free(copy);
    return status;
}

/* Cells of a measured marginal that are not what the table has. */
static size_t wrong_cells(const pv_measurement *m)
{
    size_t wrong = 0;
    int64_t *truth = pv_array_calloc(m->cells, sizeof *truth);
    for (size_t row = 0; row < people; row++) {
        size_t cell = 0;
        for (size_t i = 0; i < m->columns; i++)
            cell = cell * levels[m->column[i]] +
                   pv_codes_at(pv_table_codes(table, m->column[i]), row);
        truth[cell]++;
    }
    for (size_t k = 0; k < m->cells; k++)
        wrong += truth[k] != m->counts[k];
    free(truth);
    return wrong;
}

static void check_no_noise(const char *line)
{
    const pv_key key = {{1}};
    pv_mechanism *m = NULL;
    pv_training *t = NULL;
    size_t count = 0;
    cr_assert_eq(parse(line, true, &m), PV_OK, "%s: %s", line, err.message);
    cr_assert_eq(pv_mechanism_train(m, input, scratch, &key, &t, &err), PV_OK,
                 "%s: %s", line, err.message);
    const pv_measurement *measurement = pv_training_measurements(t, &count);
    cr_expect_gt(count, 0);
    for (size_t i = 0; i < count; i++)
        cr_expect_eq(wrong_cells(&measurement[i]), 0, "%s: marginal %zu", line,
                     i);
    pv_training_free(t);
    pv_mechanism_free(m);
}

Test(mechanism, without_noise_every_method_measures_the_truth)
{
    static const char *const line[] = {
        "privet-gen independent", "privet-gen direct --degree 2 --target c7",
        "privet-gen mst", "privet-gen aim --degree 2 --model-size 50K",
        "privet-gen tree --degree 2 --target c7"};
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        char *run = pv_sprintf_alloc("%s/run", scratch);
        check_no_noise(line[i]);
        pv_scratch_remove(run);
        free(run);
    }
}

static uint64_t sum_of(const pv_table *t)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t c = 0; c < columns; c++)
        for (size_t row = 0; row < pv_table_rows(t); row++)
            sum = (sum ^ pv_codes_at(pv_table_codes(t, c), row)) *
                  1099511628211u;
    return sum;
}

static uint64_t release_sum(const pv_training *t, int64_t rows)
{
    pv_table *release = NULL;
    cr_assert_eq(pv_training_release(t, rows, &release, &err), PV_OK, "%s",
                 err.message);
    if (rows >= 0)
        cr_expect_eq(pv_table_rows(release), (size_t)rows);
    const uint64_t sum = sum_of(release);
    pv_table_free(release);
    return sum;
}

Test(mechanism, releases_depend_on_key_and_rows_alone)
{
    uint64_t sum[3];
    pv_mechanism *m = NULL;
    cr_assert_eq(parse("x mst {in} --epsilon 1 --delta 1e-9 -o {out} --rows "
                       "{rows} --insecure-test-seed={seed}", false, &m),
                 PV_OK, "%s", err.message);
    cr_expect_str_eq(pv_mechanism_method(m), "mst");
    for (unsigned char i = 0; i < 3; i++) {
        const pv_key key = {{(unsigned char)(1 + i / 2)}};
        pv_training *t = NULL;
        char *place = NULL;
        cr_assert_eq(pv_scratch_make(scratch, &place, &err), PV_OK);
        cr_assert_eq(pv_mechanism_train(m, input, place, &key, &t, &err),
                     PV_OK, "%s", err.message);
        sum[i] = release_sum(t, 500);
        cr_expect_eq(sum[i], release_sum(t, 500));
        cr_expect_neq(sum[i], release_sum(t, 501));
        (void)release_sum(t, -1);
        (void)release_sum(t, 0);
        pv_training_free(t);
        pv_scratch_remove(place);
        free(place);
    }
    cr_expect_eq(sum[0], sum[1]);
    cr_expect_neq(sum[0], sum[2]);
    pv_mechanism_free(m);
}

/* What privet-gen itself publishes of the same table with the same key. */
static void check_published(const pv_mechanism *m, const pv_measurement *mine,
                            size_t count, const pv_key *key)
{
    pv_curator *curator = NULL;
    pv_release *release = NULL;
    uint64_t budget = 0;
    char *run_dir = pv_sprintf_alloc("%s/production", scratch);
    char *output = pv_sprintf_alloc("%s/out.h5", scratch);
    cr_assert_eq(pv_units_of_rho(1.0, &budget, &err), PV_OK);
    const pv_generator *method = pv_generator_find(pv_mechanism_method(m));
    const pv_curator_options options = {
        .input = input, .schema = schema, .run_dir = run_dir, .output = output,
        .budget = budget, .delta = 1e-9, .method = "mst", .settings = "other",
        .test_key = key};
    const pv_request request = {
        .method = method, .schema = schema, .budget = budget, .rows = -1,
        .rows_hint = 10000, .columns_share = 0.1, .memory = (size_t)1 << 30,
        .one_way_share = method->one_way_share,
        .select_share = method->select_share};
    cr_assert_eq(pv_curator_open(&options, &curator, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(pv_generate(&request, curator, &err), PV_OK, "%s",
                 err.message);
    pv_curator_close(curator);
    cr_assert_eq(pv_release_read(output, &release, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(release->count, count);
    for (size_t i = 0; i < count; i++)
        cr_expect_arr_eq(mine[i].counts, release->measurements[i].counts,
                         mine[i].cells * sizeof *mine[i].counts);
    pv_release_free(release);
    free(run_dir);
    free(output);
}

Test(mechanism, it_measures_what_production_measures)
{
    const pv_key key = {{5}};
    pv_mechanism *m = NULL;
    pv_training *t = NULL;
    size_t count = 0;
    cr_assert_eq(parse("privet-gen mst --rho 1", false, &m), PV_OK);
    cr_assert_eq(pv_mechanism_train(m, input, scratch, &key, &t, &err), PV_OK);
    const pv_measurement *mine = pv_training_measurements(t, &count);
    check_published(m, mine, count, &key);
    pv_training_free(t);
    pv_mechanism_free(m);
}

static void refused(const char *line, pv_status wanted, const char *word)
{
    pv_mechanism *m = NULL;
    err.message[0] = '\0';
    const pv_status status = parse(line, false, &m);
    cr_expect_eq(status, wanted, "%s: %s", line, err.message);
    cr_expect(strstr(err.message, word) != NULL, "%s: no \"%s\" in \"%s\"",
              line, word, err.message);
    cr_expect_null(m);
}

#define BUDGET " --epsilon 1 --delta 1e-9"

Test(mechanism, senseless_options_are_refused)
{
    refused("x", PV_EUSAGE, "missing");
    refused("x gan" BUDGET, PV_EUSAGE, "not a method");
    refused("x plan mst" BUDGET, PV_EUSAGE, "mst");
    refused("x mst", PV_EUSAGE, "budget");
    refused("x mst --rho 0", PV_EUSAGE, "--rho");
    refused("x mst --nonsense" BUDGET, PV_EUSAGE, "--nonsense");
    refused("x mst in.csv" BUDGET, PV_EUSAGE, "in.csv");
    refused("x mst --run-dir d" BUDGET, PV_EUSAGE, "--run-dir");
    refused("x mst --account a" BUDGET, PV_EUSAGE, "--account");
    refused("x mst -o out.h5" BUDGET, PV_EUSAGE, "--output");
    refused("x mst --force" BUDGET, PV_EUSAGE, "--force");
    refused("x mst --from-measurements f", PV_EUSAGE, "--from-measurements");
    refused("x mst --insecure-test-seed 1" BUDGET, PV_EUSAGE,
            "--insecure-test-seed");
    refused("x mst --rows 5" BUDGET, PV_EUSAGE, "--rows");
    refused("x mst --threads 5" BUDGET, PV_EUSAGE, "--threads");
    refused("x mst --help", PV_EUSAGE, "trains nothing");
    refused("x mst --workload all-2way" BUDGET, PV_EUSAGE, "--workload");
    refused("x direct" BUDGET, PV_EUSAGE, "--workload");
    refused("x mst --schema absent.json" BUDGET, PV_EIO, "absent.json");
}

Test(mechanism, columns_without_levels_are_refused)
{
    static const char text[] =
        "{\"fields\":[{\"name\":\"a\",\"type\":\"string\","
        "\"privet\":{\"open\":true}}]}";
    pv_schema_free(schema);
    cr_assert_eq(pv_schema_parse(text, strlen(text), "s", &schema, &err),
                 PV_OK, "%s", err.message);
    refused("x independent" BUDGET, PV_EUNSUPPORTED, "levels");
    parse_schema();
}
