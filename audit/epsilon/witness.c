#include "audit/epsilon/witness_internal.h"

#include "core/memory.h"
#include "io/rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- which features there are --------------------------------------------- */

enum { sets_most = 63, maskable = 64 };

static size_t add_feature(pv_witness *w, const char *format, size_t number)
{
    char *name = pv_sprintf_alloc(format, number);
    char **grown = pv_array_realloc(w->name, w->width + 1, sizeof *grown);
    if (grown != NULL)
        w->name = grown;
    if (grown == NULL || name == NULL) {
        free(name);
        w->short_of_memory = true;
        return 0;
    }
    w->name[w->width] = name;
    return w->width++;
}

/* All columns together, then sets of one, of two, ... while there is room. */
static void choose_sets(pv_witness *w)
{
    uint32_t column[maskable];
    const size_t all = pv_schema_columns(w->schema);
    const size_t n = all < maskable ? all : maskable;
    w->set[w->sets++] = n == maskable ? UINT64_MAX : (UINT64_C(1) << n) - 1;
    for (size_t k = 1; k < n && w->sets < sets_most; k++) {
        for (size_t i = 0; i < k; i++)
            column[i] = (uint32_t)i;
        do {
            uint64_t set = 0;
            for (size_t i = 0; i < k; i++)
                set |= UINT64_C(1) << column[i];
            w->set[w->sets++] = set;
        } while (w->sets < sets_most && pv_combination_next(column, k, n));
    }
}

static void name_slots(pv_witness *w, size_t first[PV_WITNESS_SLOTS],
                       const char *format)
{
    for (size_t i = 0; i < PV_WITNESS_SLOTS; i++)
        first[i] = add_feature(w, format, i + 1);
}

static void list_features(pv_witness *w, bool transcript)
{
    size_t from;
    choose_sets(w);
    w->rows = add_feature(w, "rows", 0);
    w->outside = add_feature(w, "values outside", 0);
    w->share = add_feature(w, "share like the target", 0);
    w->counts = w->width;
    (void)add_feature(w, "rows like the target", 0);
    for (size_t i = 1; i < w->sets; i++)
        (void)add_feature(w, "rows like it in set %zu", i);
    w->group[w->groups++] = (pv_feature_group){"release", 0, w->width};
    if (!transcript)
        return;
    from = w->width;
    w->loss = add_feature(w, "privacy loss", 0);
    w->loss_measured = add_feature(w, "loss of marginals", 0);
    w->loss_selected = add_feature(w, "loss of selections", 0);
    w->questions = add_feature(w, "questions", 0);
    w->spent = add_feature(w, "rho of questions", 0);
    name_slots(w, w->measured, "marginal %zu");
    name_slots(w, w->rest, "marginal %zu, other cells");
    name_slots(w, w->selected, "selection %zu");
    name_slots(w, w->scored, "score %zu");
    w->group[w->groups++] =
        (pv_feature_group){"transcript", from, w->width - from};
    w->group[w->groups++] = (pv_feature_group){"everything", 0, w->width};
}

pv_status pv_witness_alloc(const pv_pair *pair, pv_neighbours neighbours,
                           bool transcript, pv_witness **witness, pv_error *err)
{
    pv_witness *w = pv_array_calloc(1, sizeof *w);
    if (w == NULL)
        return pv_fail_memory(err, "a witness");
    w->pair = pair;
    w->schema = pv_table_schema(pair->table[0]);
    w->replace = neighbours == PV_REPLACE;
    w->unit_rows = pv_schema_unit_rows(w->schema);
    w->transcript = transcript;
    pv_domain_of_schema(w->schema, &w->domain);
    list_features(w, transcript);
    w->feature = pv_array_calloc(w->width + 1, sizeof *w->feature);
    if (w->feature == NULL || w->short_of_memory) {
        pv_witness_free(w);
        return pv_fail_memory(err, "a witness");
    }
    *witness = w;
    return PV_OK;
}

void pv_witness_free(pv_witness *w)
{
    if (w == NULL)
        return;
    for (size_t i = 0; i < w->width; i++)
        free(w->name[i]);
    free(w->name);
    free(w->feature);
    pv_witness_forget(w);
    free(w);
}

size_t pv_witness_width(const pv_witness *w)
{
    return w->width;
}

const char *const *pv_witness_names(const pv_witness *w)
{
    return (const char *const *)w->name;
}

size_t pv_witness_groups(const pv_witness *w, const pv_feature_group **group)
{
    *group = w->group;
    return w->groups;
}

/* --- a run ---------------------------------------------------------------- */

void pv_witness_begin(pv_witness *w)
{
    memset(w->feature, 0, w->width * sizeof *w->feature);
    w->measurements = w->selections = w->scores = 0;
    w->rho = 0;
}

/* Which of the first columns have the target's value, as bits. */
static uint64_t likeness(const pv_witness *w, const pv_codes *codes,
                         size_t columns, size_t row)
{
    uint64_t like = 0;
    for (size_t c = 0; c < columns; c++)
        like |= (uint64_t)(pv_codes_at(codes[c], row) == w->pair->target[c])
                << c;
    return like;
}

void pv_witness_see(pv_witness *w, const pv_table *release, uint64_t outside)
{
    pv_codes codes[maskable];
    const size_t all = pv_schema_columns(w->schema);
    const size_t columns = all < maskable ? all : maskable;
    const size_t rows = pv_table_rows(release);
    for (size_t c = 0; c < columns; c++)
        codes[c] = pv_table_codes(release, c);
    for (size_t i = 0; i < rows; i++) {
        const uint64_t like = likeness(w, codes, columns, i);
        for (size_t s = 0; s < w->sets; s++)
            w->feature[w->counts + s] += (like & w->set[s]) == w->set[s];
    }
    w->feature[w->rows] = (double)rows;
    w->feature[w->outside] = (double)outside;
    w->feature[w->share] =
        rows > 0 ? w->feature[w->counts] / (double)rows : 0;
    if (w->transcript) {
        w->feature[w->questions] =
            (double)(w->measurements + w->selections + w->scores);
        w->feature[w->spent] = w->rho;
    }
}

const double *pv_witness_features(const pv_witness *w)
{
    return w->feature;
}

double pv_witness_rho(const pv_witness *w)
{
    return w->rho;
}
