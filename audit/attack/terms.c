#include "audit/attack/terms.h"

#include "core/memory.h"
#include "io/rows.h"

#include <stdlib.h>

/* Cuts the codes below `codes` into at most `bins` runs by where the middle of
 * each code's rows lies among all rows. Returns the number of runs. */
static uint32_t cut_by_rows(const uint64_t *count, uint32_t codes,
                            uint32_t bins, uint64_t total, uint32_t *class)
{
    uint64_t before = 0;
    uint32_t classes = 0, last = 0;
    for (uint32_t c = 0; c < codes; c++) {
        const uint64_t middle = 2 * before + count[c];
        uint32_t bin = (uint32_t)(middle * bins / (2 * total));
        bin = bin < bins ? bin : bins - 1;
        if (c == 0 || bin != last)
            classes++;
        last = bin;
        class[c] = classes - 1;
        before += count[c];
    }
    return classes;
}

/* Runs of equally many codes, where rows cannot tell. */
static uint32_t cut_by_codes(uint32_t codes, uint32_t bins, uint32_t *class)
{
    for (uint32_t c = 0; c < codes; c++)
        class[c] = (uint32_t)((uint64_t)c * bins / codes);
    return bins;
}

static pv_status cut(const pv_table *guide, uint32_t column, uint32_t codes,
                     uint32_t bins, pv_secret *secret, pv_error *err)
{
    const size_t rows = pv_table_rows(guide);
    const pv_codes at = pv_table_codes(guide, column);
    uint64_t *count = pv_array_calloc(codes, sizeof *count);
    uint64_t total = 0;
    if (count == NULL)
        return pv_fail_memory(err, "classes of the secret");
    for (size_t r = 0; r < rows; r++) {
        const uint32_t code = pv_codes_at(at, r);
        if (code < codes) { /* not missing */
            count[code]++;
            total++;
        }
    }
    secret->levels = 0;
    if (total > 0)
        secret->levels = cut_by_rows(count, codes, bins, total, secret->class);
    if (secret->levels < 2)
        secret->levels = cut_by_codes(codes, bins, secret->class);
    free(count);
    return PV_OK;
}

static pv_status check_levels(const pv_column *c, uint32_t bins,
                              uint32_t levels, pv_error *err)
{
    if (levels < 2)
        return pv_fail(err, PV_EUSAGE,
                       "the secret \"%s\" has fewer than 2 classes: choose "
                       "another column, or --secret-bins of 2 or more",
                       c->name);
    if (levels > PV_SECRET_MOST && c->kind != PV_COLUMN_LABELS)
        return pv_fail(err, PV_EUSAGE,
                       "the secret \"%s\" has %u classes, more than %d: "
                       "choose fewer --secret-bins than %u",
                       c->name, levels, PV_SECRET_MOST, bins);
    if (levels > PV_SECRET_MOST)
        return pv_fail(err, PV_EUSAGE,
                       "the secret \"%s\" has %u labels, more than %d, and "
                       "--secret-bins cuts numbers alone: choose another "
                       "column",
                       c->name, levels, PV_SECRET_MOST);
    return PV_OK;
}

pv_status pv_secret_make(const pv_table *guide, uint32_t column, uint32_t bins,
                         pv_secret *secret, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_column *c = pv_schema_column(pv_table_schema(guide), column);
    const uint32_t codes = c->levels - (c->missing && c->levels > 0);
    *secret = (pv_secret){.column = column, .levels = codes};
    secret->class = pv_array_alloc(c->levels, sizeof *secret->class);
    if (secret->class == NULL)
        return pv_fail_memory(err, "classes of the secret");
    for (uint32_t code = 0; code < codes; code++)
        secret->class[code] = code;
    if (c->kind != PV_COLUMN_LABELS && codes > bins && bins > 0)
        PV_TRY(cut(guide, column, codes, bins, secret, err));
    if (codes < c->levels)
        secret->class[codes] = secret->levels++;
    PV_TRY(check_levels(c, bins, secret->levels, err));
out:
    if (status != PV_OK)
        pv_secret_clear(secret);
    return status;
}

void pv_secret_clear(pv_secret *secret)
{
    free(secret->class);
    *secret = (pv_secret){0};
}

void pv_secret_classes(const pv_secret *secret, const pv_table *table,
                       uint32_t *class_of)
{
    const pv_codes codes = pv_table_codes(table, secret->column);
    for (size_t r = 0; r < pv_table_rows(table); r++)
        class_of[r] = secret->class[pv_codes_at(codes, r)];
}
