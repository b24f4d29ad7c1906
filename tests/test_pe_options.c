/* What is asked of private evolution, and sizes that follow from it. */
#include "gen/pe/embedded.h"
#include "gen/pe/learn.h"
#include "gen/pe/options.h"
#include "pe_fixture.h"

static pv_pe_options with(pv_pe_api api, pv_pe_select select)
{
    pv_pe_options o = pv_pe_defaults;
    o.api = api;
    o.select = select;
    o.select_given = select != PV_PE_FIT;
    return o;
}

static void goes(pv_pe_options *o)
{
    cr_assert_eq(pv_pe_settle(o, &err), PV_OK, "%s", err.message);
}

static void fails(pv_pe_options o, const char *word)
{
    cr_assert_eq(pv_pe_settle(&o, &err), PV_EUSAGE);
    cr_assert_not_null(strstr(err.message, word), "%s", err.message);
}

Test(pe_options, what_is_open_follows_from_the_rest)
{
    pv_pe_options o = with(PV_PE_TABLE, PV_PE_FIT);
    goes(&o);
    cr_assert(o.marginals && o.children == 1 && o.keep == 0 && o.threshold == 0);
    o = with(PV_PE_TABLE, PV_PE_FIT);
    o.init = 0;
    goes(&o);
    cr_assert_not(o.marginals);
    o = with(PV_PE_TABLE, PV_PE_SAMPLE);
    goes(&o);
    cr_assert(!o.marginals && o.children == 1 && o.keep == 0);
    o = with(PV_PE_TABLE, PV_PE_RANK);
    o.init = 1;
    goes(&o);
    cr_assert(o.marginals && o.children == 3 && o.keep == 1);
    o = with(PV_PE_POOL, PV_PE_SAMPLE);
    o.keep = 0;
    o.children = 5;
    o.threshold = 1.5;
    goes(&o);
    cr_assert(!o.marginals && o.children == 5 && o.keep == 0);
    cr_assert_eq(o.threshold, 1.5);
    o = with(PV_PE_POOL, PV_PE_RANK);
    o.threshold = 1.5;
    fails(o, "--threshold");
    o = with(PV_PE_POOL, PV_PE_FIT);
    o.one_shot = 9;
    o.candidates = 9;
    fails(o, "--candidates");
    o.candidates = 0;
    goes(&o);
    cr_assert_eq(o.threshold, 2);
    o = with(PV_PE_POOL, PV_PE_FIT);
    o.one_shot = PV_PE_AUTO;
    o.threshold = 0;
    goes(&o);
    cr_assert_eq(o.threshold, 0);
}

Test(pe_options, contradictions_are_refused)
{
    pv_pe_options o = with(PV_PE_TABLE, PV_PE_FIT);
    o.one_shot = 5;
    fails(o, "--one-shot is for a pool");
    o = with(PV_PE_POOL, PV_PE_RANK);
    o.one_shot = 5;
    fails(o, "leave out --select");
    o = with(PV_PE_TABLE, PV_PE_RANK);
    o.metric_given = true;
    fails(o, "--metric is for embeddings");
    o = with(PV_PE_POOL, PV_PE_FIT);
    o.init = 1;
    fails(o, "--init marginals is for tables");
    o = with(PV_PE_POOL, PV_PE_FIT);
    o.threshold = 1;
    fails(o, "--threshold");
    for (int api = PV_PE_TABLE; api <= PV_PE_POOL; api++)
        for (int which = 0; which < 4; which++) {
            o = with((pv_pe_api)api, PV_PE_FIT);
            o.children = which == 0 ? 2 : 0;
            o.keep = which == 1 ? 0 : -1;
            o.lookahead = which == 2 ? 4 : 0;
            o.degree_given = which == 3;
            fails(o, which == 0 || which == 3 ? "--children"
                                              : "--keep-parents");
            o.select = PV_PE_SAMPLE;
            goes(&o);
        }
    o = with(PV_PE_COMMAND, PV_PE_FIT);
    o.children = 2;
    goes(&o);
    o = with(PV_PE_STEPS, PV_PE_FIT);
    o.lookahead = 2;
    fails(o, "--lookahead");
}

