#include "audit/command_epsilon.h"

#include "audit/attack/people.h"
#include "audit/pick.h"
#include "core/memory.h"
#include "core/scratch.h"
#include "dp/account.h"
#include "io/load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* --- schema, mechanism, claim --------------------------------------------- */

static pv_status make_schema(const pv_epsilon_options *o, pv_epsilon_setup *s,
                             pv_error *err)
{
    if (o->schema == NULL)
        return pv_pair_schema((size_t)(o->columns > 0 ? o->columns : 3),
                              (uint32_t)(o->levels > 0 ? o->levels : 2),
                              (uint32_t)o->person_rows, &s->schema, err);
    const pv_status status = pv_schema_read(o->schema, &s->schema, err);
    if (status != PV_OK || pv_schema_unit(s->schema) == NULL)
        return status;
    return pv_fail(err, PV_EUNSUPPORTED,
                   "%s: tables of persons with several rows are made up alone: "
                   "give --rows-per-person, or leave \"unit\" out of the schema",
                   o->schema);
}

static pv_status make_subject(const pv_epsilon_options *o, pv_epsilon_setup *s,
                              pv_error *err)
{
    const pv_subject_options options = {.schema = s->schema,
                                        .ignore_extra = o->ignore_extra,
                                        .timeout = o->timeout};
    const pv_status status =
        pv_subject_make(o->mechanism, &options, &s->subject, err);
    if (status != PV_OK)
        return status;
    const pv_subject_kind kind = pv_subject_kind_of(s->subject);
    if (kind == PV_SUBJECT_GAUSSIAN || kind == PV_SUBJECT_COINS)
        return pv_fail(err, PV_EUSAGE,
                       "%s plays in the coin-flip game alone; here there are "
                       "reference:bootstrap and reference:copy",
                       o->mechanism);
    return PV_OK;
}

/* What ours claims, unless the options say what to hold it to. */
static pv_status take_claim(const pv_epsilon_options *o, pv_epsilon_setup *s,
                            pv_neighbours *neighbours, pv_error *err)
{
    const pv_mechanism *ours = pv_subject_ours(s->subject);
    pv_contest_claim *c = &s->claim;
    *c = o->claim;
    *neighbours = o->replace ? PV_REPLACE : PV_ADD_REMOVE;
    if (ours == NULL)
        return PV_OK;
    if (c->gaussian)
        return pv_fail(err, PV_EUSAGE,
                       "--gaussian: the noise of privet-gen is discrete, and its "
                       "selections are not Gaussian at all: bounds for such do "
                       "not hold; leave it out");
    const pv_mechanism_claim own = pv_mechanism_claims(ours);
    if (o->has_neighbours && own.neighbours != *neighbours)
        return pv_fail(err, PV_EUSAGE,
                       "--neighbors is not what privet-gen claims: write it into "
                       "the mechanism, and leave it out here");
    *neighbours = own.neighbours;
    if (!o->has_delta)
        c->delta = own.delta;
    if (!c->has_epsilon && !c->has_rho) {
        c->has_rho = true;
        c->rho = own.rho;
        c->has_epsilon = c->delta > 0;
        c->epsilon = c->has_epsilon ? pv_zcdp_epsilon(own.rho, c->delta) : 0;
    }
    return PV_OK;
}

/* --- pairs ---------------------------------------------------------------- */

static pv_status make_worst(const pv_epsilon_options *o,
                            const pv_pair_terms *terms, pv_epsilon_setup *s,
                            pv_error *err)
{
    pv_status status = PV_OK;
    const bool empty = pv_subject_kind_of(s->subject) == PV_SUBJECT_PRIVET;
    const bool all = o->pairs == NULL || strcmp(o->pairs, "all") == 0;
    char *copy = pv_strdup(all ? "" : o->pairs), *rest = copy;
    if (copy == NULL)
        return pv_fail_memory(err, "the pairs");
    for (size_t i = 0;; i++) {
        const char *name =
            all ? pv_pair_name(terms, empty, i) : strsep(&rest, ",");
        if (name == NULL)
            break;
        for (size_t k = 0; k < s->contest.pairs; k++)
            if (strcmp(s->pair[k].name, name) == 0) {
                status = pv_fail(err, PV_EUSAGE,
                                 "--pair: \"%s\" is there twice", name);
                goto out;
            }
        PV_TRY(pv_pair_worst(terms, name, &s->pair[s->contest.pairs], err));
        s->contest.pairs++;
    }
out:
    free(copy);
    return status;
}

static pv_status load_real(const pv_epsilon_options *o, pv_epsilon_setup *s,
                           pv_error *err)
{
    enum { fewest = 3 };
    const pv_load_options how = {.values = true,
                                 .ignore_extra = o->ignore_extra,
                                 .private_rows = true};
    const pv_status status =
        pv_load(o->real, s->schema, &how, &s->real, NULL, err);
    if (status != PV_OK)
        return pv_fail_context(err, status, "the real table");
    if ((size_t)o->target <= pv_table_rows(s->real) &&
        pv_table_rows(s->real) >= fewest)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE, "%s has too few rows for %s", o->real,
                   o->target > 0 ? "this --target" : "an audit");
}

