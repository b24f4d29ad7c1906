#include "audit/attack/predict.h"

#include "core/threads.h"
#include "io/load.h"
#include "tests/infer_fixture.h"

static pv_error err;

enum { wide = 1 << 22, weight = 10 };

/* --- the model, by its definition ----------------------------------------- */

typedef struct question {
    const pv_table *synthetic, *people;
    const pv_attack_terms *terms;
    const uint32_t *class_of; /* of synthetic rows */
    size_t person;
} question;

/* Synthetic rows of class y (PV_NO_LEVEL: any) that agree with the person in
 * columns i and j (negative: not asked). */
static double count(const question *q, uint32_t y, ptrdiff_t i, ptrdiff_t j)
{
    double n = 0;
    for (size_t r = 0; r < pv_table_rows(q->synthetic); r++)
        n += (y == PV_NO_LEVEL || q->class_of[r] == y) &&
             (i < 0 || code_at(q->synthetic, (size_t)i, r) ==
                           code_at(q->people, (size_t)i, q->person)) &&
             (j < 0 || code_at(q->synthetic, (size_t)j, r) ==
                           code_at(q->people, (size_t)j, q->person));
    return n;
}

static double levels_of(const question *q, ptrdiff_t column)
{
    return pv_schema_column(pv_table_schema(q->people), (size_t)column)->levels;
}

/* P(y, x_i) times all P(x_j | y, x_i); i < 0: P(y) times all P(x_j | y). */
static double chance(const question *q, uint32_t y, ptrdiff_t i)
{
    const double rows = (double)pv_table_rows(q->synthetic);
    const double classes = q->terms->secret->levels;
    const double cells = i < 0 ? classes : classes * levels_of(q, i);
    double p = (count(q, y, i, -1) + weight / cells) / (rows + weight);
    for (size_t k = 0; k < q->terms->known_count; k++) {
        const ptrdiff_t j = q->terms->known[k];
        if (j == i)
            continue;
        double s = (count(q, PV_NO_LEVEL, j, -1) + weight / levels_of(q, j)) /
                   (rows + weight);
        s = (count(q, y, j, -1) + weight * s) /
            (count(q, y, -1, -1) + weight);
        if (i >= 0 && levels_of(q, i) * levels_of(q, j) * classes <= wide)
            s = (count(q, y, i, j) + weight * s) /
                (count(q, y, i, -1) + weight);
        p *= s;
    }
    return p;
}

static void believe(const question *q, double *belief)
{
    const uint32_t classes = q->terms->secret->levels;
    double total = 0;
    for (uint32_t y = 0; y < classes; y++) {
        bool any = false;
        belief[y] = 0;
        for (size_t k = 0; k < q->terms->known_count; k++)
            if (count(q, PV_NO_LEVEL, q->terms->known[k], -1) > 0) {
                belief[y] += chance(q, y, q->terms->known[k]);
                any = true;
            }
        if (!any)
            belief[y] = chance(q, y, -1);
        total += belief[y];
    }
    for (uint32_t y = 0; y < classes; y++)
        belief[y] /= total;
}

static void check_model(pv_schema *schema, uint32_t column, size_t rows,
                        size_t people, uint64_t seed)
{
    pv_table *synthetic = random_table(schema, rows, seed);
    pv_table *asked = random_table(schema, people, seed + 1);
    uint32_t known[64], *class_of = pv_array_alloc(rows, sizeof *class_of);
    pv_secret secret;
    cr_assert_eq(pv_secret_make(synthetic, column, 3, &secret, &err), PV_OK);
    const pv_attack_terms terms = {
        .secret = &secret,
        .known = known,
        .known_count = list_known(schema, column, known)};
    double *got =
        pv_array_alloc(people * secret.levels, sizeof *got), wanted[64];
    pv_secret_classes(&secret, synthetic, class_of);
    cr_assert_eq(pv_predict_model(synthetic, &terms, asked, got, &err), PV_OK);
    for (size_t p = 0; p < people; p++) {
        const question q = {synthetic, asked, &terms, class_of, p};
        believe(&q, wanted);
        for (uint32_t y = 0; y < secret.levels; y++)
            cr_assert_float_eq(got[p * secret.levels + y], wanted[y], 1e-11);
    }
    pv_secret_clear(&secret);
    free(class_of);
    free(got);
    pv_table_free(asked);
    pv_table_free(synthetic);
}

