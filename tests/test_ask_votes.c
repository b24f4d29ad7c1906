/* The question of votes: what it costs, its noise, that it is replayed, and what is
 * refused. */
#define _GNU_SOURCE /* memmem */
#include "votes_fixture.h"

TestSuite(ask_votes, .init = begin_rows, .fini = end);
TestSuite(ask_person_votes, .init = begin_persons, .fini = end);

static const pv_rational sigma2 = {9, 1};

static const json_t *question(void)
{
    return json_object_get(pv_ledger_line(f.curator->ledger, 1), "question");
}

static void assert_charged(uint64_t grid, uint64_t d2)
{
    int64_t votes[candidates];
    uint64_t units;
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err),
                 PV_OK, "%s", f.err.message);
    cr_assert_eq((uint64_t)json_integer_value(
                     json_object_get(question(), "grid")), grid);
    cr_assert_eq((uint64_t)json_integer_value(
                     json_object_get(question(), "sensitivity2")), d2);
    cr_assert(pv_cost_gaussian(d2, sigma2, &units));
    cr_assert_eq(f.curator->spent, units);
    pv_ledger_summary summary;
    cr_assert_eq(pv_ledger_check(pv_ledger_bodies(f.curator->ledger), &summary,
                                 &f.err), PV_OK, "%s", f.err.message);
    cr_assert_eq(summary.spent, units);
}

Test(ask_votes, are_charged_by_row)
{
    open_well();
    assert_charged(1, 1);
}

Test(ask_votes, are_charged_by_row_replaced)
{
    f.options.neighbours = PV_REPLACE;
    open_well();
    assert_charged(1, 2);
}

Test(ask_person_votes, are_charged_on_the_grid)
{
    use_csv("a,b,who\n0,0,x\n");
    f.options.budget = UINT64_C(1) << 53;
    open_well();
    assert_charged(256, 65536);
}

Test(ask_person_votes, are_charged_on_the_grid_replaced)
{
    use_csv("a,b,who\n0,0,x\n");
    f.options.neighbours = PV_REPLACE;
    f.options.budget = UINT64_C(1) << 53;
    open_well();
    assert_charged(256, 131072);
}

/* A ledger that charges for less than the unit's votes is refused. */
Test(ask_votes, a_ledger_of_another_grid_is_refused)
{
    int64_t votes[candidates];
    pv_ledger_summary summary;
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err), PV_OK);
    json_t *bodies = json_deep_copy(pv_ledger_bodies(f.curator->ledger));
    json_t *q = json_object_get(json_array_get(bodies, 1), "question");
    cr_assert_eq(pv_ledger_check(bodies, &summary, &f.err), PV_OK);
    cr_assert_eq(json_object_set_new(q, "grid", json_integer(256)), 0);
    cr_assert_eq(pv_ledger_check(bodies, &summary, &f.err), PV_ETAMPER);
    cr_assert_eq(json_object_set_new(q, "grid", json_integer(1)), 0);
    cr_assert_eq(json_object_set_new(q, "sensitivity2", json_integer(0)), 0);
    cr_assert_eq(pv_ledger_check(bodies, &summary, &f.err), PV_ETAMPER);
    json_decref(bodies);
}

/* One that adds up, of a sensitivity that is not the unit's: a half, or twice it. */
static void assert_tampered(uint64_t d2)
{
    uint64_t units;
    pv_ledger_summary summary;
    json_t *bodies = json_deep_copy(pv_ledger_bodies(f.curator->ledger));
    json_t *line = json_array_get(bodies, 1);
    cr_assert(pv_cost_gaussian(d2, sigma2, &units));
    cr_assert_eq(json_object_set_new(json_object_get(line, "question"),
                                     "sensitivity2",
                                     json_integer((json_int_t)d2)), 0);
    cr_assert_eq(json_object_set_new(line, "units",
                                     json_integer((json_int_t)units)), 0);
    cr_assert_eq(json_object_set_new(line, "spent",
                                     json_integer((json_int_t)units)), 0);
    cr_assert_eq(pv_ledger_check(bodies, &summary, &f.err), PV_ETAMPER, "%llu",
                 (unsigned long long)d2);
    json_decref(bodies);
}

