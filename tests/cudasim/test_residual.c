/* Sums behind convolutions, on the simulated card: which become part of the convolution, and what a step then costs. */
#include "cudasim.h"
#include "kernels/cuda/cuda.h"
#include "kernels/cuda/plan.h"
#include "tests/ops/build_net.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 2 };

#define MUST(expression) ck_assert_msg((expression) == PH_OK, "%s: %s", text, err.message)

typedef struct cost {
    int kernels, library; /* launches of ours, calls of cuDNN */
} cost;

static cost since(cudasim_counts before)
{
    const cudasim_counts now = cudasim_count();
    return (cost){(int)(now.kernels - before.kernels), (int)(now.library - before.library)};
}

static ph_device *open_device(ph_precision precision)
{
    const ph_device_options options = {.precision = precision};
    ph_device *device = NULL;
    ph_error err = {0};
    ck_assert_msg(ph_backend_cuda.open(&options, &device, &err) == PH_OK, "%s", err.message);
    return device;
}

/* ---- Which --------------------------------------------------------------------------------------------------------
 */

static const struct {
    const char *text;
    int sums, rectified; /* convolutions with a sum, and those of them with a ReLU behind it */
} plans[] = {
    {"x = input 1x8x5x6; a = conv x out=8; y = add a x", 1, 0},
    {"x = input 1x8x5x6; a = conv x out=8; y = add x a", 1, 0},
    {"x = input 1x8x5x6; a = conv x out=8; s = add x a; y = relu s", 1, 1},
    {"x = input 1x8x5x6; a = conv x out=8; b = conv x out=8; s = add a b; y = relu s", 1, 1},
    {"x = input 1x8x5x6; a = conv x out=8; s = add a x; y = clip s a=0 b=6", 1, 0},
    {"x = input 1x8x5x6; a = conv x out=8; s = add a x; y = relu s; want s y", 1, 0},
    {"x = input 1x8x5x6; a = conv x out=8; s = add a x; r = relu s; y = mul r s", 1, 0},
    {"x = input 1x8x5x6; a = conv x out=8; s = add a x; b = conv s out=8; t = add b s; y = relu t", 2, 1},
    {"x = input 1x8x5x6; a = conv x out=8; b = conv x out=8; c = conv x out=8; s = add a b; y = add s c", 2, 0},
    /* One of two that is no convolution of cuDNN's. */
    {"x = input 1x8x5x6; a = conv x out=8; b = conv x out=8 group=8 kernel=3x3 pad=1; y = add a b", 1, 0},
    /* No reason, or not the same. */
    {"x = input 1x8x5x6; r = relu x; y = add r x", 0, 0},
    {"x = input 1x8x5x6; a = conv x out=8 group=8 kernel=3x3 pad=1; s = add a x; y = relu s", 0, 0},
    {"x = input 1x8x5x6; a = conv x out=8; s = sub a x; y = relu s", 0, 0},
    {"x = input 1x8x5x6; p = avgpool x kernel=5x6; a = conv x out=8; s = add a p; y = relu s", 0, 0},
    {"x = input 1x8x5x6; p = avgpool x kernel=5x6; a = conv p out=8; y = add a x", 0, 0},
    {"x = input 1x8x5x6; c = const 1x8x5x6; a = conv x out=8; y = add a c", 0, 0},
    {"x = input 1x8x5x6; c = const 1x8x1x1; a = conv x out=8; y = add c a", 0, 0},
    {"x = input 1x8x5x6; a = conv x out=8; y = add a a", 0, 0},
    {"x = input 1x8x5x6; a = conv x out=8 relu; y = add a x", 0, 0},
    {"x = input 1x8x5x6; a = deconv x out=8 kernel=1x1; y = add a x", 0, 0},
    /* The convolution's own output is wanted, or read by another. */
    {"x = input 1x8x5x6; a = conv x out=8; y = add a x; want a y", 0, 0},
    {"x = input 1x8x5x6; a = conv x out=8; s = add a x; y = mul s a", 0, 0},
};
enum { PLANS = sizeof plans / sizeof *plans };

static const ph_precision precisions[] = {PH_PRECISION_FP32, PH_PRECISION_TF32, PH_PRECISION_FP16, PH_PRECISION_BF16};
enum { PRECISIONS = sizeof precisions / sizeof *precisions };

