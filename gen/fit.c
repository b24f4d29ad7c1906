#include "gen/fit.h"

#include "core/log.h"
#include "core/memory.h"
#include "gen/budget.h"
#include "gen/columns.h"
#include "io/numbers.h"

#include <math.h>
#include <stdlib.h>

pv_status pv_fit_model(const pv_schema *schema,
                       const pv_measurement *measurements, size_t count,
                       double total, size_t memory, pv_fit_path *path,
                       pv_model **model, pv_error *err)
{
    pv_status status = PV_OK;
    pv_domain domain;
    pv_zero *zeros = NULL;
    pv_target *targets = NULL;
    size_t zero_count = 0;
    pv_fit_report report;
    const pv_fit_options options = {.total = total, .memory = memory};
    if (count == 0)
        return pv_fail(err, PV_EINVAL, "there are no marginals to fit");
    pv_domain_of_model(schema, &domain);
    PV_TRY(pv_schema_zero_array(schema, &zeros, &zero_count, err));
    PV_TRY(pv_targets_of(measurements, count, &targets, err));
    PV_TRY(pv_estimate(&domain, zeros, zero_count, targets, count, &options,
                       path, model, &report, err));
    pv_log_detail("model: %zu cells in %zu cliques, fitted in %zu passes, "
                  "duality gap %.3g",
                  pv_model_cells(*model), pv_model_cliques(*model),
                  report.iterations, report.gap);
    if (!report.converged)
        pv_log_warning("the fit stopped at a duality gap of %.3g, above what "
                       "was asked; the rows are valid but may be less "
                       "accurate than they could be",
                       report.gap);
out:
    free(zeros);
    free(targets);
    return status;
}

pv_status pv_model_rows(const pv_model *model, const pv_schema *schema,
                        int64_t rows, const pv_key *key, pv_table **result,
                        pv_error *err)
{
    pv_status status = PV_OK;
    pv_table *table = NULL;
    pv_key of_rows, of_numbers;
    const double n = rows >= 0 ? (double)rows : round(pv_model_total(model));
    PV_TRY(pv_check_rows(schema, n, err));
    PV_TRY(pv_table_alloc(schema, (size_t)n, true, &table, err));
    pv_key_derive(key, "rows", NULL, 0, &of_rows);
    pv_key_derive(key, "numbers", NULL, 0, &of_numbers);
    PV_TRY(pv_model_sample(model, &of_rows, table, err));
    PV_TRY(pv_table_determine(table, err));
    PV_TRY(pv_numbers_fill(table, &of_numbers, err));
    *result = table;
    table = NULL;
out:
    pv_table_free(table);
    return status;
}

pv_status pv_fit_rows(const pv_schema *schema,
                      const pv_measurement *measurements, size_t count,
                      int64_t rows, double total, size_t memory,
                      pv_fit_path *path, const pv_key *key,
                      pv_table **table, pv_error *err)
{
    pv_status status = PV_OK;
    pv_model *model = NULL;
    PV_TRY(pv_fit_model(schema, measurements, count, total, memory, path,
                        &model, err));
    PV_TRY(pv_model_rows(model, schema, rows, key, table, err));
out:
    pv_model_free(model);
    return status;
}

void pv_fitted_clear(pv_fitted *fitted)
{
    pv_model_free(fitted->model);
    if (fitted->found != NULL)
        fitted->method->forget(fitted->found);
    *fitted = (pv_fitted){.model = NULL};
}

pv_status pv_fitted_rows(const pv_fitted *fitted, const pv_schema *schema,
                         int64_t rows, const pv_key *key, pv_table **table,
                         pv_error *err)
{
    return fitted->found != NULL
               ? fitted->method->rows(fitted->found, schema, rows, key, table,
                                      err)
               : pv_model_rows(fitted->model, schema, rows, key, table, err);
}

pv_status pv_ask_and_fit(const pv_request *request, pv_curator *curator,
                         pv_fitted *fitted, pv_error *err)
{
    pv_status status = PV_OK;
    pv_fit_path *path = NULL;
    const pv_measurement *measurements;
    size_t public_rows = 0;
    fitted->method = request->method;
    if (request->method->search != NULL)
        return request->method->search(request, curator, &fitted->found, err);
    PV_TRY(pv_columns_ask(request, curator, err));
    /* the method sees the levels that were found and what is left */
    pv_request resolved = *request;
    resolved.schema = pv_curator_schema(curator);
    resolved.budget = pv_curator_remaining(curator);
    PV_TRY(pv_fit_path_alloc(&path, err));
    PV_TRY(request->method->ask(&resolved, curator, path, err));
    const size_t count = pv_curator_measurements(curator, &measurements);
    (void)pv_curator_public_rows(curator, &public_rows);
    PV_TRY(pv_fit_model(resolved.schema, measurements, count,
                        (double)public_rows, request->memory, path,
                        &fitted->model, err));
out:
    pv_fit_path_free(path);
    return status;
}

pv_status pv_generate(const pv_request *request, pv_curator *curator,
                      pv_error *err)
{
    pv_status status = PV_OK;
    pv_fitted fitted = {.model = NULL};
    pv_table *table = NULL;
    pv_key key;
    PV_TRY(pv_ask_and_fit(request, curator, &fitted, err));
    pv_curator_post_key(curator, request->method->name, &key);
    PV_TRY(pv_fitted_rows(&fitted, pv_curator_schema(curator), request->rows,
                          &key, &table, err));
    PV_TRY(pv_curator_publish(curator, table, err));
out:
    pv_fitted_clear(&fitted);
    pv_table_free(table);
    return status;
}
