/* What a column follows from in the end, and the structural zeros as the
 * columns that are left to model see them. */
#include "io/schema_condition.h"
#include "io/schema_internal.h"

#include "core/memory.h"

#include <stdlib.h>
#include <string.h>

/* The numbers that `function` states, by the code of the root. */
static pv_status compose_numbers(pv_schema *schema, const pv_function *function,
                                 const uint32_t *first, uint32_t levels,
                                 pv_error *err)
{
    const pv_status status =
        pv_schema_claim_bytes(schema, levels * sizeof(double), err);
    if (status != PV_OK)
        return status;
    double *number =
        pv_schema_own(schema, pv_array_alloc(levels, sizeof *number));
    if (number == NULL)
        return pv_fail_memory(err, "functions");
    for (uint32_t code = 0; code < levels; code++)
        number[code] = function->number[first != NULL ? first[code] : code];
    schema->map_number[function->gives] = number;
    return PV_OK;
}

/* The map to what `function` gives, from the root of what it is of. */
static pv_status compose(pv_schema *schema, const pv_function *function,
                         pv_error *err)
{
    const uint32_t *first = schema->map[function->of];
    const uint32_t root = schema->root[function->of];
    const uint32_t levels = schema->column[root].levels;
    const pv_status status =
        pv_schema_claim_bytes(schema, levels * sizeof(uint32_t), err);
    if (status != PV_OK)
        return status;
    uint32_t *map =
        pv_schema_own(schema, pv_array_alloc(levels, sizeof *map));
    if (map == NULL)
        return pv_fail_memory(err, "functions");
    for (uint32_t code = 0; code < levels; code++)
        map[code] = function->map[first != NULL ? first[code] : code];
    schema->root[function->gives] = root;
    schema->map[function->gives] = map;
    return function->number != NULL
               ? compose_numbers(schema, function, first, levels, err)
               : PV_OK;
}

/* Walks up from `column` to one whose root is known, then down again. to[c] is
 * the function that gives c, path has room for every function. */
static pv_status find_root(pv_schema *schema, const pv_function *const *to,
                           const pv_function **path, uint32_t column,
                           pv_error *err)
{
    pv_status status = PV_OK;
    char shown[PV_SHOWN_ROOM];
    size_t steps = 0;
    for (uint32_t c = column; to[c] != NULL && schema->map[c] == NULL;
         c = to[c]->of) {
        if (steps == schema->functions)
            return pv_fail(err, PV_ESCHEMA,
                           "%s: privet.functions: '%s' follows from itself in "
                           "a circle; remove one of the functions",
                           schema->file,
                           pv_shown(schema->column[c].name, shown));
        path[steps++] = to[c];
    }
    while (steps > 0)
        PV_TRY(compose(schema, path[--steps], err));
out:
    return status;
}

pv_status pv_schema_find_roots(pv_schema *schema, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_function **to = pv_array_calloc(schema->columns, sizeof *to);
    const pv_function **path = pv_array_alloc(schema->functions, sizeof *path);
    schema->root = pv_schema_own(
        schema, pv_array_alloc(schema->columns, sizeof *schema->root));
    schema->map = pv_schema_own(
        schema, pv_array_calloc(schema->columns, sizeof *schema->map));
    schema->map_number = pv_schema_own(
        schema, pv_array_calloc(schema->columns, sizeof *schema->map_number));
    if (to == NULL || path == NULL || schema->root == NULL ||
        schema->map == NULL || schema->map_number == NULL) {
        status = pv_fail_memory(err, "functions");
        goto out;
    }
    for (uint32_t i = 0; i < schema->columns; i++)
        schema->root[i] = i;
    for (size_t i = 0; i < schema->functions; i++)
        to[schema->function[i].gives] = &schema->function[i];
    for (uint32_t i = 0; i < schema->columns; i++)
        PV_TRY(find_root(schema, to, path, i, err));
out:
    free(to);
    free(path);
    return status;
}

/* --- structural zeros over the roots ---------------------------------------- */

