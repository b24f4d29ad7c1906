/* Membership: was this person's record in the table that the release is made
 * of? Scores say where the release has more of a person's values than other
 * people make one expect (van Breugel et al. 2023; Houssiau et al. 2022).
 *
 * The holdout is split by the key: half of it is the attacker's own sample of
 * the population, the reference; non-members are drawn from the other half. */
#include "audit/attack/interval.h"
#include "audit/attack/match.h"
#include "audit/attack/people.h"
#include "audit/attack/terms.h"
#include "audit/attack/tries.h"
#include "audit/probe.h"
#include "core/memory.h"
#include "core/threads.h"
#include "marginals/clique.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    most_people = 2000, /* of each kind */
    subsets = 200,      /* of columns, for the targeted counts */
    together = 64       /* sets of columns at a time */
};

/* Rows looked at for all sets of columns together, at most: seconds. */
static const double most_visits = 4e8;

typedef struct sets {
    size_t count;
    size_t *start; /* count + 1, into column */
    uint32_t *column;
} sets;

typedef struct scoring {
    pv_people group[2]; /* members, non-members */
    pv_people synthetic, reference;
    size_t people;
    const sets *sets;
    size_t first; /* of the sets at hand */
    bool counts;  /* the score of targeted counts, not of densities */
    pv_match *match[together];
    uint32_t *count[together]; /* 2 x people */
    double *part[together];    /* people */
} scoring;

/* --- scores --------------------------------------------------------------- */

/* How many times as frequent in the release as in the reference, in logarithms.
 * Densities: a tenth of a reference row more in both, since it is the rare
 * combinations that tell. Counts: one row more in both. */
static double compare(const scoring *s, double synthetic, double reference)
{
    const double m = (double)s->synthetic.count, n = (double)s->reference.count;
    const double little = 0.1 / n;
    if (s->counts)
        return log((synthetic + 1) / (reference / n * m + 1));
    return log((synthetic / m + little) / (reference / n + little));
}

static void score_set(size_t item, void *context)
{
    const scoring *s = context;
    const size_t set = s->first + item;
    const size_t start = s->sets->start[set];
    pv_match *match = s->match[item];
    uint32_t *synthetic = s->count[item];
    uint32_t *reference = synthetic + s->people;
    pv_match_people(match, s->group, 2, s->sets->column + start,
                    s->sets->start[set + 1] - start);
    pv_match_count(match, &s->synthetic, synthetic);
    pv_match_count(match, &s->reference, reference);
    for (size_t p = 0; p < s->people; p++)
        s->part[item][p] = compare(s, synthetic[p], reference[p]);
}

static pv_status alloc_parts(scoring *s, pv_error *err)
{
    pv_status status = PV_OK;
    for (size_t i = 0; i < together; i++) {
        PV_TRY(pv_match_new(s->people, &s->match[i], err));
        s->count[i] = pv_array_alloc(2 * s->people, sizeof *s->count[i]);
        s->part[i] = pv_array_alloc(s->people, sizeof *s->part[i]);
        if (s->count[i] == NULL || s->part[i] == NULL)
            return pv_fail_memory(err, "scores of people");
    }
out:
    return status;
}

static void free_parts(scoring *s)
{
    for (size_t i = 0; i < together; i++) {
        pv_match_free(s->match[i]);
        free(s->count[i]);
        free(s->part[i]);
        s->match[i] = NULL;
        s->count[i] = NULL;
        s->part[i] = NULL;
    }
}

/* Mean scores over all sets, added in their order. */
static pv_status score_people(scoring *s, const sets *over, bool counts,
                              double *score, pv_error *err)
{
    pv_status status = PV_OK;
    s->sets = over;
    s->counts = counts;
    PV_TRY(alloc_parts(s, err));
    for (size_t p = 0; p < s->people; p++)
        score[p] = 0;
    for (s->first = 0; s->first < over->count; s->first += together) {
        const size_t left = over->count - s->first;
        const size_t n = left < together ? left : together;
        pv_parallel_for(n, score_set, s);
        for (size_t i = 0; i < n; i++)
            for (size_t p = 0; p < s->people; p++)
                score[p] += s->part[i][p] / (double)over->count;
    }
out:
    free_parts(s);
    return status;
}

/* --- sets of columns ------------------------------------------------------ */

