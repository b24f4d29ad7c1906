#include "marginals/model_internal.h"

#include <math.h>
#include <string.h>

/* Below this a scaled message is taken as zero, so that the division on the
 * way back never meets a number that has lost its digits. */
static const double tiny = 1e-280;

/* exp(sum of potentials - maximum) in each table; the maximum is returned. */
static double load(const pv_model *model, size_t i)
{
    pv_factor *table = &model->belief[i];
    memset(table->cell, 0, table->cells * sizeof *table->cell);
    for (size_t j = 0; j < model->potentials; j++)
        if (model->potential[j].home == i)
            pv_map_add(&model->potential[j].map, table->cell,
                       model->potential[j].factor.cell);
    for (size_t j = 0; j < model->zeros; j++)
        if (model->zero[j].home == i)
            pv_map_add(&model->zero[j].map, table->cell,
                       model->zero[j].factor.cell);
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

static pv_status no_mass(pv_error *err)
{
    return pv_fail(err, PV_ENUMERIC,
                   "no row has any probability: the structural zeros leave no "
                   "possible row, or the fit went out of range");
}

/* The message of clique i to its parent, multiplied into the parent. */
static pv_status send_up(pv_model *model, size_t i, pv_error *err)
{
    pv_factor *up = &model->up[i];
    pv_map_project(&model->own_map[i], model->belief[i].cell, up->cell,
                   up->cells);
    const double top = pv_maximum(up->cell, up->cells);
    if (!(top > 0) || !isfinite(top))
        return no_mass(err);
    for (size_t k = 0; k < up->cells; k++) {
        const double v = up->cell[k] / top;
        up->cell[k] = v > tiny ? v : 0.0;
    }
    model->up_top[i] = top;
    pv_map_multiply(&model->parent_map[i],
                    model->belief[model->tree.parent[i]].cell, up->cell);
    return PV_OK;
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

pv_status pv_model_calibrate(pv_model *model, double *log_z, pv_error *err)
{
    const pv_jtree *tree = &model->tree;
    double total_log = 0;
    /* all tables first: a parent gets its children's messages on top */
    for (size_t i = 0; i < tree->cliques; i++) {
        const double top = load(model, i);
        if (!isfinite(top))
            return no_mass(err);
        total_log += top;
    }
    for (size_t i = tree->cliques; i-- > 0;) {
        if (tree->parent[i] != PV_NO_PARENT) {
            const pv_status status = send_up(model, i, err);
            if (status != PV_OK)
                return status;
            total_log += pv_log(model->up_top[i]);
            continue;
        }
        pv_factor *root = &model->belief[i];
        const double z = pv_sum(root->cell, root->cells);
        if (!(z > 0) || !isfinite(z))
            return no_mass(err);
        total_log += pv_log(z);
        scale(root->cell, root->cells, model->total / z);
    }
    for (size_t i = 0; i < tree->cliques; i++)
        if (tree->parent[i] != PV_NO_PARENT)
            send_down(model, i);
    if (log_z != NULL)
        *log_z = total_log;
    return PV_OK;
}

void pv_model_project(const pv_model *model, size_t i, double *mu)
{
    const pv_potential *p = &model->potential[i];
    pv_map_project(&p->map, model->belief[p->home].cell, mu, p->factor.cells);
}