/* A mask over the root's codes: where the determined column's is true. */
static pv_status pull_back(pv_schema *schema, uint32_t column, bool *const mask,
                           bool **pulled, pv_error *err)
{
    const uint32_t *map = schema->map[column];
    const uint32_t levels = schema->column[schema->root[column]].levels;
    const pv_status status = pv_schema_claim_mask(schema, levels, pulled, err);
    for (uint32_t code = 0; status == PV_OK && code < levels; code++)
        (*pulled)[code] = mask[map[code]];
    return status;
}

/* One condition more, in column order; one on the same column as before must
 * hold with it. The mask may be changed. */
static void add_condition(uint32_t *columns, bool **masks, size_t *count,
                          uint32_t column, bool *mask, uint32_t levels)
{
    size_t at = *count;
    while (at > 0 && columns[at - 1] > column)
        at--;
    if (at > 0 && columns[at - 1] == column) {
        for (uint32_t code = 0; code < levels; code++)
            mask[code] = mask[code] && masks[at - 1][code];
        masks[at - 1] = mask;
        return;
    }
    memmove(columns + at + 1, columns + at, (*count - at) * sizeof *columns);
    memmove(masks + at + 1, masks + at, (*count - at) * sizeof *masks);
    columns[at] = column;
    masks[at] = mask;
    ++*count;
}

/* The zero over roots; *possible is false when the functions alone forbid all
 * that it does. */
static pv_status rewrite(pv_schema *schema, const pv_zero *zero, pv_zero *out,
                         bool *possible, pv_error *err)
{
    pv_status status = PV_OK;
    size_t count = 0;
    *possible = true;
    PV_TRY(pv_schema_claim_bytes(
        schema, zero->columns * (sizeof(uint32_t) + sizeof(bool *)), err));
    uint32_t *column = pv_schema_own(
        schema, pv_array_alloc(zero->columns, sizeof *column));
    bool **mask =
        pv_schema_own(schema, pv_array_alloc(zero->columns, sizeof *mask));
    if (column == NULL || mask == NULL)
        return pv_fail_memory(err, "structural zeros");
    for (size_t k = 0; k < zero->columns; k++) {
        const uint32_t c = zero->column[k], root = schema->root[c];
        const uint32_t levels = schema->column[root].levels;
        bool *over = NULL;
        if (c != root) {
            PV_TRY(pull_back(schema, c, zero->mask[k], &over, err));
        } else {
            PV_TRY(pv_schema_claim_mask(schema, levels, &over, err));
            memcpy(over, zero->mask[k], levels * sizeof *over);
        }
        add_condition(column, mask, &count, root, over, levels);
    }
    for (size_t k = 0; k < count; k++)
        if (memchr(mask[k], 1, schema->column[column[k]].levels) == NULL)
            *possible = false;
    *out = (pv_zero){count, column, mask, zero->text};
out:
    return status;
}

static bool names_determined(const pv_schema *schema, const pv_zero *zero)
{
    for (size_t k = 0; k < zero->columns; k++)
        if (schema->root[zero->column[k]] != zero->column[k])
            return true;
    return false;
}

pv_status pv_schema_model_rules(pv_schema *schema, pv_error *err)
{
    pv_status status = PV_OK;
    schema->model_zero = schema->zero;
    schema->model_zeros = schema->zeros;
    if (schema->functions == 0 || schema->zeros == 0)
        return PV_OK;
    schema->model_zeros = 0;
    schema->model_zero = pv_schema_own(
        schema, pv_array_calloc(schema->zeros, sizeof *schema->model_zero));
    if (schema->model_zero == NULL)
        return pv_fail_memory(err, "structural zeros");
    for (size_t i = 0; i < schema->zeros; i++) {
        bool possible = true;
        pv_zero *out = &schema->model_zero[schema->model_zeros];
        *out = schema->zero[i];
        if (names_determined(schema, &schema->zero[i]))
            PV_TRY(rewrite(schema, &schema->zero[i], out, &possible, err));
        schema->model_zeros += possible;
    }
out:
    return status;
}
