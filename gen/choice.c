#include "gen/choice.h"

#include "core/memory.h"
#include "marginals/jtree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { levels = PV_CHOICE_LEVELS };

void pv_choice_clear(pv_choice *choice)
{
    for (size_t i = 0; choice->item != NULL && i < choice->count; i++)
        free(choice->item[i].whole);
    free(choice->item);
    memset(choice, 0, sizeof *choice);
}

/* The share that a level stands for. */
static double share_of(int level)
{
    return 1.0 / (double)(1 << level);
}

/* Expected error of an item known as well as if it had this share. */
static double noise_at(const pv_choice_item *item, double share)
{
    int level = 0;
    if (!(share > share_of(levels - 1) * 0x1p-6))
        return item->error;
    while (level < levels - 1 && share_of(level) > share)
        level++;
    double noise = item->noise[level];
    if (share < share_of(level)) { /* less than the least: as 1 / sqrt(share) */
        noise *= sqrt(share_of(level) / share);
    } else if (level > 0) {
        const double low = share_of(level);
        noise += (item->noise[level - 1] - noise) * (share - low) / low;
    }
    return noise < item->error ? noise : item->error;
}

/* The state of a choice: what each item is known by, and its error. */
typedef struct state {
    pv_choice *choice;
    double *known;  /* share that amounts to */
    double *off;    /* expected error of it */
    double *rest2;  /* of a triple */
    double *scale;  /* of its pairs' squared errors */
} state;

static double triple_error(const state *s, size_t i, const size_t *changed,
                           const double *with, size_t changes, double own)
{
    const pv_choice_item *t = &s->choice->item[i];
    double sum = 0;
    for (size_t k = 0; k < t->parts; k++) {
        double e = s->off[t->part[k]];
        for (size_t j = 0; j < changes; j++)
            if (changed[j] == t->part[k])
                e = with[j];
        sum += e * e;
    }
    const double explained = sqrt(s->rest2[i] + s->scale[i] * sum);
    return own < explained ? own : explained;
}

/* By how much the value falls when item i gets `more`. */
static double gain(const state *s, size_t i, double more)
{
    const pv_choice_item *item = s->choice->item;
    const pv_choice_item *q = &item[i];
    size_t changed[PV_CHOICE_PARTS];
    double with[PV_CHOICE_PARTS], sum = 0;
    size_t changes = 0;
    const double own = noise_at(q, s->known[i] + more);
    if (q->parts == 0) {
        changed[changes] = i;
        with[changes++] = own;
    }
    for (size_t k = 0; k < q->parts; k++) {
        const size_t p = q->part[k];
        changed[changes] = p;
        with[changes++] = noise_at(&item[p], s->known[p] +
                                   more * (double)item[p].cells / (double)q->cells);
    }
    if (q->parts > 0 && q->weight > 0)
        sum += q->weight * (triple_error(s, i, NULL, NULL, 0, s->off[i]) -
                            triple_error(s, i, changed, with, changes, own));
    for (size_t c = 0; c < changes; c++) {
        const pv_choice_item *p = &item[changed[c]];
        sum += p->weight * (s->off[changed[c]] - with[c]);
        for (size_t k = 0; k < p->wholes; k++) {
            const size_t t = p->whole[k];
            if (t != i) /* triples share one pair at most with another */
                sum += item[t].weight *
                       (triple_error(s, t, NULL, NULL, 0, s->off[t]) -
                        triple_error(s, t, &changed[c], &with[c], 1, s->off[t]));
        }
    }
    return sum;
}

static void give(state *s, size_t i, double more)
{
    pv_choice_item *item = s->choice->item;
    item[i].share += more;
    s->known[i] += more;
    s->off[i] = noise_at(&item[i], s->known[i]);
    for (size_t k = 0; k < item[i].parts; k++) {
        const size_t p = item[i].part[k];
        s->known[p] += more * (double)item[p].cells / (double)item[i].cells;
        s->off[p] = noise_at(&item[p], s->known[p]);
    }
}

