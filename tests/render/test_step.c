/* The whole step, from parameters through warp and network to the objective and back, against finite differences. */
#include "host/base/alloc.h"
#include "host/model/lower.h"
#include "host/objective/heads.h"
#include "host/render/model.h"
#include "host/render/step_private.h"
#include "tests/render/nets.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SIZE = 17, BATCH = 2, DIRECTIONS = 6, MAX_WANTED = 4 };

typedef struct fixture {
    ph_model *model;
    ph_device *device;
    ph_target *targets[BATCH];
    ph_shape input, *shapes;
    int wanted[MAX_WANTED], wanted_count;
    ph_net *net;
    ph_heads *heads;
    ph_step *step;
    ph_render_options options;
} fixture;

static void want(fixture *f, int value)
{
    for (int i = 0; i < f->wanted_count; i++)
        if (f->wanted[i] == value)
            return;
    ck_assert_int_lt(f->wanted_count, MAX_WANTED);
    f->wanted[f->wanted_count++] = value;
}

#define MUST(expression) ck_assert_msg((expression) == PH_OK, "%s", err.message)

static void set_up(fixture *f, const char *param, const char *colour, bool warp)
{
    static const char *const texts[BATCH] = {"joined:9 + 0.5*conv2:1@3,4 - relu1", "2*class:1 + joined:rand(3)@"};
    ph_error err = {0};
    memset(f, 0, sizeof *f);
    f->model = net_load(NET_SMOOTH);
    ph_render_options_init(&f->options);
    MUST(ph_render_options_set(&f->options, "param", param, &err));
    MUST(ph_render_options_set(&f->options, "colour", colour, &err));
    f->options.warp = warp;
    bool channels_last;
    MUST(ph_model_shapes(f->model, SIZE, SIZE + 2, &f->input, &channels_last, &f->shapes, &err));
    for (int b = 0; b < BATCH; b++) {
        char notice[400];
        MUST(ph_target_parse(f->model->graph, f->shapes, f->model->preprocess, texts[b], b == 1, &f->targets[b], notice,
                             sizeof notice, &err));
        for (int t = 0; t < f->targets[b]->term_count; t++)
            want(f, f->targets[b]->terms[t].value);
    }
    const ph_lower_options lower = {
        .input = f->input, .simplify = true, .wanted = f->wanted, .wanted_count = f->wanted_count};
    MUST(ph_lower(f->model->graph, &lower, &f->net, &err));
    MUST(ph_device_open("ref", NULL, &f->device, NULL, 0, &err));
    const ph_step_config config = {.options = &f->options,
                                   .preprocess = f->model->preprocess,
                                   .net = f->net,
                                   .batch = BATCH,
                                   .width = SIZE,
                                   .height = SIZE + 2,
                                   .channels = 3};
    MUST(ph_step_new(f->device, &config, &f->step, &err));
    ph_shape shapes[MAX_WANTED];
    for (int o = 0; o < f->wanted_count; o++)
        shapes[o] = f->net->tensors[f->net->outputs[o]].shape;
    MUST(ph_heads_new((const ph_target *const *)f->targets, BATCH, f->wanted, shapes, (size_t)f->wanted_count,
                      &f->heads, &err));
    for (int o = 0; o < f->wanted_count; o++)
        MUST(ph_step_heads(f->step, o, &f->heads->head[o], &err));
}

static void tear_down(fixture *f)
{
    ph_heads_free(&f->heads);
    ph_step_free(&f->step);
    ph_net_free(&f->net);
    ph_device_close(&f->device);
    for (int b = 0; b < BATCH; b++)
        ph_target_free(&f->targets[b]);
    ph_free(f->shapes);
    ph_model_free(&f->model);
}

static float noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)(*state >> 8) / 8388608.0f - 1.0f;
}