Test(pe_options, words)
{
    char *argv[] = {"pool.h5", "--select"};
    int at = 0;
    pv_pe_options o = pv_pe_defaults;
    pv_vector_metric metric;
    cr_assert_eq(pv_pe_take_api(&o, "pool", 2, argv, &at, &err), PV_OK);
    cr_assert_eq(o.api, PV_PE_POOL);
    cr_assert_str_eq(o.where, "pool.h5");
    cr_assert_eq(at, 1);
    cr_assert_eq(pv_pe_take_api(&o, "steps", 2, argv, &at, &err), PV_EUSAGE);
    cr_assert_eq(pv_pe_take_api(&o, "table", 2, argv, &at, &err), PV_OK);
    cr_assert_null(o.where);
    cr_assert_eq(at, 1);
    at = 2;
    cr_assert_eq(pv_pe_take_api(&o, "command", 2, argv, &at, &err), PV_EUSAGE);
    cr_assert_eq(pv_pe_take_api(&o, "lake", 2, argv, &at, &err), PV_EUSAGE);
    cr_assert_eq(pv_pe_metric("cosine", "here", &metric, &err), PV_OK);
    cr_assert_eq(metric, PV_VECTOR_COSINE);
    cr_assert_eq(pv_pe_metric("ip", "here", &metric, &err), PV_OK);
    cr_assert_eq(metric, PV_VECTOR_IP);
    cr_assert_eq(pv_pe_metric("l3", "here", &metric, &err), PV_EUSAGE);
}

/* --- sizes ----------------------------------------------------------------------- */

Test(pe_sizes, candidates_have_a_standard_deviation_of_votes_each)
{
    double rows[4] = {5, 1000, 1e9, 39};
    size_t each[4];
    pv_pe_options options = pv_pe_defaults;
    const pv_request request = {.pe = &options};
    const pv_pe_run run = {.request = &request, .classes = 4, .rows = rows};
    cr_assert_eq(pv_pe_candidates(&run, 10, 3, 500, each, &err), PV_OK);
    cr_assert_eq(each[0], 3);
    cr_assert_eq(each[1], 100);
    cr_assert_eq(each[2], 500);
    cr_assert_eq(each[3], 3);
    /* noise below one vote is as good as none */
    cr_assert_eq(pv_pe_candidates(&run, 0.01, 3, 500, each, &err), PV_OK);
    cr_assert_eq(each[0], 5);
    cr_assert_eq(each[3], 39);
    /* or as many as asked for, by the classes' rows and largest remainders */
    options.candidates = 7;
    rows[2] = 1044;
    cr_assert_eq(pv_pe_candidates(&run, 10, 3, 500, each, &err), PV_OK);
    cr_assert_eq(each[0] + each[1] + each[2] + each[3], 7);
    cr_assert(each[0] == 0 && each[1] == 3 && each[2] == 4);
    cr_assert_eq(pv_pe_total(&run), rows[0] + rows[1] + rows[2] + rows[3]);
}

Test(pe_sizes, cells_of_one_histogram)
{
    cr_assert_eq(pv_pe_cells(10000, 2, 10), 625);
    cr_assert_eq(pv_pe_cells(10, 2, 10), 8);
    cr_assert_eq(pv_pe_cells(1e9, 2, 10), 4096);
    cr_assert_eq(pv_pe_cells(100, 2, 0.1), 62);
}

Test(pe_sizes, bins_of_a_number)
{
    cr_assert_eq(pv_pe_bins(3000, 5, 10), 20);
    cr_assert_eq(pv_pe_bins(30, 5, 10), 6);
    cr_assert_eq(pv_pe_bins(1e8, 5, 10), 32);
}

Test(pe_sizes, keys_are_of_a_purpose_and_a_round)
{
    const pv_pe_run run = {.key = {{7}}}, other = {.key = {{8}}};
    pv_key key[4], again;
    cr_assert_eq(pv_crypto_init(&err), PV_OK);
    pv_pe_key(&run, "rows", 1, &key[0]);
    pv_pe_key(&run, "rows", 256, &key[1]);
    pv_pe_key(&run, "draw", 1, &key[2]);
    pv_pe_key(&other, "rows", 1, &key[3]);
    pv_pe_key(&run, "rows", 1, &again);
    cr_assert_arr_eq(&again, &key[0], sizeof again);
    for (size_t i = 0; i < 4; i++)
        for (size_t j = 0; j < i; j++)
            cr_assert_neq(memcmp(&key[i], &key[j], sizeof again), 0);
}
