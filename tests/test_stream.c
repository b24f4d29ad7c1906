#include "core/stream.h"

#include "dp_fixture.h"

#include <sodium.h>

static pv_error err;

static pv_key counting_key(void)
{
    pv_key key;
    for (size_t i = 0; i < sizeof key.bytes; i++)
        key.bytes[i] = (unsigned char)i;
    return key;
}

static void init(void)
{
    cr_assert_eq(pv_crypto_init(&err), PV_OK, "%s", err.message);
}

/* The 64 bytes at a block of a stream, in hexadecimal. */
static void block_hex(const pv_key *key, uint64_t nonce, uint64_t block,
                      char hex[129])
{
    pv_stream stream;
    unsigned char bytes[64];
    pv_stream_init(&stream, key, nonce);
    stream.block = block;
    for (size_t i = 0; i < 16; i++) {
        const uint32_t word = pv_stream_digit(&stream);
        for (size_t b = 0; b < 4; b++)
            bytes[4 * i + b] = (unsigned char)(word >> 8 * b);
    }
    (void)sodium_bin2hex(hex, 129, bytes, sizeof bytes);
    pv_stream_wipe(&stream);
}

Test(stream, first_blocks, .init = init)
{
    const pv_key key = counting_key();
    char hex[129];
    block_hex(&key, 0, 0, hex);
    cr_assert_str_eq(hex,
                     "39fd2b7dd9c5196a8dbd0377b8dc4a498a35d86fbcde6accb2cc7d4cd"
                     "8ea24922b23cce7a26023ab3f0eef693ac87f64258235eab1f7a32dc2"
                     "2762a0485b410c");
    block_hex(&key, 0, 1, hex);
    cr_assert_eq(strncmp(hex, "18b84231ade6a6d113615c61af434e27f8b1f3f5e1ad5b5c",
                         48),
                 0, "%s", hex);
}

Test(stream, keystream_vectors, .init = init)
{
    vectors v;
    size_t checked = 0;
    if (!vectors_open(&v, "chacha20_keystream.csv"))
        return;
    while (vectors_row(&v)) {
        pv_key key;
        unsigned char nonce[8];
        size_t length = 0;
        uint64_t number_of = 0;
        char hex[129];
        if (strcmp(v.field[0], "chacha20_djb_64bit_nonce") != 0)
            continue;
        cr_assert(pv_key_from_hex(v.field[1], &key));
        cr_assert_eq(sodium_hex2bin(nonce, sizeof nonce, v.field[2],
                                    strlen(v.field[2]), NULL, &length, NULL),
                     0);
        cr_assert_eq(length, 8);
        for (size_t i = 0; i < 8; i++)
            number_of |= (uint64_t)nonce[i] << 8 * i;
        block_hex(&key, number_of, strtoull(v.field[3], NULL, 10), hex);
        cr_assert_str_eq(hex, v.field[4]);
        checked++;
    }
    cr_assert_eq(checked, 19);
}

/* Words go on from one refill to the next as the blocks do. */
Test(stream, refills_continue, .init = init)
{
    const pv_key key = counting_key();
    pv_stream stream;
    char hex[129];
    unsigned char bytes[64];
    pv_stream_init(&stream, &key, 7);
    for (size_t i = 0; i < 16 * 40; i++)
        (void)pv_stream_digit(&stream);
    for (size_t i = 0; i < 16; i++) {
        const uint32_t word = pv_stream_digit(&stream);
        for (size_t b = 0; b < 4; b++)
            bytes[4 * i + b] = (unsigned char)(word >> 8 * b);
    }
    char here[129];
    (void)sodium_bin2hex(here, sizeof here, bytes, sizeof bytes);
    block_hex(&key, 7, 40, hex);
    cr_assert_str_eq(here, hex);
}

