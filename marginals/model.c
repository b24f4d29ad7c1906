#include "core/memory.h"
#include "marginals/model_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

size_t pv_model_home(const pv_model *model, const pv_clique *clique)
{
    for (size_t i = 0; i < model->tree.cliques; i++)
        if (pv_clique_subset(clique, &model->tree.clique[i]))
            return i;
    return SIZE_MAX;
}

/* The graph's cliques: the potentials' and the structural zeros'. */
static pv_clique *graph_cliques(const pv_zero *zero, size_t zeros,
                                const pv_clique *clique, size_t cliques)
{
    pv_clique *all = pv_array_alloc(cliques + zeros, sizeof *all);
    if (all == NULL)
        return NULL;
    if (cliques > 0)
        memcpy(all, clique, cliques * sizeof *all);
    for (size_t i = 0; i < zeros; i++)
        all[cliques + i] = pv_clique_of(zero[i].column, zero[i].columns);
    return all;
}

static size_t bytes_of_cells(size_t cells)
{
    size_t bytes;
    return cells != SIZE_MAX && pv_size_mul(cells, sizeof(double), &bytes)
               ? bytes
               : SIZE_MAX;
}

size_t pv_model_bytes(const pv_domain *domain, const pv_zero *zero,
                      size_t zeros, const pv_clique *clique, size_t cliques)
{
    pv_clique *all = graph_cliques(zero, zeros, clique, cliques);
    if (all == NULL)
        return SIZE_MAX;
    const size_t cells = pv_jtree_size(domain, all, cliques + zeros);
    free(all);
    return bytes_of_cells(cells);
}

static pv_status check_memory(size_t bytes, size_t memory, pv_error *err)
{
    const double megabyte = 1048576.0;
    if (bytes == SIZE_MAX)
        return pv_fail(err, PV_ETOOBIG,
                       "the model's tables would not fit any memory; choose "
                       "fewer or smaller marginals");
    if (memory > 0 && bytes > memory)
        return pv_fail(err, PV_ETOOBIG,
                       "the model's tables would take %.1f MB, more than the "
                       "%.1f MB allowed; raise --memory or choose fewer or "
                       "smaller marginals",
                       (double)bytes / megabyte, (double)memory / megabyte);
    return PV_OK;
}

pv_status pv_model_fits(const pv_domain *domain, const pv_zero *zero,
                        size_t zeros, const pv_clique *clique, size_t cliques,
                        size_t memory, pv_error *err)
{
    for (size_t i = 0; i < cliques; i++)
        if (pv_clique_count(&clique[i]) > PV_FACTOR_RANK)
            return pv_fail(err, PV_ETOOBIG,
                           "a marginal has %zu columns, the most is %d; leave "
                           "some out",
                           pv_clique_count(&clique[i]), PV_FACTOR_RANK);
    return check_memory(pv_model_bytes(domain, zero, zeros, clique, cliques),
                        memory, err);
}

/* A clique's table: the separator's columns first, in its parent's order, so
 * that messages are sums over blocks; then the others, the one with the most
 * levels last, so that a walk has long runs. */
static pv_status shape_belief(pv_model *model, size_t i, pv_error *err)
{
    const pv_jtree *tree = &model->tree;
    const pv_clique fresh =
        pv_clique_minus(&tree->clique[i], &tree->separator[i]);
    uint32_t column[PV_MAX_COLUMNS];
    size_t rank = 0;
    if (pv_clique_count(&tree->clique[i]) > PV_FACTOR_RANK)
        return pv_fail(err, PV_ETOOBIG,
                       "a marginal over %zu columns does not fit any memory; "
                       "use fewer or coarser columns",
                       pv_clique_count(&tree->clique[i]));
    if (tree->parent[i] != PV_NO_PARENT) {
        const pv_factor *parent = &model->belief[tree->parent[i]];
        for (size_t a = 0; a < parent->rank; a++)
            if (pv_clique_has(&tree->separator[i], parent->column[a]))
                column[rank++] = parent->column[a];
    }
    for (size_t c = pv_clique_next(&fresh, 0); c < PV_MAX_COLUMNS;
         c = pv_clique_next(&fresh, c + 1)) {
        size_t at = rank++;
        for (; at > pv_clique_count(&tree->separator[i]) &&
               model->domain.levels[column[at - 1]] > model->domain.levels[c];
             at--)
            column[at] = column[at - 1];
        column[at] = (uint32_t)c;
    }
    return pv_factor_columns(&model->belief[i], &model->domain, column, rank,
                             err);
}

