#include "audit/report/about.h"

#include "core/atomicfile.h"
#include "core/memory.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

enum { file_limit = 1 << 20, text_limit = 20000 };

struct pv_about {
    json_t *root;
};

static const pv_about_key keys[] = {
    {"dataset", "Name of the dataset", PV_ABOUT_REQUEST},
    {"custodian", "Custodian", PV_ABOUT_REQUEST},
    {"contact", "Contact", PV_ABOUT_REQUEST},
    {"purpose", "Purpose", PV_ABOUT_REQUEST},
    {"recipients", "Recipients", PV_ABOUT_REQUEST},
    {"period", "Period of use", PV_ABOUT_REQUEST},
    {"decision", "Decision to be taken", PV_ABOUT_REQUEST},
    {"safe_projects", "Safe projects: is this use appropriate?",
     PV_ABOUT_FIVE_SAFES},
    {"safe_people", "Safe people: can users be trusted with it?",
     PV_ABOUT_FIVE_SAFES},
    {"safe_settings", "Safe settings: does access limit misuse?",
     PV_ABOUT_FIVE_SAFES},
    {"safe_data", "Safe data: what protects the people in it?",
     PV_ABOUT_FIVE_SAFES},
    {"safe_outputs", "Safe outputs: are results checked?",
     PV_ABOUT_FIVE_SAFES},
    {"description", "What the data are", PV_ABOUT_DATA},
    {"source", "Source and collection", PV_ABOUT_DATA},
    {"population", "Population", PV_ABOUT_DATA},
    {"region", "Region", PV_ABOUT_DATA},
    {"reference_period", "Reference period", PV_ABOUT_DATA},
    {"sensitivity", "Sensitivity", PV_ABOUT_DATA},
    {"transformations", "Transformations before synthesis", PV_ABOUT_DATA},
    {"weights", "Weights", PV_ABOUT_DATA},
    {"known_biases", "Known biases", PV_ABOUT_DATA},
    {"domain_basis", "Where the declared domains come from", PV_ABOUT_PRIVACY},
    {"invariants", "Quantities that are not protected", PV_ABOUT_PRIVACY},
    {"preprocessing", "Preprocessing that looked at the data",
     PV_ABOUT_PRIVACY},
    {"tuning", "Choice of method and settings", PV_ABOUT_PRIVACY},
    {"prior_releases", "Other releases about the same people",
     PV_ABOUT_PRIVACY},
    {"justification", "Why this budget", PV_ABOUT_PRIVACY},
    {"run_environment", "Where the run took place", PV_ABOUT_PRIVACY},
    {"uses", "Declared uses", PV_ABOUT_USES},
    {"unsuitable_uses", "Uses it is not fit for", PV_ABOUT_USES},
    {"limits", "Further limits", PV_ABOUT_LIMITS},
    {"review", "Review or expiry", PV_ABOUT_LIMITS},
    {"access", "Access and licence", PV_ABOUT_LIMITS},
    {"sector", "Sector", PV_ABOUT_REGISTRY},
    {"publication_date", "Date of publication", PV_ABOUT_REGISTRY},
    {"registry_authors", "Authors of the registry's entry", PV_ABOUT_REGISTRY},
    {NULL, NULL, PV_ABOUT_REGISTRY}};

const pv_about_key *pv_about_keys(void)
{
    return keys;
}

static bool is_known(const char *key)
{
    for (size_t i = 0; keys[i].key != NULL; i++)
        if (strcmp(keys[i].key, key) == 0)
            return true;
    return false;
}

static pv_status check(const json_t *root, const char *name, pv_error *err)
{
    const char *key;
    json_t *value;
    if (!json_is_object(root))
        return pv_fail(err, PV_EFORMAT, "%s: not an object of texts", name);
    json_object_foreach ((json_t *)(uintptr_t)root, key, value) {
        if (!is_known(key))
            return pv_fail(err, PV_EFORMAT,
                           "%s: \"%s\" is not a key of this version; "
                           "doc/report.md lists them",
                           name, key);
        if (!json_is_string(value) || json_string_length(value) > text_limit)
            return pv_fail(err, PV_EFORMAT,
                           "%s: \"%s\" is not a text of at most %d bytes", name,
                           key, text_limit);
    }
    return PV_OK;
}

pv_status pv_about_parse(const char *text, size_t size, const char *name,
                         pv_about **about, pv_error *err)
{
    json_error_t where;
    pv_about *a = pv_array_calloc(1, sizeof *a);
    if (a == NULL)
        return pv_fail_memory(err, name);
    a->root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
    pv_status status = a->root != NULL
                           ? check(a->root, name, err)
                           : pv_fail(err, PV_EFORMAT,
                                     "%s: line %d: not JSON: %s", name,
                                     where.line, where.text);
    if (status == PV_OK)
        *about = a;
    else
        pv_about_free(a);
    return status;
}

pv_status pv_about_read(const char *path, pv_about **about, pv_error *err)
{
    unsigned char *text = NULL;
    size_t size = 0;
    pv_status status = pv_file_read(path, file_limit, &text, &size, err);
    if (status == PV_OK)
        status =
            pv_about_parse((const char *)text, size, path, about, err);
    free(text);
    return status;
}

void pv_about_free(pv_about *about)
{
    if (about == NULL)
        return;
    json_decref(about->root);
    free(about);
}

const char *pv_about_text(const pv_about *about, const char *key)
{
    return about != NULL
               ? json_string_value(json_object_get(about->root, key))
               : NULL;
}