Test(model, by_its_definition)
{
    pv_schema *schema = schema_of(mixed_schema);
    for (uint32_t secret = 0; secret < 5; secret++) {
        check_model(schema, secret, 60, 40, secret);
        check_model(schema, secret, 2, 20, 10 + secret); /* unseen values */
        check_model(schema, secret, 1, 20, 20 + secret);
    }
    pv_schema_free(schema);
}

/* More columns than are counted together; some too wide to pair. */
Test(model, many_columns_and_wide_ones)
{
    char text[4096] = "{\"fields\":[";
    for (int c = 0; c < 19; c++)
        sprintf(text + strlen(text),
                "%s{\"name\":\"c%d\",\"type\":\"integer\",\"constraints\":"
                "{\"minimum\":0,\"maximum\":%d}}",
                c > 0 ? "," : "", c, c == 3 || c == 11 ? 5000 : 1 + c % 4);
    strcat(text, "]}");
    pv_schema *schema = schema_of(text);
    check_model(schema, 0, 50, 30, 1);
    check_model(schema, 3, 50, 30, 2); /* a wide secret in 3 classes */
    pv_schema_free(schema);
}

Test(model, threads_make_no_difference)
{
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *synthetic = random_table(schema, 500, 1);
    pv_table *asked = random_table(schema, 3000, 2);
    uint32_t known[8];
    pv_secret secret;
    double one[9000], four[9000];
    cr_assert_eq(pv_secret_make(synthetic, 4, 3, &secret, &err), PV_OK);
    const pv_attack_terms terms = {.secret = &secret,
                                   .known = known,
                                   .known_count =
                                       list_known(schema, 4, known)};
    pv_threads_set(1);
    cr_assert_eq(pv_predict_model(synthetic, &terms, asked, one, &err), PV_OK);
    pv_threads_set(4);
    cr_assert_eq(pv_predict_model(synthetic, &terms, asked, four, &err), PV_OK);
    cr_assert_eq(memcmp(one, four, sizeof one), 0);
    pv_secret_clear(&secret);
    pv_table_free(asked);
    pv_table_free(synthetic);
    pv_schema_free(schema);
}

typedef pv_status predictor(const pv_table *synthetic,
                            const pv_attack_terms *terms,
                            const pv_table *people, double *belief,
                            pv_error *err);

static void check_uniform(predictor *predict, size_t rows, size_t known_count,
                          double wanted)
{
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *synthetic = NULL, *asked = random_table(schema, 10, 2);
    const uint32_t known[] = {0, 1, 2, 3};
    pv_secret secret;
    double belief[30];
    cr_assert_eq(pv_table_alloc(schema, rows, false, &synthetic, &err), PV_OK);
    for (uint32_t r = 0; r < rows; r++) {
        const uint32_t code = r % 3;
        pv_table_put(synthetic, 4, r, 1, &code);
    }
    cr_assert_eq(pv_secret_make(synthetic, 4, 3, &secret, &err), PV_OK);
    const pv_attack_terms terms = {
        .secret = &secret, .known = known, .known_count = known_count};
    cr_assert_eq(predict(synthetic, &terms, asked, belief, &err), PV_OK);
    for (size_t i = 0; i < 30; i++)
        cr_assert_float_eq(belief[i], wanted, 1e-12);
    pv_secret_clear(&secret);
    pv_table_free(asked);
    pv_table_free(synthetic);
    pv_schema_free(schema);
}

Test(predictors, without_rows_or_knowledge_all_classes_are_alike)
{
    check_uniform(pv_predict_model, 0, 4, 1.0 / 3);
    check_uniform(pv_predict_nearest, 0, 4, 1.0 / 3);
    check_uniform(pv_predict_model, 6, 0, 1.0 / 3);
    check_uniform(pv_predict_nearest, 6, 0, 1.0 / 3);
}

