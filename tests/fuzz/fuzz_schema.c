/* Any bytes as a schema; what parses must parse again to the same, and what
 * has needs must resolve, or be refused with a message, with the fewest levels
 * and with some. */
#include "io/schema.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void resolve(const pv_schema *schema, int some)
{
    static const double edges[] = {0, 1, 7, 7};
    static const char *const labels[] = {"b", "a"};
    static pv_found found[PV_MAX_COLUMNS];
    size_t count = 0;
    pv_schema *resolved = NULL;
    pv_error err = PV_ERROR_INIT;
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_column *column = pv_schema_column(schema, c);
        const int bounds = (column->needs & PV_NEEDS_BOUNDS) != 0;
        if (column->needs == 0)
            continue;
        found[count++] = (pv_found){
            .column = c,
            .edges = some && bounds ? edges : NULL,
            .edge_count = some && bounds ? 4 : 0,
            .labels = labels,
            .label_count = some ? 2 : 0};
    }
    const pv_status status =
        pv_schema_resolve(schema, found, count, &resolved, &err);
    PV_CHECK(status != PV_OK || !pv_schema_has_needs(resolved));
    PV_CHECK(status == PV_OK || err.message[0] != '\0');
    pv_schema_free(resolved);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_schema *schema = NULL, *again = NULL;
    pv_error err = PV_ERROR_INIT;
    if (pv_schema_parse((const char *)data, size, "fuzz", &schema, &err) !=
        PV_OK)
        return 0;
    const char *json = pv_schema_json(schema);
    if (pv_schema_has_needs(schema)) {
        resolve(schema, 0);
        resolve(schema, 1);
    }
    PV_CHECK(pv_schema_parse(json, strlen(json), "again", &again, &err) ==
             PV_OK);
    PV_CHECK(strcmp(json, pv_schema_json(again)) == 0);
    for (size_t c = 0; c < pv_schema_columns(schema); c++) {
        const pv_column *column = pv_schema_column(schema, c);
        char text[64];
        pv_column_describe(column, column->levels / 2, text, sizeof text);
        for (uint32_t code = 0; code < column->levels && code < 300; code++) {
            const double number = pv_column_number(column, code);
            if (number == number)
                PV_CHECK(pv_column_encode_number(column, number) == code);
        }
    }
    pv_schema_free(schema);
    pv_schema_free(again);
    return 0;
}
