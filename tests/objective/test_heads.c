/* From targets to the tables of the head kernels; the kernels' own formulas are tested with the kernels. */
#include "host/base/alloc.h"
#include "host/objective/heads.h"
#include "tests/base/fail_alloc.h"
#include "tests/model/build_model.h"
#include "tests/objective/toy.h"

#include <check.h>
#include <string.h>

enum { PICTURES = 3 };

static toy net;
static ph_target *targets[PICTURES];

static ph_target *parse(const char *text, bool negative)
{
    ph_target *target = NULL;
    ph_error err = {0};
    char notice[256];
    ck_assert_msg(ph_target_parse(net.graph, net.shapes, &net.preprocess, text, negative, &target, notice,
                                  sizeof notice, &err) == PH_OK,
                  "%s", err.message);
    return target;
}

static void set_up(void)
{
    toy_make(&net, true);
    targets[0] = parse("odd:7 + 2*odd:rand(1)@ - class:4", false);
    targets[1] = parse("class:1", true);
    targets[2] = parse("a/conv + odd:3:2@1,5 + 3*odd:3:rand(2)", false);
}

static void tear_down(void)
{
    for (int b = 0; b < PICTURES; b++)
        ph_target_free(&targets[b]);
    toy_free(&net);
}

static const ph_target *const *list(void)
{
    return (const ph_target *const *)targets;
}

static void check_term(const ph_head_term *term, int kind, int channel, int vector, int position, float weight)
{
    ck_assert_int_eq(term->kind, kind);
    ck_assert(kind != PH_HEAD_CHANNEL || term->channel == channel);
    ck_assert(kind != PH_HEAD_DIRECTION || term->vector == vector);
    ck_assert(kind == PH_HEAD_NONE || (term->position == position && term->weight == weight));
}

START_TEST(test_tables)
{
    int *values;
    size_t count;
    ck_assert_int_eq(ph_heads_values(list(), PICTURES, &values, &count, NULL), PH_OK);
    ck_assert_uint_eq(count, 3);
    static const char *const names[3] = {"odd:3", "logits", "a_pre"}; /* in the order of first use */
    ph_shape shapes[3];
    for (int i = 0; i < 3; i++) {
        ck_assert_str_eq(net.graph->values[values[i]].name, names[i]);
        shapes[i] = net.shapes[values[i]];
    }
    ph_heads *heads = NULL;
    ck_assert_int_eq(ph_heads_new(list(), PICTURES, values, shapes, count, &heads, NULL), PH_OK);
    ck_assert_int_eq(heads->pictures, PICTURES);
    ck_assert_uint_eq(heads->count, 3);

    const ph_head *odd = &heads->head[0]; /* 10 channels of 9x8 */
    ck_assert_int_eq(odd->channels, 10);
    ck_assert_int_eq(odd->positions, 72);
    ck_assert_int_eq(odd->term_count, 2);
    ck_assert_int_eq(odd->vector_count, 2);
    check_term(&odd->terms[0], PH_HEAD_CHANNEL, 7, 0, -1, 1);
    check_term(&odd->terms[1], PH_HEAD_DIRECTION, 0, 0, 4 * 8 + 4, 2); /* the centre of 9x8: row 4, column 4 */
    check_term(&odd->terms[2], PH_HEAD_NONE, 0, 0, 0, 0);
    check_term(&odd->terms[3], PH_HEAD_NONE, 0, 0, 0, 0);
    check_term(&odd->terms[4], PH_HEAD_CHANNEL, 2, 0, 1 * 8 + 5, 1);
    check_term(&odd->terms[5], PH_HEAD_DIRECTION, 0, 1, -1, 3);
    ck_assert_mem_eq(odd->vectors, targets[0]->terms[1].direction, 10 * sizeof(float));
    ck_assert_mem_eq(odd->vectors + 10, targets[2]->terms[2].direction, 10 * sizeof(float));

    const ph_head *logits = &heads->head[1];
    ck_assert_int_eq(logits->channels, 6);
    ck_assert_int_eq(logits->positions, 1);
    ck_assert_int_eq(logits->term_count, 1);
    ck_assert_int_eq(logits->vector_count, 0);
    ck_assert_ptr_nonnull(logits->vectors);
    check_term(&logits->terms[0], PH_HEAD_CHANNEL, 4, 0, -1, -1);
    check_term(&logits->terms[1], PH_HEAD_CHANNEL, 1, 0, -1, -1); /* a negative target */
    check_term(&logits->terms[2], PH_HEAD_NONE, 0, 0, 0, 0);

    const ph_head *a = &heads->head[2];
    ck_assert_int_eq(a->channels, 4);
    check_term(&a->terms[0], PH_HEAD_NONE, 0, 0, 0, 0);
    check_term(&a->terms[1], PH_HEAD_NONE, 0, 0, 0, 0);
    check_term(&a->terms[2], PH_HEAD_SQUARE, 0, 0, -1, 1);
    ph_heads_free(&heads);
    ck_assert_ptr_null(heads);
    ph_heads_free(&heads);
    ph_free(values);
}
END_TEST

/* Another size of the picture than the targets were resolved at. */
START_TEST(test_other_size)
{
    const ph_target *only[1] = {targets[2]};
    const int values[2] = {value_named(net.graph, "a_pre"), value_named(net.graph, "odd:3")};
    ph_heads *heads = NULL;
    ph_error err = {0};
    ph_shape shapes[2] = {{4, {1, 4, 2, 2}}, {4, {1, 10, 2, 7}}};
    ck_assert_int_eq(ph_heads_new(only, 1, values, shapes, 2, &heads, &err), PH_OK);
    ck_assert_int_eq(heads->head[1].terms[0].position, 1 * 7 + 5);
    ph_heads_free(&heads);
    static const ph_shape wrong[] = {{4, {1, 10, 1, 7}},    {4, {1, 10, 2, 5}}, {4, {1, 2, 2, 7}},
                                     {4, {1, 9, 2, 7}},     {4, {2, 10, 2, 7}}, {1, {10}},
                                     {5, {1, 10, 1, 1, 1}}, {4, {1, 10, 0, 7}}, {4, {1, 10, 1 << 20, 1 << 20}}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        shapes[1] = wrong[i];
        ck_assert_int_eq(ph_heads_new(only, 1, values, shapes, 2, &heads, &err), PH_MISUSE);
        ck_assert_ptr_null(heads);
    }
    ck_assert_int_eq(ph_heads_new(only, 1, values, shapes, 1, &heads, &err), PH_MISUSE); /* odd:3 is not given out */
    ck_assert_ptr_nonnull(strstr(err.message, "term 2"));
}
END_TEST

START_TEST(test_allocations)
{
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        int *values = NULL;
        size_t count = 0;
        ph_heads *heads = NULL;
        ph_shape shapes[3];
        fail_alloc_at(n);
        ph_status status = ph_heads_values(list(), PICTURES, &values, &count, NULL);
        if (status == PH_OK) {
            for (size_t i = 0; i < count; i++)
                shapes[i] = net.shapes[values[i]];
            status = ph_heads_new(list(), PICTURES, values, shapes, count, &heads, NULL);
        }
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
        ck_assert((heads != NULL) == !hit);
        ph_heads_free(&heads);
        ph_free(values);
    }
    ck_assert_int_eq(n, 11); /* values, heads, head, and per output terms and vectors: nine failures and a success */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("heads");
    TCase *tcase = tcase_create("heads");
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, test_tables);
    tcase_add_test(tcase, test_other_size);
    tcase_add_test(tcase, test_allocations);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
