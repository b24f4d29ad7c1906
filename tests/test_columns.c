/* The questions about columns without levels: sensitivities by brute force, the
 * threshold of labels, charges, replay, the ledger's check. */
#include "curator_fixture.h"

#include "io/load.h"

#include <math.h>

#define OPEN_FIELDS                                                            \
    "{\"fields\":["                                                            \
    "{\"name\":\"x\",\"type\":\"integer\",\"constraints\":{\"minimum\":0,"     \
    "\"maximum\":1000000},\"privet\":{\"bins\":\"private\",\"levels\":8}},"    \
    "{\"name\":\"l\",\"type\":\"string\",\"privet\":{\"open\":true,"           \
    "\"levels\":4}},"                                                          \
    "{\"name\":\"who\",\"type\":\"string\",\"privet\":{\"role\":\"id\"}}]"
#define OPEN_ROW OPEN_FIELDS "}"
#define OPEN_PERSON(k)                                                         \
    OPEN_FIELDS ",\"privet\":{\"unit\":{\"column\":\"who\",\"max_rows\":" k "}}}"

enum { numbers = 0, texts = 1 };
static const pv_interval halves[] = {{0, 10}, {10, 20}, {50, 1e6 + 1}};

static void set_up(void)
{
    fixture_open();
    f.options.ignore_extra = true;
    use_schema(OPEN_ROW);
    use_csv("x,l,who\n1,a,p\n11,a,q\n,b,r\n30,,s\n1000000,c,t\n");
    f.options.delta_labels = pv_delta_units(1e-9, 0.1);
}

TestSuite(columns, .init = set_up, .fini = fixture_close);

/* ---- sensitivity ------------------------------------------------------- */

/* Rows of six kinds: in each interval, outside all, and missing. */
static const char *const kind[] = {"1,a", "12,b", "60,a", "30,c", ",b", "5,"};
enum { kinds = 6, most = 4, intervals = 3, labels = 3 };

/* The noiseless vectors: the numbers of rows in the intervals and of each
 * label. */
typedef struct view {
    int64_t interval[intervals], label[labels];
} view;

static view look(const unsigned *table)
{
    view v = {{0}, {0}};
    char csv[512] = "x,l,who\n";
    pv_table *raw = NULL;
    pv_text_count *counts = NULL;
    size_t count = 0;
    for (size_t k = 0; k < kinds; k++)
        for (unsigned i = 0; i < table[k]; i++) {
            (void)strcat(csv, kind[k]);
            (void)strcat(csv, ",p\n");
        }
    use_csv(csv);
    const pv_load_options load = {.raw = true, .ignore_extra = true};
    cr_assert_eq(pv_load(f.input, f.schema, &load, &raw, NULL, &f.err), PV_OK,
                 "%s", f.err.message);
    pv_interval_counts(raw, numbers, halves, intervals, v.interval);
    cr_assert_eq(pv_text_counts(raw, texts, &counts, &count, &f.err), PV_OK);
    for (size_t i = 0; i < count; i++)
        v.label[counts[i].text[0] - 'a'] = counts[i].count;
    free(counts);
    pv_table_free(raw);
    return v;
}

typedef struct moved {
    int64_t interval, label; /* squared, summed, the most */
    int64_t lone;            /* the most of a label that one side alone has */
} moved;

static void compare(const view *x, const view *y, moved *m)
{
    int64_t a = 0, b = 0;
    for (size_t i = 0; i < intervals; i++) {
        const int64_t d = x->interval[i] - y->interval[i];
        a += d * d;
    }
    for (size_t i = 0; i < labels; i++) {
        const int64_t d = x->label[i] - y->label[i];
        b += d * d;
        if (x->label[i] == 0 || y->label[i] == 0)
            m->lone = llabs(d) > m->lone ? llabs(d) : m->lone;
    }
    m->interval = a > m->interval ? a : m->interval;
    m->label = b > m->label ? b : m->label;
}

