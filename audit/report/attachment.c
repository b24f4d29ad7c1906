#include "audit/report/report.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

typedef struct digests {
    crypto_generichash_state blake2b;
    crypto_hash_sha256_state sha256;
} digests;

static pv_status read_all(FILE *file, const char *path, digests *to,
                          uint64_t *bytes, pv_error *err)
{
    unsigned char block[1 << 16];
    size_t got;
    *bytes = 0;
    while ((got = fread(block, 1, sizeof block, file)) > 0) {
        (void)crypto_generichash_update(&to->blake2b, block, got);
        (void)crypto_hash_sha256_update(&to->sha256, block, got);
        *bytes += got;
    }
    return ferror(file) ? pv_fail_errno(err, PV_EIO, "%s", path) : PV_OK;
}

pv_status pv_attachment_make(const char *role, const char *path,
                             pv_attachment *attachment, pv_error *err)
{
    unsigned char digest[32];
    digests to;
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return pv_fail_errno(err, PV_EIO, "%s: cannot open", path);
    (void)crypto_generichash_init(&to.blake2b, NULL, 0, sizeof digest);
    (void)crypto_hash_sha256_init(&to.sha256);
    *attachment = (pv_attachment){.role = role};
    const pv_status status =
        read_all(file, path, &to, &attachment->bytes, err);
    (void)fclose(file);
    (void)crypto_generichash_final(&to.blake2b, digest, sizeof digest);
    (void)sodium_bin2hex(attachment->blake2b, sizeof attachment->blake2b,
                         digest, sizeof digest);
    (void)crypto_hash_sha256_final(&to.sha256, digest);
    (void)sodium_bin2hex(attachment->sha256, sizeof attachment->sha256, digest,
                         sizeof digest);
    return status;
}
