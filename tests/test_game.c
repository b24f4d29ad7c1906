/* The coin-flip game: words, programs, deals, trials. */
#include "audit/attack/game.h"
#include "audit/external.h"
#include "core/log.h"
#include "core/scratch.h"
#include "core/threads.h"
#include "core/words.h"
#include "dp_fixture.h"
#include "io/rows.h"

/* a, b, c: 0..9; secret: 0..1, always 0 in people whose a is 0. */
#define INTEGER(name, top)                                                     \
    "{\"name\":\"" name "\",\"type\":\"integer\",\"constraints\":"             \
    "{\"required\":true,\"minimum\":0,\"maximum\":" top "}}"
static const char text[] =
    "{\"fields\":[" INTEGER("a", "9") "," INTEGER("b", "9") ","
    INTEGER("c", "9") "," INTEGER("secret", "1") "],\"privet\":{\"zeros\":["
    "{\"when\":{\"a\":{\"maximum\":0}},\"never\":{\"secret\":{\"minimum\":1}}}"
    "]}}";
enum { columns = 4, secret_column = 3, everyone = 400 };

static pv_error err;
static pv_schema *schema;
static pv_table *real;
static pv_secret secret;
static pv_coins coins;
static pv_subject *subject;
static uint32_t *known;
static char *scratch;
static pv_game game;

static void make_subject(const char *command)
{
    static pv_subject_options options;
    options = (pv_subject_options){.schema = schema, .coins = &coins};
    pv_subject_free(subject);
    subject = NULL;
    cr_assert_eq(pv_subject_make(command, &options, &subject, &err), PV_OK,
                 "%s", err.message);
    game.subject = subject;
}

static void set_up(void)
{
    pv_stream stream;
    const pv_key key = {{3}};
    pv_log_init("test", PV_LOG_QUIET);
    pv_threads_set(1);
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    cr_assert_eq(pv_schema_parse(text, strlen(text), "s", &schema, &err), PV_OK,
                 "%s", err.message);
    cr_assert_eq(pv_table_alloc(schema, everyone, false, &real, &err), PV_OK);
    pv_stream_init(&stream, &key, 0);
    for (size_t row = 0; row < everyone; row++) {
        uint32_t code[columns];
        for (size_t c = 0; c < columns; c++) {
            code[c] = (uint32_t)pv_stream_below(&stream, c < 3 ? 10 : 2);
            if (c == secret_column && code[0] == 0)
                code[c] = 0;
            pv_table_put(real, c, row, 1, &code[c]);
        }
    }
    cr_assert_eq(pv_secret_make(real, secret_column, 2, &secret, &err), PV_OK);
    cr_assert_eq(pv_coins_make(real, &secret, &coins, &err), PV_OK);
    cr_assert_eq(coins.faces, 2);
    cr_assert_eq(pv_scratch_make(NULL, &scratch, &err), PV_OK);
    game = (pv_game){.real = real, .coins = &coins, .people = 60,
                     .releases = 2, .release = {60, 600},
                     .orders = 1U << 3, .solvers = 1U << 2 | 1U << 3,
                     .key = {{9}}};
    cr_assert_eq(pv_game_known(schema, secret_column, &known,
                               &game.known_count, &err), PV_OK);
    game.known = known;
    cr_assert_eq(game.known_count, 3);
    make_subject("reference:bootstrap");
}

static void tear_down(void)
{
    pv_subject_free(subject);
    pv_coins_clear(&coins);
    pv_secret_clear(&secret);
    pv_table_free(real);
    pv_schema_free(schema);
    pv_scratch_remove(scratch);
    free(scratch);
    free(known);
}

TestSuite(game, .init = set_up, .fini = tear_down);

/* --- words ---------------------------------------------------------------- */

static void words_are(const char *line, size_t count, const char *const *wanted)
{
    char **word = NULL;
    size_t n = 0;
    cr_assert_eq(pv_words_split(line, &word, &n, &err), PV_OK, "%s",
                 err.message);
    cr_expect_eq(n, count, "%s: %zu words", line, n);
    for (size_t i = 0; i < n && i < count; i++)
        cr_expect_str_eq(word[i], wanted[i]);
    cr_expect_null(word[n]);
    pv_words_free(word);
}

#define WORDS(line, ...)                                                       \
    words_are(line, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *),    \
              (const char *[]){__VA_ARGS__})

