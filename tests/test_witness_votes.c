/* Likelihood ratios of noisy votes, against votes counted by hand; and the votes
 * of worst cases against the curator's, which are found by other code. */
#include "audit/epsilon/witness.h"
#include "curator_fixture.h"

#include <stdint.h>

/* Class b of three levels; a number a of 0 .. 8. */
static const char row_schema[] =
    "{\"fields\":[" INTEGER("a", "8") "," INTEGER("b", "2") "]}";
static const char person_schema[] =
    "{\"fields\":[" INTEGER("a", "8") "," INTEGER("b", "2")
    ",{\"name\":\"who\",\"type\":\"string\",\"privet\":{\"role\":\"id\"}}],"
    "\"privet\":{\"unit\":{\"column\":\"who\",\"max_rows\":3}}}";

/* Class 0 has a tie at 2 and a duplicate, class 1 one candidate. */
enum { candidates = 7, sigma2 = 5 };
static const uint32_t place[candidates] = {0, 4, 4, 3, 1, 1, 5};
static const size_t first[4] = {0, 3, 4, 7};

static pv_pair pair;
static pv_witness *witness;
static pv_space *space;
static float vector[candidates];
static pv_ballot ballot;

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", f.err.message);
}

static void begin(const char *schema)
{
    use_schema(schema);
    must(pv_space_alloc(f.schema, 1, &space, &f.err));
    for (size_t j = 0; j < candidates; j++) {
        const uint32_t code[2] = {place[j], 0};
        pv_space_embed(space, code, NULL, &vector[j]);
    }
    ballot = (pv_ballot){.space = space, .metric = PV_VECTOR_L2, .by = 1,
                         .classes = 3, .first = first, .width = 1,
                         .vector = vector};
}

static void end(void)
{
    pv_witness_free(witness);
    pv_pair_clear(&pair);
    pv_space_free(space);
    fixture_close();
}

TestSuite(witness_votes, .init = fixture_open, .fini = end);

typedef struct row {
    uint32_t a, b, person;
} row;

static void put_table(int world, const row *rows, size_t count)
{
    pv_table *t = NULL;
    uint32_t *person = pv_array_alloc(count, sizeof *person);
    must(pv_table_alloc(f.schema, count, false, &t, &f.err));
    for (size_t i = 0; i < count; i++) {
        pv_table_put(t, 0, i, 1, &rows[i].a);
        pv_table_put(t, 1, i, 1, &rows[i].b);
        person[i] = rows[i].person;
    }
    pv_table_set_persons(t, person, 9);
    pair.table[world] = t;
}

static double feature(const char *name)
{
    for (size_t i = 0; i < pv_witness_width(witness); i++)
        if (strcmp(pv_witness_names(witness)[i], name) == 0)
            return pv_witness_features(witness)[i];
    cr_assert(false, "no feature %s", name);
    return 0;
}

static void hear(const pv_ballot *heard, const int64_t *answer)
{
    pv_witness_begin(witness);
    must(pv_witness_hear(witness,
                         &(pv_heard){.kind = PV_HEARD_VOTES,
                                     .count = heard->first[heard->classes],
                                     .ballot = heard,
                                     .sigma2 = {sigma2, 1},
                                     .score = answer},
                         &f.err));
}

/* ln p(answer | in) - ln p(answer | out) of discrete Gaussians. */
static double ratio(const int64_t *answer, const int64_t *out,
                    const int64_t *in, size_t count)
{
    double sum = 0;
    for (size_t j = 0; j < count; j++) {
        const double a = (double)(answer[j] - out[j]);
        const double b = (double)(answer[j] - in[j]);
        sum += (a * a - b * b) / (2 * sigma2);
    }
    return sum;
}