Test(stream, derivation, .init = init)
{
    const pv_key master = counting_key();
    pv_key a, b, c, d;
    unsigned char expected[PV_KEY_BYTES];
    pv_key_derive(&master, "noise", "xy", 2, &a);
    pv_key_derive(&master, "selection", "xy", 2, &b);
    pv_key_derive(&master, "noise", "xz", 2, &c);
    /* the end of the purpose is marked: moving a letter changes the key */
    pv_key_derive(&master, "noisex", "y", 1, &d);
    cr_assert_neq(memcmp(&a, &b, sizeof a), 0);
    cr_assert_neq(memcmp(&a, &c, sizeof a), 0);
    cr_assert_neq(memcmp(&a, &d, sizeof a), 0);
    cr_assert_eq(crypto_generichash(expected, sizeof expected,
                                    (const unsigned char *)"noise\0xy", 8,
                                    master.bytes, sizeof master.bytes),
                 0);
    cr_assert_eq(memcmp(a.bytes, expected, sizeof expected), 0);
}

Test(stream, streams_differ, .init = init)
{
    const pv_key key = counting_key();
    pv_stream a, b;
    size_t equal = 0;
    pv_stream_init(&a, &key, 1);
    pv_stream_init(&b, &key, UINT64_C(1) << 40);
    for (size_t i = 0; i < 4096; i++)
        equal += pv_stream_digit(&a) == pv_stream_digit(&b);
    cr_assert_leq(equal, 1);
}

/* Digits from a list, for what a certain draw must do. */
static void refill_list(pv_stream *stream)
{
    const uint32_t **next = stream->context;
    stream->words[0] = *(*next)++;
    stream->position = 0;
    stream->available = 1;
}

Test(stream, below_rejects, .init = init)
{
    const pv_key key = counting_key();
    pv_stream stream;
    /* 2^32 mod 3 = 1: low product 0 is refused, the next is taken */
    const uint32_t digits[] = {0, 1, 0xffffffff, 0x55555556, 0x55555555};
    const uint32_t *next = digits;
    pv_stream_init(&stream, &key, 0);
    stream.refill = refill_list;
    stream.context = &next;
    cr_assert_eq(pv_stream_below(&stream, 3), 0);
    cr_assert_eq(next - digits, 2);
    cr_assert_eq(pv_stream_below(&stream, 3), 2);
    cr_assert_eq(pv_stream_below(&stream, 3), 1);
    cr_assert_eq(pv_stream_below(&stream, 3), 0);
}

Test(stream, below_even, .init = init)
{
    static const uint64_t size[] = {1, 3, 7, 10, 1000};
    const pv_key key = counting_key();
    pv_stream stream;
    pv_stream_init(&stream, &key, 3);
    for (size_t s = 0; s < sizeof size / sizeof *size; s++) {
        size_t count[1000] = {0};
        double chi2 = 0;
        const size_t draws = 200000;
        for (size_t i = 0; i < draws; i++) {
            const uint64_t x = pv_stream_below(&stream, size[s]);
            cr_assert_lt(x, size[s]);
            count[x]++;
        }
        const double mean = (double)draws / (double)size[s];
        for (size_t i = 0; i < size[s]; i++)
            chi2 += pow((double)count[i] - mean, 2) / mean;
        const double df = (double)size[s] - 1;
        cr_assert_leq(chi2, df + 7 * sqrt(2 * df) + 20, "%g for %g", chi2, df);
    }
    /* above 2^32: three quarters of 2^64, whose halves a modulus would skew */
    const uint64_t wide = UINT64_C(3) << 62;
    size_t low = 0;
    for (size_t i = 0; i < 100000; i++) {
        const uint64_t x = pv_stream_below(&stream, wide);
        cr_assert_lt(x, wide);
        low += x < wide / 3;
    }
    cr_assert_float_eq((double)low / 100000, 1.0 / 3, 0.01);
}

Test(stream, shuffles_into_each_order_alike)
{
    const pv_key key = counting_key();
    pv_stream stream;
    size_t count[6] = {0};
    pv_stream_init(&stream, &key, 4);
    for (size_t i = 0; i < 60000; i++) {
        uint32_t value[] = {0, 1, 2};
        pv_stream_shuffle(&stream, value, 3);
        cr_assert_eq(1u << value[0] | 1u << value[1] | 1u << value[2], 7);
        count[2 * value[0] + (value[1] > value[2])]++;
    }
    double chi2 = 0;
    for (size_t i = 0; i < 6; i++)
        chi2 += pow((double)count[i] - 10000, 2) / 10000;
    cr_assert_lt(chi2, 30); /* of 5 degrees of freedom: p = 1.5e-5 */
}
