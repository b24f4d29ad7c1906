/* gen/pe/catalogue.h - candidates that others make, by their numbers. Internal to gen/.
 *
 * What a job or a co-process made is known by a number, in order of appearance, and
 * stands for a payload: the text or the bytes themselves, or the name of a file. Numbers
 * are the row_id of a release; a side file says what they stand for. Payloads are held in
 * memory. */
#ifndef PV_GEN_PE_CATALOGUE_H
#define PV_GEN_PE_CATALOGUE_H

#include "gen/pe/source.h"

typedef struct pv_catalogue {
    size_t count, room;
    char **payload;     /* NULL: none is known. A 0 byte follows each */
    size_t *length;
    pv_schema *release; /* of the rows; NULL until there are some */
} pv_catalogue;

/* Frees what it holds; one that is all zeros is legal. */
void pv_catalogue_clear(pv_catalogue *catalogue);
/* Numbers one more; its payload is copied, NULL: none. */
PV_CHECKED pv_status pv_catalogue_add(pv_catalogue *catalogue,
                                      const char *payload, size_t length,
                                      uint64_t *item, pv_error *err);

/* pv_identified_table by these numbers; the schema is kept here. */
PV_CHECKED pv_status pv_catalogue_rows(pv_catalogue *catalogue,
                                       const pv_schema *label,
                                       const pv_outcome *outcome, size_t rows,
                                       const pv_key *key, pv_table **table,
                                       pv_error *err);

/* Writes, whole or not at all, what row ids stand for: a line of JSON for each record of
 * the outcome with a weight above 0 (all of them when no weight is, as rows come
 * then): {"row_id", "label", "generation", NAME}. NAME is "payload_ref" of references,
 * "payload" of what they stand for, "payload_base64" where that is no UTF-8; null where
 * none is known. */
PV_CHECKED pv_status pv_catalogue_write(const pv_catalogue *catalogue,
                                        const pv_schema *label,
                                        const pv_outcome *outcome,
                                        bool references, const char *path,
                                        pv_error *err);

/* A class in words. */
enum { PV_CLASS_ROOM = 1024 };
const char *pv_class_text(const pv_schema *label, uint32_t class,
                          char room[PV_CLASS_ROOM]);

/* What the maker of a candidate draws by: of the source's key by purpose, step and part,
 * and without a way back to it. Below 2^53, so that every reader of JSON takes it. */
uint64_t pv_source_seed(const pv_source *source, const char *purpose,
                        size_t step, size_t part);

/* "random", "vary" or, of candidates only looked at, "ahead"; NULL: random. */
const char *pv_variation_purpose(const pv_variation *how);

const char *pv_metric_name(pv_vector_metric metric);

/* A directory that only its owner may enter, made where it is missing. */
PV_CHECKED pv_status pv_make_private_directory(const char *path,
                                               pv_error *err);

#endif
