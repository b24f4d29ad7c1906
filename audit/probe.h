/* audit/probe.h - the registry of metrics and attacks.
 *
 * A probe looks at the tables and adds metrics to the findings. Adding one is
 * a file with a `const pv_probe` and a line in probe.c. */
#ifndef PV_AUDIT_PROBE_H
#define PV_AUDIT_PROBE_H

#include "audit/findings.h"
#include "core/api.h"
#include "core/status.h"
#include "io/load.h"
#include "marginals/queries.h"

#include <stddef.h>

/* What is audited. The tables share the schema. When `yardstick` is true the
 * table in the place of the synthetic one is a holdout, real people whom no
 * generator saw: its distances are what sampling alone makes, and the metrics
 * get the suffix ".holdout" and the scope {"table": "holdout"}. */
typedef struct pv_probe_input pv_probe_input;
struct pv_attack_terms; /* audit/attack/terms.h */
struct pv_uses;         /* audit/utility/uses.h */
struct pv_probe_input {
    const pv_schema *schema;
    const pv_table *real;
    const pv_table *synthetic;
    const pv_load_report *synthetic_report; /* what loading redirected */
    bool yardstick;
    const char *group; /* the column whose levels are scored apart, or NULL */
    bool nist;         /* the columns have the bins of the NIST excerpts */
    const struct pv_attack_terms *attack; /* for attacks; NULL for others */
    const pv_table *holdout; /* real rows no generator saw, or NULL */
    const struct pv_uses *uses; /* declared analyses; NULL: none */
    const pv_queries *queries; /* whose answers are compared; NULL: none */
    const pv_probe_input *binned; /* the same tables with bins other than the
                                     schema's, for distances; NULL: none */
};

typedef struct pv_probe {
    const char *name;
    const char *kind; /* the subcommand it belongs to: "fidelity", "attack" */
    const char *summary;
    bool yardstick; /* run for the holdout too */
    bool scale;     /* run for samples of the real table too */
    bool distances; /* takes the input `binned` where there is one */
    pv_status (*run)(const pv_probe_input *input, pv_findings *findings,
                     pv_error *err);
} pv_probe;

/* The registry. */
PV_API const pv_probe *const *pv_probes(size_t *count);

/* Runs the probes of a kind in the order of the registry. */
PV_API PV_CHECKED pv_status pv_probes_run(const char *kind,
                                          const pv_probe_input *input,
                                          pv_findings *findings, pv_error *err);

/* The same, of the probes that make a scale. */
PV_API PV_CHECKED pv_status pv_probes_scale(const char *kind,
                                            const pv_probe_input *input,
                                            pv_findings *findings,
                                            pv_error *err);

/* Adds a metric as pv_findings_add does, with the mark of the yardstick. */
PV_API PV_CHECKED pv_status pv_probe_add(const pv_probe_input *input,
                                         pv_findings *findings,
                                         const pv_metric *metric,
                                         pv_error *err);

extern const pv_probe pv_probe_correlation;
extern const pv_probe pv_probe_cramersv;
extern const pv_probe pv_probe_distance;
extern const pv_probe pv_probe_inference;
extern const pv_probe pv_probe_kmarginal;
extern const pv_probe pv_probe_linkability;
extern const pv_probe pv_probe_marginals;
extern const pv_probe pv_probe_matches;
extern const pv_probe pv_probe_membership;
extern const pv_probe pv_probe_neighbours;
extern const pv_probe pv_probe_oneway;
extern const pv_probe pv_probe_pca;
extern const pv_probe pv_probe_propensity;
extern const pv_probe pv_probe_queries;
extern const pv_probe pv_probe_reconstruction;
extern const pv_probe pv_probe_regression;
extern const pv_probe pv_probe_singling;
extern const pv_probe pv_probe_subgroups;
extern const pv_probe pv_probe_survival;
extern const pv_probe pv_probe_tables;
extern const pv_probe pv_probe_transfer;
extern const pv_probe pv_probe_tree;
extern const pv_probe pv_probe_validity;

#endif
