#include "io/schema_internal.h"

#include "core/memory.h"
#include "io/date.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_BINS = PV_MAX_LEVELS - 1 };
static const double EXACT = 9007199254740992.0; /* 2^53 */

/* A limit of the range from `constraints`; false when there is none. */
static pv_status parse_limit(const pv_field *field, const pv_column *column,
                             const char *key, double *limit, bool *given,
                             pv_error *err)
{
    const json_t *json = json_object_get(field->constraints, key);
    *given = json != NULL;
    if (json == NULL)
        return PV_OK;
    if (!pv_column_json_number(column, json, limit))
        return pv_field_fail(field, err, "\"%s\" is not a %s", key,
                             column->date ? "date, \"YYYY-MM-DD\"" : "number");
    if (column->integer && (*limit != floor(*limit) || fabs(*limit) >= EXACT))
        return pv_field_fail(field, err,
                             "\"%s\" of an integer field is not a whole number "
                             "below 2^53",
                             key);
    return PV_OK;
}

static pv_status missing_range(const pv_field *field, const char *key,
                               pv_error *err)
{
    return pv_field_fail(field, err,
                         "no \"%s\"; write it in \"constraints\" from public "
                         "knowledge, or write \"privet\": {\"bounds\": "
                         "\"private\"} to have it found at a cost",
                         key);
}

static pv_status parse_range(const pv_field *field, pv_column *column,
                             pv_error *err)
{
    pv_status status = PV_OK;
    bool low, high;
    const json_t *bounds = json_object_get(field->privet, "bounds");
    const char *text = json_string_value(bounds);
    PV_TRY(parse_limit(field, column, "minimum", &column->minimum, &low, err));
    PV_TRY(parse_limit(field, column, "maximum", &column->maximum, &high, err));
    if (bounds != NULL) {
        if (text == NULL || strcmp(text, "private") != 0)
            return pv_field_fail(field, err,
                                 "\"bounds\" can only be \"private\"; write "
                                 "public bounds as minimum and maximum in "
                                 "\"constraints\"");
        if (low || high)
            return pv_field_fail(field, err,
                                 "both \"bounds\": \"private\" and a minimum "
                                 "or maximum; remove one of them");
        column->needs |= PV_NEEDS_BOUNDS;
        return PV_OK;
    }
    if (!low || !high)
        return missing_range(field, low ? "maximum" : "minimum", err);
    if (column->minimum > column->maximum ||
        (column->minimum == column->maximum && !column->integer))
        return pv_field_fail(field, err,
                             "the minimum is not below the maximum; exchange "
                             "them");
out:
    return status;
}

static pv_status claim_edges(pv_schema *schema, size_t count, pv_error *err)
{
    schema->edges += count;
    if (schema->edges > PV_MAX_EDGES)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: more than %d bins in all; use fewer bins",
                       schema->file, PV_MAX_EDGES);
    return PV_OK;
}

/* Edge i of n equal bins of the integers minimum..maximum: the smallest integer
 * of bin i, minimum + ceil(i * (maximum + 1 - minimum) / n), exactly. */
static double integer_edge(const pv_column *column, uint32_t i, uint32_t n)
{
    __extension__ typedef unsigned __int128 wide;
    const uint64_t span = (uint64_t)(column->maximum - column->minimum) + 1;
    const wide offset = ((wide)i * span + n - 1) / n;
    return column->minimum + (double)(uint64_t)offset;
}

static pv_status equal_bins(const pv_field *field, pv_column *column,
                            json_int_t bins, pv_error *err)
{
    if (bins < 1 || bins > MAX_BINS)
        return pv_field_fail(field, err,
                             "\"bins\" is not from 1 to %d", MAX_BINS);
    const uint32_t n = (uint32_t)bins;
    const pv_status status = claim_edges(field->schema, n + 1, err);
    if (status != PV_OK)
        return status;
    double *edges = pv_schema_own(
        field->schema, pv_array_alloc((size_t)n + 1, sizeof *edges));
    if (edges == NULL)
        return pv_fail_memory(err, "a schema");
    uint32_t used = 0;
    const double width = column->maximum / n - column->minimum / n;
    for (uint32_t i = 0; i < n; i++) {
        const double edge = column->integer ? integer_edge(column, i, n)
                            : i == 0        ? column->minimum
                                     : column->minimum + (double)i * width;
        if (edge > column->maximum ||
            (!column->integer && edge == column->maximum))
            break;
        if (used == 0 || edge > edges[used - 1])
            edges[used++] = edge;
    }
    edges[used] = column->maximum;
    column->edges = edges;
    column->levels = used;
    return PV_OK;
}

static pv_status listed_bins(const pv_field *field, pv_column *column,
                             const json_t *list, pv_error *err)
{
    const size_t count = json_array_size(list);
    if (count < 2 || count > (size_t)MAX_BINS + 1)
        return pv_field_fail(field, err,
                             "\"bins\" is a list of %zu edges; write from 2 to "
                             "%d, with the minimum first and the maximum last",
                             count, MAX_BINS + 1);
    const pv_status status = claim_edges(field->schema, count, err);
    if (status != PV_OK)
        return status;
    double *edges =
        pv_schema_own(field->schema, pv_array_alloc(count, sizeof *edges));
    if (edges == NULL)
        return pv_fail_memory(err, "a schema");
    for (size_t i = 0; i < count; i++) {
        const json_t *item = json_array_get(list, i);
        if (!pv_column_json_number(column, item, &edges[i]) ||
            (column->integer &&
             (edges[i] != floor(edges[i]) || fabs(edges[i]) >= EXACT)))
            return pv_field_fail(field, err, "edge %zu is not a %s", i + 1,
                                 column->date      ? "date, \"YYYY-MM-DD\""
                                 : column->integer ? "whole number"
                                                   : "number");
        /* the last bin may hold the maximum alone */
        const bool closing = i > 0 && i + 1 == count && edges[i] == edges[i - 1];
        if (i > 0 && edges[i] <= edges[i - 1] && !closing)
            return pv_field_fail(field, err,
                                 "edge %zu is not above the one before; list "
                                 "edges in increasing order",
                                 i + 1);
    }
    column->edges = edges;
    column->levels = (uint32_t)count - 1;
    return PV_OK;
}