static bool next_table(unsigned *table, unsigned rows_most)
{
    for (size_t k = 0; k < kinds; k++) {
        unsigned rows = 0;
        table[k]++;
        for (size_t i = 0; i < kinds; i++)
            rows += table[i];
        if (rows <= rows_most)
            return true;
        table[k] = 0;
    }
    return false;
}

/* All tables of at most four rows, each without every unit of k of its rows,
 * and with every other unit in that one's place. */
static void brute(unsigned k, moved *one, moved *swap)
{
    unsigned table[kinds] = {0};
    *one = *swap = (moved){0, 0, 0};
    do {
        unsigned unit[kinds] = {0};
        const view here = look(table);
        do {
            bool fits = true;
            unsigned less[kinds], other[kinds] = {0};
            for (size_t i = 0; i < kinds; i++) {
                fits = fits && unit[i] <= table[i];
                less[i] = table[i] - unit[i];
            }
            if (!fits)
                continue;
            const view without = look(less);
            compare(&here, &without, one);
            do {
                unsigned with[kinds];
                for (size_t i = 0; i < kinds; i++)
                    with[i] = less[i] + other[i];
                const view swapped = look(with);
                compare(&here, &swapped, swap);
            } while (next_table(other, k));
        } while (next_table(unit, k));
    } while (next_table(table, k == 1 ? most : 2));
}

Test(columns, sensitivity_of_a_row)
{
    moved one, swap;
    brute(1, &one, &swap);
    cr_assert_eq(one.interval, (int64_t)pv_sensitivity2(f.schema, PV_ADD_REMOVE));
    cr_assert_eq(one.label, one.interval);
    cr_assert_eq(swap.interval, (int64_t)pv_sensitivity2(f.schema, PV_REPLACE));
    cr_assert_eq(swap.label, swap.interval);
    cr_assert_eq(one.lone, 1);
    cr_assert_eq(swap.lone, 1);
}

Test(columns, sensitivity_of_a_person)
{
    moved one, swap;
    use_schema(OPEN_PERSON("2"));
    brute(2, &one, &swap);
    cr_assert_eq(one.interval, (int64_t)pv_sensitivity2(f.schema, PV_ADD_REMOVE));
    cr_assert_eq(one.label, one.interval);
    cr_assert_eq(swap.interval, (int64_t)pv_sensitivity2(f.schema, PV_REPLACE));
    cr_assert_eq(swap.label, swap.interval);
    cr_assert_eq(one.lone, 2); /* what the threshold has to allow for */
    cr_assert_eq(swap.lone, 2);
}

/* Intervals that touch are disjoint, those that overlap are refused. */
Test(columns, intervals_must_be_disjoint)
{
    static const pv_interval bad[][2] = {{{0, 10}, {9, 20}},
                                         {{10, 20}, {0, 10}},
                                         {{0, 0}, {1, 2}},
                                         {{0, NAN}, {1, 2}}};
    int64_t counts[2];
    open_well();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_eq(pv_ask_intervals(f.curator, numbers, bad[i], 2,
                                      (pv_rational){1, 1}, counts, &f.err),
                     PV_EINVAL);
    cr_assert_eq(pv_ask_intervals(f.curator, texts, halves, 1,
                                  (pv_rational){1, 1}, counts, &f.err),
                 PV_EINVAL);
    cr_assert_eq(f.curator->spent, 0);
}

/* ---- the threshold ----------------------------------------------------- */

/* P[N >= t] of the discrete Gaussian, by its definition. */
static long double tail(long double sigma2, int64_t t)
{
    long double above = 0, all = 0;
    const int64_t end = (int64_t)(60 * sqrtl(sigma2)) + 60;
    for (int64_t x = end; x >= -end; x--) {
        const long double p = expl(-(long double)x * x / (2 * sigma2));
        all += p;
        above += x >= t ? p : 0;
    }
    return above / all;
}

/* The exact probability that one of k labels of a lone person passes is at most
 * delta, and the threshold is no more than the bound needs. */
