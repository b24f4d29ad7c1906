/* audit/report/xhtml.h - a document as one XHTML page that needs nothing else. */
#ifndef PV_AUDIT_REPORT_XHTML_H
#define PV_AUDIT_REPORT_XHTML_H

#include "audit/report/document.h"
#include "core/api.h"
#include "core/status.h"

#include <stddef.h>

/* The page (free()), well-formed as XML and read the same way as HTML: inline style
 * and figures, no script, no request. */
PV_API PV_CHECKED pv_status pv_xhtml(const pv_document *document, char **text,
                                     size_t *size, pv_error *err);

#endif
