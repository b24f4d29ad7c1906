#include "audit/epsilon/contest.h"

#include "audit/pick.h"
#include "core/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static pv_key key_of(const pv_contest *c, uint64_t trial)
{
    pv_key key;
    unsigned char number[8];
    for (unsigned i = 0; i < sizeof number; i++)
        number[i] = (unsigned char)(trial >> 8 * i);
    pv_key_derive(&c->key, "run", number, sizeof number, &key);
    return key;
}

static uint64_t digest_of(const pv_table *table)
{
    pv_key digest;
    uint64_t number = 0;
    pv_table_digest(table, &digest);
    for (unsigned i = 0; i < sizeof number; i++)
        number = number << 8 | digest.bytes[i];
    return number;
}

static char *line_of(uint64_t trial, unsigned world, uint64_t release,
                     const pv_witness *witness)
{
    char *text = NULL;
    size_t size = 0;
    const double *x = pv_witness_features(witness);
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    (void)fprintf(out,
                  "{\"trial\":%llu,\"world\":%u,\"release\":\"%016llx\","
                  "\"rho\":%.17g,\"x\":[",
                  (unsigned long long)trial, world,
                  (unsigned long long)release, pv_witness_rho(witness));
    for (size_t i = 0; i < pv_witness_width(witness); i++)
        (void)fprintf(out, i > 0 ? ",%.9g" : "%.9g", x[i]);
    (void)fputs("]}\n", out);
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}

pv_status pv_contest_play(void *contest, uint64_t trial, char **line,
                          pv_error *err)
{
    pv_status status = PV_OK;
    const pv_contest *c = contest;
    const pv_pair *pair = &c->pair[trial % c->pairs];
    pv_witness *witness = c->witness[trial % c->pairs];
    const unsigned world = (unsigned)(trial / c->pairs % 2);
    pv_key key = key_of(c, trial);
    pv_trained *trained = NULL;
    pv_table *release = NULL;
    pv_witness_begin(witness);
    if (pv_subject_ours(c->subject) != NULL)
        pv_mechanism_listen(pv_subject_ours(c->subject), pv_witness_hear,
                            witness);
    PV_TRY(pv_subject_train_file(c->subject, pair->table[world],
                                 pair->path[world], c->most, &key, c->scratch,
                                 &trained, err));
    PV_TRY(pv_trained_release(trained, c->rows, &release, err));
    pv_witness_see(witness, release, pv_trained_outside(trained));
    *line = line_of(trial, world, digest_of(release), witness);
    if (*line == NULL)
        status = pv_fail_memory(err, "a run");
out:
    pv_table_free(release);
    pv_trained_free(trained);
    pv_key_wipe(&key);
    return status;
}
