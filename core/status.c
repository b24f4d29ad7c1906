#include "core/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *pv_status_text(pv_status code)
{
    switch (code) {
#define PV_STATUS_TEXT(name, number, exit_status, text)                        \
    case name:                                                                 \
        return text;
        PV_STATUS_LIST(PV_STATUS_TEXT)
#undef PV_STATUS_TEXT
    }
    return "unknown status";
}

int pv_status_exit(pv_status code)
{
    switch (code) {
#define PV_STATUS_EXIT(name, number, exit_status, text)                        \
    case name:                                                                 \
        return exit_status;
        PV_STATUS_LIST(PV_STATUS_EXIT)
#undef PV_STATUS_EXIT
    }
    return 1;
}

pv_status pv_fail(pv_error *err, pv_status code, const char *fmt, ...)
{
    if (err != NULL) {
        va_list args;
        err->code = code;
        va_start(args, fmt);
        (void)vsnprintf(err->message, sizeof err->message, fmt, args);
        va_end(args);
    }
    return code;
}

pv_status pv_fail_errno(pv_error *err, pv_status code, const char *fmt, ...)
{
    const int saved = errno;
    if (err != NULL) {
        va_list args;
        err->code = code;
        va_start(args, fmt);
        (void)vsnprintf(err->message, sizeof err->message, fmt, args);
        va_end(args);
        const size_t used = strlen(err->message);
        (void)snprintf(err->message + used, sizeof err->message - used,
                       ": %s", strerror(saved));
    }
    return code;
}

pv_status pv_fail_context(pv_error *err, pv_status code, const char *fmt, ...)
{
    if (err != NULL) {
        char old[sizeof err->message];
        va_list args;
        memcpy(old, err->message, sizeof old);
        va_start(args, fmt);
        (void)vsnprintf(err->message, sizeof err->message, fmt, args);
        va_end(args);
        const size_t used = strlen(err->message);
        (void)snprintf(err->message + used, sizeof err->message - used,
                       ": %s", old);
        err->code = code;
    }
    return code;
}

void pv_check_failed(const char *condition, const char *file, int line)
{
    (void)fprintf(stderr, "privet: internal check failed: %s (%s:%d)\n",
                  condition, file, line);
    abort();
}