/* The best density over the levels that fit in `left`; *more is what it takes. */
static double density(const state *s, size_t i, double left, double extra,
                      double *more)
{
    double best = 0;
    *more = 0;
    for (int level = levels - 1; level >= 0; level--) {
        const double step = share_of(level);
        if (step > left)
            break;
        const double d = gain(s, i, step) / (step + extra);
        if (d > best) {
            best = d;
            *more = step;
        }
    }
    return best;
}

static pv_status start(state *s, pv_choice *choice, pv_error *err)
{
    const size_t n = choice->count;
    *s = (state){.choice = choice,
                 .known = pv_array_calloc(n, sizeof(double)),
                 .off = pv_array_calloc(n, sizeof(double)),
                 .rest2 = pv_array_calloc(n, sizeof(double)),
                 .scale = pv_array_calloc(n, sizeof(double))};
    if (s->known == NULL || s->off == NULL || s->rest2 == NULL ||
        s->scale == NULL)
        return pv_fail_memory(err, "the choice");
    for (size_t i = 0; i < n; i++) {
        const pv_choice_item *q = &choice->item[i];
        double sum = 0;
        const double all = q->error * q->error;
        s->off[i] = q->error;
        for (size_t k = 0; k < q->parts; k++) {
            const double e = choice->item[q->part[k]].error;
            sum += e * e;
        }
        s->scale[i] = sum > all ? all / sum : 1;
        s->rest2[i] = sum > all ? 0 : all - sum;
    }
    return PV_OK;
}

static void stop(state *s)
{
    free(s->known);
    free(s->off);
    free(s->rest2);
    free(s->scale);
}

double pv_choice_value(const pv_choice *choice)
{
    state s;
    pv_error err;
    double sum = 0;
    if (start(&s, (pv_choice *)(uintptr_t)choice, &err) != PV_OK) {
        stop(&s);
        return 0;
    }
    for (size_t i = 0; i < choice->count; i++) {
        const double share = choice->item[i].share;
        choice->item[i].share = 0;
        if (share > 0)
            give(&s, i, share);
        choice->item[i].share = share;
    }
    for (size_t i = 0; i < choice->count; i++)
        sum += choice->item[i].weight *
               triple_error(&s, i, NULL, NULL, 0, s.off[i]);
    stop(&s);
    return sum;
}

static int by_clique(const void *a, const void *b)
{
    const pv_choice_item *const *x = a, *const *y = b;
    return memcmp(&(*x)->clique, &(*y)->clique, sizeof(pv_clique));
}

static size_t find(pv_choice_item *const *sorted, size_t count,
                   const pv_choice_item *first, const pv_clique *clique)
{
    const pv_choice_item key = {.clique = *clique}, *k = &key;
    pv_choice_item *const *at =
        bsearch(&k, sorted, count, sizeof *sorted, by_clique);
    return at != NULL ? (size_t)(*at - first) : SIZE_MAX;
}

pv_status pv_choice_link(pv_choice *choice, const pv_domain *domain,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_choice_item *item = choice->item;
    pv_choice_item **sorted = pv_array_alloc(choice->count, sizeof *sorted);
    if (sorted == NULL)
        return pv_fail_memory(err, "the candidates");
    for (size_t i = 0; i < choice->count; i++) {
        sorted[i] = &item[i];
        item[i].cells = pv_domain_cells(domain, &item[i].clique);
    }
    qsort(sorted, choice->count, sizeof *sorted, by_clique);
    for (size_t i = 0; i < choice->count; i++) {
        uint32_t c[3];
        item[i].parts = 0;
        if (pv_clique_columns(&item[i].clique, c, 3) != 3)
            continue;
        for (size_t k = 0; k < 3; k++) {
            pv_clique pair = item[i].clique;
            pv_clique_remove(&pair, c[k]);
            const size_t at = find(sorted, choice->count, item, &pair);
            if (at == SIZE_MAX) {
                status = pv_fail(err, PV_EINVAL,
                                 "a candidate's pair is no candidate");
                goto out;
            }
            item[i].part[item[i].parts++] = at;
            if (item[i].weight > 0)
                item[at].wholes++;
        }
    }
    for (size_t i = 0; i < choice->count; i++) {
        item[i].whole = pv_array_alloc(item[i].wholes, sizeof(size_t));
        item[i].wholes = 0;
        if (item[i].whole == NULL) {
            status = pv_fail_memory(err, "the candidates");
            goto out;
        }
    }
    for (size_t i = 0; i < choice->count; i++)
        for (size_t k = 0; k < item[i].parts && item[i].weight > 0; k++) {
            pv_choice_item *p = &item[item[i].part[k]];
            p->whole[p->wholes++] = i;
        }
out:
    free(sorted);
    return status;
}

