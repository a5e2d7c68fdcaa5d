/* Sixteen steps of an optimization on the simulated card: recorded and replayed, they give the bits of the same steps
 * called one by one, in every precision. */
#include "cudasim.h"
#include "host/base/alloc.h"
#include "host/model/lower.h"
#include "host/objective/heads.h"
#include "host/render/model.h"
#include "host/render/step.h"
#include "tests/render/nets.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH = 14, HEIGHT = 12, BATCH = 2, STEPS = 16, MAX_WANTED = 4, PLANES = BATCH * 3 * WIDTH * HEIGHT };

static const char *const texts[BATCH] = {"joined:9 + 0.5*conv2:1@3,4", "2*class:1 - relu1:2"};
static const ph_precision precisions[] = {PH_PRECISION_FP32, PH_PRECISION_TF32, PH_PRECISION_FP16, PH_PRECISION_BF16};
enum { PRECISIONS = sizeof precisions / sizeof *precisions };

#define MUST(expression) ck_assert_msg((expression) == PH_OK, "%s", err.message)

typedef struct network {
    ph_model *model;
    ph_target *targets[BATCH];
    ph_shape *shapes;
    int *wanted;
    size_t wanted_count;
    ph_net *net;
    ph_heads *heads;
    ph_render_options options;
} network;

static void set_up(network *n)
{
    ph_error err = {0};
    char notice[400];
    bool channels_last;
    ph_shape input, shapes[MAX_WANTED];
    memset(n, 0, sizeof *n);
    n->model = net_load(NET_RELU);
    ph_render_options_init(&n->options);
    n->options.steps = STEPS;
    MUST(ph_model_shapes(n->model, WIDTH, HEIGHT, &input, &channels_last, &n->shapes, &err));
    for (int b = 0; b < BATCH; b++)
        MUST(ph_target_parse(n->model->graph, n->shapes, n->model->preprocess, texts[b], b == 1, &n->targets[b], notice,
                             sizeof notice, &err));
    const ph_target *const *targets = (const ph_target *const *)n->targets;
    MUST(ph_heads_values(targets, BATCH, &n->wanted, &n->wanted_count, &err));
    ck_assert_uint_le(n->wanted_count, MAX_WANTED);
    const ph_lower_options lower = {
        .input = input, .simplify = true, .wanted = n->wanted, .wanted_count = (int)n->wanted_count};
    MUST(ph_lower(n->model->graph, &lower, &n->net, &err));
    for (size_t o = 0; o < n->wanted_count; o++)
        shapes[o] = n->net->tensors[n->net->outputs[o]].shape;
    MUST(ph_heads_new(targets, BATCH, n->wanted, shapes, n->wanted_count, &n->heads, &err));
}

static void tear_down(network *n)
{
    ph_heads_free(&n->heads);
    ph_net_free(&n->net);
    for (int b = 0; b < BATCH; b++)
        ph_target_free(&n->targets[b]);
    ph_free(n->wanted);
    ph_free(n->shapes);
    ph_model_free(&n->model);
}

static void optimize(const network *n, ph_precision precision, bool replay, float planes[PLANES],
                     float course[BATCH * STEPS])
{
    static const uint64_t seeds[BATCH] = {11, 12};
    const ph_device_options options = {.precision = precision};
    ph_error err = {0};
    ph_device *device = NULL;
    MUST(ph_device_open("cuda", &options, &device, NULL, 0, &err));
    ph_backend plain = *ph_device_backend(device);
    plain.replay = NULL;
    if (!replay)
        ((ph_device_head *)(void *)device)->backend = &plain;
    const ph_step_config config = {.options = &n->options,
                                   .preprocess = n->model->preprocess,
                                   .net = n->net,
                                   .batch = BATCH,
                                   .width = WIDTH,
                                   .height = HEIGHT,
                                   .channels = 3};
    ph_step *step = NULL;
    MUST(ph_step_new(device, &config, &step, &err));
    for (int o = 0; o < (int)n->wanted_count; o++)
        MUST(ph_step_heads(step, o, &n->heads->head[o], &err));
    const size_t count = BATCH * ph_step_parameter_count(step);
    float *parameters = ph_alloc(count, sizeof *parameters);
    ck_assert_ptr_nonnull(parameters);
    for (size_t i = 0; i < count; i++)
        parameters[i] = 0.01f * (float)((i * 7919) % 201) - 1.0f;
    MUST(ph_step_start(step, parameters, seeds, &err));
    for (int i = 0; i < STEPS; i++)
        MUST(ph_step_run(step, PH_RELU_NORMAL, &err));
    MUST(ph_step_planes(step, planes, &err));
    MUST(ph_step_course(step, course, &err));
    ck_assert_uint_eq(cudasim_count().graphs, replay ? STEPS - 1 : 0);
    ph_free(parameters);
    ph_step_free(&step);
    ph_device_close(&device);
}

START_TEST(a_replay_gives_the_same_bits)
{
    network n;
    float planes[2][PLANES], course[2][BATCH * STEPS];
    set_up(&n);
    for (int replay = 0; replay < 2; replay++) {
        cudasim_configure(NULL);
        optimize(&n, precisions[_i], replay, planes[replay], course[replay]);
        ck_assert_int_eq(cudasim_count().live, 0);
    }
    ck_assert_int_eq(memcmp(planes[0], planes[1], sizeof *planes), 0);
    ck_assert_int_eq(memcmp(course[0], course[1], sizeof *course), 0);
    ck_assert_float_gt(course[0][STEPS - 1], course[0][0]);
    tear_down(&n);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cudasim-replay");
    TCase *tcase = tcase_create("replay");
    tcase_set_timeout(tcase, 100);
    tcase_add_loop_test(tcase, a_replay_gives_the_same_bits, 0, PRECISIONS);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
