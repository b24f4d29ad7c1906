/* audit/report/text.h - texts of strangers, made harmless for a page.
 *
 * Names of columns, labels and reasons come from files. What XML has no place for
 * (control characters, bytes that are no UTF-8, surrogates, U+FFFE and U+FFFF) and
 * what reorders its surroundings (overrides and embeddings of direction) becomes
 * U+FFFD. Markup needs nothing here: the writer escapes. */
#ifndef PV_AUDIT_REPORT_TEXT_H
#define PV_AUDIT_REPORT_TEXT_H

#include "audit/findings.h"
#include "core/api.h"

#include <stddef.h>

/* A clean copy: free(); NULL on short memory. Tabs and line ends become blanks. */
PV_API char *pv_text_clean(const char *text);

/* A clean copy of at most `most` characters (code points), the last of them an
 * ellipsis when something was cut. */
PV_API char *pv_text_clip(const char *text, size_t most);

/* The columns of a scope, each isolated in its direction, joined by " × ", with
 * what else the scope says; free(). "" for the whole table. */
PV_API char *pv_text_scope(const pv_scope *scope);

/* A number with at most `digits` significant digits, as a person writes it: no
 * exponent between 1e-4 and 1e9. */
enum { PV_NUMBER_ROOM = 32 };
PV_API const char *pv_text_number(double value, int digits,
                                  char text[PV_NUMBER_ROOM]);

#endif
