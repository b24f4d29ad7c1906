#include "io/load.h"

#include "io/csv.h"
#include "io/hdf5.h"

#include <string.h>

pv_status pv_load(const char *path, const pv_schema *schema,
                  const pv_load_options *options, pv_table **table,
                  pv_load_report *report, pv_error *err)
{
    if (strcmp(path, "-") != 0 && pv_hdf5_detect(path))
        return pv_hdf5_load(path, schema, options, table, report, err);
    return pv_csv_load(path, schema, options, table, report, err);
}
