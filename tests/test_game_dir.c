/* What a game's run directory keeps: trials, and nobody else's files. */
#include "audit/attack/game_record.h"
#include "core/scratch.h"
#include "dp_fixture.h"

#include <sys/stat.h>

static pv_error err;
static char *scratch, *path;

static void set_up(void)
{
    cr_assert_eq(pv_scratch_make(NULL, &scratch, &err), PV_OK);
    path = pv_sprintf_alloc("%s/it", scratch);
}

static void tear_down(void)
{
    pv_scratch_remove(scratch);
    free(scratch);
    free(path);
}

TestSuite(game_dir, .init = set_up, .fini = tear_down);

static void add_line(FILE *file, uint64_t trial, uint32_t face)
{
    const double belief[4] = {0.25, 0.75, 1.0 / 3, (double)trial};
    char *line = pv_game_line(trial, face, belief, 2, 2);
    cr_assert(fputs(line, file) >= 0);
    free(line);
}

Test(game_dir, records_come_back_sorted_without_a_torn_line)
{
    pv_game_records r = {0};
    uint64_t whole = 0;
    cr_assert_eq(pv_game_records_read(path, 2, 2, &r, &whole, &err), PV_OK);
    cr_expect_eq(r.count, 0);
    FILE *file = fopen(path, "w");
    add_line(file, 5, 1);
    add_line(file, 2, 0);
    const long end = ftell(file);
    cr_assert(fputs("{\"trial\":9,\"fa", file) >= 0);
    cr_assert_eq(fclose(file), 0);
    cr_assert_eq(pv_game_records_read(path, 2, 2, &r, &whole, &err), PV_OK,
                 "%s", err.message);
    cr_expect_eq(whole, (uint64_t)end);
    cr_assert_eq(r.count, 2);
    cr_expect_eq(r.trial[0], 2);
    cr_expect_eq(r.face[1], 1);
    cr_expect_eq(r.belief[2], 1.0 / 3);
    cr_expect_eq(r.belief[7], 5.0);
    pv_game_records_clear(&r);
    cr_expect_eq(pv_game_records_read(path, 3, 2, &r, &whole, &err),
                 PV_ETAMPER);
    file = fopen(path, "w");
    add_line(file, 5, 1);
    add_line(file, 5, 1);
    cr_assert_eq(fclose(file), 0);
    cr_expect_eq(pv_game_records_read(path, 2, 2, &r, &whole, &err),
                 PV_ETAMPER);
    cr_expect(strstr(err.message, "twice") != NULL, "%s", err.message);
}

/* --- directories ---------------------------------------------------------- */

static char *within(const char *name)
{
    return pv_sprintf_alloc("%s/%s", path, name);
}

Test(game_dir, is_locked_and_its_scratch_lasts_as_long)
{
    pv_trials_dir first, second;
    struct stat info;
    cr_assert_eq(pv_trials_dir_open(&pv_game_kind, path, &first, &err), PV_OK, "%s",
                 err.message);
    cr_assert_eq(stat(first.scratch, &info), 0);
    cr_expect_eq(info.st_mode & 0777, 0700);
    cr_expect_eq(pv_trials_dir_open(&pv_game_kind, path, &second, &err), PV_ELOCKED);
    cr_expect_eq(stat(first.scratch, &info), 0, "another took it away");
    char *file = pv_sprintf_alloc("%s/in.csv", first.scratch);
    cr_assert_eq(pv_file_write_atomic(file, "x", 1, 0600, &err), PV_OK);
    char *left = pv_strdup(first.scratch);
    pv_trials_dir_close(&first);
    cr_expect(!pv_file_exists(left));
    cr_assert_eq(pv_trials_dir_open(&pv_game_kind, path, &first, &err), PV_OK, "%s",
                 err.message);
    pv_trials_dir_close(&first);
    free(file);
    free(left);
}

/* A file in a directory that is none of a game stays, and is said to. */
static void stays(const char *name, const char *text)
{
    pv_trials_dir dir;
    char *file = within(name);
    cr_assert_eq(pv_file_write_atomic(file, text, strlen(text), 0600, &err),
                 PV_OK, "%s", err.message);
    cr_expect_neq(pv_trials_dir_open(&pv_game_kind, path, &dir, &err), PV_OK, "%s", name);
    cr_expect(strstr(err.message, "choose another") != NULL, "%s",
              err.message);
    cr_expect(pv_file_exists(file), "%s is gone", name);
    cr_assert_eq(unlink(file), 0);
    free(file);
}

/* Whether settings with so many faces and cells are read. */
static bool are_settings(unsigned faces, unsigned cells)
{
    json_t *settings = json_object(), *read = NULL;
    json_t *face = json_array(), *cell = json_array();
    for (unsigned i = 0; i < faces; i++)
        cr_assert_eq(json_array_append_new(face, json_integer(i)), 0);
    for (unsigned i = 0; i < cells; i++)
        cr_assert_eq(json_array_append_new(cell, json_pack("[s, i]", "ls", 9)),
                     0);
    cr_assert_eq(json_object_set_new(settings, "faces", face), 0);
    cr_assert_eq(json_object_set_new(settings, "cells", cell), 0);
    char *file = within("settings.json");
    char *text = json_dumps(settings, 0);
    cr_assert_eq(pv_file_write_atomic(file, text, strlen(text), 0600, &err),
                 PV_OK, "%s", err.message);
    const pv_status status = pv_trials_settings_read(&pv_game_kind, path, &read, &err);
    cr_expect(status == PV_OK || (status == PV_ETAMPER && read == NULL));
    json_decref(settings);
    json_decref(read);
    free(text);
    free(file);
    return status == PV_OK;
}

Test(game_dir, settings_of_no_game_are_refused)
{
    cr_assert_eq(mkdir(path, 0700), 0);
    cr_expect(are_settings(2, 1));
    cr_expect(are_settings(PV_SECRET_MOST, PV_GAME_CELLS));
    cr_expect(!are_settings(PV_SECRET_MOST + 1, 1));
    cr_expect(!are_settings(2, PV_GAME_CELLS + 1));
    cr_expect(!are_settings(1, 1));
    cr_expect(!are_settings(2, 0));
}

Test(game_dir, another_directory_is_left_alone)
{
    pv_trials_dir dir;
    char *inner = within("scratch");
    cr_assert_eq(mkdir(path, 0700), 0);
    stays("ledger.jsonl", "{}\n");
    stays("settings.json", "{\"editor\": \"vi\"}\n");
    cr_assert_eq(mkdir(inner, 0700), 0);
    stays("scratch/thesis", "precious\n");
    /* an empty one is that of a game that was killed as it began */
    cr_expect_eq(pv_trials_dir_open(&pv_game_kind, path, &dir, &err), PV_OK, "%s", err.message);
    pv_trials_dir_close(&dir);
    cr_assert_eq(chmod(path, 0750), 0);
    cr_expect_eq(pv_trials_dir_open(&pv_game_kind, path, &dir, &err), PV_EIO);
    cr_expect(strstr(err.message, "chmod 700") != NULL, "%s", err.message);
    free(inner);
}
