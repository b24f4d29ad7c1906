/* A file of given bytes that lives in memory. */
#ifndef PV_TESTS_FUZZ_FILE_H
#define PV_TESTS_FUZZ_FILE_H

#include "core/status.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

#define FUZZ_PATH_ROOM 64

static inline void fuzz_file(const uint8_t *data, size_t size,
                             char path[FUZZ_PATH_ROOM])
{
    (void)snprintf(path, FUZZ_PATH_ROOM, "/dev/shm/pv-fuzz-%ld",
                   (long)getpid());
    FILE *file = fopen(path, "wb");
    PV_CHECK(file != NULL);
    PV_CHECK(fwrite(data, 1, size, file) == size);
    PV_CHECK(fclose(file) == 0);
}

#endif
