/* What is asked of a job. */
#include "gen/pe/steps_internal.h"

#include "core/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Degrees to six digits: their last bits may differ on another processor. */
static json_t *degree_of(const pv_variation *how)
{
    char text[32];
    if (how == NULL)
        return json_null();
    (void)snprintf(text, sizeof text, "%.6g", how->degree);
    return json_real(strtod(text, NULL));
}

static json_t *line_of(const pv_steps_source *s, const pv_wishes *all, size_t i)
{
    char room[PV_CLASS_ROOM];
    const pv_wish *w = &all->wish[i];
    const bool first = all->how == NULL;
    const char *reference = first ? NULL : s->made.payload[w->id];
    const uint64_t seed =
        pv_source_seed(&s->source, pv_variation_purpose(all->how),
                       first ? 0 : all->how->step, i);
    return json_pack("{s:I, s:s, s:o, s:s?, s:s, s:I, s:o, s:I, s:I}",
                     "req_id", (json_int_t)i, "op", first ? "random" : "vary",
                     "parent_id",
                     first ? json_null() : json_integer((json_int_t)w->id),
                     "parent_payload_ref", reference, "label",
                     pv_class_text(s->schema, w->class, room), "label_code",
                     (json_int_t)w->class, "degree", degree_of(all->how),
                     "n_var", (json_int_t)w->children, "seed",
                     (json_int_t)seed);
}

static bool put_lines(FILE *out, const pv_steps_source *s, const pv_wishes *all)
{
    bool put = true;
    for (size_t i = 0; put && i < all->count; i++) {
        json_t *line = line_of(s, all, i);
        put = line != NULL &&
              json_dumpf(line, out, JSON_COMPACT | JSON_REAL_PRECISION(6)) ==
                  0 &&
              fputc('\n', out) != EOF;
        json_decref(line);
    }
    return put;
}

pv_status pv_steps_request(const pv_steps_source *steps,
                           const pv_wishes *wishes, char **text, size_t *size,
                           pv_error *err)
{
    char *written = NULL;
    FILE *out = open_memstream(&written, size);
    bool put = out != NULL && put_lines(out, steps, wishes);
    if (out != NULL)
        put = fclose(out) == 0 && put;
    if (!put) {
        free(written);
        return pv_fail_memory(err, "a request");
    }
    *text = written;
    return PV_OK;
}
