#include "gen/pe/identified.h"

#include "core/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { label_column, id_column, weight_column, generation_column };

static json_t *number_field(const char *name, const char *type, double least,
                            double most, int bins)
{
    const bool whole = strcmp(type, "integer") == 0;
    json_t *limits = whole ? json_pack("{s:b, s:I, s:I}", "required", 1,
                                       "minimum", (json_int_t)least, "maximum",
                                       (json_int_t)most)
                           : json_pack("{s:b, s:f, s:f}", "required", 1,
                                       "minimum", least, "maximum", most);
    json_t *field =
        json_pack("{s:s, s:s, s:o}", "name", name, "type", type, "constraints",
                  limits);
    if (bins > 0)
        (void)json_object_set_new(field, "privet",
                                  json_pack("{s:i}", "bins", bins));
    return field;
}

static pv_status make_schema(const pv_schema *label, int64_t least, int64_t most,
                             const pv_outcome *outcome, pv_schema **schema,
                             pv_error *err)
{
    static const char *const own[] = {"row_id", "weight", "generation"};
    pv_status status = PV_OK;
    double total = 1;
    uint32_t latest = 1;
    char *text = NULL;
    json_t *all = json_loads(pv_schema_json(label), 0, NULL);
    json_t *fields = json_object_get(all, "fields");
    for (size_t i = 0; i < outcome->count; i++) {
        total += outcome->weight[i];
        latest = outcome->generation[i] > latest ? outcome->generation[i]
                                                 : latest;
    }
    for (size_t i = 0; i < 3; i++)
        if (pv_schema_find(label, own[i]) >= 0) {
            status = pv_fail(err, PV_ESCHEMA,
                             "the label's column cannot be called %s: the "
                             "release has a column of that name",
                             own[i]);
            goto out;
        }
    (void)json_array_append_new(
        fields, number_field("row_id", "integer", (double)least,
                             (double)(most > least ? most : least + 1), 1));
    (void)json_array_append_new(
        fields, number_field("weight", "number", 0, total, 1));
    (void)json_array_append_new(
        fields, number_field("generation", "integer", 0, latest, 0));
    text = json_array_size(fields) >= 4 ? json_dumps(all, JSON_COMPACT) : NULL;
    if (text == NULL) {
        status = pv_fail_memory(err, "the release's schema");
        goto out;
    }
    PV_TRY(pv_schema_parse(text, strlen(text), "the release's schema", schema,
                           err));
out:
    json_decref(all);
    free(text);
    return status;
}

static void put_row(pv_table *table, size_t row, const pv_schema *schema,
                    uint32_t class, int64_t id, double weight,
                    uint32_t generation)
{
    const double of_id = (double)id;
    const uint32_t id_code = pv_column_encode_number(
        pv_schema_column(schema, id_column), of_id);
    const uint32_t weight_code = pv_column_encode_number(
        pv_schema_column(schema, weight_column), weight);
    pv_table_put(table, label_column, row, 1, &class);
    pv_table_put(table, id_column, row, 1, &id_code);
    pv_table_put_values(table, id_column, row, 1, &of_id);
    pv_table_put(table, weight_column, row, 1, &weight_code);
    pv_table_put_values(table, weight_column, row, 1, &weight);
    pv_table_put(table, generation_column, row, 1, &generation);
}

pv_status pv_identified_table(const pv_schema *label, int64_t least,
                              int64_t most, const pv_outcome *outcome,
                              const int64_t *row_id, size_t rows,
                              const pv_key *key, pv_schema **schema,
                              pv_table **result, pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *table = NULL;
    uint32_t *copies = NULL, *order = NULL;
    PV_TRY(pv_outcome_deal(outcome, rows, key, &copies, &order, err));
    if (*schema == NULL)
        PV_TRY(make_schema(label, least, most, outcome, schema, err));
    PV_TRY(pv_table_alloc(*schema, rows, true, &table, err));
    for (size_t i = 0, at = 0; i < outcome->count; i++)
        for (uint32_t k = 0; k < copies[i]; k++)
            put_row(table, order[at++], *schema, outcome->class[i], row_id[i],
                    outcome->weight[i], outcome->generation[i]);
    *result = table;
    table = NULL;
out:
    pv_table_free(table);
    free(copies);
    free(order);
    return status;
}
