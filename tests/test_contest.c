#include "audit/epsilon/contest_findings.h"
#include "core/stream.h"
#include "dp_fixture.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <stdint.h>

static pv_error err;

static void quiet(void)
{
    (void)gsl_set_error_handler_off();
}

TestSuite(contest, .init = quiet);

static void must(pv_status status)
{
    cr_assert_eq(status, PV_OK, "%s", err.message);
}

/* --- records -------------------------------------------------------------- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert(fputs(text, file) >= 0);
    cr_assert_eq(fclose(file), 0);
}

Test(contest, records_come_back_sorted_without_a_torn_line)
{
    static const char line[] =
        "{\"trial\":5,\"world\":1,\"release\":\"00000000000000ff\","
        "\"rho\":0.25,\"x\":[1,-2.5]}\n"
        "{\"trial\":2,\"world\":0,\"release\":\"0000000000000001\","
        "\"rho\":0.5,\"x\":[3,1e6]}\n";
    char *dir = temporary_directory();
    char *path = pv_sprintf_alloc("%s/trials.jsonl", dir);
    char *torn = pv_sprintf_alloc("%s{\"trial\":9,\"wor", line);
    char *twice = pv_sprintf_alloc("%s%s", line, line);
    pv_contest_records r = {0};
    uint64_t whole = 7;
    must(pv_contest_records_read(path, 2, &r, &whole, &err));
    cr_expect_eq(r.count, 0);
    write_file(path, torn);
    must(pv_contest_records_read(path, 2, &r, &whole, &err));
    cr_expect_eq(whole, strlen(line));
    cr_assert_eq(r.count, 2);
    cr_expect_eq(r.trial[0], 2);
    cr_expect_eq(r.release[1], 255);
    cr_expect_eq(r.rho[0], 0.5);
    cr_expect_eq(r.feature[1], 1e6);
    cr_expect_eq(r.feature[3], -2.5);
    pv_contest_records_clear(&r);
    cr_expect_eq(pv_contest_records_read(path, 3, &r, &whole, &err),
                 PV_ETAMPER);
    write_file(path, twice);
    cr_expect_eq(pv_contest_records_read(path, 2, &r, &whole, &err),
                 PV_ETAMPER);
    cr_expect(strstr(err.message, "twice") != NULL, "%s", err.message);
    write_file(path, "{\"trial\":-1,\"release\":\"0000000000000001\","
                     "\"rho\":0,\"x\":[1,2]}\n");
    cr_expect_eq(pv_contest_records_read(path, 2, &r, &whole, &err),
                 PV_ETAMPER);
    free(path);
    free(torn);
    free(twice);
    remove_tree(dir);
}

Test(contest, parts_share_all_runs)
{
    const uint64_t done[] = {0, 1, 7};
    size_t all = 0;
    for (uint64_t shard = 0; shard < 3; shard++) {
        uint64_t *missing = NULL;
        size_t count;
        const pv_trials_part part = {25, shard, 3, 4};
        must(pv_trials_missing(&part, done, 3, &missing, &count, &err));
        for (size_t i = 0; i < count; i++) {
            cr_expect_eq(missing[i] / 4 % 3, shard);
            cr_expect(missing[i] < 25 && missing[i] > 1 && missing[i] != 7);
            cr_expect(i == 0 || missing[i] > missing[i - 1]);
        }
        all += count;
        free(missing);
    }
    cr_expect_eq(all, 22);
}

/* --- findings ------------------------------------------------------------- */

enum { runs = 4000, width = 3, pairs = 2 };

static uint64_t trial[pairs * runs], release[pairs * runs];
static double rho[pairs * runs], feature[pairs * runs * width];
static const pv_contest_records records = {
    .count = pairs * runs, .width = width, .trial = trial,
    .release = release, .rho = rho, .feature = feature};
static pv_findings *findings;
static pv_contest_verdict verdict;

static double normal(pv_stream *stream)
{
    return gsl_cdf_ugaussian_Pinv(
        fmin(fmax(pv_stream_double(stream), 1e-15), 1 - 1e-15));
}

/* Runs of a Gaussian mechanism of this mu, in the second pair; nothing to be
 * seen in the first. */
static void fill(double mu, unsigned char seed)
{
    pv_stream stream;
    const pv_key key = {{seed}};
    pv_stream_init(&stream, &key, 0);
    for (size_t i = 0; i < pairs * runs; i++) {
        trial[i] = i;
        release[i] = i;
        rho[i] = 0.02;
        for (size_t f = 0; f < width; f++)
            feature[i * width + f] = normal(&stream);
        if (i % pairs == 1 && i / pairs % 2 == 1)
            feature[i * width + 2] += mu;
    }
}