Test(predictors, the_nearest_share_their_votes)
{
    pv_schema *schema = schema_of(mixed_schema);
    pv_table *t = NULL, *asked = NULL;
    const uint32_t known[] = {2};
    const uint32_t n[] = {1, 3, 1, 5}, s[] = {1, 2, 1, 0}, mine = 2;
    double belief[3];
    pv_secret secret;
    cr_assert_eq(pv_table_alloc(schema, 4, false, &t, &err), PV_OK);
    cr_assert_eq(pv_table_alloc(schema, 1, false, &asked, &err), PV_OK);
    pv_table_put(t, 2, 0, 4, n);
    pv_table_put(t, 4, 0, 4, s);
    pv_table_put(asked, 2, 0, 1, &mine);
    cr_assert_eq(pv_secret_make(t, 4, 3, &secret, &err), PV_OK);
    const pv_attack_terms terms = {
        .secret = &secret, .known = known, .known_count = 1};
    cr_assert_eq(pv_predict_nearest(t, &terms, asked, belief, &err), PV_OK);
    cr_assert_eq(belief[0], 0);
    cr_assert_float_eq(belief[1], 2.0 / 3, 1e-15);
    cr_assert_float_eq(belief[2], 1.0 / 3, 1e-15);
    pv_secret_clear(&secret);
    pv_table_free(asked);
    pv_table_free(t);
    pv_schema_free(schema);
}

/* --- real people ---------------------------------------------------------- */

/* The share of the people of every other row whose class gets the most belief
 * from the rows between. */
static double accuracy(const char *name, predictor *predict, size_t most)
{
    char *schema_path = shared_file("adult/schema.json");
    char *data = shared_file("adult/data.csv.gz");
    if (schema_path == NULL || data == NULL) {
        free(schema_path);
        free(data);
        return NAN;
    }
    pv_schema *schema = NULL;
    pv_table *all = NULL;
    const pv_load_options options = {0};
    cr_assert_eq(pv_schema_read(schema_path, &schema, &err), PV_OK);
    cr_assert_eq(pv_load(data, schema, &options, &all, NULL, &err), PV_OK);
    pv_table *train = take_rows(all, 2, 0, SIZE_MAX);
    pv_table *test = take_rows(all, 2, 1, most);
    const size_t people = pv_table_rows(test);
    uint32_t known[64];
    const uint32_t column = (uint32_t)pv_schema_find(schema, name);
    pv_secret secret;
    double *belief = pv_array_alloc(people * 2, sizeof *belief), right = 0;
    cr_assert_eq(pv_secret_make(train, column, 8, &secret, &err), PV_OK);
    const pv_attack_terms terms = {
        .secret = &secret,
        .known = known,
        .known_count = list_known(schema, column, known)};
    cr_assert_eq(predict(train, &terms, test, belief, &err), PV_OK);
    for (size_t p = 0; p < people; p++)
        right += (belief[2 * p + 1] > 0.5) == code_at(test, column, p);
    pv_secret_clear(&secret);
    free(belief);
    pv_table_free(train);
    pv_table_free(test);
    pv_table_free(all);
    pv_schema_free(schema);
    free(schema_path);
    free(data);
    return right / (double)people;
}

/* Guessing the majority gets 66.8 % and 76.0 %. */
Test(predictors, are_as_good_as_classifiers_on_adult)
{
    const double sex = accuracy("sex", pv_predict_model, SIZE_MAX);
    if (isnan(sex))
        return;
    cr_assert_gt(sex, 0.825, "%g", sex);
    const double income = accuracy("income>50K", pv_predict_model, SIZE_MAX);
    cr_assert_gt(income, 0.825, "%g", income);
    const double nearest = accuracy("sex", pv_predict_nearest, 2000);
    cr_assert_gt(nearest, 0.77, "%g", nearest);
}
