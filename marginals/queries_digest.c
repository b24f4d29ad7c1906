/* What a group is, as bytes without ambiguity: every list goes with its length, every
 * number has 8 bytes, least first. */
#include "marginals/queries_internal.h"

#include <sodium.h>
#include <string.h>

typedef crypto_generichash_state hashing;

static void add_number(hashing *h, uint64_t number)
{
    unsigned char bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(number >> 8 * i);
    (void)crypto_generichash_update(h, bytes, sizeof bytes);
}

static void add_double(hashing *h, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    add_number(h, bits);
}

static void add_text(hashing *h, const char *text)
{
    const size_t length = strlen(text);
    add_number(h, length);
    (void)crypto_generichash_update(h, (const unsigned char *)text, length);
}

/* The column's name, and what its cells mean. */
static void add_column(hashing *h, const pv_queries *q, size_t column)
{
    const pv_column *c = pv_schema_column(q->schema, column);
    const pv_axis *axis = &q->axis[column];
    const uint32_t values = axis->cells - axis->missing;
    add_text(h, c->name);
    add_number(h, (uint64_t)c->kind);
    add_number(h, axis->cells);
    add_number(h, axis->missing);
    if (c->kind == PV_COLUMN_LABELS)
        for (uint32_t i = 0; i < values; i++)
            add_text(h, c->labels[i]);
    add_double(h, c->kind == PV_COLUMN_LABELS ? 0 : c->minimum);
    add_double(h, c->kind == PV_COLUMN_LABELS ? 0 : c->maximum);
    for (uint32_t i = 0; axis->numbers && i <= values; i++)
        add_double(h, axis->edge[i]);
}

static void add_layers(hashing *h, const pv_queries *q, const pv_group *g)
{
    add_number(h, g->layers);
    for (size_t l = 0; l < g->layers; l++) {
        add_number(h, g->layer[l].partitions);
        for (size_t i = 0; i < g->layer[l].partitions; i++) {
            const pv_partition *p = &g->layer[l].partition[i];
            add_column(h, q, p->column);
            add_number(h, p->parts);
            for (uint32_t c = 0; c < q->axis[p->column].cells; c++)
                add_number(h, p->map[c]);
        }
    }
}

static void add_boxes(hashing *h, const pv_queries *q, const pv_group *g)
{
    add_number(h, g->boxes);
    for (size_t b = 0; b < g->boxes; b++) {
        add_number(h, g->box[b].conditions);
        for (size_t i = 0; i < g->box[b].conditions; i++) {
            const pv_condition *c = &g->box[b].condition[i];
            add_column(h, q, c->column);
            for (uint32_t cell = 0; cell < q->axis[c->column].cells; cell++)
                add_number(h, c->in[cell]);
        }
    }
}

static void add_terms(hashing *h, const pv_queries *q, const pv_group *g)
{
    add_number(h, g->terms);
    for (size_t t = 0; t < g->terms; t++) {
        const pv_plane_term *term = &g->term[t];
        add_column(h, q, term->column);
        add_number(h, term->weight != NULL);
        for (uint32_t i = 0;
             term->weight != NULL && i < q->axis[term->column].cells; i++)
            add_double(h, term->weight[i]);
        add_double(h, term->slope);
        add_double(h, term->missing);
    }
    add_double(h, g->bound);
}

void pv_queries_digest(const pv_queries *q, size_t i, unsigned char digest[32])
{
    hashing h;
    const pv_group *g = &q->group[i];
    (void)crypto_generichash_init(&h, NULL, 0, 32);
    add_text(&h, "privet query group 1");
    add_number(&h, (uint64_t)g->kind);
    add_number(&h, g->cells);
    add_number(&h, g->most);
    add_layers(&h, q, g);
    add_number(&h, g->cross >= 0);
    add_number(&h, g->crossed);
    if (g->cross >= 0)
        add_column(&h, q, (size_t)g->cross);
    add_boxes(&h, q, g);
    add_terms(&h, q, g);
    (void)crypto_generichash_final(&h, digest, 32);
}
