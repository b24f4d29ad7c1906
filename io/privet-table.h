/* io/privet-table.h - what the parts of the program privet-table share. */
#ifndef PV_IO_PRIVET_TABLE_H
#define PV_IO_PRIVET_TABLE_H

#include "core/status.h"

#include <stdbool.h>

typedef struct pv_table_command {
    const char *input;
    const char *output; /* NULL: not given */
    const char *schema;
    const char *layout; /* NULL, "native" or "pytables" */
    char delimiter;     /* 0: detect */
    bool force, ignore_extra, from_public_data;
} pv_table_command;

typedef pv_status pv_table_run(const pv_table_command *command, pv_error *err);

pv_table_run pv_table_check, pv_table_draft, pv_table_import, pv_table_export,
    pv_table_info, pv_table_schema_of;

#endif
