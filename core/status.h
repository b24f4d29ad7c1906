/* core/status.h - status codes and error messages.
 *
 * Every fallible function returns a pv_status and takes a `pv_error *` as its
 * last argument, which may be NULL. On PV_OK the error is left untouched. A
 * message names the file, the place and the remedy, and never holds a value
 * read from a private table. */
#ifndef PV_CORE_STATUS_H
#define PV_CORE_STATUS_H

#include "core/api.h"

#include <stdarg.h>

/* name, number (never renumbered), program exit status, meaning */
#define PV_STATUS_LIST(X)                                                      \
    X(PV_OK, 0, 0, "success")                                                  \
    X(PV_EINVAL, 1, 1, "invalid argument")                                     \
    X(PV_EUSAGE, 2, 2, "wrong use of a command")                               \
    X(PV_ENOMEM, 3, 1, "not enough memory")                                    \
    X(PV_EIO, 4, 1, "input or output failed")                                  \
    X(PV_EFORMAT, 5, 1, "malformed file")                                      \
    X(PV_ESCHEMA, 6, 1, "malformed or unusable schema")                        \
    X(PV_EDOMAIN, 7, 1, "value outside the schema")                            \
    X(PV_EEXIST, 8, 1, "output exists already")                                \
    X(PV_ELOCKED, 9, 1, "in use by another process")                           \
    X(PV_EMISMATCH, 10, 1, "input or options changed since the run began")     \
    X(PV_ETAMPER, 11, 1, "ledger or stored answer damaged")                    \
    X(PV_EDIVERGED, 12, 1, "replay asked another question than before")        \
    X(PV_EBUDGET, 13, 5, "privacy budget refused")                             \
    X(PV_ETOOBIG, 14, 1, "more memory needed than allowed")                    \
    X(PV_ENUMERIC, 15, 1, "numerical failure")                                 \
    X(PV_EUNSUPPORTED, 16, 1, "not supported")                                 \
    X(PV_ESTOPPED, 17, 75, "stopped at a safe point")                          \
    X(PV_EINTERNAL, 18, 1, "internal error")

typedef enum pv_status {
#define PV_STATUS_ENUM(name, number, exit_status, text) name = number,
    PV_STATUS_LIST(PV_STATUS_ENUM)
#undef PV_STATUS_ENUM
} pv_status;

typedef struct pv_error {
    pv_status code;
    char message[2048];
} pv_error;

#define PV_ERROR_INIT {PV_OK, {0}}

/* The short meaning of a code, never NULL. */
PV_API const char *pv_status_text(pv_status code);

/* The exit status a program ends with after `code` (0, 1, 2, 5 or 75). */
PV_API int pv_status_exit(pv_status code);

/* Sets `err` (when not NULL) to `code` and the formatted message; returns
 * `code`, so that a caller can write `return pv_fail(err, PV_EINVAL, ...)`. */
PV_API pv_status pv_fail(pv_error *err, pv_status code, const char *fmt, ...)
    PV_PRINTF(3, 4);

/* As pv_fail, and appends ": " and the text of the current errno. */
PV_API pv_status pv_fail_errno(pv_error *err, pv_status code, const char *fmt,
                               ...) PV_PRINTF(3, 4);

/* Puts a formatted prefix and ": " before the message of `err`; returns the
 * code that `err` holds (PV_EINTERNAL when `err` is NULL). */
PV_API pv_status pv_fail_context(pv_error *err, pv_status code,
                                 const char *fmt, ...) PV_PRINTF(3, 4);

/* Propagation: leaves by the `out:` label with `status` set. */
#define PV_TRY(call)                                                           \
    do {                                                                       \
        status = (call);                                                       \
        if (status != PV_OK)                                                   \
            goto out;                                                          \
    } while (0)

/* Always-on assertion for programmer errors and privacy invariants; prints
 * the place and aborts. Not removed by NDEBUG. */
#define PV_CHECK(condition)                                                    \
    do {                                                                       \
        if (!(condition))                                                      \
            pv_check_failed(#condition, __FILE__, __LINE__);                   \
    } while (0)

PV_API void pv_check_failed(const char *condition, const char *file, int line)
    __attribute__((noreturn));

#endif
