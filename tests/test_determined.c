/* The curator answers nothing about columns that follow from others. */
#include "curator_fixture.h"

TestSuite(determined, .init = fixture_open, .fini = fixture_close);

static void open_with_function(void)
{
    use_schema("{\"fields\":[" INTEGER("a", "1") "," INTEGER("b", "2")
               "],\"privet\":{\"functions\":[{\"of\":\"b\",\"gives\":\"a\","
               "\"map\":{\"0\":0,\"1\":0,\"2\":1}}]}}");
    /* the last row contradicts: b counts */
    use_csv("a,b\n0,0\n0,1\n1,2\n1,0\n");
    open_well();
}

Test(determined, measurements_and_choices_are_refused_unpaid)
{
    static const double none[6] = {0};
    size_t chosen;
    int64_t *answer;
    open_with_function();
    const uint64_t before = pv_curator_remaining(f.curator);
    cr_expect_eq(measure(columns(true, false), 100, &answer), PV_EINVAL);
    cr_expect_not_null(strstr(f.err.message, "\"a\" follows from \"b\""), "%s",
                       f.err.message);
    cr_expect_eq(measure(columns(true, true), 100, &answer), PV_EINVAL);
    const pv_candidate pair = {columns(true, true), none, 0, 1};
    cr_expect_eq(pv_ask_select(f.curator, &pair, 1, 1 << 20, &chosen, &f.err),
                 PV_EINVAL);
    cr_expect_eq(pv_curator_remaining(f.curator), before);
}

Test(determined, its_root_is_measured_as_it_is)
{
    open_with_function();
    int64_t *answer = measure_well(columns(false, true), 1);
    /* sigma 1: within six of 2, 1, 1 */
    cr_expect(answer[0] >= -4 && answer[0] <= 8);
    cr_expect(answer[1] >= -5 && answer[1] <= 7);
    cr_expect(answer[2] >= -5 && answer[2] <= 7);
    free(answer);
}
