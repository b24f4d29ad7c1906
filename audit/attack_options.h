/* audit/attack_options.h - the command line of privet-audit attack. */
#ifndef PV_AUDIT_ATTACK_OPTIONS_H
#define PV_AUDIT_ATTACK_OPTIONS_H

#include "audit/output.h"
#include "core/log.h"
#include "core/status.h"
#include "core/stream.h"
#include "io/schema.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct pv_attack_options {
    const char *real, *synthetic, *schema, *holdout, *secret, *known;
    const char *order; /* as it was written; NULL: the usual */
    pv_output output;
    pv_key key;
    unsigned orders, solvers; /* orders 0: the usual */
    uint32_t secret_bins;
    size_t people, targets, attacks, queries; /* 0: all (attacks: never 0) */
    size_t memory;
    long long threads;
    bool ignore_extra, help, version;
    pv_log_level level;
} pv_attack_options;

/* Strings point into argv. */
PV_CHECKED pv_status pv_attack_options_read(int argc, char **argv,
                                            pv_attack_options *options,
                                            pv_error *err);
extern const char pv_attack_help[];

/* "2,3" to bits 2 and 3; PV_EUSAGE. */
PV_CHECKED pv_status pv_orders_parse(const char *text, unsigned *orders,
                                     pv_error *err);

/* The secret: --secret, else the schema's one column of that role. */
PV_CHECKED pv_status pv_attack_secret(const pv_attack_options *options,
                                      const pv_schema *schema,
                                      uint32_t *column, pv_error *err);

/* What is known: --known, else the quasi-identifiers that the schema names,
 * else every column but the secret. Increasing; free(). */
PV_CHECKED pv_status pv_attack_known(const pv_attack_options *options,
                                     const pv_schema *schema, uint32_t secret,
                                     uint32_t **known, size_t *count,
                                     pv_error *err);

#endif