static pv_status build_tables(pv_model *model, pv_error *err)
{
    pv_status status = PV_OK;
    const pv_jtree *tree = &model->tree;
    size_t largest = 1;
    for (size_t i = 0; i < tree->cliques; i++) {
        PV_TRY(shape_belief(model, i, err));
        if (tree->parent[i] == PV_NO_PARENT)
            continue;
        PV_TRY(pv_factor_like(&model->up[i], &model->domain,
                              &tree->separator[i], &model->belief[i], err));
        PV_TRY(pv_map_init(&model->own_map[i], &model->belief[i],
                           &model->up[i], err));
        PV_TRY(pv_map_init(&model->parent_map[i],
                           &model->belief[tree->parent[i]], &model->up[i],
                           err));
        if (model->up[i].cells > largest)
            largest = model->up[i].cells;
    }
    model->scratch = pv_aligned_alloc(largest, sizeof *model->scratch);
    if (model->scratch == NULL)
        status = pv_fail_memory(err, "a model");
out:
    return status;
}

static pv_status attach(pv_model *model, pv_potential *potential,
                        const pv_clique *clique, pv_error *err)
{
    const pv_clique none = pv_clique_empty();
    pv_status status = PV_OK;
    potential->clique = *clique;
    potential->home = pv_model_home(model, clique);
    PV_CHECK(potential->home != SIZE_MAX);
    PV_TRY(pv_factor_init(&potential->factor, &model->domain, clique, &none,
                          err));
    memset(potential->factor.cell, 0,
           potential->factor.cells * sizeof *potential->factor.cell);
out:
    return status;
}

static pv_status allocate_scratch(pv_model *model, pv_error *err)
{
    size_t largest = 1;
    for (size_t i = 0; i < model->potentials; i++)
        if (model->potential[i].factor.cells > largest)
            largest = model->potential[i].factor.cells;
    for (size_t i = 0; i < model->zeros; i++)
        if (model->zero[i].factor.cells > largest)
            largest = model->zero[i].factor.cells;
    model->exponentials =
        pv_aligned_alloc(largest, sizeof *model->exponentials);
    return model->exponentials != NULL ? PV_OK
                                       : pv_fail_memory(err, "a model");
}

/* -inf where every column's mask is true. */
static void fill_zero(pv_factor *factor, const pv_zero *zero)
{
    for (size_t cell = 0; cell < factor->cells; cell++) {
        size_t rest = cell;
        bool forbidden = true;
        for (size_t j = zero->columns; j-- > 0;) {
            forbidden = forbidden && zero->mask[j][rest % factor->shape[j]];
            rest /= factor->shape[j];
        }
        factor->cell[cell] = forbidden ? -INFINITY : 0.0;
    }
}

static pv_status allocate(pv_model *model, size_t cliques, size_t zeros,
                          pv_error *err)
{
    const size_t n = model->tree.cliques;
    model->below = pv_array_alloc(n, sizeof *model->below);
    model->belief = pv_array_calloc(n, sizeof *model->belief);
    model->up = pv_array_calloc(n, sizeof *model->up);
    model->own_map = pv_array_calloc(n, sizeof *model->own_map);
    model->parent_map = pv_array_calloc(n, sizeof *model->parent_map);
    model->up_top = pv_array_calloc(n, sizeof *model->up_top);
    model->potential = pv_array_calloc(cliques, sizeof *model->potential);
    model->zero = pv_array_calloc(zeros, sizeof *model->zero);
    if (model->below == NULL || model->belief == NULL || model->up == NULL || model->own_map == NULL ||
        model->parent_map == NULL || model->up_top == NULL ||
        model->potential == NULL || model->zero == NULL)
        return pv_fail_memory(err, "a model");
    memcpy(model->below, model->tree.clique, n * sizeof *model->below);
    for (size_t i = n; i-- > 0;)
        if (model->tree.parent[i] != PV_NO_PARENT) {
            pv_clique *of = &model->below[model->tree.parent[i]];
            *of = pv_clique_union(of, &model->below[i]);
        }
    model->potentials = cliques;
    model->zeros = zeros;
    return PV_OK;
}

