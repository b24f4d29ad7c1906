/* audit/attack/people.h - some of the people of a table. */
#ifndef PV_AUDIT_ATTACK_PEOPLE_H
#define PV_AUDIT_ATTACK_PEOPLE_H

#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

#include <stddef.h>
#include <stdint.h>

/* `count` of the numbers 0 .. of-1, without replacement, in random order; count
 * is at most `of`, which is below 2^32. PV_ENOMEM alone. */
PV_API PV_CHECKED pv_status pv_people_draw(pv_stream *stream, size_t of,
                                           size_t count, uint32_t *row,
                                           pv_error *err);

/* A table of rows row[0..count-1] of `from`, then of rows more_row[0..more-1]
 * of `and` (of the same schema; NULL with more = 0). Numbers kept beside codes
 * are not copied. */
PV_API PV_CHECKED pv_status pv_people_take(const pv_table *from,
                                           const uint32_t *row, size_t count,
                                           const pv_table *and,
                                           const uint32_t *more_row,
                                           size_t more, pv_table **people,
                                           pv_error *err);

#endif