static void expect_plan(ph_device *device, int index, bool gradient)
{
    const char *text = plans[index].text;
    ops_net *n = ops_net_build(text, OPS_REAL, 1);
    ph_cuda_plan *plan = NULL;
    ph_error err = {0};
    int sums = 0, rectified = 0;
    MUST(ph_cuda_plan_new(device, n->net, BATCH, gradient, &plan, &err));
    for (size_t i = 0; i < plan->node_count; i++) {
        const bool sum = plan->nodes[i].kernel == &ph_cuda_node_conv && plan->nodes[i].in_count == 2;
        sums += sum;
        rectified += sum && plan->nodes[i].relu;
    }
    ck_assert_msg(sums == plans[index].sums && rectified == plans[index].rectified, "%d sums, %d rectified: %s", sums,
                  rectified, text);
    ph_cuda_plan_free(plan);
    ops_net_free(n);
}

START_TEST(sums_of_convolutions)
{
    cudasim_configure(NULL);
    ph_device *device = open_device(precisions[_i]);
    for (int i = 0; i < PLANS; i++) {
        expect_plan(device, i, false);
        expect_plan(device, i, true);
    }
    ph_backend_cuda.close(device);
}
END_TEST

/* ---- What it costs ------------------------------------------------------------------------------------------------
 * A block beside the same without its sum. */

static const struct {
    const char *with, *without;
    cost forward, backward; /* what the sum may cost */
} blocks[] = {
    /* The skip is free both ways: its gradient stays where the sum's stands, and the convolution adds to it. */
    {"x = input 1x8x6x5; a = conv x out=8 relu; b = conv a out=8; s = add b x; y = relu s",
     "x = input 1x8x6x5; a = conv x out=8 relu; y = conv a out=8 relu",
     {0, 0},
     {0, 0}},
    {"x = input 1x8x6x5; a = conv x out=16 relu; b = conv a out=8; s = add x b; c = conv s out=16 relu;"
     "d = conv c out=8; t = add d s; y = conv t out=8",
     "x = input 1x8x6x5; a = conv x out=16 relu; s = conv a out=8; c = conv s out=16 relu; t = conv c out=8;"
     "y = conv t out=8",
     {0, 0},
     {0, 0}},
    /* A projection is one convolution more each way. */
    {"x = input 1x8x6x5; a = conv x out=8 relu; b = conv a out=8; p = conv x out=8; s = add b p; y = relu s",
     "x = input 1x8x6x5; a = conv x out=8 relu; y = conv a out=8 relu",
     {0, 1},
     {0, 1}},
    /* Over one convolution: it reads the sum's gradient while it writes the input's, so that is added afterwards. */
    {"x = input 1x8x6x5; a = conv x out=8; s = add a x; y = relu s",
     "x = input 1x8x6x5; y = conv x out=8 relu",
     {0, 0},
     {1, 0}},
    /* Apart from the convolution, which is none of cuDNN's: a kernel forward, and a copy back for the second term. */
    {"x = input 1x8x6x5; a = conv x out=8 relu; b = conv a out=8 kernel=3x3 pad=1 group=8; s = add b x;"
     "y = conv s out=8",
     "x = input 1x8x6x5; a = conv x out=8 relu; s = conv a out=8 kernel=3x3 pad=1 group=8; y = conv s out=8",
     {1, 0},
     {1, 0}},
    /* A constant has no gradient, and that of the other is the difference's. */
    {"x = input 1x8x6x5; c = const 8x1x1; a = conv x out=8; s = sub a c; y = conv s out=8",
     "x = input 1x8x6x5; s = conv x out=8; y = conv s out=8",
     {1, 0},
     {0, 0}},
};
enum { BLOCKS = sizeof blocks / sizeof *blocks };

