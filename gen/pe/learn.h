/* gen/pe/learn.h - what single columns tell, class by class. Internal to gen/. */
#ifndef PV_GEN_PE_LEARN_H
#define PV_GEN_PE_LEARN_H

#include "embeddings/space.h"
#include "gen/pe/axes.h"
#include "gen/pe/evidence.h"
#include "gen/pe/run.h"

/* The share of the budget for class sizes: of tables whose columns are asked about by
 * class too, and of others. */
extern const double pv_pe_size_share, pv_pe_label_share;

/* Asks for the marginal of each column with the class, when the run starts from them,
 * and sharpens the classes' sizes by them: axes whose laws they are, and evidence of
 * as many partitions. Otherwise the laws are uniform, and there is no evidence yet. */
PV_CHECKED pv_status pv_pe_learn(pv_pe_run *run, pv_axes **axes,
                                 pv_evidence **evidence, pv_error *err);

/* Rows as vectors: columns count alike when their values vary alike, by the axes'
 * laws. */
PV_CHECKED pv_status pv_pe_space(const pv_pe_run *run, const pv_axes *axes,
                                 pv_space **space, pv_error *err);

/* Bins of a number's column that so many rows of all classes allow, when counts have
 * so much noise; and that noise. */
size_t pv_pe_bins(double rows, double classes, double sigma);
PV_CHECKED pv_status pv_pe_marginal_noise(const pv_request *request,
                                          size_t columns, pv_rational *sigma2,
                                          pv_error *err);

#endif
