#include "core/words.h"

#include "core/memory.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One word from *text on into `word`, which has room for all of the text.
 * Returns NULL, or what is wrong. */
static const char *take_word(const char **text, char *word)
{
    const char *at = *text;
    char quote = '\0';
    for (; *at != '\0' && (quote != '\0' || strchr(" \t\n", *at) == NULL);
         at++) {
        if (quote == '\0' && strchr("|&;<>()", *at) != NULL)
            return "there is no shell: quote the characters | & ; < > ( ), or "
                   "put the command line in a script";
        if (quote == '\0' && (*at == '\'' || *at == '"')) {
            quote = *at;
        } else if (*at == quote) {
            quote = '\0';
        } else if (*at == '\\' && quote != '\'') {
            const bool escapes = at[1] != '\0' &&
                                 (quote == '\0' ||
                                  strchr("\"\\$`", at[1]) != NULL);
            at += escapes;
            *word++ = *at;
        } else {
            *word++ = *at;
        }
    }
    *word = '\0';
    *text = at;
    return quote != '\0' ? "a quote is not closed" : NULL;
}

pv_status pv_words_split(const char *text, char ***words, size_t *count,
                         pv_error *err)
{
    pv_status status = PV_OK;
    /* a word a character at most, with a blank between */
    const size_t most = strlen(text) / 2 + 2;
    char **list = pv_array_calloc(most, sizeof *list);
    char *word = pv_array_alloc(strlen(text) + 1, 1);
    size_t n = 0;
    if (list == NULL || word == NULL) {
        status = pv_fail_memory(err, "the command");
        goto out;
    }
    for (const char *at = text + strspn(text, " \t\n"); *at != '\0';
         at += strspn(at, " \t\n")) {
        const char *wrong = take_word(&at, word);
        if (wrong != NULL) {
            status = pv_fail(err, PV_EUSAGE, "\"%s\": %s", text, wrong);
            goto out;
        }
        list[n] = pv_strdup(word);
        if (list[n] == NULL) {
            status = pv_fail_memory(err, "the command");
            goto out;
        }
        n++;
    }
    *words = list;
    *count = n;
    list = NULL;
out:
    free(word);
    pv_words_free(list);
    return status;
}

void pv_words_free(char **words)
{
    for (size_t i = 0; words != NULL && words[i] != NULL; i++)
        free(words[i]);
    free(words);
}

char *pv_word_replace(const char *word, const char *name, const char *value)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL)
        return NULL;
    for (const char *next; (next = strstr(word, name)) != NULL;
         word = next + strlen(name))
        (void)fprintf(out, "%.*s%s", (int)(next - word), word, value);
    (void)fputs(word, out);
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        free(text);
        return NULL;
    }
    return text;
}
