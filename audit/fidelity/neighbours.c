/* Precision, recall, density and coverage: whether the two tables' rows lie in
 * each other's neighbourhoods, by Gower's distance on codes; and the same of their
 * typical rows. */
#include "audit/attack/nearest.h"
#include "audit/attack/people.h"
#include "audit/fidelity/alpha.h"
#include "audit/fidelity/numbers.h"
#include "audit/fidelity/write.h"
#include "core/memory.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { neighbours = 5, most_rows = 2000 };

enum { metrics = 7 };
static const char *const ids[metrics] = {
    "nn.precision",    "nn.recall",   "nn.density",  "nn.coverage",
    "alpha.precision", "beta.recall", "authenticity"};

typedef struct searching {
    const pv_probe_input *input;
    pv_table *sample[2];
    uint32_t *column;
    pv_nearest *nearest[2];
    uint32_t *radius[2]; /* of each row: its k-th nearest of its own table */
    uint32_t *closest[2]; /* its nearest */
    uint32_t *apart;     /* synthetic x real */
    size_t centre[2];    /* medoids */
    uint32_t *within[2]; /* of each row from its own table's medoid */
    double value[metrics];
} searching;

static pv_status take_sample(searching *s, size_t t, pv_error *err)
{
    static const char *const purpose[] = {"neighbours.real",
                                          "neighbours.synthetic"};
    static const pv_key key = {{0}};
    pv_status status = PV_OK;
    pv_people people;
    uint32_t *drawn = NULL;
    PV_TRY(pv_people_draw(&key, purpose[t], pv_either(s->input, t), most_rows,
                          &people, &drawn, err));
    PV_TRY(pv_people_copy(&people, &s->sample[t], err));
out:
    free(drawn);
    return status;
}

/* A row's nearest is itself or its equal, so its k-th other is in place k. */
static pv_status find_radii(searching *s, size_t t, pv_error *err)
{
    enum { with_itself = neighbours + 1 };
    const size_t rows = pv_table_rows(s->sample[t]);
    const pv_people all = {s->sample[t], NULL, rows};
    pv_status status = PV_OK;
    uint32_t *found = pv_array_alloc(rows * with_itself, sizeof *found);
    uint32_t *distance = pv_array_alloc(rows * with_itself, sizeof *distance);
    s->radius[t] = pv_array_alloc(rows, sizeof *s->radius[t]);
    s->closest[t] = pv_array_alloc(rows, sizeof *s->closest[t]);
    if (found == NULL || distance == NULL || s->radius[t] == NULL ||
        s->closest[t] == NULL) {
        status = pv_fail_memory(err, "neighbours");
        goto out;
    }
    PV_TRY(pv_nearest_find(s->nearest[t], &all, with_itself, found, distance,
                           err));
    for (size_t r = 0; r < rows; r++) {
        s->radius[t][r] = distance[r * with_itself + neighbours];
        s->closest[t][r] = distance[r * with_itself + 1];
    }
out:
    free(found);
    free(distance);
    return status;
}

/* Balls are closed: of coded rows many are equally far, and a copy must lie in
 * its own neighbourhood. */
static pv_status compare(searching *s, pv_error *err)
{
    const size_t real = pv_table_rows(s->sample[0]);
    const size_t synthetic = pv_table_rows(s->sample[1]);
    uint64_t precise = 0, recalled = 0, dense = 0, covered = 0;
    bool *in[2] = {pv_array_calloc(real, sizeof *in[0]),
                   pv_array_calloc(real, sizeof *in[0])};
    if (in[0] == NULL || in[1] == NULL) {
        free(in[0]);
        free(in[1]);
        return pv_fail_memory(err, "neighbours");
    }
    for (size_t j = 0; j < synthetic; j++) {
        uint64_t balls = 0;
        for (size_t i = 0; i < real; i++) {
            const uint32_t d = s->apart[j * real + i];
            const bool near = d <= s->radius[0][i];
            balls += near;
            in[0][i] = in[0][i] || near;
            in[1][i] = in[1][i] || d <= s->radius[1][j];
        }
        precise += balls > 0;
        dense += balls;
    }
    for (size_t i = 0; i < real; i++) {
        covered += in[0][i];
        recalled += in[1][i];
    }
    s->value[0] = (double)precise / (double)synthetic;
    s->value[1] = (double)recalled / (double)real;
    s->value[2] = (double)dense / ((double)neighbours * (double)synthetic);
    s->value[3] = (double)covered / (double)real;
    free(in[0]);
    free(in[1]);
    return PV_OK;
}