static void clear_sets(sets *s)
{
    free(s->start);
    free(s->column);
    *s = (sets){0};
}

static pv_status alloc_sets(size_t count, size_t entries, sets *s,
                            pv_error *err)
{
    s->start = pv_array_calloc(count + 1, sizeof *s->start);
    s->column = pv_array_alloc(entries, sizeof *s->column);
    return s->start == NULL || s->column == NULL
               ? pv_fail_memory(err, "sets of columns")
               : PV_OK;
}

static void add_set(sets *s, const uint32_t *column, size_t columns)
{
    const size_t at = s->start[s->count];
    memcpy(s->column + at, column, columns * sizeof *column);
    s->start[++s->count] = at + columns;
}

/* So many of n columns, drawn without replacement. */
static void draw_columns(pv_stream *stream, uint32_t *deck, size_t n,
                         size_t columns)
{
    for (size_t i = 0; i < columns; i++) {
        const size_t j = i + (size_t)pv_stream_below(stream, n - i);
        const uint32_t taken = deck[j];
        deck[j] = deck[i];
        deck[i] = taken;
    }
}

/* `count` sets of `least` to `most` of the n columns, at random. */
static pv_status draw_sets(const pv_probe_input *in, const char *purpose,
                           size_t count, size_t least, size_t most, sets *s,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const size_t n = pv_schema_columns(in->schema);
    pv_stream stream;
    uint32_t deck[PV_MAX_COLUMNS];
    for (uint32_t c = 0; c < n; c++)
        deck[c] = c;
    PV_TRY(alloc_sets(count, count * most, s, err));
    pv_people_stream(in->attack->key, purpose, &stream);
    for (size_t i = 0; i < count; i++) {
        const size_t columns =
            least + (size_t)pv_stream_below(&stream, most - least + 1);
        draw_columns(&stream, deck, n, columns);
        add_set(s, deck, columns);
    }
    pv_stream_wipe(&stream);
out:
    return status;
}

/* All pairs, and all triples when that is not too much; of too many pairs some
 * are drawn. */
static pv_status list_sets(const pv_probe_input *in, const scoring *scored,
                           sets *s, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t n = pv_schema_columns(in->schema);
    const size_t pairs = n * (n - 1) / 2, triples = pairs * (n - 2) / 3;
    const double rows =
        (double)(scored->synthetic.count + scored->reference.count +
                 2 * scored->people);
    const double most = most_visits / rows + 1;
    if ((double)pairs > most)
        return draw_sets(in, "membership-pairs", (size_t)most, 2, 2, s, err);
    const size_t ways = (double)(pairs + triples) <= most ? 3 : 2;
    PV_TRY(alloc_sets(pairs + triples * (ways - 2),
                      2 * pairs + 3 * triples * (ways - 2), s, err));
    for (size_t k = 2; k <= ways && k <= n; k++) {
        uint32_t column[3] = {0, 1, 2};
        do
            add_set(s, column, k);
        while (pv_combination_next(column, k, n));
    }
out:
    return status;
}

/* --- metrics -------------------------------------------------------------- */

static pv_status add_area(const scoring *s, const char *prefix,
                          const double *score, pv_findings *findings,
                          pv_error *err)
{
    pv_status status = PV_OK;
    double auc, ci[2];
    bool *member = pv_array_calloc(s->people, sizeof *member);
    if (member == NULL)
        return pv_fail_memory(err, "scores of people");
    for (size_t p = 0; p < s->group[0].count; p++)
        member[p] = true;
    PV_TRY(pv_auc(score, member, s->people, &auc, err));
    pv_auc_interval(auc, s->group[0].count, s->group[1].count, ci);
    PV_TRY(pv_tries_add_value(findings, prefix, "auc", auc, ci, NULL, err));
out:
    free(member);
    return status;
}

static double share_above(const double *score, size_t count, double threshold)
{
    size_t above = 0;
    for (size_t p = 0; p < count; p++)
        above += score[p] >= threshold;
    return (double)above / (double)count;
}

/* Of the scores of these people, that which as a threshold tells the two kinds
 * apart best. */
static double choose_threshold(const double *members, size_t m,
                               const double *others, size_t n)
{
    double best = -INFINITY, threshold = INFINITY;
    for (size_t i = 0; i < m + n; i++) {
        const double t = i < m ? members[i] : others[i - m];
        const double gain =
            share_above(members, m, t) - share_above(others, n, t);
        if (gain > best || (gain == best && t > threshold)) {
            best = gain;
            threshold = t;
        }
    }
    return threshold;
}