Test(columns, threshold)
{
    static const pv_rational sigma2[] = {{1, 4}, {1, 1},     {7, 2},
                                         {25, 1}, {1001, 3}, {40000, 1}};
    static const uint64_t rows[] = {1, 2, 3, 17, 1000};
    static const uint64_t units[] = {1, 1000, UINT64_C(115292150),
                                     UINT64_C(1) << 40, UINT64_C(1) << 59};
    for (size_t s = 0; s < 6; s++)
        for (size_t r = 0; r < 5; r++)
            for (size_t u = 0; u < 5; u++) {
                uint64_t threshold = 0;
                const long double v =
                    (long double)sigma2[s].num / sigma2[s].den;
                const long double delta = ldexpl((long double)units[u], -60);
                const long double k = rows[r];
                cr_assert(pv_label_threshold(sigma2[s], rows[r], units[u],
                                             &threshold));
                const int64_t t = (int64_t)(threshold - rows[r]);
                cr_assert_leq(k * tail(v, t), delta);
                cr_assert_leq(k * expl(-(long double)t * t / (2 * v)), delta);
                const long double less = t - 2;
                cr_assert(less < 0 || k * expl(-less * less / (2 * v)) > delta,
                          "more than the bound needs");
            }
}

Test(columns, threshold_out_of_range)
{
    uint64_t t;
    cr_assert(!pv_label_threshold((pv_rational){1, 1}, 0, 1, &t));
    cr_assert(!pv_label_threshold((pv_rational){1, 1}, 1, 0, &t));
    cr_assert(!pv_label_threshold((pv_rational){1, 1}, 1, UINT64_C(1) << 60, &t));
    cr_assert(!pv_label_threshold((pv_rational){0, 1}, 1, 1, &t));
    cr_assert(!pv_label_threshold((pv_rational){UINT64_C(1) << 44, 1}, 1, 1, &t));
}

/* ---- labels ------------------------------------------------------------ */

/* `count` rows of the label, each of another person. */
static char *rows_of(char *to, const char *label, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        to += sprintf(to, "1,%s,%s%u\n", label, label[0] == '"' ? "q" : label, i);
    return to;
}

static pv_labels labels_well(uint64_t sigma2, size_t limit)
{
    pv_labels found;
    cr_assert_eq(pv_ask_labels(f.curator, texts, (pv_rational){sigma2, 1},
                               f.options.delta_labels, limit, &found, &f.err),
                 PV_OK, "%s", f.err.message);
    return found;
}

/* Frequent labels come out in bytewise order, rare ones do not, nor what is no
 * label: the rest's own text, texts too long, bytes that are no UTF-8. */
Test(columns, labels_come_out_sorted)
{
    static char csv[1 << 20];
    char longest[PV_MAX_COLUMNS + 16], *to = csv;
    memset(longest, 'z', sizeof longest);
    longest[sizeof longest - 1] = '\0';
    to += sprintf(to, "x,l,who\n");
    to = rows_of(to, "zebra", 120);
    to = rows_of(to, "rare", 3);
    to = rows_of(to, "Zulu", 100);
    to = rows_of(to, "\xc3\xa4", 110);
    to = rows_of(to, "(other)", 130);
    to = rows_of(to, "\xff\xfe", 140);
    for (unsigned i = 0; i < 150; i++)
        to += sprintf(to, "1,%s,n%u\n", longest, i);
    use_csv(csv);
    f.options.test_key = &f.seed;
    open_well();
    pv_labels found = labels_well(4, 10);
    cr_assert_eq(found.count, 3);
    cr_assert_str_eq(found.label[0], "Zulu");
    cr_assert_str_eq(found.label[1], "zebra");
    cr_assert_str_eq(found.label[2], "\xc3\xa4");
    pv_labels_clear(&found);
    cr_assert_eq(f.curator->delta_spent, f.options.delta_labels);
    const json_t *line = pv_ledger_line(f.curator->ledger, 1);
    cr_assert_eq((uint64_t)json_integer_value(
                     json_object_get(line, "delta_spent")),
                 f.options.delta_labels);
    /* the delta is gone */
    cr_assert_eq(pv_ask_labels(f.curator, texts, (pv_rational){4, 1}, 1, 3,
                               &found, &f.err),
                 PV_EBUDGET);
    cr_assert(strstr(f.err.message, "delta") != NULL);
}

