#include "gen/generator.h"

#include "gen/methods.h"

#include <string.h>

static const pv_generator *const registry[] = {
    &pv_generator_independent,
    &pv_generator_direct,
    &pv_generator_mst,
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
    pv_domain domain;
    size_t c = 0;
    pv_domain_of_model(schema, &domain);
    const pv_status status = pv_workload_varying(&domain, 1, 0, single, err);
    if (status != PV_OK || single->count > 0)
        return status;
    /* only the number of rows is not known */
    while (pv_schema_map(schema, c) != NULL)
        c++;
    pv_clique one = pv_clique_empty();
    pv_clique_add(&one, c);
    return pv_workload_add(single, one, 1.0, err);
}
