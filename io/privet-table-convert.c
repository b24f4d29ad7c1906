/* privet-table draft, import, export. */
#include "io/privet-table.h"

#include "core/atomicfile.h"
#include "core/log.h"
#include "io/csv.h"
#include "io/draft.h"
#include "io/hdf5.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_status need_output(const pv_table_command *command, pv_error *err)
{
    if (command->output == NULL)
        return pv_fail(err, PV_EUSAGE, "where to? add -o FILE");
    if (strcmp(command->output, "-") == 0)
        return PV_OK;
    return pv_output_check(command->output, command->force, err);
}

pv_status pv_table_draft(const pv_table_command *command, pv_error *err)
{
    pv_status status = PV_OK;
    char *json = NULL;
    if (!command->from_public_data)
        return pv_fail(
            err, PV_EUSAGE,
            "%s: a draft repeats labels and ranges of the data, and a schema "
            "is public: drafting from private data would leak them. When the "
            "data is public already, add --from-public-data; when it is not, "
            "write the schema from public knowledge (privet-schema(5))",
            command->input);
    PV_TRY(need_output(command, err));
    PV_TRY(pv_schema_draft(command->input, command->delimiter, &json, err));
    if (strcmp(command->output, "-") == 0) {
        (void)printf("%s\n", json);
    } else {
        PV_TRY(pv_file_write_atomic(command->output, json, strlen(json), 0666,
                                    err));
        pv_log_info("%s drafted: check roles, ranges and categories, then run "
                    "privet-table check",
                    command->output);
    }
out:
    free(json);
    return status;
}

static void say_report(const char *input, const pv_load_report *report)
{
    pv_log_info("%s: %llu rows", input, (unsigned long long)report->rows);
    if (report->clamped > 0)
        pv_log_warning("%llu numbers were moved into range",
                       (unsigned long long)report->clamped);
    if (report->to_missing > 0)
        pv_log_warning("%llu values outside the schema became missing",
                       (unsigned long long)report->to_missing);
    if (report->to_other > 0)
        pv_log_warning("%llu values outside the schema got the other label",
                       (unsigned long long)report->to_other);
}

pv_status pv_table_import(const pv_table_command *command, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *schema = NULL;
    pv_table *table = NULL;
    pv_load_report report;
    pv_load_options options = {.values = true,
                               .ignore_extra = command->ignore_extra,
                               .delimiter = command->delimiter};
    if (command->schema == NULL)
        return pv_fail(err, PV_EUSAGE, "under which schema? add --schema FILE");
    PV_TRY(need_output(command, err));
    if (strcmp(command->output, "-") == 0)
        return pv_fail(err, PV_EUSAGE,
                       "HDF5 cannot go to standard output; name a file");
    PV_TRY(pv_schema_read(command->schema, &schema, err));
    options.unit = pv_schema_unit(schema) != NULL;
    PV_TRY(pv_csv_load(command->input, schema, &options, &table, &report, err));
    say_report(command->input, &report);
    PV_TRY(pv_hdf5_write(table, command->output, command->force, err));
out:
    pv_table_free(table);
    pv_schema_free(schema);
    return status;
}

static bool ends_with(const char *text, const char *end)
{
    const size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static pv_status write_as(const pv_table *table,
                          const pv_table_command *command, pv_error *err)
{
    const char *out = command->output;
    const bool hdf5 = ends_with(out, ".h5") || ends_with(out, ".hdf5");
    if (!hdf5 && command->layout != NULL)
        return pv_fail(err, PV_EUSAGE,
                       "--layout is for HDF5; name the output FILE.h5");
    if (!hdf5)
        return pv_csv_write(table, out, command->force, err);
    if (command->layout != NULL && strcmp(command->layout, "pytables") == 0)
        return pv_hdf5_write_pytables(table, out, command->force, err);
    return pv_hdf5_write(table, out, command->force, err);
}

pv_status pv_table_export(const pv_table_command *command, pv_error *err)
{
    pv_status status = PV_OK;
    pv_schema *schema = NULL;
    pv_table *table = NULL;
    const pv_load_options options = {.values = true};
    PV_TRY(need_output(command, err));
    PV_TRY(pv_hdf5_read_schema(command->input, &schema, err));
    PV_TRY(pv_hdf5_load(command->input, schema, &options, &table, NULL, err));
    PV_TRY(write_as(table, command, err));
out:
    pv_table_free(table);
    pv_schema_free(schema);
    return status;
}
