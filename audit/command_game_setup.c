#include "audit/command_game.h"
#include "core/memory.h"
#include "io/load.h"
#include "io/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- settings ------------------------------------------------------------- */

static json_t *digest_table(const pv_table *table)
{
    pv_key digest;
    pv_table_digest(table, &digest);
    return pv_trials_hex(&digest);
}

static json_t *cells_of(const pv_game *game)
{
    pv_game_cell cell[PV_GAME_CELLS];
    const size_t count = pv_game_cells(game, cell);
    json_t *cells = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(
            cells, json_pack("[s, I]", cell[i].attacker,
                             (json_int_t)cell[i].rows));
    return cells;
}

static json_t *known_names(const pv_game_setup *s)
{
    json_t *names = json_array();
    for (size_t i = 0; i < s->game.known_count; i++)
        (void)json_array_append_new(
            names,
            json_string(pv_schema_column(s->schema, s->known[i])->name));
    return names;
}

static json_t *releases_of(const pv_game *game)
{
    json_t *releases = json_array();
    for (size_t i = 0; i < game->releases; i++)
        (void)json_array_append_new(releases,
                                    json_integer((json_int_t)game->release[i]));
    return releases;
}

static json_t *orders_of(const pv_game *game)
{
    char text[32] = "";
    for (unsigned k = 0; k < 32; k++)
        if (game->orders >> k & 1)
            (void)snprintf(text + strlen(text), sizeof text - strlen(text),
                           "%s%u", text[0] != '\0' ? "," : "", k);
    return json_string(text);
}

static json_t *faces_of(const pv_coins *coins)
{
    json_t *faces = json_array();
    for (uint32_t i = 0; i < coins->faces; i++)
        (void)json_array_append_new(faces, json_integer(coins->face[i]));
    return faces;
}

/* How the numeric classes were cut, if they were. */
static json_t *classes_of(const pv_game_setup *s)
{
    pv_key digest;
    static const pv_key zero = {{0}};
    const uint32_t codes =
        pv_schema_column(s->schema, s->secret.column)->levels;
    pv_key_derive(&zero, "classes", s->secret.class,
                  codes * sizeof *s->secret.class, &digest);
    return pv_trials_hex(&digest);
}

static pv_status make_settings(const pv_game_options *o, pv_game_setup *s,
                               pv_error *err)
{
    const pv_game *g = &s->game;
    s->settings = json_pack(
        "{s:i, s:o, s:o, s:s, s:b, s:s, s:o, s:o, s:o, s:I, s:o, s:o, s:I, "
        "s:i, s:b, s:o, s:{s:s, s:s, s:I, s:I, s:I}}",
        "format", 1, "schema", pv_trials_text_digest(pv_schema_json(s->schema)),
        "real", digest_table(s->real), "mechanism", o->mechanism, "no_noise", o->no_noise, "secret",
        o->secret, "classes", classes_of(s), "faces", faces_of(&s->coins),
        "known", known_names(s), "people", (json_int_t)g->people, "releases",
        releases_of(g), "orders", orders_of(g), "queries",
        (json_int_t)g->queries, "solvers", (int)g->solvers, "coin_secrets",
        g->coin_secrets, "cells", cells_of(g), "about", "real", o->real,
        "schema", o->schema, "rows", (json_int_t)pv_table_rows(s->real),
        "columns", (json_int_t)pv_schema_columns(s->schema), "trials",
        (json_int_t)o->trials);
    if (s->settings != NULL)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE,
                   "the options cannot be noted: names and paths must be UTF-8");
}

pv_status pv_game_set_key(pv_game_setup *s, const pv_key *key, pv_error *err)
{
    pv_key digest;
    s->game.key = *key;
    pv_key_derive(key, "the game", NULL, 0, &digest);
    return json_object_set_new(s->settings, "key", pv_trials_hex(&digest)) == 0
               ? PV_OK
               : pv_fail_memory(err, "the settings");
}

/* --- tables and terms ----------------------------------------------------- */

static pv_status check_secret(const pv_schema *schema, const char *name,
                              uint32_t *column, pv_error *err)
{
    const ptrdiff_t found = pv_schema_find(schema, name);
    if (found < 0)
        return pv_fail(err, PV_EUSAGE,
                       "--secret: the schema has no column \"%s\"", name);
    if (pv_schema_root(schema, (size_t)found) != (uint32_t)found)
        return pv_fail(err, PV_EUSAGE,
                       "--secret: \"%s\" follows from \"%s\" by the schema; "
                       "choose that one",
                       name,
                       pv_schema_column(schema, pv_schema_root(
                                                    schema, (size_t)found))
                           ->name);
    *column = (uint32_t)found;
    return PV_OK;
}