/* The threshold comes from half of the people, the advantage from the others:
 * chosen and judged on the same people it would flatter the attack. */
static pv_status add_advantage(const scoring *s, const char *prefix,
                               const double *score, pv_findings *findings,
                               pv_error *err)
{
    const size_t m = s->group[0].count, n = s->group[1].count;
    const double *members = score, *others = score + m;
    const double t = choose_threshold(members, m / 2, others, n / 2);
    const double more = (double)(m - m / 2), rest = (double)(n - n / 2);
    const double tpr = share_above(members + m / 2, m - m / 2, t);
    const double fpr = share_above(others + n / 2, n - n / 2, t);
    double ci[2];
    pv_difference_interval(tpr * more, more, fpr * rest, rest, ci);
    return pv_tries_add_value(findings, prefix, "advantage", tpr - fpr, ci,
                              NULL, err);
}

static pv_status add_scores(const pv_probe_input *in, scoring *s,
                            pv_findings *findings, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t columns = pv_schema_columns(in->schema);
    sets density = {0}, random = {0};
    double *score = pv_array_alloc(s->people, sizeof *score);
    if (score == NULL)
        return pv_fail_memory(err, "scores of people");
    PV_TRY(list_sets(in, s, &density, err));
    PV_TRY(score_people(s, &density, false, score, err));
    PV_TRY(add_area(s, "membership.density", score, findings, err));
    PV_TRY(add_advantage(s, "membership.density", score, findings, err));
    PV_TRY(draw_sets(in, "membership-counts", subsets, 2, columns, &random,
                     err));
    PV_TRY(score_people(s, &random, true, score, err));
    PV_TRY(add_area(s, "membership.counts", score, findings, err));
out:
    free(score);
    clear_sets(&density);
    clear_sets(&random);
    return status;
}

static const char *find_reason(const pv_probe_input *in)
{
    const pv_table *holdout = in->attack->holdout;
    if (holdout == NULL)
        return pv_no_holdout;
    if (pv_table_rows(holdout) < 4)
        return "the holdout has fewer than 4 rows";
    if (pv_table_rows(in->real) < 2)
        return "the real table has fewer than 2 rows";
    if (pv_table_rows(in->synthetic) == 0)
        return "the synthetic table has no rows";
    if (pv_schema_columns(in->schema) < 2)
        return "the table has fewer than 2 columns";
    return NULL;
}

static pv_status skip(pv_findings *findings, const char *reason, pv_error *err)
{
    pv_status status = PV_OK;
    PV_TRY(pv_tries_add_value(findings, "membership.density", "auc", NAN, NULL,
                              reason, err));
    PV_TRY(pv_tries_add_value(findings, "membership.density", "advantage", NAN,
                              NULL, reason, err));
    PV_TRY(pv_tries_add_value(findings, "membership.counts", "auc", NAN, NULL,
                              reason, err));
out:
    return status;
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    const pv_key *key = input->attack->key;
    const char *reason = find_reason(input);
    uint32_t *drawn[2] = {NULL, NULL};
    scoring s = {0};
    if (reason != NULL)
        return skip(findings, reason, err);
    PV_TRY(pv_people_draw(key, "membership-holdout", input->attack->holdout, 0,
                          &s.group[1], &drawn[1], err));
    s.reference = s.group[1];
    s.reference.count /= 2;
    s.group[1].row += s.reference.count;
    s.group[1].count -= s.reference.count;
    if (s.group[1].count > most_people)
        s.group[1].count = most_people;
    PV_TRY(pv_people_draw(key, "membership-members", input->real,
                          s.group[1].count, &s.group[0], &drawn[0], err));
    s.synthetic = (pv_people){input->synthetic, NULL,
                              pv_table_rows(input->synthetic)};
    s.people = s.group[0].count + s.group[1].count;
    PV_TRY(add_scores(input, &s, findings, err));
out:
    free(drawn[0]);
    free(drawn[1]);
    return status;
}

const pv_probe pv_probe_membership = {
    .name = "membership",
    .kind = "attack",
    .summary = "who was in the table that the release is made of",
    .run = run};