/* The most frequent are kept when there is not room for all. */
Test(columns, labels_of_the_largest_counts)
{
    static char csv[1 << 16];
    char *to = csv;
    to += sprintf(to, "x,l,who\n");
    to = rows_of(to, "a", 60);
    to = rows_of(to, "b", 200);
    to = rows_of(to, "c", 90);
    to = rows_of(to, "d", 150);
    use_csv(csv);
    f.options.test_key = &f.seed;
    open_well();
    pv_labels found = labels_well(1, 2);
    cr_assert_eq(found.count, 2);
    cr_assert_str_eq(found.label[0], "b");
    cr_assert_str_eq(found.label[1], "d");
    pv_labels_clear(&found);
}

/* More and longer labels than a schema can hold are no failure. */
Test(columns, labels_without_room)
{
    enum { many = 2400, rows = 12, length = 1000 };
    char *csv = pv_array_alloc((size_t)many * rows, length + 40), *to = csv;
    const pv_found all[] = {{.column = 0}, {.column = 1}};
    pv_found found[2];
    pv_labels labels_found;
    f.options.budget = UINT64_C(1) << 43;
    f.options.test_key = &f.seed;
    to += sprintf(to, "x,l,who\n");
    for (unsigned i = 0; i < many * rows; i++)
        to += sprintf(to, "1,%0*u,p%u\n", length, i % many, i);
    use_csv(csv);
    free(csv);
    open_well();
    cr_assert_eq(pv_ask_labels(f.curator, texts, (pv_rational){1, 4},
                               f.options.delta_labels, many, &labels_found,
                               &f.err),
                 PV_OK, "%s", f.err.message);
    cr_assert_eq(labels_found.count, (1 << 21) / length);
    memcpy(found, all, sizeof found);
    found[1].labels = (const char *const *)labels_found.label;
    found[1].label_count = labels_found.count;
    cr_assert_eq(pv_curator_resolve(f.curator, found, 2, &f.err), PV_OK, "%s",
                 f.err.message);
    pv_labels_clear(&labels_found);
}

/* A person's k rows of one label do not bring it out: k is allowed for. Without
 * k in the threshold they would, nearly always. */
Test(columns, labels_of_one_person_stay_inside)
{
    static char csv[1 << 16];
    char *to = csv;
    unsigned out = 0;
    use_schema(OPEN_PERSON("40"));
    f.options.test_key = &f.seed;
    f.options.budget = UINT64_C(1) << 50;
    to += sprintf(to, "x,l,who\n");
    for (unsigned i = 0; i < 40; i++)
        to += sprintf(to, "1,secret,p\n");
    use_csv(csv);
    for (unsigned seed = 0; seed < 50; seed++) {
        char *place = pv_sprintf_alloc("%s/r%u", f.directory, seed);
        f.options.run_dir = place;
        f.seed.bytes[5] = (unsigned char)seed;
        open_well();
        /* 2 sigma2 ln(k / delta) is 53, so without k the threshold would be at
         * 8 and the count far above it */
        pv_labels found = labels_well(1, 10);
        out += found.count > 0;
        pv_labels_clear(&found);
        pv_curator_close(f.curator);
        f.curator = NULL;
        free(place);
    }
    cr_assert_eq(out, 0);
}

/* ---- charges ----------------------------------------------------------- */

