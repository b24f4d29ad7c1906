/* core/words.h - a command line as words, without a shell. */
#ifndef PV_CORE_WORDS_H
#define PV_CORE_WORDS_H

#include "core/api.h"
#include "core/status.h"

#include <stddef.h>

/* Splits at blanks as a shell does: '...' is taken as it is, in "..." and
 * outside a backslash takes the next character as it is (in "..." only one of
 * " \ $ `). Nothing is expanded; an unquoted | & ; < > ( ) is PV_EUSAGE, because
 * whoever writes it expects a shell, and so is a quote that is not closed. The
 * array ends with NULL; pv_words_free() it. */
PV_API PV_CHECKED pv_status pv_words_split(const char *text, char ***words,
                                           size_t *count, pv_error *err);
PV_API void pv_words_free(char **words); /* NULL is legal */

/* A copy (free()) of `word` with every `name` (as "{in}") replaced by `value`;
 * NULL on short memory. */
PV_API char *pv_word_replace(const char *word, const char *name,
                             const char *value);

#endif
