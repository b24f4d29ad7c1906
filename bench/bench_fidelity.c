/* CPU seconds of each fidelity probe: of tables that are named, or of a made
 * one of a million rows by 20 columns against another draw of it, where all but
 * the nearest neighbours may take two minutes on two cores, 240 CPU seconds. */
#include "audit/probe.h"
#include "bench/clock.h"
#include "io/load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { rows = 1000000, columns = 20 };

static const double target = 240;
static pv_error err;

static void check(pv_status status)
{
    if (status == PV_OK)
        return;
    fprintf(stderr, "%s\n", err.message);
    exit(1);
}

/* Eight columns of labels, six of whole numbers, six of numbers in bins. */
static pv_schema *make_schema(void)
{
    char text[16384] = "{\"fields\":[", field[512], label[32];
    pv_schema *schema = NULL;
    for (int c = 0; c < columns; c++) {
        if (c < 8) {
            snprintf(field, sizeof field,
                     "%s{\"name\":\"l%d\",\"type\":"
                     "\"string\",\"categories\":[",
                     c > 0 ? "," : "", c);
            strcat(text, field);
            for (int k = 0; k < 2 + 4 * c; k++) {
                snprintf(label, sizeof label, "%s\"v%d\"", k > 0 ? "," : "", k);
                strcat(text, label);
            }
            strcat(text, "]}");
            continue;
        }
        snprintf(field, sizeof field,
                 ",{\"name\":\"n%d\",\"type\":\"%s\",\"constraints\":"
                 "{\"minimum\":0,\"maximum\":%d}%s}",
                 c, c < 14 ? "integer" : "number", c < 14 ? 60 : 1000,
                 c < 14 ? "" : ",\"privet\":{\"bins\":32}");
        strcat(text, field);
    }
    strcat(text, "]}");
    check(pv_schema_parse(text, strlen(text), "bench", &schema, &err));
    return schema;
}

static double draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (double)(*state >> 11) * 0x1p-53;
}

/* A common factor runs through all columns; one value in 50 is missing. */
static pv_table *make_table(const pv_schema *schema, uint64_t seed)
{
    pv_table *table = NULL;
    check(pv_table_alloc(schema, rows, true, &table, &err));
    for (size_t r = 0; r < rows; r++) {
        const double common = draw(&seed);
        for (size_t c = 0; c < columns; c++) {
            const pv_column *column = pv_schema_column(schema, c);
            const double share = (common + draw(&seed)) / 2;
            const bool missing = draw(&seed) < 0.02;
            const double value = missing ? NAN : 1000 * share * share;
            uint32_t code = (uint32_t)(share * (column->levels - 1));
            if (column->kind == PV_COLUMN_BINS && !missing)
                code = pv_column_encode_number(column, value);
            if (missing)
                code = column->levels - 1;
            pv_table_put(table, c, r, 1, &code);
            if (column->kind == PV_COLUMN_BINS)
                pv_table_put_values(table, c, r, 1, &value);
        }
    }
    return table;
}

int main(int argc, char **argv)
{
    const pv_load_options how = {.values = true};
    pv_schema *schema = NULL;
    pv_table *real = NULL, *synthetic = NULL;
    pv_findings *findings = NULL;
    double sum = 0;
    if (argc == 4) {
        check(pv_schema_read(argv[1], &schema, &err));
        check(pv_load(argv[2], schema, &how, &real, NULL, &err));
        check(pv_load(argv[3], schema, &how, &synthetic, NULL, &err));
    } else {
        schema = make_schema();
        real = make_table(schema, 1);
        synthetic = make_table(schema, 2);
    }
    const pv_probe_input input = {.schema = schema,
                                  .real = real,
                                  .synthetic = synthetic,
                                  .group = pv_schema_column(schema, 0)->name};
    check(pv_findings_new("bench", "fidelity", &findings, &err));
    size_t count;
    const pv_probe *const *probes = pv_probes(&count);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(probes[i]->kind, "fidelity") != 0)
            continue;
        const double start = bench_cpu_seconds();
        check(probes[i]->run(&input, findings, &err));
        const double taken = bench_cpu_seconds() - start;
        printf("%-12s %8.2f s\n", probes[i]->name, taken);
        fflush(stdout);
        sum += taken;
    }
    if (argc == 4)
        printf("%-12s %8.2f s\n", "all", sum);
    else
        printf("%-12s %8.2f s (target %g s)%s\n", "all", sum, target,
               sum > target ? ": MISSED" : "");
    pv_findings_free(findings);
    pv_table_free(real);
    pv_table_free(synthetic);
    pv_schema_free(schema);
    return sum > target && argc != 4;
}