Test(words, are_split_as_a_shell_does)
{
    WORDS("a b  c", "a", "b", "c");
    WORDS("  a\tb\n", "a", "b");
    WORDS("'a b' \"c d\"", "a b", "c d");
    WORDS("a'b'\"c\"d", "abcd");
    WORDS("'' \"\"", "", "");
    WORDS("a\\ b \\'", "a b", "'");
    WORDS("'a\\b' \"a\\b\" \"a\\\"b\"", "a\\b", "a\\b", "a\"b");
    WORDS("awk '{ print $1; }' {in}", "awk", "{ print $1; }", "{in}");
    words_are("", 0, NULL);
    words_are(" \t", 0, NULL);
}

Test(words, that_want_a_shell_are_refused)
{
    static const char *const line[] = {"a | b", "a > b", "a; b", "a 'b",
                                       "a \"b", "a & b", "(a)"};
    for (size_t i = 0; i < sizeof line / sizeof *line; i++) {
        char **word = NULL;
        size_t n;
        cr_expect_eq(pv_words_split(line[i], &word, &n, &err), PV_EUSAGE, "%s",
                     line[i]);
        cr_expect_null(word);
    }
}

Test(words, placeholders_are_replaced_wherever_they_stand)
{
    char *word = pv_word_replace("--in={in},{in}", "{in}", "/a b");
    cr_expect_str_eq(word, "--in=/a b,/a b");
    free(word);
    word = pv_word_replace("none", "{in}", "x");
    cr_expect_str_eq(word, "none");
    free(word);
}

/* --- programs ------------------------------------------------------------- */

static pv_status run(const char *line, double timeout)
{
    char **word = NULL;
    size_t n;
    char *log = pv_sprintf_alloc("%s/log", scratch);
    err.message[0] = '\0';
    cr_assert_eq(pv_words_split(line, &word, &n, &err), PV_OK);
    const pv_status status = pv_external_run(word, log, timeout, &err);
    pv_words_free(word);
    free(log);
    return status;
}

Test(game, programs_that_fail_say_how)
{
    cr_expect_eq(run("true", 0), PV_OK, "%s", err.message);
    cr_expect_eq(run("sh -c 'echo lost >&2; exit 3'", 0), PV_EIO);
    cr_expect(strstr(err.message, "status 3") != NULL, "%s", err.message);
    cr_expect(strstr(err.message, "lost") != NULL, "%s", err.message);
    cr_expect_eq(run("sh -c 'kill -9 $$'", 0), PV_EIO);
    cr_expect(strstr(err.message, "signal 9") != NULL, "%s", err.message);
    cr_expect_eq(run("/absent/program", 0), PV_EIO);
    cr_expect(strstr(err.message, "cannot be run") != NULL, "%s", err.message);
    cr_expect_eq(run("sleep 60", 0.1), PV_EIO);
    cr_expect(strstr(err.message, "--timeout") != NULL, "%s", err.message);
}

static void refused(const char *command, const char *word)
{
    pv_subject *s = NULL;
    const pv_subject_options options = {.schema = schema, .coins = &coins};
    cr_expect_eq(pv_subject_make(command, &options, &s, &err), PV_EUSAGE, "%s",
                 command);
    cr_expect(strstr(err.message, word) != NULL, "%s: %s", command,
              err.message);
}

Test(game, mechanisms_that_cannot_be_run_are_refused)
{
    refused("", "empty");
    refused("reference:nothing", "reference:copy");
    refused("reference:copy twice", "no arguments");
    refused("reference:gaussian:-1", "positive");
    refused("reference:gaussian:x", "positive");
    refused("cp {in} out", "{out}");
    refused("privet-gen mst", "budget");
}

/* --- deals ---------------------------------------------------------------- */

static uint32_t code_at(const pv_table *t, size_t column, size_t row)
{
    return pv_codes_at(pv_table_codes(t, column), row);
}

static bool same_known(const pv_table *t, size_t a, size_t b)
{
    for (size_t i = 0; i < game.known_count; i++)
        if (code_at(t, known[i], a) != code_at(t, known[i], b))
            return false;
    return true;
}

Test(game, targets_are_unique_and_their_coins_fair)
{
    size_t heads = 0;
    enum { trials = 400 };
    for (uint64_t trial = 0; trial < trials; trial++) {
        pv_table *people = NULL;
        size_t target = 0;
        uint32_t face = 9;
        cr_assert_eq(pv_game_deal(&game, trial, &people, &target, &face, &err),
                     PV_OK, "%s", err.message);
        cr_assert_eq(pv_table_rows(people), game.people);
        for (size_t row = 0; row < game.people; row++)
            cr_expect(row == target || !same_known(people, row, target));
        /* a rule of the schema says the secret of those whose a is 0 */
        cr_expect_neq(code_at(people, 0, target), 0);
        cr_expect_eq(secret.class[code_at(people, secret_column, target)],
                     coins.face[face]);
        heads += face;
        pv_table_free(people);
    }
    /* 5 standard deviations */
    cr_expect(heads > trials / 2 - 50 && heads < trials / 2 + 50, "%zu", heads);
}

