/* What the tests of dp/ share: reference numbers by row, directories of their
 * own, files with given bytes. */
#ifndef PV_TESTS_DP_FIXTURE_H
#define PV_TESTS_DP_FIXTURE_H

#include "core/atomicfile.h"
#include "core/memory.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Rows of a reference file after its header, split at commas in place. */
typedef struct vectors {
    FILE *file;
    char line[4096];
    char *field[16];
} vectors;

/* False, said loudly, when the reference numbers are not here. */
static inline bool vectors_open(vectors *v, const char *name)
{
    const char *shared = getenv("PRIVET_SHARED");
    char *path = pv_sprintf_alloc("%s/vectors/dpcore/%s",
                                  shared != NULL ? shared : "../shared", name);
    v->file = fopen(path, "r");
    if (v->file == NULL)
        (void)fprintf(stderr, "SKIPPED: no reference numbers at %s\n", path);
    free(path);
    return v->file != NULL && fgets(v->line, sizeof v->line, v->file) != NULL;
}

static inline bool vectors_row(vectors *v)
{
    size_t n = 0;
    if (fgets(v->line, sizeof v->line, v->file) == NULL) {
        (void)fclose(v->file);
        return false;
    }
    v->line[strcspn(v->line, "\r\n")] = '\0';
    for (char *at = v->line; at != NULL && n < 16; n++) {
        v->field[n] = at;
        at = strchr(at, ',');
        if (at != NULL)
            *at++ = '\0';
    }
    return true;
}

static inline double number(const char *text)
{
    const char *slash = strchr(text, '/');
    return slash != NULL ? atof(text) / atof(slash + 1) : atof(text);
}

static inline bool near(double got, double wanted, double relative)
{
    return fabs(got - wanted) <= relative * fabs(wanted);
}

/* A fresh directory, mode 0700; remove_tree() it. */
static inline char *temporary_directory(void)
{
    const char *dir = getenv("TMPDIR");
    char *path =
        pv_sprintf_alloc("%s/pv-dp-XXXXXX", dir != NULL ? dir : "/tmp");
    cr_assert_not_null(mkdtemp(path));
    return path;
}

static inline void remove_tree(char *path)
{
    char *command = pv_sprintf_alloc("rm -rf '%s'", path);
    cr_assert_eq(system(command), 0);
    free(command);
    free(path);
}

static inline void put_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(data, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

#endif
