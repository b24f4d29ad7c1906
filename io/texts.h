/* io/texts.h - different texts, numbered as they come (internal). They may be
 * private: all memory is wiped before it is freed. */
#ifndef PV_IO_TEXTS_H
#define PV_IO_TEXTS_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_texts pv_texts;

pv_texts *pv_texts_alloc(void); /* NULL when memory is short */
void pv_texts_free(pv_texts *texts); /* NULL is legal */

/* The number of a text, from 0; a new one gets the next. */
PV_CHECKED pv_status pv_texts_add(pv_texts *texts, const char *text,
                                  size_t length, uint32_t *number,
                                  pv_error *err);
size_t pv_texts_count(const pv_texts *texts);
/* Text i: `*length` bytes, not terminated; valid until the next is added. */
const char *pv_texts_at(const pv_texts *texts, size_t i, size_t *length);

#endif
