#include "audit/summary.h"

#include "audit/summary_text.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *option(const pv_findings *f, const char *name)
{
    const char *value = pv_findings_option(f, name);
    return value != NULL ? value : "";
}

static bool is_on(const pv_findings *f, const char *name)
{
    return strcmp(option(f, name), "true") == 0;
}

static size_t known_columns(const pv_findings *f)
{
    json_t *names = json_loads(option(f, "known"), 0, NULL);
    const size_t count = json_array_size(names);
    json_decref(names);
    return count;
}

/* 10000 as 10,000. */
static void put_count(FILE *out, unsigned long long n)
{
    if (n >= 1000) {
        put_count(out, n / 1000);
        fprintf(out, ",%03llu", n % 1000);
    } else {
        fprintf(out, "%llu", n);
    }
}

/* --- the table ------------------------------------------------------------ */

/* "game.<attacker>.accuracy[.rows.<rows>]" in its parts; rows 0: none. */
static bool parse_id(const char *id, char attacker[32], unsigned long long *rows)
{
    char what[32];
    *rows = 0;
    const int fields = sscanf(id, "game.%31[^.].%31[^.].rows.%llu", attacker,
                              what, rows);
    return fields >= 2 && strcmp(what, "accuracy") == 0;
}

static void put_interval(FILE *out, const pv_metric *m)
{
    if (m != NULL && m->status == PV_METRIC_OK)
        fprintf(out, "  %6.3f  %5.3f to %5.3f", m->value, m->ci[0], m->ci[1]);
    else
        fprintf(out, "  %6s  %14s", "-", "");
}

static const pv_metric *sibling(const pv_findings *f, const char *attacker,
                                const char *what, unsigned long long rows)
{
    char id[96];
    if (rows > 0)
        (void)snprintf(id, sizeof id, "game.%s.%s.rows.%llu", attacker, what,
                       rows);
    else
        (void)snprintf(id, sizeof id, "game.%s.%s", attacker, what);
    return pv_findings_find(f, id);
}

static void put_row(FILE *out, const pv_findings *f, const pv_metric *accuracy,
                    const char *attacker, unsigned long long rows)
{
    if (rows > 0)
        fprintf(out, "  %11llu", rows);
    else
        fprintf(out, "  %11s", strcmp(attacker, "whitebox") == 0 ? "marginals"
                                                                 : "answers");
    fprintf(out, "  %-9s", attacker);
    put_interval(out, accuracy);
    put_interval(out, sibling(f, attacker, "auc", rows));
    if (accuracy->reason != NULL)
        fprintf(out, "  %s", accuracy->reason);
    putc('\n', out);
}

static void put_table(FILE *out, const pv_findings *f, bool colour)
{
    fprintf(out, "\n%s  %11s  %-9s  %6s  %-14s  %6s  %s%s\n",
            colour ? "\033[1m" : "", "rows", "attacker", "right", "95 %", "AUC",
            "95 %", colour ? "\033[0m" : "");
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        char attacker[32];
        unsigned long long rows;
        const pv_metric *m = pv_findings_metric(f, i);
        if (parse_id(m->id, attacker, &rows))
            put_row(out, f, m, attacker, rows);
    }
}

/* --- the sentence --------------------------------------------------------- */

/* The best attacker on the largest release; where none was chosen, whoever gets
 * most right. */
static const pv_metric *most_right(const pv_findings *f, char attacker[32],
                                   unsigned long long *rows)
{
    const pv_metric *most = NULL;
    bool chosen = false;
    for (size_t i = 0; i < pv_findings_count(f); i++) {
        char name[32];
        unsigned long long n;
        const pv_metric *m = pv_findings_metric(f, i);
        if (!parse_id(m->id, name, &n) || m->status != PV_METRIC_OK)
            continue;
        const bool best = strcmp(name, "best") == 0;
        if (most != NULL &&
            (best < chosen ||
             (best == chosen && (best ? n <= *rows : m->value <= most->value))))
            continue;
        most = m;
        chosen = best;
        *rows = n;
        memcpy(attacker, name, sizeof name);
    }
    return most;
}

static void put_sentence(FILE *out, const pv_findings *f)
{
    char attacker[32] = "";
    unsigned long long rows = 0;
    const pv_metric *m = most_right(f, attacker, &rows);
    const unsigned long faces = strtoul(option(f, "faces"), NULL, 10);
    if (m == NULL || faces < 2)
        return;
    fputs("\nSomeone who knows ", out);
    put_count(out, strtoull(option(f, "rows-per-trial"), NULL, 10));
    fprintf(out, " people's other %zu columns and sees ", known_columns(f));
    if (rows > 0) {
        fputs("a release of ", out);
        put_count(out, rows);
        fputs(" rows\n", out);
    } else {
        fputs(strcmp(attacker, "whitebox") == 0 ? "the noisy marginals\n"
                                                : "noisy answers\n",
              out);
    }
    if (faces == 2)
        fputs("tells a fair coin of theirs", out);
    else
        fprintf(out, "tells which of %lu equally likely secrets is theirs",
                faces);
    fprintf(out, " in %.0f %% of cases (95 %%: %.0f to %.0f %%); %.0f %% is "
                 "guessing.\n",
            100 * m->value, 100 * m->ci[0], 100 * m->ci[1],
            100.0 / (double)faces);
}

void pv_summary_game(FILE *out, const pv_findings *f, bool colour)
{
    const pv_input *real = pv_findings_input(f, "real");
    fputs("The coin-flip game: how often attackers guess a fair coin that "
          "replaced one person's\n",
          out);
    pv_summary_text(out, option(f, "secret"));
    fputs(", from a release trained with it. Chance is the base: no table makes "
          "the coin more\nlikely to fall on one side, so what is right beyond "
          "it is the person's own leakage.\n\n  mechanism  ",
          out);
    pv_summary_text(out, option(f, "mechanism"));
    if (is_on(f, "no-noise"))
        fputs("\n             without noise (--no-noise)", out);
    if (is_on(f, "coin-secrets"))
        fputs("\n  control    everyone's secret is a coin (--coin-secrets)",
              out);
    if (real != NULL) {
        fputs("\n  real       ", out);
        pv_summary_text(out, real->path);
        fprintf(out, "  (%lld rows)", (long long)real->rows);
    }
    fprintf(out, "\n  trials     %s of %s people, queries of order %s\n",
            option(f, "trials"), option(f, "rows-per-trial"),
            option(f, "order"));
    put_table(out, f, colour);
    put_sentence(out, f);
    fputs("\nInternal: these figures say how much of the real table leaks; "
          "publish them with care.\n",
          out);
}