/* Draws people, the target among them: *row becomes its place. */
static pv_status draw_people(const pv_epsilon_options *o, const pv_key *key,
                             pv_epsilon_setup *s, size_t *row, pv_error *err)
{
    pv_status status = PV_OK;
    pv_people people = {0};
    uint32_t *drawn = NULL;
    size_t at = 0;
    PV_TRY(pv_people_draw(key, "people", s->real, (size_t)o->people, &people,
                          &drawn, err));
    if (people.count == pv_table_rows(s->real))
        goto out; /* all of them, as they are */
    while (at < people.count && drawn[at] != *row)
        at++;
    at = at < people.count ? at : 0;
    drawn[at] = (uint32_t)*row;
    *row = at;
    PV_TRY(pv_pick_rows(s->real, drawn, people.count, &s->people, err));
out:
    free(drawn);
    return status;
}

static pv_status make_real(const pv_epsilon_options *o, const char *dir,
                           const pv_key *key, bool replace,
                           pv_epsilon_setup *s, pv_error *err)
{
    pv_status status = PV_OK;
    size_t row = (size_t)o->target - 1;
    PV_TRY(load_real(o, s, err));
    if (o->target == 0)
        PV_TRY(pv_pair_vulnerable(s->real, key, &row, err));
    PV_TRY(draw_people(o, key, s, &row, err));
    PV_TRY(pv_pair_real(s->people != NULL ? s->people : s->real, row, replace,
                        dir, &s->pair[0], err));
    s->contest.pairs = 1;
out:
    return status;
}

/* --- witnesses, files of runs --------------------------------------------- */

static pv_status make_witnesses(const pv_epsilon_options *o,
                                pv_neighbours neighbours, pv_epsilon_setup *s,
                                pv_error *err)
{
    pv_status status = PV_OK;
    const bool transcript =
        pv_subject_ours(s->subject) != NULL && !o->release_only;
    for (size_t i = 0; i < s->contest.pairs; i++)
        PV_TRY(pv_witness_alloc(&s->pair[i], neighbours, transcript,
                                &s->witness[i], err));
out:
    return status;
}

/* Files of runs on made-up tables go to memory, where syncing costs nothing; by
 * a name that the next process at work on the same run directory finds and
 * clears. Tables of people stay in the run directory. */
static pv_status choose_scratch(const pv_epsilon_options *o,
                                const pv_trials_dir *dir, pv_epsilon_setup *s,
                                pv_error *err)
{
    static const char memory[] = "/dev/shm";
    static const pv_key zero = {{0}};
    char hex[17], *full;
    pv_key digest;
    struct stat info;
    struct utsname machine = {0};
    const char *parent = o->scratch != NULL ? o->scratch
                         : o->real == NULL ? memory
                                           : NULL;
    s->contest.scratch = dir->scratch;
    if (parent == NULL || stat(dir->path, &info) != 0 ||
        (o->scratch == NULL && access(parent, W_OK) != 0))
        return PV_OK;
    (void)uname(&machine);
    full = pv_sprintf_alloc("%s %llu %llu", machine.nodename,
                            (unsigned long long)info.st_dev,
                            (unsigned long long)info.st_ino);
    if (full == NULL)
        return pv_fail_memory(err, "a path");
    pv_key_derive(&zero, "scratch", full, strlen(full), &digest);
    free(full);
    for (size_t i = 0; i < 8; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest.bytes[i]);
    s->scratch = pv_sprintf_alloc("%s/privet-epsilon-%lu-%s", parent,
                                  (unsigned long)geteuid(), hex);
    if (s->scratch == NULL)
        return pv_fail_memory(err, "a path");
    if (lstat(s->scratch, &info) == 0 && S_ISDIR(info.st_mode) &&
        info.st_uid == geteuid())
        pv_scratch_remove(s->scratch);
    if (mkdir(s->scratch, 0700) == 0) {
        s->contest.scratch = s->scratch;
        return PV_OK;
    }
    free(s->scratch);
    s->scratch = NULL;
    return o->scratch == NULL
               ? PV_OK
               : pv_fail_errno(err, PV_EIO, "%s: cannot make a directory in it",
                               o->scratch);
}

/* --- settings ------------------------------------------------------------- */

static json_t *digest_tables(const pv_epsilon_setup *s)
{
    pv_key all = {{0}}, one;
    for (size_t i = 0; i < s->contest.pairs; i++)
        for (int w = 0; w < 2; w++) {
            pv_table_digest(s->pair[i].table[w], &one);
            pv_key_derive(&all, "table", one.bytes, sizeof one.bytes, &all);
        }
    return pv_trials_hex(&all);
}

