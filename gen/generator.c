#include "gen/generator.h"

#include "gen/methods.h"

#include <string.h>

static const pv_generator *const registry[] = {
    &pv_generator_independent,
    &pv_generator_direct,
    &pv_generator_mst,
    &pv_generator_aim,
    &pv_generator_tree,
    &pv_generator_gsd,
    &pv_generator_pe,
};

const pv_generator *pv_generator_at(size_t i)
{
    return i < sizeof registry / sizeof *registry ? registry[i] : NULL;
}

const pv_generator *pv_generator_find(const char *name)
{
    for (size_t i = 0; pv_generator_at(i) != NULL; i++)
        if (strcmp(pv_generator_at(i)->name, name) == 0)
            return pv_generator_at(i);
    return NULL;
}

pv_status pv_one_way(const pv_schema *schema, pv_workload *single,
                     pv_error *err)
{
    return pv_workload_ways(schema, 1, 0, NULL, single, err);
}
