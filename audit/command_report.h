/* audit/command_report.h - privet-audit report: options. Not a public header. */
#ifndef PV_AUDIT_COMMAND_REPORT_H
#define PV_AUDIT_COMMAND_REPORT_H

#include "audit/comparison.h"
#include "core/log.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { PV_MOST_FINDINGS = 64 };

typedef struct pv_report_options {
    pv_comparison_options tables;
    const char *release, *criteria, *about, *registry; /* NULL: none */
    const char *findings[PV_MOST_FINDINGS];
    size_t findings_count;
    const char *directory;
    bool shareable, force, help, version;
    long long threads; /* 0: by the environment */
    pv_log_level level;
} pv_report_options;

extern const char pv_report_help[];

PV_CHECKED pv_status pv_report_options_read(int argc, char **argv,
                                            pv_report_options *options,
                                            pv_error *err);

#endif
