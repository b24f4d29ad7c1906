/* Any bytes as a schema; what parses must parse again to the same. */
#include "io/schema.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    pv_schema *schema = NULL, *again = NULL;
    pv_error err = PV_ERROR_INIT;
    if (pv_schema_parse((const char *)data, size, "fuzz", &schema, &err) !=
        PV_OK)
        return 0;
    const char *json = pv_schema_json(schema);
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