static void measure(const char *text, cost *forward, cost *backward)
{
    ops_net *n = ops_net_build(text, OPS_REAL, 1);
    ph_device *device = open_device(PH_PRECISION_FP32);
    ph_engine *engine = NULL;
    ph_error err = {0};
    const ph_backend *b = &ph_backend_cuda;
    const ph_net *net = n->net;
    const size_t in = BATCH * (size_t)ph_shape_count(&net->tensors[net->input].shape);
    const size_t out = BATCH * (size_t)ph_shape_count(&net->tensors[net->outputs[0]].shape);
    float *zeros = calloc(in + out, sizeof *zeros);
    ck_assert_ptr_nonnull(zeros);
    MUST(b->engine_new(device, net, BATCH, true, &engine, &err));
    MUST(b->write(device, b->engine_input(engine), zeros, in * sizeof *zeros, &err));
    MUST(b->write(device, b->engine_output_gradient(engine, 0), zeros, out * sizeof *zeros, &err));
    cudasim_counts before = cudasim_count();
    MUST(b->forward(engine, &err));
    MUST(b->read(device, zeros, b->engine_output(engine, 0), sizeof *zeros, &err));
    *forward = since(before);
    before = cudasim_count();
    MUST(b->backward(engine, PH_RELU_NORMAL, &err));
    MUST(b->read(device, zeros, b->engine_input_gradient(engine), sizeof *zeros, &err));
    *backward = since(before);
    free(zeros);
    b->engine_free(engine);
    b->close(device);
    ops_net_free(n);
}

static void expect_cost(const char *way, cost with, cost without, cost more, const char *text)
{
    ck_assert_int_gt(without.kernels, 0);
    ck_assert_int_gt(without.library, 0);
    ck_assert_msg(with.kernels == without.kernels + more.kernels && with.library == without.library + more.library,
                  "%s: %d kernels, %d convolutions; without the sum %d and %d: %s", way, with.kernels, with.library,
                  without.kernels, without.library, text);
}

START_TEST(what_a_sum_costs)
{
    cost forward[2], backward[2];
    cudasim_configure(NULL);
    measure(blocks[_i].with, &forward[0], &backward[0]);
    measure(blocks[_i].without, &forward[1], &backward[1]);
    expect_cost("forward", forward[0], forward[1], blocks[_i].forward, blocks[_i].with);
    expect_cost("backward", backward[0], backward[1], blocks[_i].backward, blocks[_i].with);
}
END_TEST

/* ---- Without an engine --------------------------------------------------------------------------------------------
 */

/* cuDNN says no to one descriptor after the other. Whatever is said no to, there is a plan or a line that says why;
 * where it is the convolution with the sum and its ReLU, one with the sum alone, or a sum apart. */
static const char *const refused[] = {"x = input 1x8x5x6; a = conv x out=8; s = add a x; y = relu s",
                                      "x = input 1x8x5x6; a = conv x out=8; y = add a x"};

START_TEST(apart_where_no_engine_adds)
{
    const ph_device_options options = {.precision = PH_PRECISION_FP32};
    ops_net *n = ops_net_build(refused[_i], OPS_REAL, 1);
    int joined = 0, less = 0;
    for (int k = 1, more = 1; more; k++) {
        char settings[64];
        snprintf(settings, sizeof settings, "fail=cudnnBackendFinalize:%d", k);
        cudasim_configure(settings);
        ph_device *device = NULL;
        ph_cuda_plan *plan = NULL;
        ph_error err = {0};
        ph_status status = ph_backend_cuda.open(&options, &device, &err);
        if (status == PH_OK)
            status = ph_cuda_plan_new(device, n->net, BATCH, true, &plan, &err);
        more = (int)cudasim_count().failed;
        ck_assert_msg(status == PH_OK || (more && *err.message), "%s: %s", settings, err.message);
        for (size_t i = 0; status == PH_OK && i < plan->node_count; i++) {
            const ph_cuda_node *node = &plan->nodes[i];
            const bool sum = node->kernel == &ph_cuda_node_conv && node->in_count == 2;
            joined += sum && node->relu == (_i == 0);
            less += _i == 0 ? sum && !node->relu : node->kernel == &ph_cuda_node_binary;
        }
        ph_cuda_plan_free(plan);
        if (device)
            ph_backend_cuda.close(device);
        ck_assert_int_eq(cudasim_count().live, 0);
    }
    ck_assert_int_gt(joined, 0);
    ck_assert_int_gt(less, 0);
    cudasim_configure(NULL);
    ops_net_free(n);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cudasim-residual");
    TCase *tcase = tcase_create("sums");
    tcase_set_timeout(tcase, 100);
    tcase_add_loop_test(tcase, sums_of_convolutions, 0, PRECISIONS);
    tcase_add_loop_test(tcase, what_a_sum_costs, 0, BLOCKS);
    tcase_add_loop_test(tcase, apart_where_no_engine_adds, 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
