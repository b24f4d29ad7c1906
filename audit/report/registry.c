/* An entry for the OpenDP registry of deployments, as a draft: what the release and
 * what is stated give; the rest is for people to fill in. Every text is a
 * double-quoted scalar, of which YAML reads the escapes of JSON. */
#include "audit/report/report.h"

#include "core/memory.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put_quoted(FILE *out, const char *text)
{
    json_t *value = json_string(text);
    char *quoted = value != NULL ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    (void)fputs(quoted != NULL ? quoted : "\"?\"", out);
    free(quoted);
    json_decref(value);
}

static void put(FILE *out, int indent, const char *key, const char *text)
{
    (void)fprintf(out, "%*s%s: ", indent, "", key);
    put_quoted(out, text != NULL ? text : "TODO: not stated");
    (void)fputc('\n', out);
}

/* YAML has no place for what is not stated: null. */
static void put_number(FILE *out, int indent, const char *key, double value)
{
    if (isfinite(value))
        (void)fprintf(out, "%*s%s: %.17g\n", indent, "", key, value);
    else
        (void)fprintf(out, "%*s%s: null\n", indent, "", key);
}

/* A list of one text. */
static void put_list(FILE *out, int indent, const char *key, const char *text)
{
    (void)fprintf(out, "%*s%s:\n%*s- ", indent, "", key, indent + 2, "");
    put_quoted(out, text != NULL ? text : "TODO: not stated");
    (void)fputc('\n', out);
}

static void put_product(FILE *out, const pv_about *a)
{
    put(out, 2, "name", pv_about_text(a, "dataset"));
    put_list(out, 2, "data_curators", pv_about_text(a, "custodian"));
    put(out, 2, "description", pv_about_text(a, "description"));
    put(out, 2, "intended_use", pv_about_text(a, "uses"));
    put(out, 2, "data_product_type", "Synthetic data");
    put(out, 2, "data_product_region", pv_about_text(a, "region"));
    put(out, 2, "data_product_sector", pv_about_text(a, "sector"));
    put(out, 2, "publication_date", pv_about_text(a, "publication_date"));
}

/* What makes two tables neighbours. */
static const char *adjacency(const pv_release *release)
{
    const bool person = strncmp(release->unit, "person", 6) == 0;
    if (strcmp(release->neighbours, "replace") == 0)
        return person ? "all rows of a person, up to the bound, are replaced by "
                        "another person's; the number of rows is public"
                      : "one row is replaced by another; the number of rows is "
                        "public";
    return person ? "all rows of a person, up to the bound, are added or removed"
                  : "one row is added or removed";
}

static void put_guarantee(FILE *out, const pv_about *a,
                          const pv_release *release)
{
    (void)fputs("  dp_flavor:\n", out);
    put(out, 4, "name", release != NULL ? "Zero-concentrated DP" : NULL);
    put(out, 4, "data_domain", pv_about_text(a, "domain_basis"));
    put(out, 4, "unprotected_quantities", pv_about_text(a, "invariants"));
    (void)fputs("  privacy_loss:\n", out);
    put(out, 4, "privacy_unit", release != NULL ? release->unit : NULL);
    put(out, 4, "privacy_unit_description",
        release != NULL ? adjacency(release) : NULL);
    (void)fputs("    privacy_parameters:\n", out);
    put_number(out, 6, "epsilon", release != NULL ? release->epsilon : NAN);
    put_number(out, 6, "delta", release != NULL ? release->delta : NAN);
    put_number(out, 6, "rho", release != NULL ? release->rho : NAN);
}

static void put_setting(FILE *out, const pv_about *a, const pv_release *release)
{
    char mechanisms[512];
    (void)snprintf(
        mechanisms, sizeof mechanisms,
        "Exact discrete Gaussian noise and exponential mechanism on integer "
        "counts: no floating point between a count and its noise. Privet %.60s, "
        "method %.60s. Not interactive.",
        release != NULL ? release->tool_version : "(version not known)",
        release != NULL ? release->method : "(not known)");
    (void)fputs("  model:\n", out);
    put(out, 4, "model_name", "Central");
    (void)fputs("    is_many_release: false\n    is_dynamic: false\n"
                "    is_interactive: false\n",
                out);
    (void)fputs("  accounting:\n", out);
    put(out, 4, "post_processing",
        "A model is fitted to the noisy answers, and rows are sampled from it.");
    put(out, 4, "composition", pv_about_text(a, "prior_releases"));
    (void)fputs("  implementation:\n", out);
    put(out, 4, "pre_processing_eda_hyperparameter_tuning",
        pv_about_text(a, "preprocessing"));
    put(out, 4, "mechanisms",
        release != NULL ? mechanisms : NULL);
    put(out, 4, "justification", pv_about_text(a, "justification"));
}

pv_status pv_report_registry(const pv_report *report, char **text,
                             pv_error *err)
{
    const pv_about *a = report->input->about;
    const pv_release *release =
        report->input->claim != NULL ? report->input->claim->release : NULL;
    size_t size = 0;
    *text = NULL;
    FILE *out = open_memstream(text, &size);
    if (out == NULL)
        return pv_fail_memory(err, "the registry's entry");
    put(out, 0, "status", "Draft");
    put_list(out, 0, "registry_authors", pv_about_text(a, "registry_authors"));
    (void)fputs("tier: 3\ndeployment:\n", out);
    put_product(out, a);
    put_guarantee(out, a, release);
    put_setting(out, a, release);
    if (fclose(out) == 0)
        return PV_OK;
    free(*text);
    *text = NULL;
    return pv_fail_memory(err, "the registry's entry");
}
