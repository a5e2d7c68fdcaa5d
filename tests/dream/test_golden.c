/* Ten steps of the original procedure against PyTorch (tests/golden/generate.py, write_dream). */
#include "tests/dream/rig.h"
#include "tests/golden/npy.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { WIDTH = 40, HEIGHT = 36, VALUES = 3 * WIDTH * HEIGHT, STEPS = 10 };

/* In units of 0 … 255. Float32 against float64 over ten steps; generate.py asserts that PyTorch's own float32 stays
 * within a third of it. */
static const double TOLERANCE = 1e-3;

static ph_model *load(void)
{
    ph_error err = {0};
    ph_model *model = NULL;
    const ph_model_options options = {.range = "0,255", .mean = "123,117,104", .std = "64,64,64", .channels = "rgb"};
    ck_assert_msg(ph_model_load("tests/golden/net.onnx", &options, &model, &err) == PH_OK, "%s", err.message);
    return model;
}

START_TEST(ten_steps)
{
    ph_error err = {0};
    float *photo = ph_golden_read("dream_photo", VALUES), *want = ph_golden_read("dream_picture", VALUES);
    float *objectives = ph_golden_read("dream_objectives", STEPS);
    for (int i = 0; i < VALUES; i++)
        photo[i] /= 255;
    ph_model *model = load();
    ph_device *device = test_device_open(test_setup_of(TEST_ALL, _i, 1), 2);
    rig r;
    const rig_wish wish = {
        .target = "cat", .width = WIDTH, .height = HEIGHT, .tile = 512, .steps = STEPS, .step = 1.5f / 255};
    rig_set_up(&r, device, model, &wish, photo);
    for (int s = 0; s < STEPS; s++) {
        const ph_canvas_step_config config = {.number = s};
        ph_canvas_outcome outcome;
        ck_assert_msg(ph_canvas_step(r.canvas, &config, &outcome, &err) == PH_OK, "%s", err.message);
        const double objective = outcome.objective;
        ck_assert_msg(fabs(objective - (double)objectives[s]) <= 1e-4 * (double)objectives[s],
                      "step %d: objective %.8g, expected %.8g", s, objective, (double)objectives[s]);
    }
    float *got = rig_picture(&r);
    double worst = 0, moved = 0;
    for (int i = 0; i < VALUES; i++) {
        ck_assert(isfinite(got[i]));
        worst = fmax(worst, fabs(255 * (double)got[i] - (double)want[i]));
        moved = fmax(moved, fabs((double)want[i] - 255 * (double)photo[i]));
    }
    ck_assert_msg(moved > 20, "the golden dream moves no pixel by more than %g levels", moved);
    ck_assert_msg(worst <= TOLERANCE, "off by %.3g levels, allowed %.3g", worst, TOLERANCE);
    printf("largest difference to PyTorch: %.2g of 255 levels\n", worst);
    rig_tear_down(&r);
    test_device_close(device);
    ph_model_free(&model);
    free(got);
    free(photo);
    free(want);
    free(objectives);
}
END_TEST

int main(void)
{
    test_backends_find();
    Suite *suite = suite_create("dream-golden");
    TCase *tcase = tcase_create("golden");
    tcase_set_timeout(tcase, 100);
    test_backends_add(tcase, ten_steps, TEST_ALL, 1);
    suite_add_tcase(suite, tcase);
    return test_backends_run(suite);
}
