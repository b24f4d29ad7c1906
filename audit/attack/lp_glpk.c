/* One level of least absolute deviations by GLPK: its dual simplex with long steps
 * on the dual program (solve_lp.c has it). y at the bound of its cost's sign and z
 * at 0 is dual feasible, so it starts at once, and long steps pass whole rows of
 * boxed y at a time: the reason for this form. */
#include "audit/attack/solve_internal.h"
#include "core/memory.h"

#include <glpk.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>

const char *const pv_lp_name = "GLPK";

static void add_columns(glp_prob *lp, const pv_incidence *a, const double *b,
                        size_t stride, int *index, double *one)
{
    for (size_t i = 0; i < a->queries; i++) {
        const int column = (int)i + 1;
        int n = 0;
        for (size_t e = a->query_start[i]; e < a->query_start[i + 1]; e++) {
            index[++n] = (int)a->user[e] + 1;
            one[n] = 1;
        }
        glp_set_mat_col(lp, column, n, index, one);
        glp_set_col_bnds(lp, column, GLP_DB, -1, 1);
        glp_set_obj_coef(lp, column, b[i * stride]);
        glp_set_col_stat(lp, column, b[i * stride] > 0 ? GLP_NU : GLP_NL);
    }
    one[1] = -1;
    for (size_t j = 0; j < a->users; j++) {
        const int row = (int)j + 1, column = (int)(a->queries + j) + 1;
        index[1] = row;
        glp_set_mat_col(lp, column, 1, index, one);
        glp_set_col_bnds(lp, column, GLP_LO, 0, 0);
        glp_set_obj_coef(lp, column, -1);
        glp_set_col_stat(lp, column, GLP_NL);
        glp_set_row_bnds(lp, row, GLP_UP, 0, 0);
    }
}

static pv_status optimise(glp_prob *lp, const pv_solve_options *options,
                          pv_error *err)
{
    glp_smcp how;
    (void)glp_init_smcp(&how);
    how.msg_lev = GLP_MSG_OFF;
    how.meth = GLP_DUALP;
    how.r_test = GLP_RT_FLIP;
    if (options->most > 0)
        how.it_lim = options->most < INT_MAX ? (int)options->most : INT_MAX;
    const int failed = glp_simplex(lp, &how);
    if (failed == GLP_EITLIM)
        return pv_fail(err, PV_ENUMERIC,
                       "no optimum within %zu steps; pdhg gives a certified "
                       "approximation",
                       options->most);
    if (failed != 0 || glp_get_status(lp) != GLP_OPT)
        return pv_fail(err, PV_ENUMERIC,
                       "GLPK found no optimum (code %d); pdhg gives a "
                       "certified approximation",
                       failed);
    return PV_OK;
}

pv_status pv_lp_level(const pv_instance *in, size_t level,
                      const pv_solve_options *options, double *multiplier,
                      pv_solution *solution, pv_error *err)
{
    const pv_incidence *a = in->incidence;
    pv_status status = PV_OK;
    int *index = pv_array_alloc(a->users + 2, sizeof *index);
    double *one = pv_array_alloc(a->users + 2, sizeof *one);
    glp_prob *lp = glp_create_prob();
    if (index == NULL || one == NULL) {
        status = pv_fail_memory(err, "a linear program");
        goto out;
    }
    glp_set_obj_dir(lp, GLP_MAX);
    glp_add_rows(lp, (int)a->users);
    glp_add_cols(lp, (int)(a->queries + a->users));
    add_columns(lp, a, in->answer + level, in->levels, index, one);
    PV_TRY(optimise(lp, options, err));
    for (size_t j = 0; j < a->users; j++)
        multiplier[j] = glp_get_row_dual(lp, (int)j + 1);
    solution->bound += glp_get_obj_val(lp);
    solution->iterations += (size_t)glp_get_it_cnt(lp);
out:
    glp_delete_prob(lp);
    free(index);
    free(one);
    return status;
}
