/* A render whose N-th allocation fails, N rising until none does: an error or a picture, never a crash or a leak (the
 * sanitizers' build sees those). */
#include "tests/base/fail_alloc.h"
#include "tests/render/nets.h"

#include <check.h>
#include <stdlib.h>

static ph_status render_small(ph_model *model, ph_result **result)
{
    ph_render_options options;
    ph_render_options_init(&options);
    ph_status status = ph_render_options_set(&options, "size", "12x10", NULL);
    if (status == PH_OK)
        status = ph_render_options_set(&options, "steps", "2", NULL);
    if (status == PH_OK)
        status = ph_render_options_set(&options, "backend", "ref", NULL);
    return status == PH_OK ? ph_render(model, "joined:3 + 0.5*conv1:1 - relu2:rand(4)", &options, result, NULL)
                           : status;
}

START_TEST(every_allocation_may_fail)
{
    ph_model *model = net_load(NET_RELU);
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        ph_result *result = NULL;
        fail_alloc_at(n);
        const ph_status status = render_small(model, &result);
        hit = fail_alloc_stop();
        if (hit)
            ck_assert_msg(status != PH_OK || result, "allocation %ld: no error and no picture", n);
        else
            ck_assert_msg(status == PH_OK && result, "status %d without a failure", status);
        ck_assert_msg(status == PH_OK || !result, "allocation %ld: error %d and a picture", n, status);
        ph_result_free(&result);
    }
    ck_assert_int_gt(n, 100);
    ph_model_free(&model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("render-memory");
    TCase *tcase = tcase_create("allocations");
    tcase_set_timeout(tcase, 110);
    tcase_add_test(tcase, every_allocation_may_fail);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
