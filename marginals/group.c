#include "core/memory.h"
#include "marginals/model_internal.h"

#include <stdlib.h>
#include <string.h>

/* A group may be this much smaller than its home's table, so that its own
 * products cost little beside the walk it saves. */
enum { least_ratio = 8 };

static pv_potential *potential_at(pv_model *model, size_t i)
{
    return i < model->potentials ? &model->potential[i]
                                 : &model->zero[i - model->potentials];
}

/* The group that grows least by taking the potential, or a new one. */
static size_t place(pv_model *model, const pv_potential *p)
{
    const size_t room = model->belief[p->home].cells / least_ratio;
    size_t best = SIZE_MAX, growth = SIZE_MAX;
    for (size_t g = 0; g < model->groups; g++) {
        const pv_group *group = &model->group[g];
        if (group->home != p->home)
            continue;
        const pv_clique both = pv_clique_union(&group->clique, &p->clique);
        const size_t cells = pv_domain_cells(&model->domain, &both);
        const size_t more =
            cells - pv_domain_cells(&model->domain, &group->clique);
        if ((more == 0 || cells <= room) && more < growth) {
            best = g;
            growth = more;
        }
    }
    if (best == SIZE_MAX) {
        best = model->groups++;
        model->group[best] =
            (pv_group){.clique = p->clique, .home = p->home};
    }
    model->group[best].clique =
        pv_clique_union(&model->group[best].clique, &p->clique);
    return best;
}

pv_status pv_model_group(pv_model *model, pv_error *err)
{
    pv_status status = PV_OK;
    const size_t count = model->potentials + model->zeros;
    model->group = pv_array_calloc(count, sizeof *model->group);
    if (model->group == NULL)
        return pv_fail_memory(err, "a model");
    for (size_t i = 0; i < count; i++)
        potential_at(model, i)->group = place(model, potential_at(model, i));
    for (size_t g = 0; g < model->groups; g++) {
        pv_group *group = &model->group[g];
        PV_TRY(pv_factor_like(&group->factor, &model->domain, &group->clique,
                              &model->belief[group->home], err));
        PV_TRY(pv_map_init(&group->map, &model->belief[group->home],
                           &group->factor, err));
    }
    for (size_t i = 0; i < count; i++) {
        pv_potential *p = potential_at(model, i);
        PV_TRY(pv_map_init(&p->map, &model->group[p->group].factor, &p->factor,
                           err));
    }
out:
    return status;
}
