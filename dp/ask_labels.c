#include "core/memory.h"
#include "dp/curator_internal.h"
#include "io/rows.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

void pv_labels_clear(pv_labels *labels)
{
    for (size_t i = 0; labels->label != NULL && i < labels->count; i++)
        free(labels->label[i]);
    free(labels->label);
    *labels = (pv_labels){NULL, 0};
}

static int compare_texts(const void *a, const void *b)
{
    const pv_text_count *x = a, *y = b;
    const size_t shorter = x->length < y->length ? x->length : y->length;
    const int order = memcmp(x->text, y->text, shorter);
    if (order != 0)
        return order;
    return x->length < y->length ? -1 : x->length > y->length;
}

pv_status pv_text_counts(const pv_table *rows, size_t column,
                         pv_text_count **counts, size_t *count, pv_error *err)
{
    const pv_column *c = pv_schema_column(pv_table_schema(rows), column);
    const size_t texts = pv_table_texts(rows, column);
    const pv_codes codes = pv_table_codes(rows, column);
    size_t used = 0;
    pv_text_count *all = pv_array_calloc(texts, sizeof *all);
    if (all == NULL)
        return pv_fail_memory(err, "the labels");
    for (size_t i = 0; i < pv_table_rows(rows); i++) {
        const uint32_t code = pv_codes_at(codes, i);
        if (code >= PV_RAW_TEXT)
            all[code - PV_RAW_TEXT].count++;
    }
    for (size_t i = 0; i < texts; i++) {
        pv_text_count *t = &all[i];
        t->text = pv_table_text(rows, column, i, &t->length);
        if (t->count > 0 && (t->length != strlen(c->rest) ||
                             memcmp(t->text, c->rest, t->length) != 0))
            all[used++] = *t;
    }
    sodium_memzero(all + used, (texts - used) * sizeof *all);
    qsort(all, used, sizeof *all, compare_texts);
    *counts = all;
    *count = used;
    return PV_OK;
}

/* Larger noisy counts first; equal ones as the texts. */
typedef struct passed {
    int64_t noisy;
    size_t place; /* among the texts in order */
} passed;

