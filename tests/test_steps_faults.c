/* Generation directories: answers that are refused. */
#include "steps_fixture.h"

#include <math.h>

TestSuite(steps_faults, .init = begin, .fini = end);

static void refused(pv_vector_metric metric, const response *r,
                    const char *message)
{
    pv_population p;
    reopen(metric);
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    answer("gen_000", r);
    fails(first(&p), PV_EFORMAT, message);
    cr_expect_not_null(strstr(err.message, "gen_000/response.h5"), "%s",
                       err.message);
    cr_expect_eq(p.count, 0);
    pv_population_clear(&p);
}

Test(steps_faults, wrong_width)
{
    response r = usual();
    r.width = 2;
    refused(PV_VECTOR_L2, &r,
            "has 2 coordinates, but the private ones have 3");
}

Test(steps_faults, wrong_metric)
{
    response r = usual();
    r.metric = "cosine";
    refused(PV_VECTOR_L2, &r, "metric is \"cosine\", but the run's is \"l2\"");
}

Test(steps_faults, not_finite)
{
    float bad[firsts * width];
    response r = usual();
    memcpy(bad, value, sizeof bad);
    bad[2 * width + 1] = NAN;
    r.value = bad;
    refused(PV_VECTOR_L2, &r, "vector 2 (from 0) is not finite");
}

Test(steps_faults, zero_under_cosine)
{
    float bad[firsts * width];
    response r = usual();
    memcpy(bad, value, sizeof bad);
    bad[0] = 0;
    r.value = bad;
    refused(PV_VECTOR_COSINE, &r, "vector 0 (from 0) is zero");
}

Test(steps_faults, no_parents)
{
    response r = usual();
    r.parent = NULL;
    refused(PV_VECTOR_L2, &r, "holds no parent_id");
}

Test(steps_faults, no_folds)
{
    response r = usual();
    r.fold = NULL;
    refused(PV_VECTOR_L2, &r, "holds no fold");
}

Test(steps_faults, an_unknown_parent)
{
    static const int64_t parent[firsts] = {0, 1, 2, 5, 4};
    response r = usual();
    r.parent = parent;
    refused(PV_VECTOR_L2, &r,
            "row 3 (from 0): parent_id 5 is not in the request");
}

Test(steps_faults, a_negative_parent)
{
    static const int64_t parent[firsts] = {0, -1, 2, 3, 4};
    response r = usual();
    r.parent = parent;
    refused(PV_VECTOR_L2, &r, "row 1 (from 0): parent_id -1");
}

Test(steps_faults, a_fold_too_many)
{
    static const int64_t fold[firsts] = {0, 0, 1, 0, 0};
    response r = usual();
    r.fold = fold;
    refused(PV_VECTOR_L2, &r,
            "row 2 (from 0): fold 1, but the request wants 1 of parent_id 2");
}

Test(steps_faults, a_negative_fold)
{
    static const int64_t fold[firsts] = {0, 0, 0, 0, -1};
    response r = usual();
    r.fold = fold;
    refused(PV_VECTOR_L2, &r, "row 4 (from 0): fold -1");
}

Test(steps_faults, the_same_child_twice)
{
    static const int64_t parent[firsts] = {0, 1, 2, 1, 4};
    response r = usual();
    r.parent = parent;
    refused(PV_VECTOR_L2, &r,
            "row 3 (from 0): parent_id 1, fold 0 is in row 1 too");
}

Test(steps_faults, a_class_without_candidates)
{
    response r = usual();
    r.count = 3;
    refused(PV_VECTOR_L2, &r, "no candidate of label \"a \"square\"\"");
}

Test(steps_faults, a_reference_that_is_no_utf8)
{
    static const char *const bad[firsts] = {"a", "b", "\xff", "d", "e"};
    response r = usual();
    r.reference = bad;
    refused(PV_VECTOR_L2, &r, "row 2 (from 0): payload_ref is no UTF-8");
}

Test(steps_faults, no_hdf5)
{
    pv_population p;
    fails(first(&p), PV_ESTOPPED, "");
    pv_population_clear(&p);
    char *path = file_of("gen_000", "response.h5");
    MUST(pv_file_write_atomic(path, "not", 3, 0600, &err));
    fails(first(&p), PV_EFORMAT, "response.h5: cannot be opened as HDF5");
    pv_population_clear(&p);
    free(path);
}
