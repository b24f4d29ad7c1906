#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* le32toh */
#endif
#include "core/stream.h"

#include <endian.h>
#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/random.h>

pv_status pv_crypto_init(pv_error *err)
{
    if (sodium_init() < 0)
        return pv_fail(err, PV_EINTERNAL,
                       "libsodium could not be initialised; check the "
                       "installation of libsodium");
    return PV_OK;
}

pv_status pv_key_random(pv_key *key, pv_error *err)
{
    size_t done = 0;
    while (done < sizeof key->bytes) {
        const ssize_t n =
            getrandom(key->bytes + done, sizeof key->bytes - done, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return pv_fail_errno(err, PV_EIO,
                                 "the kernel gave no random bytes "
                                 "(getrandom); nothing was drawn");
        done += (size_t)n;
    }
    return PV_OK;
}

void pv_key_derive(const pv_key *master, const char *purpose,
                   const void *context, size_t size, pv_key *out)
{
    crypto_generichash_state state;
    (void)crypto_generichash_init(&state, master->bytes, sizeof master->bytes,
                                  sizeof out->bytes);
    (void)crypto_generichash_update(
        &state, (const unsigned char *)purpose, strlen(purpose) + 1);
    if (size > 0)
        (void)crypto_generichash_update(&state, context, size);
    (void)crypto_generichash_final(&state, out->bytes, sizeof out->bytes);
    sodium_memzero(&state, sizeof state);
}

bool pv_key_from_hex(const char *hex, pv_key *key)
{
    char full[2 * PV_KEY_BYTES + 1];
    size_t length = 0;
    const char *end = NULL;
    const size_t given = strlen(hex);
    if (given == 0 || given >= sizeof full)
        return false;
    memset(full, '0', sizeof full);
    memcpy(full + sizeof full - 1 - given, hex, given + 1);
    const bool ok = sodium_hex2bin(key->bytes, sizeof key->bytes, full,
                                   sizeof full - 1, NULL, &length, &end) == 0 &&
                    length == sizeof key->bytes && *end == '\0';
    sodium_memzero(full, sizeof full);
    return ok;
}

void pv_key_wipe(pv_key *key)
{
    sodium_memzero(key, sizeof *key);
}

static void refill_chacha20(pv_stream *stream)
{
    enum { block_bytes = 64 };
    memset(stream->words, 0, sizeof stream->words);
    (void)crypto_stream_chacha20_xor_ic(
        (unsigned char *)stream->words, (const unsigned char *)stream->words,
        sizeof stream->words, stream->nonce, stream->block, stream->key.bytes);
    for (size_t i = 0; i < PV_STREAM_WORDS; i++)
        stream->words[i] = le32toh(stream->words[i]);
    stream->block += sizeof stream->words / block_bytes;
    stream->position = 0;
    stream->available = PV_STREAM_WORDS;
}

void pv_stream_init(pv_stream *stream, const pv_key *key, uint64_t nonce)
{
    stream->position = stream->available = 0;
    stream->digit_bits = 32;
    stream->refill = refill_chacha20;
    stream->context = NULL;
    stream->key = *key;
    for (size_t i = 0; i < sizeof stream->nonce; i++)
        stream->nonce[i] = (unsigned char)(nonce >> (8 * i));
    stream->block = 0;
}

void pv_stream_wipe(pv_stream *stream)
{
    sodium_memzero(stream, sizeof *stream);
}

static uint64_t next64(pv_stream *stream)
{
    const uint64_t high = pv_stream_digit(stream);
    return high << 32 | pv_stream_digit(stream);
}

uint64_t pv_stream_below(pv_stream *stream, uint64_t n)
{
    /* Lemire's multiply-and-reject: the low half below 2^w mod n is refused */
    if (n <= UINT32_MAX) {
        const uint32_t n32 = (uint32_t)n;
        const uint32_t refuse = (uint32_t)-n32 % n32;
        for (;;) {
            const uint64_t product = (uint64_t)pv_stream_digit(stream) * n32;
            if ((uint32_t)product >= refuse)
                return product >> 32;
        }
    }
    const uint64_t refuse = (uint64_t)-n % n;
    for (;;) {
        const unsigned __int128 product = (unsigned __int128)next64(stream) * n;
        if ((uint64_t)product >= refuse)
            return (uint64_t)(product >> 64);
    }
}

double pv_stream_double(pv_stream *stream)
{
    return (double)(next64(stream) >> 11) * 0x1p-53;
}

void pv_stream_shuffle(pv_stream *stream, uint32_t *value, size_t count)
{
    for (size_t i = count; i > 1; i--) {
        const size_t j = (size_t)pv_stream_below(stream, i);
        const uint32_t kept = value[i - 1];
        value[i - 1] = value[j];
        value[j] = kept;
    }
}
