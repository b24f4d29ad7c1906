/* audit/attack/describe.h - descriptions that fit exactly one row of a table.
 *
 * Found in the synthetic table, to be tried on the real one. */
#ifndef PV_AUDIT_ATTACK_DESCRIBE_H
#define PV_AUDIT_ATTACK_DESCRIBE_H

#include "audit/attack/predicate.h"
#include "core/api.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/table.h"

#include <stddef.h>

/* All different. */
typedef struct pv_descriptions {
    size_t count, room;
    pv_predicate *predicate;
} pv_descriptions;

PV_API void pv_descriptions_clear(pv_descriptions *found);

/* Of one column: a code that one row has, and the least and greatest number
 * where one row has it. At most `asked`, drawn from all there are. */
PV_API PV_CHECKED pv_status pv_describe_by_one(const pv_table *table,
                                               size_t asked, const pv_key *key,
                                               pv_descriptions *found,
                                               pv_error *err);

/* Of three columns of a random row; where these give fewer than asked for, of
 * six, then of twelve (at most all there are). May find fewer. */
PV_API PV_CHECKED pv_status pv_describe_by_many(const pv_table *table,
                                                size_t asked,
                                                const pv_key *key,
                                                pv_descriptions *found,
                                                pv_error *err);

#endif