static pv_status load_real(const pv_game_options *o, pv_game_setup *s,
                           pv_error *err)
{
    pv_status status = PV_OK;
    const pv_load_options how = {.values = true,
                                 .ignore_extra = o->ignore_extra,
                                 .private_rows = true};
    PV_TRY(pv_schema_read(o->schema, &s->schema, err));
    if (pv_schema_unit(s->schema) != NULL) {
        status = pv_fail(err, PV_EUNSUPPORTED,
                         "%s: the game is about rows, not about persons with "
                         "several; leave \"unit\" out of the schema and give a "
                         "table of one row a person",
                         o->schema);
        goto out;
    }
    status = pv_load(o->real, s->schema, &how, &s->real, NULL, err);
    if (status != PV_OK)
        status = pv_fail_context(err, status, "the real table");
    else if (pv_table_rows(s->real) < (size_t)o->people)
        status = pv_fail(err, PV_EUSAGE,
                         "%s has %zu rows: lower --rows-per-trial", o->real,
                         pv_table_rows(s->real));
out:
    return status;
}

/* Removes from the columns known by default those that --known does not name. */
static pv_status restrict_known(const char *names, pv_game_setup *s,
                                pv_error *err)
{
    pv_status status = PV_OK;
    bool keep[PV_MAX_COLUMNS] = {false};
    char *copy = pv_strdup(names), *rest = copy;
    if (copy == NULL)
        return pv_fail_memory(err, "the known columns");
    for (char *name; (name = strsep(&rest, ",")) != NULL;) {
        const ptrdiff_t column = pv_schema_find(s->schema, name);
        if (column < 0) {
            status = pv_fail(err, PV_EUSAGE,
                             "--known: the schema has no column \"%s\"", name);
            goto out;
        }
        if (pv_schema_root(s->schema, (size_t)column) == s->secret.column) {
            status = pv_fail(err, PV_EUSAGE,
                             "--known: \"%s\" is the secret, or follows from it",
                             name);
            goto out;
        }
        keep[column] = true;
    }
    size_t kept = 0;
    for (size_t i = 0; i < s->game.known_count; i++)
        if (keep[s->known[i]])
            s->known[kept++] = s->known[i];
    s->game.known_count = kept;
out:
    free(copy);
    return status;
}

static pv_status make_mechanism(const pv_game_options *o, pv_game_setup *s,
                                pv_error *err)
{
    const pv_subject_options options = {.schema = s->schema,
                                        .coins = &s->coins,
                                        .no_noise = o->no_noise,
                                        .ignore_extra = o->ignore_extra,
                                        .timeout = o->timeout};
    return pv_subject_make(o->mechanism, &options, &s->subject, err);
}

pv_status pv_game_set_up(const pv_game_options *o, pv_game_setup *s,
                         pv_error *err)
{
    pv_status status = PV_OK;
    uint32_t column = 0;
    PV_TRY(load_real(o, s, err));
    PV_TRY(check_secret(s->schema, o->secret, &column, err));
    PV_TRY(pv_secret_make(s->real, column, (uint32_t)o->bins, &s->secret, err));
    PV_TRY(pv_coins_make(s->real, &s->secret, &s->coins, err));
    PV_TRY(make_mechanism(o, s, err));
    s->game = (pv_game){.real = s->real,
                        .subject = s->subject,
                        .coins = &s->coins,
                        .people = (size_t)o->people,
                        .orders = o->orders,
                        .queries = (size_t)o->queries,
                        .solvers = o->solvers,
                        .coin_secrets = o->coin_secrets,
                        .memory = o->memory};
    PV_TRY(pv_game_known(s->schema, column, &s->known, &s->game.known_count,
                         err));
    if (o->known != NULL)
        PV_TRY(restrict_known(o->known, s, err));
    s->game.known = s->known;
    if (pv_subject_kind_of(s->subject) != PV_SUBJECT_GAUSSIAN) {
        s->game.releases = o->releases;
        memcpy(s->game.release, o->release, sizeof s->game.release);
    }
    PV_TRY(make_settings(o, s, err));
out:
    return status;
}

void pv_game_setup_clear(pv_game_setup *s)
{
    json_decref(s->settings);
    pv_subject_free(s->subject);
    pv_coins_clear(&s->coins);
    pv_secret_clear(&s->secret);
    pv_table_free(s->real);
    pv_schema_free(s->schema);
    free(s->known);
    pv_key_wipe(&s->game.key);
}