Test(columns, intervals_cost_what_a_marginal_does)
{
    int64_t counts[3];
    uint64_t units;
    f.options.neighbours = PV_REPLACE;
    open_well();
    cr_assert_eq(pv_ask_intervals(f.curator, numbers, halves, 3,
                                  (pv_rational){9, 1}, counts, &f.err),
                 PV_OK, "%s", f.err.message);
    cr_assert(pv_cost_gaussian(2, (pv_rational){9, 1}, &units));
    cr_assert_eq(f.curator->spent, units);
    pv_labels found = labels_well(7, 3);
    uint64_t more;
    cr_assert(pv_cost_gaussian(2, (pv_rational){7, 1}, &more));
    cr_assert_eq(f.curator->spent, units + more);
    pv_labels_clear(&found);
    /* and no more than there is */
    cr_assert_eq(pv_ask_intervals(f.curator, numbers, halves, 3,
                                  (pv_rational){1, 1}, counts, &f.err),
                 PV_EBUDGET);
}

/* The noise has the variance that is charged for. */
Test(columns, noise_of_intervals)
{
    enum { count = 4000 };
    static pv_interval many[count];
    static int64_t counts[count];
    long double sum = 0, square = 0;
    use_csv("x,l,who\n,a,p\n");
    for (size_t i = 0; i < count; i++)
        many[i] = (pv_interval){(double)i, (double)i + 1};
    f.options.test_key = &f.seed;
    open_well();
    cr_assert_eq(pv_ask_intervals(f.curator, numbers, many, count,
                                  (pv_rational){100, 1}, counts, &f.err),
                 PV_OK);
    for (size_t i = 0; i < count; i++) {
        sum += (long double)counts[i];
        square += (long double)counts[i] * (long double)counts[i];
    }
    /* each chunk its own stream */
    cr_assert_neq(memcmp(counts, counts + PV_CHUNK_CELLS,
                         PV_CHUNK_CELLS * sizeof *counts), 0);
    /* six standard deviations of a mean and of a variance */
    cr_assert_lt(fabsl(sum / count), 6 * 10 / sqrtl(count));
    cr_assert_lt(fabsl(square / count - 100), 6 * 100 * sqrtl(2.0L / count));
}

/* Marginals wait until every column has levels; then they are of the new
 * ones. */
Test(columns, resolve)
{
    static const double edges[] = {0, 11, 12, 1000000};
    static const char *const found[] = {"a"};
    const pv_found all[] = {{.column = 0, .edges = edges, .edge_count = 4},
                            {.column = 1, .labels = found, .label_count = 1}};
    int64_t *answer = NULL;
    const int64_t *truth[2];
    open_well();
    cr_assert_eq(measure(columns(true, false), 1, &answer), PV_EINVAL);
    cr_assert_eq(pv_curator_resolve(f.curator, all, 2, &f.err), PV_OK, "%s",
                 f.err.message);
    cr_assert(!pv_schema_has_needs(pv_curator_schema(f.curator)));
    const pv_clique cliques[] = {columns(true, false), columns(false, true)};
    cr_assert_eq(pv_curator_count(f.curator, cliques, 2, truth, &f.err), PV_OK);
    /* [0,11) 11 [12,1000000] missing */
    static const int64_t x[] = {1, 1, 2, 1};
    /* a, (other), missing: b and c have no label of their own */
    static const int64_t l[] = {2, 2, 1};
    cr_assert_eq(memcmp(truth[0], x, sizeof x), 0);
    cr_assert_eq(memcmp(truth[1], l, sizeof l), 0);
}

/* Marginals are of the levels that were found: with others, a question that was
 * reserved or answered before is another one. Drawn again, its noise would be
 * the same over other counts. */
Test(columns, marginals_are_of_the_levels_found)
{
    static const double edges[] = {0, 11, 12, 1000000},
                        others[] = {0, 12, 13, 1000000};
    const pv_found all[] = {{.column = 0, .edges = edges, .edge_count = 4},
                            {.column = 1}},
                   other[] = {{.column = 0, .edges = others, .edge_count = 4},
                              {.column = 1}};
    int64_t *first, *again;
    open_well(); /* a secret key */
    cr_assert_eq(pv_curator_resolve(f.curator, all, 2, &f.err), PV_OK);
    first = measure_well(columns(true, false), 50);
    for (unsigned i = 0; i < 2; i++) { /* committed, then reserved alone */
        open_well();
        cr_assert_eq(pv_curator_resolve(f.curator, other, 2, &f.err), PV_OK);
        cr_assert_eq(measure(columns(true, false), 50, &again), PV_EDIVERGED,
                     "answered over other levels");
        open_well();
        cr_assert_eq(pv_curator_resolve(f.curator, all, 2, &f.err), PV_OK);
        again = measure_well(columns(true, false), 50);
        cr_assert_eq(memcmp(first, again, 4 * sizeof *first), 0);
        free(again);
        pv_curator_close(f.curator);
        f.curator = NULL;
        cut_lines(1);
    }
    free(first);
}

