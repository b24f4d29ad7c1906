/* io/draft.h - a first schema from data that is already public.
 *
 * Everything a draft says comes from the data: names, labels, ranges. Drafting
 * from private data would publish them, so callers ask first. */
#ifndef PV_IO_DRAFT_H
#define PV_IO_DRAFT_H

#include "core/api.h"
#include "core/status.h"

/* Reads a CSV or CSV.gz ("-": standard input) and makes a Table Schema as
 * indented JSON (free()): types, at most 200 labels a column, ranges rounded
 * outward, missing texts among "", NA, N, ? and null. `delimiter` 0: detect. */
PV_API PV_CHECKED pv_status pv_schema_draft(const char *path, char delimiter,
                                            char **json, pv_error *err);

#endif
