/* gen/pe/frame.h - what is said between the program and a co-process. Internal to gen/.
 *
 * A frame is a line of JSON, of at most PV_FRAME_LINE bytes, whose "bytes" says how
 * many raw bytes follow it, at most PV_FRAME_MOST. In them vectors are little-endian
 * float32, payloads are each a 32-bit little-endian length and so many bytes.
 * doc/pe-sources.md has the conversation. Nothing here reads or writes a pipe. */
#ifndef PV_GEN_PE_FRAME_H
#define PV_GEN_PE_FRAME_H

#include "gen/pe/catalogue.h"

enum { PV_FRAME_ABI = 1, PV_FRAME_LINE = 65536, PV_FRAME_MOST = 1 << 30 };

typedef enum pv_payload_kind {
    PV_PAYLOAD_NONE,
    PV_PAYLOAD_UTF8,
    PV_PAYLOAD_BYTES,
    PV_PAYLOAD_KINDS
} pv_payload_kind;
const char *pv_payload_kind_name(pv_payload_kind kind);

/* --- requests -------------------------------------------------------------------- */

typedef struct pv_frame_request {
    const char *op;    /* "hello", "random", "vary" */
    uint64_t id;
    /* of hello */
    size_t width;
    const char *metric;
    /* of random and vary */
    size_t count, fold;
    const char *label;
    uint32_t class;
    double degree;
    uint64_t seed;
} pv_frame_request;

typedef struct pv_bytes {
    unsigned char *at;
    size_t size, room;
} pv_bytes;

/* Adds to a body. PV_ENOMEM; PV_ETOOBIG above PV_FRAME_MOST. */
PV_CHECKED pv_status pv_frame_add_vector(pv_bytes *body, const float *vector,
                                         size_t width, pv_error *err);
PV_CHECKED pv_status pv_frame_add_payload(pv_bytes *body, const char *payload,
                                          size_t length, pv_error *err);
/* The whole frame; free() frame->at. */
PV_CHECKED pv_status pv_frame_make(const pv_frame_request *request,
                                   const pv_bytes *body, pv_bytes *frame,
                                   pv_error *err);

/* --- answers --------------------------------------------------------------------- */

/* What an answer must be. */
typedef struct pv_wanted {
    const char *op;
    uint64_t id;
    size_t count, width;
    pv_payload_kind kind;
} pv_wanted;

typedef struct pv_payload {
    const char *at; /* in the body; not terminated */
    size_t length;
} pv_payload;

/* All of these: PV_EFORMAT says what is wrong with an answer; PV_EIO, of a line that has
 * "error", what that says. A line is given without its end. */

/* *bytes: how many follow, never more than PV_FRAME_MOST, nor another number than vectors
 * alone need. */
PV_CHECKED pv_status pv_frame_head(const char *line, size_t length,
                                   const pv_wanted *wanted, size_t *bytes,
                                   pv_error *err);
/* vector gets count x width numbers, payload (unless the kind is none) count places in
 * `body`, which they fill to its end. What the numbers are is not looked at. */
PV_CHECKED pv_status pv_frame_body(const unsigned char *body, size_t size,
                                   const pv_wanted *wanted, float *vector,
                                   pv_payload *payload, pv_error *err);
PV_CHECKED pv_status pv_frame_hello(const char *line, size_t length,
                                    const pv_frame_request *hello,
                                    pv_payload_kind *kind, pv_error *err);

#endif