Test(ask_person_votes, a_ledger_of_another_sensitivity_is_refused)
{
    int64_t votes[candidates];
    use_csv("a,b,who\n0,0,x\n");
    f.options.neighbours = PV_REPLACE;
    f.options.budget = UINT64_C(1) << 53;
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err), PV_OK);
    assert_tampered(65536);
    assert_tampered(262144);
}

/* Noise on all candidates: over many trials each has the variance, those without
 * a vote too, and the mean is the count. */
Test(ask_votes, have_noise_on_every_candidate)
{
    enum { trials = 4000 };
    pv_trial *trial;
    double sum[candidates] = {0}, square[candidates] = {0};
    f.options.test_key = &f.seed;
    use_csv("a,b\n0,0\n0,0\n5,2\n");
    open_well();
    const ballots truth = votes_now();
    cr_assert_eq(pv_trial_votes(f.curator, &ballot, sigma2, &trial, &f.err),
                 PV_OK, "%s", f.err.message);
    cr_assert_eq(pv_trial_size(trial), candidates);
    for (uint64_t t = 0; t < trials; t++) {
        int64_t answer[candidates];
        cr_assert_eq(pv_trial_draw(trial, t, answer, &f.err), PV_OK);
        for (size_t j = 0; j < candidates; j++) {
            const double x = (double)(answer[j] - truth.count[j]);
            sum[j] += x;
            square[j] += x * x;
        }
    }
    for (size_t j = 0; j < candidates; j++) {
        cr_assert_lt(fabs(sum[j] / trials), 5 * 3 / sqrt(trials));
        cr_assert_lt(fabs(square[j] / trials - 9), 5 * 9 * sqrt(2.0 / trials));
    }
    pv_trial_free(trial);
}

/* --- replay ------------------------------------------------------------------------- */

Test(ask_votes, are_replayed)
{
    int64_t once[candidates], again[candidates];
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, once, &f.err), PV_OK);
    open_well(); /* from the store */
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, again, &f.err), PV_OK);
    cr_assert_arr_eq(once, again, sizeof once);
    pv_curator_close(f.curator);
    f.curator = NULL;
    cut_lines(1); /* reserved, not committed: drawn again with the same noise */
    char *stored = in_run_dir("answers/000001.bin");
    cr_assert_eq(remove(stored), 0);
    free(stored);
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, again, &f.err), PV_OK);
    cr_assert_arr_eq(once, again, sizeof once);
}

/* Another population is another question. */
Test(ask_votes, of_another_population_diverge)
{
    int64_t votes[candidates];
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err), PV_OK);
    open_well();
    vector[3] = nextafterf(vector[3], 1);
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err),
                 PV_EDIVERGED);
}

/* So is one to which rows are at other distances. */
Test(ask_votes, of_another_space_diverge)
{
    int64_t votes[candidates];
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err), PV_OK);
    open_well();
    pv_space_stretch(space, 0, 1.5);
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err),
                 PV_EDIVERGED);
}

/* So is one that is compared otherwise, or whose classes end elsewhere. */
Test(ask_votes, of_another_order_diverge)
{
    static const size_t elsewhere[classes + 1] = {0, 2, 4, 7};
    int64_t votes[candidates];
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err), PV_OK);
    open_well();
    ballot.metric = PV_VECTOR_IP;
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err),
                 PV_EDIVERGED);
    ballot.metric = PV_VECTOR_L2;
    ballot.first = elsewhere;
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err),
                 PV_EDIVERGED);
}

/* --- refusals ----------------------------------------------------------------------- */

static void assert_refused(void)
{
    int64_t votes[candidates];
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err),
                 PV_EINVAL);
    cr_assert_eq(f.curator->spent, 0);
}