static int compare_noisy(const void *a, const void *b)
{
    const passed *x = a, *y = b;
    if (x->noisy != y->noisy)
        return x->noisy > y->noisy ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static int compare_places(const void *a, const void *b)
{
    const passed *x = a, *y = b;
    return x->place < y->place ? -1 : x->place > y->place;
}

/* How many of those that passed, in order of their noisy counts, there is room
 * for: `most`, and no more bytes than a schema can hold, however they are
 * written in it. */
static size_t room_for(const pv_text_count *texts, const passed *pass,
                       size_t count, size_t most, size_t most_bytes)
{
    size_t kept = 0, bytes = 0;
    while (kept < count && kept < most) {
        bytes += texts[pass[kept].place].length;
        if (bytes > most_bytes)
            break;
        kept++;
    }
    return kept;
}

/* The places of the texts that come out, in order; *kept of them. */
static pv_status choose(const pv_text_count *texts, size_t count,
                        const pv_question *question, const pv_key *key,
                        const pv_gaussian *gaussian, uint64_t threshold,
                        size_t most, size_t most_bytes, passed **chosen,
                        size_t *kept, pv_error *err)
{
    int64_t *counts = pv_array_alloc(count, sizeof *counts);
    passed *pass = pv_array_alloc(count, sizeof *pass);
    *kept = 0;
    if (counts == NULL || pass == NULL) {
        free(counts);
        free(pass);
        return pv_fail_memory(err, "the labels");
    }
    for (size_t i = 0; i < count; i++)
        counts[i] = texts[i].count;
    pv_question_noise(question, key, gaussian, counts, count, counts);
    for (size_t i = 0; i < count; i++)
        if (counts[i] >= (int64_t)threshold)
            pass[(*kept)++] = (passed){counts[i], i};
    qsort(pass, *kept, sizeof *pass, compare_noisy);
    const size_t passes = *kept;
    *kept = room_for(texts, pass, passes, most, most_bytes);
    sodium_memzero(pass + *kept, (passes - *kept) * sizeof *pass);
    qsort(pass, *kept, sizeof *pass, compare_places);
    pv_wipe_free(counts, count * sizeof *counts);
    *chosen = pass;
    return PV_OK;
}

/* The answer as it is stored: of each label its length, four bytes from the
 * lowest, and its bytes. */
static unsigned char *pack(const pv_text_count *texts, const passed *chosen,
                           size_t kept, size_t *size)
{
    *size = 0;
    for (size_t i = 0; i < kept; i++)
        *size += 4 + texts[chosen[i].place].length;
    unsigned char *bytes = pv_array_alloc(*size, 1), *to = bytes;
    for (size_t i = 0; bytes != NULL && i < kept; i++) {
        const pv_text_count *t = &texts[chosen[i].place];
        for (unsigned k = 0; k < 4; k++)
            *to++ = (unsigned char)(t->length >> 8 * k);
        memcpy(to, t->text, t->length);
        to += t->length;
    }
    return bytes;
}

pv_status pv_labels_unpack(const unsigned char *bytes, size_t size,
                           pv_labels *labels, pv_error *err)
{
    *labels = (pv_labels){pv_array_calloc(size / 4 + 1, sizeof(char *)), 0};
    if (labels->label == NULL)
        return pv_fail_memory(err, "the labels");
    for (size_t at = 0; at < size;) {
        size_t length = 0;
        if (size - at < 4)
            return pv_fail(err, PV_ETAMPER, "a stored answer is cut short");
        for (unsigned k = 0; k < 4; k++)
            length |= (size_t)bytes[at++] << 8 * k;
        if (length > size - at)
            return pv_fail(err, PV_ETAMPER, "a stored answer is cut short");
        char *label = pv_array_calloc(length + 1, 1);
        if (label == NULL)
            return pv_fail_memory(err, "the labels");
        memcpy(label, bytes + at, length);
        labels->label[labels->count++] = label;
        at += length;
    }
    return PV_OK;
}

/* Bytes of all labels of a column: 2 MiB over the open columns. The longest way
 * to write them, six bytes for one, then fits a schema's 16 MiB. */
static size_t bytes_for(const pv_schema *schema)
{
    enum { all_bytes = 1 << 21 };
    size_t open = 0;
    for (size_t i = 0; i < pv_schema_columns(schema); i++)
        open += pv_schema_column(schema, i)->needs == PV_NEEDS_LABELS;
    return all_bytes / (open > 0 ? open : 1);
}

pv_status pv_labels_draw(const pv_curator *curator, const pv_question *question,
                         const pv_inquiry *asked, unsigned char **answer,
                         size_t *size, pv_error *err)
{
    pv_status status = PV_OK;
    pv_text_count *texts = NULL;
    passed *chosen = NULL;
    size_t count = 0, kept = 0;
    pv_key key;
    pv_question_key(curator, question, "labels", &key);
    PV_TRY(pv_text_counts(curator->rows, asked->column, &texts, &count, err));
    PV_TRY(choose(texts, count, question, &key, asked->gaussian,
                  asked->threshold, asked->most, bytes_for(curator->schema),
                  &chosen, &kept, err));
    *answer = pack(texts, chosen, kept, size);
    if (*answer == NULL)
        status = pv_fail_memory(err, "the labels");
out:
    pv_key_wipe(&key);
    pv_wipe_free(texts, count * sizeof *texts);
    pv_wipe_free(chosen, kept * sizeof *chosen);
    return status;
}

/* The threshold is part of the record, so that a reader of the ledger can tell
 * what delta it stands for. */
static json_t *record_of(const pv_curator *curator, size_t column,
                         const pv_gaussian *gaussian, uint64_t threshold,
                         uint64_t delta, size_t most)
{
    char sigma2[64];
    pv_question_sigma2(gaussian, sigma2);
    return json_pack("{s:s, s:s, s:I, s:I, s:I, s:s, s:I}", "ask", "labels",
                     "column", pv_schema_column(curator->schema, column)->name,
                     "threshold", (json_int_t)threshold, "delta",
                     (json_int_t)delta, "most", (json_int_t)most, "sigma2",
                     sigma2, "sensitivity2",
                     (json_int_t)pv_curator_sensitivity2(curator));
}

pv_status pv_labels_inquire(const pv_curator *curator, size_t column,
                            pv_rational sigma2, uint64_t delta, size_t most,
                            pv_inquiry *asked, pv_error *err)
{
    pv_status status = PV_OK;
    *asked = (pv_inquiry){
        .cost = {0, delta}, .column = column, .most = most};
    if (column >= pv_schema_columns(curator->schema) ||
        pv_schema_column(curator->schema, column)->needs != PV_NEEDS_LABELS ||
        most == 0)
        return pv_fail(err, PV_EINVAL, "labels are asked of open columns");
    PV_TRY(pv_inquiry_noise(asked, sigma2, err));
    if (!pv_cost_gaussian(pv_curator_sensitivity2(curator),
                          asked->gaussian->sigma2, &asked->cost.rho) ||
        !pv_label_threshold(asked->gaussian->sigma2, curator->rows_per_unit,
                            delta, &asked->threshold)) {
        status = pv_fail(err, PV_EBUDGET,
                         "the delta or the noise of a question about labels is "
                         "out of range; raise delta");
        goto out;
    }
    asked->record = record_of(curator, column, asked->gaussian,
                              asked->threshold, delta, most);
out:
    return status;
}

pv_status pv_ask_labels(pv_curator *curator, size_t column, pv_rational sigma2,
                        uint64_t delta, size_t most, pv_labels *labels,
                        pv_error *err)
{
    pv_status status = PV_OK;
    pv_question question = {0};
    pv_inquiry asked = {0};
    size_t size = 0;
    unsigned char *answer = NULL;
    *labels = (pv_labels){NULL, 0};
    PV_TRY(pv_labels_inquire(curator, column, sigma2, delta, most, &asked,
                             err));
    PV_TRY(pv_inquiry_open(curator, &asked, &question, err));
    if (!question.committed) {
        PV_TRY(pv_labels_draw(curator, &question, &asked, &answer, &size, err));
        PV_TRY(pv_question_commit(curator, &question, answer, size, err));
        PV_TRY(pv_labels_unpack(answer, size, labels, err));
    } else {
        PV_TRY(pv_labels_unpack(question.answer, question.answer_size, labels,
                                err));
    }
out:
    if (status != PV_OK)
        pv_labels_clear(labels);
    free(answer);
    pv_question_clear(&question);
    pv_inquiry_clear(&asked);
    return status;
}