Test(game, nobody_unique_is_an_error)
{
    pv_table *people = NULL;
    size_t target;
    uint32_t face;
    game.known_count = 1; /* ten values */
    game.people = everyone;
    cr_expect_eq(pv_game_deal(&game, 0, &people, &target, &face, &err),
                 PV_EINVAL);
    cr_expect(strstr(err.message, "--known") != NULL, "%s", err.message);
    cr_expect_null(people);
}

/* --- trials --------------------------------------------------------------- */

enum { most_beliefs = 2 * PV_GAME_CELLS };

static uint32_t play(uint64_t trial, double *belief)
{
    uint32_t face = 9;
    cr_assert_eq(pv_game_play(&game, trial, scratch, &face, belief, &err), PV_OK,
                 "%s", err.message);
    return face;
}

Test(game, a_trial_depends_on_its_number_alone)
{
    pv_game_cell cell[PV_GAME_CELLS];
    double once[most_beliefs], twice[most_beliefs];
    const size_t width = pv_game_cells(&game, cell) * 2;
    cr_expect_eq(width, 16);
    const uint32_t face = play(7, once);
    (void)play(8, twice);
    cr_expect_neq(memcmp(once, twice, width * sizeof *once), 0);
    cr_expect_eq(face, play(7, twice));
    cr_expect_arr_eq(once, twice, width * sizeof *once);
}

/* How often the attacker of a cell guesses right. */
static double accuracy(size_t cell, size_t trials)
{
    double belief[most_beliefs];
    size_t right = 0;
    for (uint64_t trial = 0; trial < trials; trial++) {
        const uint32_t face = play(trial, belief);
        const double *b = belief + 2 * cell;
        right += (b[1] >= b[0] ? 1u : 0u) == face;
    }
    return (double)right / (double)trials;
}

static size_t cell_of(const char *attacker, size_t rows)
{
    pv_game_cell cell[PV_GAME_CELLS];
    const size_t cells = pv_game_cells(&game, cell);
    for (size_t i = 0; i < cells; i++)
        if (strcmp(cell[i].attacker, attacker) == 0 && cell[i].rows == rows)
            return i;
    cr_assert(false, "no cell %s %zu", attacker, rows);
    return 0;
}

Test(game, a_copy_exposes_everyone)
{
    make_subject("reference:copy");
    cr_expect_eq(accuracy(cell_of("nearest", 60), 40), 1.0);
    cr_expect_geq(accuracy(cell_of("wls", 600), 40), 0.9);
}

Test(game, nothing_is_learnt_of_coins)
{
    enum { trials = 200 };
    make_subject("reference:coins");
    const double right = accuracy(cell_of("ls", 600), trials);
    cr_expect(right > 0.34 && right < 0.66, "%g", right);
    const double near = accuracy(cell_of("nearest", 60), trials);
    cr_expect(near > 0.34 && near < 0.66, "%g", near);
}

Test(game, less_noise_is_more_leakage)
{
    make_subject("reference:gaussian:0.05");
    cr_expect_geq(accuracy(cell_of("ls", 0), 60), 0.95);
    make_subject("reference:gaussian:100");
    const double right = accuracy(cell_of("ls", 0), 200);
    cr_expect(right > 0.3 && right < 0.7, "%g", right);
}

Test(game, our_generators_play_and_leave_no_files)
{
    double belief[most_beliefs];
    make_subject("privet-gen mst --rho 65536");
    (void)cell_of("whitebox", 0);
    (void)play(0, belief);
    /* rmdir refuses a directory that is not empty */
    cr_expect_eq(rmdir(scratch), 0);
}

Test(game, noisy_marginals_without_noise_expose_everyone)
{
    make_subject("privet-gen direct --degree 3 --target secret --rho 65536");
    game.releases = 1;
    cr_expect_geq(accuracy(cell_of("whitebox", 0), 20), 0.9);
}

Test(game, a_program_is_trained_on_a_file)
{
    make_subject("sh -c 'cat \"$0\" >\"$1\"' {in} {out}");
    game.releases = 1;
    game.release[0] = 60;
    cr_expect_eq(accuracy(cell_of("nearest", 60), 10), 1.0);
    game.release[0] = 61;
    double belief[most_beliefs];
    uint32_t face;
    cr_expect_eq(pv_game_play(&game, 0, scratch, &face, belief, &err), PV_EIO);
    cr_expect(strstr(err.message, "{rows}") != NULL, "%s", err.message);
}