/* The witness's loss is that of these votes, for several answers. */
static void assert_votes(pv_neighbours neighbours, const int64_t *out,
                         const int64_t *in, double rho)
{
    pv_witness_free(witness);
    witness = NULL;
    must(pv_witness_alloc(&pair, neighbours, true, &witness, &f.err));
    for (int64_t a = -300; a <= 300; a += 75) {
        const int64_t answer[candidates] = {a, 2 * a, 9, -a, 11, a - 7, 30 + a};
        double rest = 0;
        for (size_t j = 0; j < candidates; j++)
            rest += out[j] == in[j] ? (double)(answer[j] - out[j]) : 0;
        hear(&ballot, answer);
        const double wanted = ratio(answer, out, in, candidates);
        cr_expect(near(feature("privacy loss"), wanted, 1e-9), "%g for %g",
                  feature("privacy loss"), wanted);
        cr_expect(near(feature("marginal 1"), wanted, 1e-9));
        cr_expect(near(feature("loss of marginals"), wanted, 1e-9));
        cr_expect(near(feature("marginal 1, other cells"), rest, 1e-9));
        cr_expect(near(pv_witness_rho(witness), rho, 1e-9));
    }
}

/* 0 votes for 0; 3 of class 0 for the first of two at 4; 2 is a tie, for 0. */
Test(witness_votes, of_a_row_added)
{
    static const row rows[] = {{0, 0, 0}, {2, 0, 1}, {5, 1, 2}, {3, 0, 3}};
    begin(row_schema);
    put_table(0, rows, 3);
    put_table(1, rows, 4);
    assert_votes(PV_ADD_REMOVE, (int64_t[]){2, 0, 0, 1, 0, 0, 0},
                 (int64_t[]){2, 1, 0, 1, 0, 0, 0}, 1 / 10.0);
}

Test(witness_votes, of_a_row_replaced)
{
    static const row out[] = {{0, 0, 0}, {4, 2, 1}}, in[] = {{0, 0, 0}, {1, 1, 1}};
    begin(row_schema);
    put_table(0, out, 2);
    put_table(1, in, 2);
    assert_votes(PV_REPLACE, (int64_t[]){1, 0, 0, 0, 0, 0, 1},
                 (int64_t[]){1, 0, 0, 1, 0, 0, 0}, 2 / 10.0);
}

/* 256 / sqrt(3) = 147.8 for each of three classes; a person's only row counts 256. */
Test(witness_votes, of_a_person_in_several_classes)
{
    static const row rows[] = {{4, 0, 0}, {0, 0, 1}, {1, 1, 1}, {5, 2, 1}};
    begin(person_schema);
    put_table(0, rows, 1);
    put_table(1, rows, 4);
    assert_votes(PV_ADD_REMOVE, (int64_t[]){0, 256, 0, 0, 0, 0, 0},
                 (int64_t[]){147, 256, 0, 147, 0, 0, 147}, 65536 / 10.0);
}

/* Two rows for one candidate and one for another, 512 / sqrt(5) = 228.97 and 114.49,
 * against three for one, 256; somebody else's rows lie between. */
Test(witness_votes, of_a_person_replaced)
{
    static const row out[] = {{0, 0, 4}, {8, 2, 2}, {1, 0, 4}, {6, 2, 4}},
                     in[] = {{3, 1, 4}, {8, 2, 2}, {1, 1, 4}, {6, 1, 4}};
    begin(person_schema);
    put_table(0, out, 4);
    put_table(1, in, 4);
    assert_votes(PV_REPLACE, (int64_t[]){228, 0, 0, 0, 0, 0, 256 + 114},
                 (int64_t[]){0, 0, 0, 256, 0, 0, 256}, 131072 / 10.0);
}

/* Rows of a class without candidates have no vote: nothing is learned of them. */
Test(witness_votes, of_a_class_without_candidates)
{
    static const size_t none[4] = {0, 3, 3, 7};
    static const row rows[] = {{4, 0, 0}, {0, 1, 1}};
    begin(row_schema);
    ballot.first = none;
    put_table(0, rows, 1);
    put_table(1, rows, 2);
    assert_votes(PV_ADD_REMOVE, (int64_t[]){0, 1, 0, 0, 0, 0, 0},
                 (int64_t[]){0, 1, 0, 0, 0, 0, 0}, 1 / 10.0);
}

