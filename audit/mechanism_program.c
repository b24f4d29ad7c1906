/* Mechanisms of other makes: a program, run without a shell. */
#include "audit/external.h"
#include "audit/mechanism_internal.h"
#include "core/memory.h"
#include "core/words.h"
#include "io/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The command line of one training; NULL on short memory. */
static char **fill_words(const pv_subject *s, const char *in, const char *out,
                         const char *rows, const char *seed)
{
    const char *const value[][2] = {
        {"{in}", in}, {"{out}", out}, {"{rows}", rows}, {"{seed}", seed}};
    size_t count = 0;
    while (s->word[count] != NULL)
        count++;
    char **filled = pv_array_calloc(count + 1, sizeof *filled);
    for (size_t i = 0; filled != NULL && i < count; i++) {
        char *word = pv_strdup(s->word[i]);
        for (size_t k = 0; word != NULL && k < sizeof value / sizeof *value;
             k++) {
            char *next = pv_word_replace(word, value[k][0], value[k][1]);
            free(word);
            word = next;
        }
        filled[i] = word;
        if (word == NULL) {
            pv_words_free(filled);
            return NULL;
        }
    }
    return filled;
}

static uint64_t seed_of(const pv_key *key)
{
    pv_key seed;
    uint64_t number = 0;
    pv_key_derive(key, "seed", NULL, 0, &seed);
    for (unsigned i = 0; i < sizeof number; i++)
        number = number << 8 | seed.bytes[i];
    return number >> 1;
}

/* What a program writes in other words than the schema's would count as missing,
 * and look as if nothing leaked. */
static pv_status read_written(pv_trained *t, const char *out, pv_error *err)
{
    const pv_subject_options *o = &t->subject->options;
    const pv_load_options how = {.ignore_extra = o->ignore_extra};
    pv_load_report report;
    const char *name = t->subject->word[0];
    const pv_status status =
        pv_load(out, o->schema, &how, &t->written, &report, err);
    if (status != PV_OK)
        return pv_fail_context(err, status, "what %s wrote to {out}", name);
    t->outside = report.clamped + report.to_missing + report.to_other;
    if (2 * report.to_missing > report.rows)
        return pv_fail(err, PV_EDOMAIN,
                       "what %s wrote to {out}: %llu values in %llu rows are "
                       "none of the schema's; have it write labels and numbers "
                       "as they are in {in}",
                       name, (unsigned long long)report.to_missing,
                       (unsigned long long)report.rows);
    return PV_OK;
}

pv_status pv_program_train(pv_trained *t, const char *in, size_t most,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const pv_subject *s = t->subject;
    char rows[32], seed[32];
    char *log = pv_sprintf_alloc("%s/log", t->scratch);
    char *out = pv_sprintf_alloc("%s/out.csv", t->scratch);
    char **word = NULL;
    (void)snprintf(rows, sizeof rows, "%zu", most);
    (void)snprintf(seed, sizeof seed, "%llu",
                   (unsigned long long)seed_of(&t->key));
    if (log != NULL && out != NULL)
        word = fill_words(s, in, out, rows, seed);
    if (word == NULL) {
        status = pv_fail_memory(err, "the command");
        goto out;
    }
    PV_TRY(pv_external_run(word, log, s->options.timeout, err));
    PV_TRY(read_written(t, out, err));
out:
    pv_words_free(word);
    free(log);
    free(out);
    return status;
}