/* A heap of items by what was last known of their density. */
typedef struct entry {
    double density, more;
    size_t item;
} entry;

static bool before(const entry *a, const entry *b)
{
    return a->density > b->density ||
           (a->density == b->density && a->item < b->item);
}

static void sift(entry *heap, size_t count, size_t at)
{
    for (;;) {
        size_t best = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2; child++)
            if (child < count && before(&heap[child], &heap[best]))
                best = child;
        if (best == at)
            return;
        const entry e = heap[at];
        heap[at] = heap[best];
        heap[best] = e;
        at = best;
    }
}

/* The cliques that the model will have, and their junction tree's size. */
typedef struct shape {
    const pv_domain *domain;
    pv_clique *clique;
    size_t count, cells, limit;
} shape;

/* The cells of the junction tree with one clique more: no fewer than now. */
static size_t cells_with(shape *m, const pv_clique *clique)
{
    for (size_t i = 0; i < m->count; i++)
        if (pv_clique_subset(clique, &m->clique[i]))
            return m->cells;
    m->clique[m->count] = *clique;
    const size_t cells = pv_jtree_size(m->domain, m->clique, m->count + 1);
    return cells > m->cells ? cells : m->cells;
}

static void add(shape *m, const pv_clique *clique, size_t cells)
{
    m->clique[m->count++] = *clique;
    m->cells = cells;
}

/* Takes the top of the heap: judged anew it is given its step when it is still the
 * best, put back where it belongs, or dropped when nothing can be gained. */
static void step(state *s, shape *m, entry *heap, size_t *count, double price,
                 double *left)
{
    entry *top = &heap[0];
    const double was = top->density;
    const pv_choice_item *item = &s->choice->item[top->item];
    const size_t cells = cells_with(m, &item->clique);
    const bool fits = cells <= m->limit || cells == m->cells;
    top->density =
        fits ? density(s, top->item, *left,
                       price * (double)(cells - m->cells) / (double)m->limit,
                       &top->more)
             : 0;
    if (top->density <= 0) {
        heap[0] = heap[--*count];
    } else if (top->density >= was * (1 - 1e-9)) {
        if (item->share == 0)
            add(m, &item->clique, cells);
        give(s, top->item, top->more);
        *left -= top->more;
    }
    sift(heap, *count, 0);
}

pv_status pv_choose(pv_choice *choice, const pv_domain *domain,
                    const pv_clique *fixed, size_t fixed_count, size_t limit,
                    double price, pv_error *err)
{
    pv_status status = PV_OK;
    state s = {0};
    size_t count = choice->count;
    double left = 1;
    entry *heap = pv_array_alloc(count, sizeof *heap);
    shape m = {domain, pv_array_alloc(fixed_count + count + 1, sizeof(pv_clique)),
               fixed_count, pv_jtree_size(domain, fixed, fixed_count), limit};
    if (heap == NULL || m.clique == NULL) {
        status = pv_fail_memory(err, "the choice");
        goto out;
    }
    PV_TRY(start(&s, choice, err));
    if (fixed_count > 0)
        memcpy(m.clique, fixed, fixed_count * sizeof *fixed);
    for (size_t i = 0; i < count; i++) {
        choice->item[i].share = 0;
        heap[i].item = i;
        heap[i].density = density(&s, i, left, 0, &heap[i].more);
    }
    for (size_t i = count; i-- > 0;)
        sift(heap, count, i);
    while (count > 0 && heap[0].density > 0)
        step(&s, &m, heap, &count, price, &left);
out:
    stop(&s);
    free(heap);
    free(m.clique);
    return status;
}