/* Without a transcript rho alone is heard. */
Test(witness_votes, without_a_transcript)
{
    static const row rows[] = {{4, 0, 0}, {0, 1, 1}};
    begin(row_schema);
    put_table(0, rows, 1);
    put_table(1, rows, 2);
    must(pv_witness_alloc(&pair, PV_ADD_REMOVE, false, &witness, &f.err));
    hear(&ballot, (int64_t[]){1, 2, 3, 4, 5, 6, 7});
    cr_expect(near(pv_witness_rho(witness), 1 / 10.0, 1e-9));
}

/* --- as the curator counts --------------------------------------------------- */

enum { more = 60, levels = 4 };

/* Candidates in a square that is wider than the rows', by class as they come. */
static void populate(size_t *from, float *at, size_t width, size_t classes)
{
    pv_stream stream;
    const pv_key key = {{'v'}};
    pv_stream_init(&stream, &key, 0);
    for (size_t i = 0; i < more * width; i++)
        at[i] = (float)((double)pv_stream_below(&stream, 97) / 64 - 0.25);
    for (size_t c = 0; c <= classes; c++)
        from[c] = c * more / classes;
    pv_stream_wipe(&stream);
}

/* True votes by the curator, of the file. */
static void count_file(const char *path, const pv_ballot *b, int64_t *votes)
{
    f.options.input = path;
    f.options.numbers = true;
    f.options.force = true;
    char *gone = pv_sprintf_alloc("rm -rf '%s'", f.run_dir);
    cr_assert_eq(system(gone), 0);
    free(gone);
    open_well();
    must(pv_curator_votes(f.curator, b, votes, &f.err));
}

static void compare(const char *name, bool replace, pv_vector_metric metric)
{
    static float at[more * 16];
    size_t from[levels + 3];
    int64_t truth[2][more], answer[more];
    const size_t width = pv_space_width(space);
    const size_t classes = pv_schema_column(f.schema, 2)->levels;
    const pv_pair_terms terms = {.schema = f.schema, .made_up = true,
                                 .replace = replace, .copies = 2,
                                 .dir = f.directory};
    cr_assert(width <= 16 && classes < levels + 3);
    populate(from, at, width, classes);
    const pv_ballot b = {.space = space, .metric = metric, .by = 2,
                         .classes = classes, .first = from, .width = width,
                         .vector = at};
    pv_witness_free(witness);
    witness = NULL;
    pv_pair_clear(&pair);
    must(pv_pair_worst(&terms, name, &pair, &f.err));
    must(pv_witness_alloc(&pair, replace ? PV_REPLACE : PV_ADD_REMOVE, true,
                          &witness, &f.err));
    for (int world = 0; world < 2; world++)
        count_file(pair.path[world], &b, truth[world]);
    cr_assert_arr_neq(truth[0], truth[1], sizeof truth[0], "%s", name);
    for (size_t j = 0; j < more; j++)
        answer[j] = (int64_t)(j * j % 101);
    hear(&b, answer);
    cr_expect(near(feature("privacy loss"),
                   ratio(answer, truth[0], truth[1], more), 1e-6),
              "%s, metric %d", name, (int)metric);
}

static void compare_all(uint32_t rows_per_person)
{
    must(pv_pair_schema(3, levels, rows_per_person, &f.schema, &f.err));
    f.made[f.schemas++] = f.schema;
    f.options.schema = f.schema;
    must(pv_space_alloc(f.schema, 2, &space, &f.err));
    for (int k = 0; k < 6; k++)
        for (size_t i = 0; i < (rows_per_person > 0 ? 5 : 4); i++) {
            static const char *const name[] = {"single", "mixed", "repeated",
                                               "boundary", "flood"};
            compare(name[i], k % 2 == 1, (pv_vector_metric)(k / 2));
        }
}

Test(witness_votes, of_rows_are_the_curators) { compare_all(0); }
Test(witness_votes, of_persons_are_the_curators) { compare_all(3); }