/* ---- persons ----------------------------------------------------------- */

/* Which rows of a person are kept does not depend on whose texts came before:
 * codes of texts do. */
Test(columns, truncation_is_of_the_person)
{
    static const char *const csv[] = {
        "x,l,who\n1,a,p\n2,b,p\n3,c,p\n4,d,p\n5,e,p\n6,f,p\n",
        "x,l,who\n9,f,u\n9,e,v\n6,f,p\n5,e,p\n4,d,p\n3,c,p\n2,b,p\n1,a,p\n",
        "x,l,who\n3,c,p\n9,d,u\n1,a,p\n9,g,v\n2,b,p\n6,f,p\n4,d,p\n5,e,p\n"};
    bool kept[3][7] = {{false}};
    use_schema(OPEN_PERSON("2"));
    f.options.test_key = &f.seed;
    for (size_t i = 0; i < 3; i++) {
        char *place = pv_sprintf_alloc("%s/r%zu", f.directory, i);
        f.options.run_dir = place;
        use_csv(csv[i]);
        open_well();
        const double *x = pv_table_values(f.curator->rows, numbers);
        size_t sum = 0;
        for (size_t r = 0; r < pv_table_rows(f.curator->rows); r++)
            if (x[r] < 7) {
                kept[i][(size_t)x[r]] = true;
                sum++;
            }
        cr_assert_eq(sum, 2);
        cr_assert_eq(memcmp(kept[i], kept[0], sizeof kept[i]), 0, "table %zu",
                     i);
        free(place);
    }
}

/* ---- replay ------------------------------------------------------------ */

static void ask_both(int64_t counts[3], pv_labels *found)
{
    cr_assert_eq(pv_ask_intervals(f.curator, numbers, halves, 3,
                                  (pv_rational){50, 1}, counts, &f.err),
                 PV_OK, "%s", f.err.message);
    *found = labels_well(1, 3);
}

/* Answered again from the store, and drawn again the same when the answer was
 * reserved and not committed, or not even stored. */
Test(columns, replay)
{
    int64_t first[3], again[3];
    pv_labels labels_first, labels_again;
    static char csv[1 << 14];
    char *to = csv;
    to += sprintf(to, "x,l,who\n");
    to = rows_of(to, "a", 60);
    to = rows_of(to, "b", 70);
    use_csv(csv);
    open_well(); /* a secret key */
    ask_both(first, &labels_first);
    cr_assert_eq(labels_first.count, 2);
    const uint64_t spent = f.curator->spent;
    static const struct {
        size_t lines;     /* cut off the ledger's end */
        bool gone[2];     /* the stored answers */
    } kill[] = {{0, {false, false}}, /* not at all */
                {1, {false, false}}, /* before the last commit */
                {1, {false, true}},  /* before its answer was stored */
                {3, {true, true}}};  /* amid the first question */
    for (size_t i = 0; i < sizeof kill / sizeof *kill; i++) {
        pv_curator_close(f.curator);
        f.curator = NULL;
        cut_lines(kill[i].lines);
        for (unsigned a = 0; a < 2; a++) {
            char *name = pv_sprintf_alloc("%s/answers/%06u.bin", f.run_dir,
                                          a + 1);
            if (kill[i].gone[a])
                cr_assert_eq(unlink(name), 0);
            free(name);
        }
        open_well();
        ask_both(again, &labels_again);
        cr_assert_eq(memcmp(first, again, sizeof first), 0, "kill %zu", i);
        cr_assert_eq(labels_again.count, 2);
        cr_assert_str_eq(labels_again.label[1], labels_first.label[1]);
        cr_assert_eq(f.curator->spent, spent);
        cr_assert_eq(f.curator->delta_spent, f.options.delta_labels);
        pv_labels_clear(&labels_again);
    }
    pv_labels_clear(&labels_first);
}