static json_t *pair_names(const pv_epsilon_setup *s)
{
    json_t *names = json_array();
    for (size_t i = 0; i < s->contest.pairs; i++)
        (void)json_array_append_new(names, json_string(s->pair[i].name));
    return names;
}

static json_t *feature_names(const pv_witness *w)
{
    json_t *names = json_array();
    for (size_t i = 0; i < pv_witness_width(w); i++)
        (void)json_array_append_new(names,
                                    json_string(pv_witness_names(w)[i]));
    return names;
}

static json_t *feature_groups(const pv_witness *w)
{
    const pv_feature_group *group;
    json_t *groups = json_array();
    const size_t count = pv_witness_groups(w, &group);
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(
            groups, json_pack("[s, I, I]", group[i].name,
                              (json_int_t)group[i].from,
                              (json_int_t)group[i].count));
    return groups;
}

static json_t *about(const pv_epsilon_options *o, const pv_epsilon_setup *s)
{
    const pv_contest_claim *c = &s->claim;
    return json_pack("{s:s, s:s, s:I, s:f, s:b, s:f, s:b, s:f, s:b, s:b}", "real",
                     o->real != NULL ? o->real : "", "schema",
                     o->schema != NULL ? o->schema : "", "runs",
                     (json_int_t)o->runs, "delta", c->delta, "has_epsilon",
                     c->has_epsilon, "epsilon", c->epsilon, "has_rho",
                     c->has_rho, "rho", c->rho, "gaussian", c->gaussian, "ours",
                     pv_subject_ours(s->subject) != NULL);
}

static pv_status make_settings(const pv_epsilon_options *o,
                               pv_neighbours neighbours, pv_epsilon_setup *s,
                               pv_error *err)
{
    pv_key digest;
    pv_key_derive(&s->contest.key, "the contest", NULL, 0, &digest);
    s->settings = json_pack(
        "{s:i, s:s, s:o, s:s, s:o, s:o, s:s, s:I, s:s, s:o, s:o, s:o, s:o}",
        "format", 1, "mechanism", o->mechanism, "schema",
        pv_trials_text_digest(pv_schema_json(s->schema)), "real",
        o->real != NULL ? "read" : "", "pairs", pair_names(s), "tables",
        digest_tables(s), "neighbours",
        neighbours == PV_REPLACE ? "replace" : "add-remove", "rows",
        (json_int_t)o->rows, "see", o->release_only ? "release" : "all",
        "features", feature_names(s->witness[0]), "groups",
        feature_groups(s->witness[0]), "about", about(o, s), "key",
        pv_trials_hex(&digest));
    if (s->settings != NULL)
        return PV_OK;
    return pv_fail(err, PV_EUSAGE,
                   "the options cannot be noted: names and paths must be UTF-8");
}

/* --- all of it ------------------------------------------------------------ */

pv_status pv_epsilon_set_up(const pv_epsilon_options *o,
                            const pv_trials_dir *dir, const pv_key *key,
                            pv_epsilon_setup *s, pv_error *err)
{
    enum { rows_by_default = 1000 };
    pv_status status = PV_OK;
    pv_neighbours neighbours;
    PV_TRY(make_schema(o, s, err));
    PV_TRY(make_subject(o, s, err));
    PV_TRY(take_claim(o, s, &neighbours, err));
    const pv_pair_terms terms = {.schema = s->schema,
                                 .made_up = o->schema == NULL,
                                 .replace = neighbours == PV_REPLACE,
                                 .copies = (size_t)o->copies,
                                 .dir = dir->scratch};
    if (o->real != NULL)
        PV_TRY(make_real(o, dir->scratch, key, terms.replace, s, err));
    if (o->real == NULL || o->pairs != NULL)
        PV_TRY(make_worst(o, &terms, s, err));
    PV_TRY(make_witnesses(o, neighbours, s, err));
    PV_TRY(choose_scratch(o, dir, s, err));
    s->contest.subject = s->subject;
    s->contest.pair = s->pair;
    s->contest.witness = s->witness;
    s->contest.rows = o->rows > 0 ? (size_t)o->rows : PV_ROWS_OF_ITS_OWN;
    s->contest.most = (size_t)(o->rows > 0 ? o->rows : rows_by_default);
    s->contest.key = *key;
    PV_TRY(make_settings(o, neighbours, s, err));
out:
    return status;
}

void pv_epsilon_setup_clear(pv_epsilon_setup *s)
{
    json_decref(s->settings);
    for (size_t i = 0; i < PV_CONTEST_PAIRS; i++) {
        pv_witness_free(s->witness[i]);
        pv_pair_clear(&s->pair[i]);
    }
    pv_subject_free(s->subject);
    pv_table_free(s->people);
    pv_table_free(s->real);
    pv_schema_free(s->schema);
    pv_scratch_remove(s->scratch);
    free(s->scratch);
    pv_key_wipe(&s->contest.key);
}
