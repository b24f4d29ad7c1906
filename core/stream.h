/* core/stream.h - keys and random streams.
 *
 * A key is 32 bytes. Keys for different purposes derive from one master by
 * keyed BLAKE2b. A stream is the original ChaCha20 (64-bit nonce, 64-bit block
 * counter) and belongs to a work item, never to a thread or rank, so the
 * output is the same for any number of either.
 *
 * A stream yields digits of `digit_bits` bits, 32 in production. Tests replace
 * `refill` to feed chosen digits, of fewer bits, through the same code. */
#ifndef PV_CORE_STREAM_H
#define PV_CORE_STREAM_H

#include "core/api.h"
#include "core/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PV_KEY_BYTES = 32, PV_DIGEST_BYTES = 32, PV_STREAM_WORDS = 256 };

typedef struct pv_key {
    unsigned char bytes[PV_KEY_BYTES];
} pv_key;

/* Readies libsodium; call once before anything else here. PV_EINTERNAL when
 * the library refuses. */
PV_API pv_status pv_crypto_init(pv_error *err);

/* 32 bytes from getrandom(2), waiting until the kernel is seeded. */
PV_API pv_status pv_key_random(pv_key *key, pv_error *err);

/* out = BLAKE2b(key = master, purpose || 0 || context[0..size-1]). */
PV_API void pv_key_derive(const pv_key *master, const char *purpose,
                          const void *context, size_t size, pv_key *out);

/* 1 to 64 hexadecimal digits, as a number (leading zeros may be left out); false
 * otherwise. */
PV_API bool pv_key_from_hex(const char *hex, pv_key *key);

PV_API void pv_key_wipe(pv_key *key);

typedef struct pv_stream pv_stream;
struct pv_stream {
    uint32_t words[PV_STREAM_WORDS];
    unsigned position, available;
    unsigned digit_bits;
    void (*refill)(pv_stream *stream);
    void *context; /* for a test's refill */
    pv_key key;
    unsigned char nonce[8];
    uint64_t block;
};

/* Starts the stream of `key` with the given nonce (stored little-endian). */
PV_API void pv_stream_init(pv_stream *stream, const pv_key *key,
                           uint64_t nonce);
PV_API void pv_stream_wipe(pv_stream *stream);

/* The next digit, uniform on [0, 2^digit_bits). */
static inline uint32_t pv_stream_digit(pv_stream *stream)
{
    if (stream->position == stream->available)
        stream->refill(stream);
    return stream->words[stream->position++];
}

/* For post-processing (row sampling, shuffles), digit_bits 32 only: uniform on
 * [0, n) without bias, n > 0; and a double on the grid of 2^-53 in [0, 1). */
PV_API uint64_t pv_stream_below(pv_stream *stream, uint64_t n);
PV_API double pv_stream_double(pv_stream *stream);

/* Brings `count` values into a uniformly random order (Fisher and Yates, from the end),
 * with digit_bits 32 as above. */
PV_API void pv_stream_shuffle(pv_stream *stream, uint32_t *value,
                              size_t count);

#endif
