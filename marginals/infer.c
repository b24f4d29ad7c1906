#include "marginals/model_internal.h"

#include <math.h>
#include <string.h>

/* Below this a scaled message is taken as zero, so that the division on the
 * way back never meets a number that has lost its digits. */
static const double tiny = 1e-280;

/* A message whose largest entry is below this lost its digits to potentials
 * that cancel: then tables are formed in log space instead. */
static const double vanishing = 1e-200;

/* table *= exp(potential - its maximum); returns the maximum. Exponentials are
 * taken at the potential's cells, far fewer than the table's. */
static double multiply_in(const pv_model *model, const pv_potential *p,
                          double *table)
{
    double *shifted = model->exponentials;
    const size_t cells = p->factor.cells;
    const double top = pv_maximum(p->factor.cell, cells);
    if (!isfinite(top))
        return top;
    memcpy(shifted, p->factor.cell, cells * sizeof *shifted);
    pv_exp_array(shifted, cells, top);
    pv_map_multiply(&p->map, table, shifted);
    return top;
}

/* A group's product, each factor at most 1; returns the log of what it was
 * divided by. */
static double load_group(const pv_model *model, size_t g)
{
    const pv_factor *table = &model->group[g].factor;
    double scale_log = 0;
    for (size_t k = 0; k < table->cells; k++)
        table->cell[k] = 1.0;
    for (size_t j = 0; j < model->potentials; j++)
        if (model->potential[j].group == g)
            scale_log += multiply_in(model, &model->potential[j], table->cell);
    for (size_t j = 0; j < model->zeros; j++)
        if (model->zero[j].group == g)
            scale_log += multiply_in(model, &model->zero[j], table->cell);
    return scale_log;
}

/* The product of what lives in a clique. */
static double load_product(const pv_model *model, size_t i)
{
    pv_factor *table = &model->belief[i];
    double scale_log = 0;
    for (size_t k = 0; k < table->cells; k++)
        table->cell[k] = 1.0;
    for (size_t g = 0; g < model->groups; g++)
        if (model->group[g].home == i) {
            scale_log += load_group(model, g);
            pv_map_multiply(&model->group[g].map, table->cell,
                            model->group[g].factor.cell);
        }
    return scale_log;
}

/* The same through log space: no cancellation, one exponential a cell. */
static double load_log(const pv_model *model, size_t i)
{
    pv_factor *table = &model->belief[i];
    memset(table->cell, 0, table->cells * sizeof *table->cell);
    for (size_t g = 0; g < model->groups; g++) {
        double *sum = model->group[g].factor.cell;
        if (model->group[g].home != i)
            continue;
        memset(sum, 0, model->group[g].factor.cells * sizeof *sum);
        for (size_t j = 0; j < model->potentials; j++)
            if (model->potential[j].group == g)
                pv_map_add(&model->potential[j].map, sum,
                           model->potential[j].factor.cell);
        for (size_t j = 0; j < model->zeros; j++)
            if (model->zero[j].group == g)
                pv_map_add(&model->zero[j].map, sum,
                           model->zero[j].factor.cell);
        pv_map_add(&model->group[g].map, table->cell, sum);
    }
    const double top = pv_maximum(table->cell, table->cells);
    if (isfinite(top))
        pv_exp_array(table->cell, table->cells, top);
    return top;
}

static void scale(double *x, size_t n, double factor)
{
    for (size_t i = 0; i < n; i++)
        x[i] *= factor;
}

/* The message of clique i to its parent, multiplied into the parent; false when
 * it vanishes. */
static bool send_up(pv_model *model, size_t i, double least)
{
    pv_factor *up = &model->up[i];
    pv_map_project(&model->own_map[i], model->belief[i].cell, up->cell,
                   up->cells);
    const double top = pv_maximum(up->cell, up->cells);
    if (!(top > least) || !isfinite(top))
        return false;
    for (size_t k = 0; k < up->cells; k++) {
        const double v = up->cell[k] / top;
        up->cell[k] = v > tiny ? v : 0.0;
    }
    model->up_top[i] = top;
    pv_map_multiply(&model->parent_map[i],
                    model->belief[model->tree.parent[i]].cell, up->cell);
    return true;
}

/* The parent's separator marginal over the message that went up. */
static void send_down(pv_model *model, size_t i)
{
    const pv_factor *up = &model->up[i];
    double *down = model->scratch;
    const double unscale = 1.0 / model->up_top[i];
    pv_map_project(&model->parent_map[i],
                   model->belief[model->tree.parent[i]].cell, down, up->cells);
    for (size_t k = 0; k < up->cells; k++)
        down[k] = up->cell[k] > 0 ? down[k] / up->cell[k] * unscale : 0.0;
    pv_map_multiply(&model->own_map[i], model->belief[i].cell, down);
}

/* Tables, then messages to the roots; false when a message vanishes. */
static bool collect(pv_model *model, bool in_log_space, double *log_z)
{
    const pv_jtree *tree = &model->tree;
    const double least = in_log_space ? 0.0 : vanishing;
    *log_z = 0;
    /* all tables first: a parent gets its children's messages on top */
    for (size_t i = 0; i < tree->cliques; i++) {
        const double top =
            in_log_space ? load_log(model, i) : load_product(model, i);
        if (!isfinite(top))
            return false;
        *log_z += top;
    }
    for (size_t i = tree->cliques; i-- > 0;) {
        if (tree->parent[i] != PV_NO_PARENT) {
            if (!send_up(model, i, least))
                return false;
            *log_z += pv_log(model->up_top[i]);
            continue;
        }
        pv_factor *root = &model->belief[i];
        const double z = pv_sum(root->cell, root->cells);
        if (!(z > least) || !isfinite(z))
            return false;
        *log_z += pv_log(z);
        scale(root->cell, root->cells, model->total / z);
    }
    return true;
}

pv_status pv_model_calibrate(pv_model *model, double *log_z, pv_error *err)
{
    const pv_jtree *tree = &model->tree;
    double sum;
    if (!collect(model, false, &sum) && !collect(model, true, &sum))
        return pv_fail(err, PV_ENUMERIC,
                       "no row has any probability: the structural zeros leave "
                       "no possible row, or the fit went out of range");
    for (size_t i = 0; i < tree->cliques; i++)
        if (tree->parent[i] != PV_NO_PARENT)
            send_down(model, i);
    for (size_t g = 0; g < model->groups; g++) {
        const pv_group *group = &model->group[g];
        pv_map_project(&group->map, model->belief[group->home].cell,
                       group->factor.cell, group->factor.cells);
    }
    if (log_z != NULL)
        *log_z = sum;
    return PV_OK;
}

void pv_model_project(const pv_model *model, size_t i, double *mu)
{
    const pv_potential *p = &model->potential[i];
    pv_map_project(&p->map, model->group[p->group].factor.cell, mu,
                   p->factor.cells);
}