static void objectives_at(fixture *f, const float *parameters, float *objectives)
{
    static const uint64_t seeds[BATCH] = {11, 12};
    ph_error err = {0};
    MUST(ph_step_start(f->step, parameters, seeds, &err));
    MUST(ph_step_run(f->step, PH_RELU_NORMAL, &err));
    MUST(ph_step_objectives(f->step, objectives, &err));
}

/* d/dh objective(p + h d) at 0 against <gradient, d>, along random directions. The 4-point stencil is exact to h^4; the
 * floats of the stages leave about 1e-6 of the objective, divided by h = 0.02: 1e-4 absolute. Warped pixels that land
 * on a picture's grid line make no kink in the parameters, so nothing else is allowed for. */
static void check_directions(const char *param, const char *colour, bool warp)
{
    fixture f;
    set_up(&f, param, colour, warp);
    const size_t length = ph_step_parameter_count(f.step);
    float *p = ph_alloc(BATCH * length, sizeof *p), *d = ph_alloc(BATCH * length, sizeof *d);
    float *moved = ph_alloc(BATCH * length, sizeof *moved), *gradient = ph_alloc(BATCH * length, sizeof *gradient);
    uint32_t state = 5;
    for (size_t i = 0; i < BATCH * length; i++)
        p[i] = 0.7f * noise(&state);
    float at[BATCH];
    objectives_at(&f, p, at);
    memcpy(gradient, f.step->gradient, BATCH * length * sizeof *gradient);
    for (int k = 0; k < DIRECTIONS; k++) {
        static const float steps[4] = {-2, -1, 1, 2};
        static const double stencil[4] = {1, -8, 8, -1};
        const float h = 0.02f;
        double slope[BATCH] = {0}, expected[BATCH] = {0};
        for (size_t i = 0; i < BATCH * length; i++) {
            d[i] = noise(&state);
            expected[i / length] += (double)gradient[i] * (double)d[i];
        }
        for (int s = 0; s < 4; s++) {
            for (size_t i = 0; i < BATCH * length; i++)
                moved[i] = p[i] + steps[s] * h * d[i];
            objectives_at(&f, moved, at);
            for (int b = 0; b < BATCH; b++)
                slope[b] += stencil[s] * (double)at[b] / (12 * (double)h);
        }
        for (int b = 0; b < BATCH; b++)
            ck_assert_msg(fabs(slope[b] - expected[b]) <= 3e-4 + 2e-3 * fabs(expected[b]),
                          "%s %s warp %d, picture %d, direction %d: slope %.8g, gradient %.8g", param, colour, warp, b,
                          k, slope[b], expected[b]);
    }
    ph_free(p);
    ph_free(d);
    ph_free(moved);
    ph_free(gradient);
    tear_down(&f);
}

START_TEST(gradient_is_the_slope)
{
    check_directions(_i & 1 ? "pixel" : "fourier", _i & 2 ? "rgb" : "decorrelated", _i & 4);
}
END_TEST

START_TEST(neighbours_do_not_matter)
{
    fixture f;
    set_up(&f, "fourier", "decorrelated", true);
    const size_t length = ph_step_parameter_count(f.step);
    float *p = ph_alloc(BATCH * length, sizeof *p);
    uint32_t state = 9;
    for (size_t i = 0; i < BATCH * length; i++)
        p[i] = noise(&state);
    float first[BATCH], second[BATCH];
    objectives_at(&f, p, first);
    for (size_t i = length; i < BATCH * length; i++)
        p[i] = noise(&state);
    objectives_at(&f, p, second);
    ck_assert_msg(first[0] == second[0], "%a and %a", (double)first[0], (double)second[0]);
    ck_assert_msg(first[1] != second[1], "%a twice", (double)first[1]);
    ph_free(p);
    tear_down(&f);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("step");
    TCase *tcase = tcase_create("whole step");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, gradient_is_the_slope, 0, 8);
    tcase_add_test(tcase, neighbours_do_not_matter);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