pv_status pv_model_alloc(const pv_domain *domain, const pv_zero *zero,
                         size_t zeros, const pv_clique *clique, size_t cliques,
                         double total, size_t memory, pv_model **result,
                         pv_error *err)
{
    pv_status status = PV_OK;
    pv_clique *all = graph_cliques(zero, zeros, clique, cliques);
    pv_model *model = pv_array_calloc(1, sizeof *model);
    if (all == NULL || model == NULL) {
        status = pv_fail_memory(err, "a model");
        goto out;
    }
    model->domain = *domain;
    model->total = total;
    PV_TRY(pv_jtree_build(domain, all, cliques + zeros, &model->tree, err));
    PV_TRY(check_memory(bytes_of_cells(model->tree.cells), memory, err));
    PV_TRY(allocate(model, cliques, zeros, err));
    PV_TRY(build_tables(model, err));
    for (size_t i = 0; i < cliques; i++)
        PV_TRY(attach(model, &model->potential[i], &clique[i], err));
    for (size_t i = 0; i < zeros; i++) {
        PV_TRY(attach(model, &model->zero[i], &all[cliques + i], err));
        fill_zero(&model->zero[i].factor, &zero[i]);
    }
    PV_TRY(pv_model_group(model, err));
    PV_TRY(allocate_scratch(model, err));
    *result = model;
    model = NULL;
out:
    free(all);
    pv_model_free(model);
    return status;
}

static void free_potentials(pv_potential *potential, size_t count)
{
    for (size_t i = 0; potential != NULL && i < count; i++) {
        pv_factor_clear(&potential[i].factor);
        pv_map_clear(&potential[i].map);
    }
    free(potential);
}

void pv_model_free(pv_model *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < model->tree.cliques; i++) {
        if (model->belief != NULL)
            pv_factor_clear(&model->belief[i]);
        if (model->up != NULL)
            pv_factor_clear(&model->up[i]);
        if (model->own_map != NULL)
            pv_map_clear(&model->own_map[i]);
        if (model->parent_map != NULL)
            pv_map_clear(&model->parent_map[i]);
    }
    free_potentials(model->potential, model->potentials);
    free_potentials(model->zero, model->zeros);
    for (size_t i = 0; i < model->groups; i++) {
        pv_factor_clear(&model->group[i].factor);
        pv_map_clear(&model->group[i].map);
    }
    free(model->group);
    free(model->below);
    free(model->belief);
    free(model->up);
    free(model->own_map);
    free(model->parent_map);
    free(model->up_top);
    free(model->scratch);
    free(model->exponentials);
    pv_jtree_clear(&model->tree);
    free(model);
}

const pv_domain *pv_model_domain(const pv_model *model)
{
    return &model->domain;
}

double pv_model_total(const pv_model *model)
{
    return model->total;
}

size_t pv_model_cells(const pv_model *model)
{
    return model->tree.cells;
}

size_t pv_model_cliques(const pv_model *model)
{
    return model->tree.cliques;
}

bool pv_model_holds(const pv_model *model, const pv_clique *clique)
{
    return pv_model_home(model, clique) != SIZE_MAX;
}

double *pv_model_potential(pv_model *model, size_t i, size_t *cells)
{
    if (cells != NULL)
        *cells = model->potential[i].factor.cells;
    return model->potential[i].factor.cell;
}

bool pv_model_isolated(const pv_model *model, size_t i)
{
    const pv_jtree *tree = &model->tree;
    const size_t home = model->potential[i].home;
    if (tree->parent[home] != PV_NO_PARENT ||
        !pv_clique_equal(&model->potential[i].clique, &tree->clique[home]))
        return false;
    for (size_t j = 0; j < tree->cliques; j++)
        if (tree->parent[j] == home)
            return false;
    for (size_t j = 0; j < model->potentials; j++)
        if (j != i && model->potential[j].home == home)
            return false;
    for (size_t j = 0; j < model->zeros; j++)
        if (model->zero[j].home == home)
            return false;
    return true;
}