/* Other intervals, another noise, another threshold's delta: other questions. */
Test(columns, another_question_diverges)
{
    int64_t counts[3];
    pv_labels found;
    pv_interval other[3];
    open_well();
    ask_both(counts, &found);
    pv_labels_clear(&found);
    memcpy(other, halves, sizeof other);
    other[1].high = 19;
    open_well();
    cr_assert_eq(pv_ask_intervals(f.curator, numbers, other, 3,
                                  (pv_rational){50, 1}, counts, &f.err),
                 PV_EDIVERGED);
    cr_assert_eq(pv_ask_intervals(f.curator, numbers, halves, 3,
                                  (pv_rational){51, 1}, counts, &f.err),
                 PV_EDIVERGED);
    cr_assert_eq(pv_ask_intervals(f.curator, numbers, halves, 3,
                                  (pv_rational){50, 1}, counts, &f.err),
                 PV_OK);
    cr_assert_eq(pv_ask_labels(f.curator, texts, (pv_rational){1, 1},
                               f.options.delta_labels - 1, 3, &found, &f.err),
                 PV_EDIVERGED);
    cr_assert_eq(pv_ask_labels(f.curator, texts, (pv_rational){1, 1},
                               f.options.delta_labels, 2, &found, &f.err),
                 PV_EDIVERGED);
}

/* The digest covers numbers and texts that have no codes yet. */
Test(columns, input_is_digested)
{
    static const char *const csv[] = {"x,l,who\n1,a,p\n", "x,l,who\n2,a,p\n",
                                      "x,l,who\n1,b,p\n", "x,l,who\n,a,p\n",
                                      "x,l,who\n1,,p\n"};
    for (size_t i = 1; i < 5; i++) {
        char *place = pv_sprintf_alloc("%s/r%zu", f.directory, i);
        f.options.run_dir = place;
        use_csv(csv[0]);
        open_well();
        use_csv(csv[i]);
        cr_assert_eq(reopen(), PV_EMISMATCH, "table %zu", i);
        use_csv(csv[0]);
        open_well();
        f.options.delta_labels--;
        cr_assert_eq(reopen(), PV_EMISMATCH);
        f.options.delta_labels++;
        free(place);
    }
}

/* ---- the ledger's check ------------------------------------------------ */

static json_t *ledger_of_both(void)
{
    int64_t counts[3];
    pv_labels found;
    open_well();
    ask_both(counts, &found);
    pv_labels_clear(&found);
    return json_deep_copy(pv_ledger_bodies(f.curator->ledger));
}

static pv_status checked(const json_t *bodies)
{
    pv_ledger_summary s;
    return pv_ledger_check(bodies, &s, &f.err);
}

Test(columns, ledger_check)
{
    static const struct {
        size_t line; /* 1: intervals, 3: labels; 0: the opening */
        bool of_question;
        const char *key;
        json_int_t value;
    } wrong[] = {{1, true, "sensitivity2", 2},
                 {1, false, "units", 1},
                 {1, false, "delta_units", 5},
                 {1, false, "delta_spent", 5},
                 {3, true, "sensitivity2", 2},
                 {3, true, "threshold", 7},
                 {3, true, "delta", 1},
                 {3, false, "delta_units", 1},
                 {3, false, "delta_spent", 1},
                 {0, false, "delta_labels", 1},
                 {0, false, "delta_labels", INT64_C(1) << 58}};
    pv_ledger_summary s;
    json_t *good = ledger_of_both();
    cr_assert_eq(pv_ledger_check(good, &s, &f.err), PV_OK, "%s", f.err.message);
    cr_assert_eq(s.delta_spent, f.options.delta_labels);
    cr_assert_eq(s.delta_budget, f.options.delta_labels);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        json_t *bad = json_deep_copy(good);
        json_t *body = json_array_get(bad, wrong[i].line);
        if (wrong[i].of_question)
            body = json_object_get(body, "question");
        (void)json_object_set_new(body, wrong[i].key,
                                  json_integer(wrong[i].value));
        cr_assert_eq(checked(bad), PV_ETAMPER, "change %zu is not seen", i);
        json_decref(bad);
    }
    json_t *bad = json_deep_copy(good);
    (void)json_object_set_new(
        json_object_get(json_array_get(bad, 3), "question"), "sigma2",
        json_string("100/1"));
    cr_assert_eq(checked(bad), PV_ETAMPER);
    json_decref(bad);
    json_decref(good);
}

