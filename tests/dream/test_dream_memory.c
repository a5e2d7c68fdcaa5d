/* A dream whose N-th allocation fails, N rising until none does: an error or a picture, never a crash or a leak (the
 * sanitizers' build sees those). */
#include "host/image/png.h"
#include "tests/base/fail_alloc.h"
#include "tests/image/scratch.h"
#include "tests/render/nets.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static ph_status dream_small(ph_model *model, const char *photo, const ph_dream_options *options, ph_result **result)
{
    const char *target = *options->guide ? "joined + 0.5*relu1" : "joined:3 + 0.5*conv1:1 - relu2:rand(4)";
    ph_dream *dream = NULL;
    ph_status status = ph_dream_new(model, target, options, NULL, &dream, NULL);
    if (status == PH_OK)
        status = ph_dream_frame(dream, photo, 1, result, NULL);
    ph_dream_free(&dream);
    return status;
}

START_TEST(every_allocation_may_fail)
{
    scratch_make();
    const char *photo = scratch_path("photo.png");
    uint8_t pixels[20 * 18 * 4];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i % 251);
    ck_assert_int_eq(ph_png_write(photo, pixels, 20, 18, 4, NULL, NULL, NULL), PH_OK);
    ph_dream_options options;
    ph_dream_options_init(&options);
    options.octaves = 1;
    options.steps = 1;
    options.tile = 16;
    options.overlap = 2;
    snprintf(options.backend, sizeof options.backend, "ref");
    if (_i == 1)
        snprintf(options.guide, sizeof options.guide, "%s", photo);
    if (_i == 2)
        snprintf(options.style, sizeof options.style, "param=fourier");
    snprintf(options.gradient, sizeof options.gradient, "laplacian");
    snprintf(options.mask, sizeof options.mask, "%s", photo);
    ph_model *model = net_load(NET_RELU);
    bool hit = true;
    long n = 1;
    for (; hit; n++) {
        ph_result *result = NULL;
        fail_alloc_at(n);
        const ph_status status = dream_small(model, photo, &options, &result);
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
    scratch_delete();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dream-memory");
    TCase *tcase = tcase_create("allocations");
    tcase_set_timeout(tcase, 110);
    tcase_add_loop_test(tcase, every_allocation_may_fail, 0, 3);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