Test(ask_votes, of_what_does_not_fit_are_refused_unpaid)
{
    static const size_t backwards[classes + 1] = {0, 4, 3, 7};
    static const size_t late[classes + 1] = {1, 3, 4, 7};
    static const size_t nobody[classes + 1] = {0, 0, 0, 0};
    use_csv("a,b\n0,1\n");
    open_well();
    const pv_ballot right = ballot;
    ballot.first = backwards;
    assert_refused();
    ballot.first = late;
    assert_refused();
    ballot.first = nobody;
    assert_refused();
    ballot = right;
    ballot.classes = 2;
    assert_refused();
    ballot = right;
    ballot.by = PV_NO_COLUMN;
    ballot.classes = 1;
    assert_refused();
    ballot = right;
    ballot.space = NULL;
    assert_refused();
    ballot = right;
    ballot.width = 2;
    assert_refused();
    ballot = right;
    vector[6] = NAN; /* of a class that has no row: found all the same */
    assert_refused();
}

Test(ask_votes, of_rows_without_their_numbers_are_refused_unpaid)
{
    f.options.numbers = false;
    open_well();
    assert_refused();
}

/* Equal to the curator's, and yet it could be of other bounds. */
Test(ask_votes, of_another_schemas_space_are_refused_unpaid)
{
    pv_space *other = NULL;
    open_well();
    use_schema(row_schema);
    cr_assert_eq(pv_space_alloc(f.schema, 1, &other, &f.err), PV_OK);
    ballot.space = other;
    assert_refused();
    pv_space_free(other);
}

/* --- what is left on disk ---------------------------------------------------------- */

/* How many files below the fixture's directory hold these bytes. */
static size_t files_with(const void *bytes, size_t size)
{
    size_t found = 0;
    char line[4096];
    char *command = pv_sprintf_alloc("find '%s' -type f ! -name in.csv",
                                     f.directory);
    FILE *names = popen(command, "r");
    cr_assert_not_null(names);
    while (fgets(line, sizeof line, names) != NULL) {
        unsigned char *text = NULL;
        size_t length;
        line[strcspn(line, "\n")] = '\0';
        cr_assert_eq(pv_file_read(line, 1 << 24, &text, &length, &f.err), PV_OK,
                     "%s", f.err.message);
        found += memmem(text, length, bytes, size) != NULL;
        free(text);
    }
    cr_assert_eq(pclose(names), 0);
    free(command);
    return found;
}

/* As many rows as no other number is alike, in each of the three classes. */
static void use_counts(void)
{
    static const int rows[3] = {137, 5923, 811}, at[3] = {0, 3, 5};
    char *text = pv_array_alloc(1 << 16, 1);
    int size = sprintf(text, "a,b\n");
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < rows[c]; i++)
            size += sprintf(text + size, "%d,%d\n", at[c], c);
    use_csv(text);
    free(text);
}

/* Votes without noise are in no file of the run, neither as numbers nor as text; noisy
 * ones are where they belong, so the search can find. */
Test(ask_votes, without_noise_are_nowhere_on_disk)
{
    static const int64_t truth[] = {137, 5923, 811};
    static const char *const text[] = {"137", "5923", "811"};
    int64_t votes[candidates];
    f.options.test_key = &f.seed;
    use_counts();
    open_well();
    cr_assert_eq(pv_ask_votes(f.curator, &ballot, sigma2, votes, &f.err), PV_OK);
    cr_assert(votes[0] != truth[0] && votes[3] != truth[1] &&
              votes[6] != truth[2], "another seed is needed");
    pv_curator_close(f.curator);
    f.curator = NULL;
    cr_assert_eq(files_with(votes, sizeof votes), 1);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_eq(files_with(&truth[i], sizeof truth[i]), 0);
        /* digests are hexadecimal: three digits may well be in one */
        if (strlen(text[i]) > 3)
            cr_assert_eq(files_with(text[i], strlen(text[i])), 0);
    }
}