static void judge(double claim_rho)
{
    json_t *settings = json_pack(
        "{s:[s,s], s:[s,s,s], s:[[s,i,i],[s,i,i]]}", "pairs", "mixed",
        "repeated", "features", "a", "b", "c", "groups", "release", 0, 2,
        "everything", 0, 3);
    const pv_contest_claim claim = {.delta = 1e-2, .alpha = 0.1,
                                    .has_rho = true, .rho = claim_rho};
    cr_assert_not_null(settings);
    pv_findings_free(findings);
    must(pv_findings_new("privet-audit", "epsilon", &findings, &err));
    must(pv_contest_findings(settings, &records, &claim, findings, &verdict,
                             &err));
    json_decref(settings);
}

static double value(const char *id, const char *pair, const char *aim)
{
    for (size_t i = 0; i < pv_findings_count(findings); i++) {
        const pv_metric *m = pv_findings_metric(findings, i);
        if (strcmp(m->id, id) == 0 && m->scope.table != NULL &&
            strcmp(m->scope.table, pair) == 0 &&
            strstr(m->scope.attack, aim) != NULL)
            return m->value;
    }
    cr_assert(false, "no %s of %s", id, pair);
    return 0;
}

Test(contest, a_sound_mechanism_is_not_accused)
{
    for (unsigned char seed = 1; seed <= 10; seed++) {
        fill(1, seed);
        judge(0.5);
        cr_expect(!verdict.exceeded, "seed %u", seed);
        cr_expect(!verdict.identical);
    }
    cr_expect(value("epsilon.zcdp.rho_lo", "repeated", "for rho: c") > 0.1);
    cr_expect_eq(value("epsilon.zcdp.rho_lo", "mixed", "for rho"), 0);
    cr_expect_eq(value("epsilon.counts.tp", "repeated", "for rho") +
                     value("epsilon.counts.fn", "repeated", "for rho"),
                 runs / 4);
    /* the strongest comes first, of the whole table */
    const pv_metric *m = pv_findings_find(findings, "epsilon.zcdp.rho_lo");
    cr_expect(m->scope.table == NULL && m->value > 0.1);
}

Test(contest, half_the_noise_is)
{
    for (unsigned char seed = 1; seed <= 10; seed++) {
        fill(2, seed);
        judge(0.5);
        cr_expect(verdict.exceeded, "seed %u", seed);
    }
    cr_expect_eq(value("epsilon.claim.exceeded", "repeated", "for rho"), 1);
    cr_expect_eq(value("epsilon.claim.exceeded", "mixed", "for rho"), 0);
}

/* All bounds together are to accuse a sound mechanism with probability alpha / 2
 * at most: of 300 with exactly the claimed mu, their false accusations. */
Test(contest, accusations_keep_their_level)
{
    int accused = 0;
    for (int i = 0; i < 300; i++) {
        fill(0.2, (unsigned char)i);
        trial[0] = 0;
        judge(0.02);
        accused += verdict.exceeded;
    }
    cr_expect_leq(accused, 15 + 12, "%d of 300", accused);
}

Test(contest, what_was_asked_may_not_cost_more_than_the_claim)
{
    fill(0, 1);
    rho[17] = 0.6;
    judge(0.5);
    cr_expect(verdict.exceeded);
    cr_expect_eq(pv_findings_find(findings, "epsilon.accounted.rho")->value,
                 0.6);
    rho[17] = 0.5 * (1 + 1e-9);
    judge(0.5);
    cr_expect(!verdict.exceeded);
}

Test(contest, the_same_for_every_seed_is_said)
{
    fill(0, 1);
    for (size_t i = 0; i < pairs * runs; i++)
        if (i % pairs == 0) {
            release[i] = 4;
            for (size_t f = 0; f < width; f++)
                feature[i * width + f] = 1;
        }
    judge(0.5);
    cr_expect(verdict.identical);
    cr_expect(!verdict.exceeded);
}

Test(contest, too_few_runs_are_refused)
{
    pv_contest_records few = records;
    json_t *settings =
        json_pack("{s:[s], s:[s,s,s], s:[[s,i,i]]}", "pairs", "mixed",
                  "features", "a", "b", "c", "groups", "release", 0, 3);
    const pv_contest_claim claim = {.alpha = 0.1};
    fill(0, 1);
    few.count = 19;
    must(pv_findings_new("privet-audit", "epsilon", &findings, &err));
    cr_expect_eq(pv_contest_findings(settings, &few, &claim, findings, &verdict,
                                     &err),
                 PV_EUSAGE);
    cr_expect(strstr(err.message, "mixed") != NULL, "%s", err.message);
    few.count = 20;
    must(pv_contest_findings(settings, &few, &claim, findings, &verdict, &err));
    few.width = 2; /* settings of something else */
    cr_expect_eq(pv_contest_findings(settings, &few, &claim, findings, &verdict,
                                     &err),
                 PV_ETAMPER);
    json_decref(settings);
}
