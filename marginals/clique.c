#include "marginals/clique.h"

#include "core/memory.h"

#include <stdio.h>
#include <string.h>

size_t pv_clique_columns(const pv_clique *c, uint32_t *column, size_t room)
{
    size_t n = 0;
    for (size_t i = pv_clique_next(c, 0); i < PV_MAX_COLUMNS;
         i = pv_clique_next(c, i + 1)) {
        if (n < room)
            column[n] = (uint32_t)i;
        n++;
    }
    return n;
}

bool pv_combination_next(uint32_t *column, size_t k, size_t n)
{
    for (size_t i = k; i-- > 0;) {
        if (column[i] < n - k + i) {
            column[i]++;
            for (size_t j = i + 1; j < k; j++)
                column[j] = column[j - 1] + 1;
            return true;
        }
    }
    return false;
}

void pv_domain_of_schema(const pv_schema *schema, pv_domain *domain)
{
    domain->columns = pv_schema_columns(schema);
    PV_CHECK(domain->columns <= PV_MAX_COLUMNS);
    for (size_t i = 0; i < domain->columns; i++)
        domain->levels[i] = pv_schema_column(schema, i)->levels;
}

void pv_domain_of_model(const pv_schema *schema, pv_domain *domain)
{
    pv_domain_of_schema(schema, domain);
    for (size_t i = 0; i < domain->columns; i++)
        if (pv_schema_map(schema, i) != NULL)
            domain->levels[i] = 1;
}

pv_status pv_clique_modelled(const pv_clique *c, const pv_schema *schema,
                             pv_error *err)
{
    for (size_t i = pv_clique_next(c, 0); i < pv_schema_columns(schema);
         i = pv_clique_next(c, i + 1))
        if (pv_schema_map(schema, i) != NULL)
            return pv_fail(err, PV_EINVAL,
                           "column \"%s\" follows from \"%s\" by a function "
                           "of the schema, so nothing is asked about it",
                           pv_schema_column(schema, i)->name,
                           pv_schema_column(schema, pv_schema_root(schema, i))
                               ->name);
    return PV_OK;
}

size_t pv_domain_cells(const pv_domain *domain, const pv_clique *c)
{
    size_t cells = 1;
    bool fits = true, none = false;
    for (size_t i = pv_clique_next(c, 0); i < domain->columns;
         i = pv_clique_next(c, i + 1)) {
        /* a column without levels empties the product, however large */
        none = none || domain->levels[i] == 0;
        fits = fits && pv_size_mul(cells, domain->levels[i], &cells);
    }
    return none ? 0 : fits ? cells : SIZE_MAX;
}

void pv_clique_describe(const pv_clique *c, const pv_schema *schema, char *text,
                        size_t size)
{
    static const char cut[] = "...";
    size_t used = 0;
    if (size == 0)
        return;
    text[0] = '\0';
    for (size_t i = pv_clique_next(c, 0); i < pv_schema_columns(schema);
         i = pv_clique_next(c, i + 1)) {
        const int n =
            snprintf(text + used, size - used, "%s%s", used == 0 ? "" : " x ",
                     pv_schema_column(schema, i)->name);
        if (n < 0 || (size_t)n >= size - used) {
            if (size > sizeof cut)
                memcpy(text + size - sizeof cut, cut, sizeof cut);
            return;
        }
        used += (size_t)n;
    }
}
