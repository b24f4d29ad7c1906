#include "audit/report/criteria.h"

#include <string.h>

/* The same text as examples/criteria.json; tests/test_criteria.c compares them. */
static const char text[] =
    "{\"schema\": \"privet/criteria/1\",\n"
    " \"title\": \"Privet's default criteria\",\n"
    " \"criteria\": [\n"
    "  {\"id\": \"P1\", \"metric\": \"claim.ledger\", \"op\": \"==\",\n"
    "   \"threshold\": 1, \"severity\": \"mandatory\",\n"
    "   \"basis\": \"the privacy claim, recomputed from the release's ledger, "
    "holds\"},\n"
    "  {\"id\": \"P2\", \"metric\": \"claim.rng\", \"op\": \"==\",\n"
    "   \"threshold\": 1, \"severity\": \"mandatory\",\n"
    "   \"basis\": \"the noise is of a secret key, not of a test seed\"},\n"
    "  {\"id\": \"P3\", \"metric\": \"epsilon.claim.exceeded\", \"op\": \"==\",\n"
    "   \"threshold\": 0, \"severity\": \"mandatory\",\n"
    "   \"basis\": \"no lower bound of privet-audit epsilon lies above what the "
    "mechanism claims\"},\n"
    "  {\"id\": \"P4\", \"metric\": \"attack.leakage.adjusted\", \"of\": "
    "\"upper\",\n"
    "   \"op\": \"<=\", \"threshold\": 0.05, \"severity\": \"mandatory\",\n"
    "   \"basis\": \"the best attack on the secret gains at most 5 points by a "
    "person being in the data\"},\n"
    "  {\"id\": \"V1\", \"metric\": \"zeros.violations\", \"op\": \"==\",\n"
    "   \"threshold\": 0, \"severity\": \"mandatory\",\n"
    "   \"basis\": \"no row that cannot exist\"},\n"
    "  {\"id\": \"V2\", \"metric\": \"columns.extra\", \"op\": \"==\",\n"
    "   \"threshold\": 0, \"severity\": \"mandatory\",\n"
    "   \"basis\": \"no column that the schema does not declare and the audit did "
    "not look at\"},\n"
    "  {\"id\": \"V3\", \"metric\": \"columns.missing\", \"op\": \"==\",\n"
    "   \"threshold\": 0, \"severity\": \"advisory\",\n"
    "   \"basis\": \"every declared column is in the table\"},\n"
    "  {\"id\": \"F1\", \"metric\": \"tv.1way.max\", \"op\": \"<=\",\n"
    "   \"threshold\": 0.1, \"severity\": \"advisory\",\n"
    "   \"basis\": \"no column with more than a tenth of rows out of place\"},\n"
    "  {\"id\": \"F2\", \"metric\": \"tv.2way.max\", \"op\": \"<=\",\n"
    "   \"threshold\": 0.2, \"severity\": \"advisory\",\n"
    "   \"basis\": \"no pair of columns with more than a fifth of rows out of "
    "place\"},\n"
    "  {\"id\": \"F3\", \"metric\": \"pmse.ratio\", \"op\": \">=\",\n"
    "   \"threshold\": 0.8, \"severity\": \"advisory\",\n"
    "   \"basis\": \"below 0.8 the table is nearer to the real one than another "
    "sample would be: copying\"},\n"
    "  {\"id\": \"F4\", \"metric\": \"exact_match.unique\", \"op\": \"==\",\n"
    "   \"threshold\": 0, \"severity\": \"advisory\",\n"
    "   \"basis\": \"no real record that is unique is in the synthetic table\"}\n"
    " ]}\n";

pv_status pv_criteria_default(pv_criteria **criteria, pv_error *err)
{
    return pv_criteria_parse(text, strlen(text), "the default criteria",
                             criteria, err);
}
