/* io/textmap.h - a hash map from text to a number (internal).
 *
 * Open addressing on the length and the first eight bytes, so that short
 * labels are found without touching anything but their slot. The hash is
 * seeded at random: a hostile file cannot aim for collisions. Texts are copied
 * and wiped when the map is freed, since they may be private. */
#ifndef PV_IO_TEXTMAP_H
#define PV_IO_TEXTMAP_H

#include "core/status.h"

#include <stddef.h>
#include <stdint.h>

typedef struct pv_textmap pv_textmap;

#define PV_TEXTMAP_NONE UINT32_MAX

/* NULL when memory is short. */
pv_textmap *pv_textmap_alloc(void);
void pv_textmap_free(pv_textmap *map); /* NULL is legal */

/* The number of a text, or PV_TEXTMAP_NONE. */
uint32_t pv_textmap_find(const pv_textmap *map, const char *text,
                         size_t length);

/* The number the map holds for a text: `number` when the text is new. */
PV_CHECKED pv_status pv_textmap_add(pv_textmap *map, const char *text,
                                    size_t length, uint32_t number,
                                    uint32_t *held, pv_error *err);

size_t pv_textmap_count(const pv_textmap *map);

#endif