/* The medoid of a sample and how far its rows are from it. */
static pv_status find_centre(searching *s, size_t t, pv_error *err)
{
    const size_t rows = pv_table_rows(s->sample[t]);
    const pv_people all = {s->sample[t], NULL, rows};
    pv_status status = PV_OK;
    size_t pairs;
    uint32_t *distance = NULL;
    if (pv_size_mul(rows, rows, &pairs))
        distance = pv_array_alloc(pairs, sizeof *distance);
    s->within[t] = pv_array_alloc(rows, sizeof *s->within[t]);
    if (distance == NULL || s->within[t] == NULL) {
        status = pv_fail_memory(err, "distances");
        goto out;
    }
    PV_TRY(pv_nearest_distances(s->nearest[t], &all, distance, err));
    s->centre[t] = pv_medoid(distance, rows);
    for (size_t r = 0; r < rows; r++)
        s->within[t][r] = distance[s->centre[t] * rows + r];
out:
    free(distance);
    return status;
}

static pv_status compare_typical(searching *s, pv_error *err)
{
    pv_status status = PV_OK;
    pv_alpha a = {.rows = {pv_table_rows(s->sample[0]),
                           pv_table_rows(s->sample[1])},
                  .apart = s->apart,
                  .closest = s->closest[0],
                  .centre = {s->centre[0], s->centre[1]},
                  .within = {s->within[0], s->within[1]}};
    PV_TRY(pv_alpha_measure(&a, err));
    s->value[4] = a.precision;
    s->value[5] = a.recall;
    s->value[6] = a.authenticity;
out:
    return status;
}

static pv_status measure(searching *s, pv_error *err)
{
    const size_t columns = pv_schema_columns(s->input->schema);
    pv_status status = PV_OK;
    size_t pairs;
    s->column = pv_array_alloc(columns, sizeof *s->column);
    if (s->column == NULL)
        return pv_fail_memory(err, "neighbours");
    for (uint32_t c = 0; c < columns; c++)
        s->column[c] = c;
    for (size_t t = 0; t < 2; t++) {
        PV_TRY(take_sample(s, t, err));
        PV_TRY(pv_nearest_new(s->sample[t], s->column, columns, &s->nearest[t],
                              err));
        PV_TRY(find_radii(s, t, err));
        PV_TRY(find_centre(s, t, err));
    }
    const pv_people all = {s->sample[1], NULL, pv_table_rows(s->sample[1])};
    if (pv_size_mul(pv_table_rows(s->sample[0]), all.count, &pairs))
        s->apart = pv_array_alloc(pairs, sizeof *s->apart);
    if (s->apart == NULL) {
        status = pv_fail_memory(err, "distances");
        goto out;
    }
    PV_TRY(pv_nearest_distances(s->nearest[0], &all, s->apart, err));
    PV_TRY(compare(s, err));
    PV_TRY(compare_typical(s, err));
out:
    return status;
}

static void clear(searching *s)
{
    for (size_t t = 0; t < 2; t++) {
        pv_nearest_free(s->nearest[t]);
        pv_table_free(s->sample[t]);
        free(s->radius[t]);
        free(s->closest[t]);
        free(s->within[t]);
    }
    free(s->column);
    free(s->apart);
}

static pv_status run(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err)
{
    pv_status status = PV_OK;
    searching s = {.input = input};
    const pv_writing w = {input, findings};
    const size_t rows[2] = {pv_table_rows(input->real),
                            pv_table_rows(input->synthetic)};
    const char *reason = pv_no_rows(input);
    char sampled[64];
    snprintf(sampled, sizeof sampled, "a seeded sample of at most %d rows",
             most_rows);
    for (size_t i = 0; i < metrics; i++)
        s.value[i] = NAN;
    if (reason == NULL && (rows[0] <= neighbours || rows[1] <= neighbours))
        reason = "a table has too few rows to have neighbours";
    if (reason == NULL) {
        PV_TRY(measure(&s, err));
        if (rows[0] > most_rows || rows[1] > most_rows)
            reason = sampled;
    }
    for (size_t i = 0; i < metrics; i++)
        PV_TRY(pv_write(&w, ids[i], NULL, s.value[i], reason, NULL, 0, err));
out:
    clear(&s);
    return status;
}

const pv_probe pv_probe_neighbours = {
    .name = "neighbours",
    .kind = "fidelity",
    .summary = "precision, recall, density and coverage of neighbourhoods",
    .yardstick = true,
    .run = run};