/* A delta that is charged and counted twice, once in each line that says so. */
Test(columns, delta_is_no_more_than_declared)
{
    pv_labels found;
    f.options.delta_labels = 1000;
    open_well();
    for (unsigned i = 0; i < 2; i++) {
        cr_assert_eq(pv_ask_labels(f.curator, texts, (pv_rational){9, 1}, 400, 3,
                                   &found, &f.err),
                     PV_OK, "%s", f.err.message);
        pv_labels_clear(&found);
    }
    cr_assert_eq(f.curator->delta_spent, 800);
    cr_assert_eq(pv_ask_labels(f.curator, texts, (pv_rational){9, 1}, 400, 3,
                               &found, &f.err),
                 PV_EBUDGET);
    cr_assert_eq(checked(pv_ledger_bodies(f.curator->ledger)), PV_OK);
    f.options.delta_labels = UINT64_C(1) << 59; /* more than delta */
    cr_assert_eq(reopen(), PV_EBUDGET);
}

/* The release states epsilon at what the labels have left of delta, and an
 * account adds their delta up. */
Test(columns, release_states_delta)
{
    static const double edges[] = {0, 1000000};
    const pv_found all[] = {{.column = 0, .edges = edges, .edge_count = 2},
                            {.column = 1}};
    int64_t counts[3], *answer;
    pv_labels found;
    pv_table *rows = NULL;
    pv_release *release = NULL;
    char *account = pv_sprintf_alloc("%s/account", f.directory), total[64];
    f.options.account = account;
    f.options.account_cap = 3 * f.options.budget;
    for (unsigned run = 1; run <= 2; run++) {
        char *place = pv_sprintf_alloc("%s/r%u", f.directory, run);
        f.options.run_dir = place;
        f.options.force = true;
        open_well();
        ask_both(counts, &found);
        pv_labels_clear(&found);
        cr_assert_eq(pv_curator_resolve(f.curator, all, 2, &f.err), PV_OK);
        answer = measure_well(columns(true, false), 50);
        free(answer);
        cr_assert_eq(pv_table_alloc(pv_curator_schema(f.curator), 3, true, &rows,
                                    &f.err),
                     PV_OK);
        cr_assert_eq(pv_curator_publish(f.curator, rows, &f.err), PV_OK, "%s",
                     f.err.message);
        pv_table_free(rows);
        const double rho = pv_units_to_rho(f.curator->spent);
        cr_assert_eq(pv_release_read(f.output, &release, &f.err), PV_OK, "%s",
                     f.err.message);
        cr_assert_eq(release->delta, 1e-9);
        cr_assert_eq(release->delta_labels,
                     pv_delta_of_units(f.options.delta_labels));
        cr_assert_eq(release->epsilon,
                     pv_zcdp_epsilon(rho, pv_delta_left(1e-9,
                                                        f.options.delta_labels)));
        cr_assert_gt(release->epsilon, pv_zcdp_epsilon(rho, 1e-9));
        (void)snprintf(total, sizeof total, "%.17g",
                       pv_delta_of_units(run * f.options.delta_labels));
        cr_assert_str_eq(release->dataset_delta, total);
        pv_release_free(release);
        pv_curator_close(f.curator);
        f.curator = NULL;
        free(place);
    }
    free(account);
}
