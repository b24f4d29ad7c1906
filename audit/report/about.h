/* audit/report/about.h - what people say of a release: who asks, for what, under
 * which conditions. A JSON object of texts by known keys; all are optional. */
#ifndef PV_AUDIT_REPORT_ABOUT_H
#define PV_AUDIT_REPORT_ABOUT_H

#include "core/api.h"
#include "core/status.h"

#include <stddef.h>

typedef struct pv_about pv_about;

typedef enum pv_about_part {
    PV_ABOUT_REQUEST,
    PV_ABOUT_FIVE_SAFES,
    PV_ABOUT_DATA,
    PV_ABOUT_PRIVACY,
    PV_ABOUT_USES,
    PV_ABOUT_LIMITS,
    PV_ABOUT_REGISTRY
} pv_about_part;

typedef struct pv_about_key {
    const char *key, *title;
    pv_about_part part;
} pv_about_key;

/* All keys, in the order of the report; a NULL key behind the last. */
PV_API const pv_about_key *pv_about_keys(void);

/* An unknown key, or a value that is no text, is PV_EFORMAT. */
PV_API PV_CHECKED pv_status pv_about_read(const char *path, pv_about **about,
                                          pv_error *err);
PV_API PV_CHECKED pv_status pv_about_parse(const char *text, size_t size,
                                           const char *name, pv_about **about,
                                           pv_error *err);
PV_API void pv_about_free(pv_about *about); /* NULL is legal */

/* The text of a key, or NULL where it is not stated (or `about` is NULL). */
PV_API const char *pv_about_text(const pv_about *about, const char *key);

#endif
