/* The published marginals against the ledger: each must be, to the count, the
 * answer of the question that paid for it. */
#include "audit/report/claim_internal.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

static const char uncharged[] = "a published marginal was never charged";

static bool same_clique(const pv_measurement *m, const pv_schema *schema,
                        const json_t *clique)
{
    if (json_array_size(clique) != m->columns)
        return false;
    for (size_t i = 0; i < m->columns; i++) {
        const char *name = json_string_value(json_array_get(clique, i));
        const char *column = pv_schema_column(schema, m->column[i])->name;
        if (name == NULL || strcmp(name, column) != 0)
            return false;
    }
    return true;
}

static bool same_noise(const pv_measurement *m, const char *stated)
{
    char sigma2[64];
    (void)snprintf(sigma2, sizeof sigma2, "%llu/%llu",
                   (unsigned long long)m->sigma2_num,
                   (unsigned long long)m->sigma2_den);
    return stated != NULL && strcmp(stated, sigma2) == 0;
}

/* The hash of the line that answers question `sequence`. */
static const char *answer_of(const json_t *bodies, json_int_t sequence)
{
    size_t i;
    const json_t *body;
    json_array_foreach (bodies, i, body) {
        const char *kind = json_string_value(json_object_get(body, "kind"));
        if (kind != NULL && strcmp(kind, "commit") == 0 &&
            json_integer_value(json_object_get(body, "sequence")) == sequence)
            return json_string_value(json_object_get(body, "answer"));
    }
    return NULL;
}

/* The marginals of one question, from `*next` on; NULL when they fit. */
static const char *compare_question(const pv_release *r, const json_t *question,
                                    const char *answer, size_t *next)
{
    unsigned char hash[crypto_generichash_BYTES];
    char hex[2 * sizeof hash + 1];
    crypto_generichash_state state;
    size_t i;
    const json_t *clique, *sigma2 = json_object_get(question, "sigma2");
    (void)crypto_generichash_init(&state, NULL, 0, sizeof hash);
    json_array_foreach (json_object_get(question, "cliques"), i, clique) {
        if (*next == r->count)
            return "a marginal that was charged is not published";
        const pv_measurement *m = &r->measurements[(*next)++];
        if (!same_clique(m, r->schema, clique) ||
            !same_noise(m, json_string_value(json_array_get(sigma2, i))) ||
            m->counts == NULL)
            return uncharged;
        (void)crypto_generichash_update(&state,
                                        (const unsigned char *)m->counts,
                                        m->cells * sizeof *m->counts);
    }
    (void)crypto_generichash_final(&state, hash, sizeof hash);
    (void)sodium_bin2hex(hex, sizeof hex, hash, sizeof hash);
    return answer != NULL && strcmp(answer, hex) == 0
               ? NULL
               : "published counts are not those that were answered";
}

const char *pv_claim_answers(const pv_release *release, const json_t *bodies)
{
    size_t i, next = 0;
    const json_t *body;
    json_array_foreach (bodies, i, body) {
        const json_t *question = json_object_get(body, "question");
        const char *kind = json_string_value(json_object_get(body, "kind"));
        const char *ask = json_string_value(json_object_get(question, "ask"));
        if (kind == NULL || strcmp(kind, "reserve") != 0 || ask == NULL ||
            strcmp(ask, "measure") != 0)
            continue; /* nothing else is charged and published as counts */
        const json_int_t sequence =
            json_integer_value(json_object_get(body, "sequence"));
        const char *problem = compare_question(
            release, question, answer_of(bodies, sequence), &next);
        if (problem != NULL)
            return problem;
    }
    return next == release->count ? NULL : uncharged;
}