/* Edges say the range; constraints may repeat it but not contradict it. */
static pv_status edges_are_range(const pv_field *field, pv_column *column,
                                 pv_error *err)
{
    pv_status status = PV_OK;
    bool low, high;
    const double first = column->edges[0];
    const double last = column->edges[column->levels];
    PV_TRY(parse_limit(field, column, "minimum", &column->minimum, &low, err));
    PV_TRY(parse_limit(field, column, "maximum", &column->maximum, &high, err));
    if ((low && column->minimum != first) || (high && column->maximum != last))
        return pv_field_fail(field, err,
                             "the edges go from %.17g to %.17g, the range does "
                             "not; start the edges at the minimum and end them "
                             "at the maximum",
                             first, last);
    column->minimum = first;
    column->maximum = last;
out:
    return status;
}

static pv_status no_bins(const pv_field *field, pv_column *column,
                         pv_error *err)
{
    const double span = column->maximum - column->minimum + 1;
    if (column->needs & PV_NEEDS_BOUNDS)
        return pv_field_fail(field, err,
                             "\"bounds\": \"private\" without \"bins\"; write "
                             "\"bins\": 32 or \"bins\": \"private\" beside it");
    if (!column->integer)
        return pv_field_fail(field, err,
                             "a number without \"bins\"; write \"privet\": "
                             "{\"bins\": 32}, a list of edges, or \"private\" "
                             "to have them found at a cost");
    if (span > MAX_BINS)
        return pv_field_fail(field, err,
                             "the range has %.0f integers, more than %d levels;"
                             " write \"privet\": {\"bins\": 64}, or a list of "
                             "edges",
                             span, MAX_BINS);
    column->kind = PV_COLUMN_INTEGERS;
    column->levels = (uint32_t)span;
    return PV_OK;
}

static pv_status parse_bins(const pv_field *field, pv_column *column,
                            const json_t *bins, pv_error *err)
{
    const char *text = json_string_value(bins);
    if (text != NULL && strcmp(text, "private") == 0) {
        column->needs |= PV_NEEDS_BINS;
        return PV_OK;
    }
    if (!json_is_integer(bins))
        return pv_field_fail(field, err,
                             "\"bins\" is neither a whole number, a list of "
                             "edges nor \"private\"");
    if (!(column->needs & PV_NEEDS_BOUNDS))
        return equal_bins(field, column, json_integer_value(bins), err);
    if (json_integer_value(bins) < 2 || json_integer_value(bins) > MAX_BINS)
        return pv_field_fail(field, err, "\"bins\" is not from 2 to %d",
                             MAX_BINS);
    column->private_levels = (uint32_t)json_integer_value(bins);
    return PV_OK;
}

pv_status pv_field_range(const pv_field *field, pv_column *column,
                         pv_error *err)
{
    pv_status status = PV_OK;
    const json_t *bins = json_object_get(field->privet, "bins");
    column->date = strcmp(field->type, "date") == 0;
    column->integer = strcmp(field->type, "number") != 0;
    column->kind = PV_COLUMN_BINS;
    if (json_is_array(bins)) {
        if (json_object_get(field->privet, "bounds") != NULL)
            return pv_field_fail(field, err,
                                 "both \"bounds\" and a list of edges; remove "
                                 "\"bounds\"");
        PV_TRY(listed_bins(field, column, bins, err));
        PV_TRY(edges_are_range(field, column, err));
    } else {
        PV_TRY(parse_range(field, column, err));
        if (bins == NULL)
            PV_TRY(no_bins(field, column, err));
        else
            PV_TRY(parse_bins(field, column, bins, err));
    }
    if (column->needs == 0)
        column->levels += column->missing;
out:
    return status;
}

pv_status pv_column_add_edge(pv_schema *schema, pv_column *column, double edge,
                             pv_error *err)
{
    const uint32_t bins = column->levels - column->missing;
    uint32_t at = 0;
    if (edge <= column->minimum || edge > column->maximum)
        return PV_OK;
    /* the last edge closes the range and starts no bin */
    while (at < bins && column->edges[at] < edge)
        at++;
    if (at < bins && column->edges[at] == edge)
        return PV_OK;
    if (bins == MAX_BINS)
        return pv_fail(err, PV_ESCHEMA,
                       "%s: column '%s': structural zeros split its bins into "
                       "more than %d; use fewer bins",
                       schema->file, column->name, MAX_BINS);
    const pv_status status = claim_edges(schema, (size_t)bins + 2, err);
    if (status != PV_OK)
        return status;
    double *edges = pv_schema_own(
        schema, pv_array_alloc((size_t)bins + 2, sizeof *edges));
    if (edges == NULL)
        return pv_fail_memory(err, "a schema");
    memcpy(edges, column->edges, at * sizeof *edges);
    edges[at] = edge;
    memcpy(edges + at + 1, column->edges + at, (bins + 1 - at) * sizeof *edges);
    column->edges = edges;
    column->levels++;
    return PV_OK;
}
