/* Plans of cuDNN on the simulated card: what is computed, and what ends the program. */
#include "kernels/cuda/convolution.h"
#include "kernels/cuda/cuda.h"

#include <stdlib.h>

#include "card.h" /* last: its short names are parameters in those above */

enum {
    CHANNELS = 8,
    SIDE = 4,
    KERNEL = 3,
    VALUES = CHANNELS * SIDE * SIDE,
    WEIGHTS = CHANNELS * CHANNELS * KERNEL * KERNEL
};

static ph_device *device;
static ph_conv *conv, *adding;
static float *x, *w, *bias, *z, *y, *workspace;

static void *memory_of(size_t bytes)
{
    void *memory = NULL;
    ph_error err = {0};
    ck_assert_msg(ph_backend_cuda.memory_new(device, bytes, &memory, &err) == PH_OK, "%s", err.message);
    return memory;
}

/* From 0 down to where no sum stays positive. */
static float residual(int i)
{
    return (float)(-i % 89);
}

/* y = conv(x, w) + bias of 1, with weights and pictures of 1; and max(0, the same + z). */
static void open_convolution(void)
{
    const ph_device_options options = {.precision = PH_PRECISION_FP32};
    ph_conv_shape shape = {.task = PH_CONV_FORWARD,
                           .channels = CHANNELS,
                           .out_channels = CHANNELS,
                           .groups = 1,
                           .height = SIDE,
                           .width = SIDE,
                           .out_height = SIDE,
                           .out_width = SIDE,
                           .kernel = {KERNEL, KERNEL},
                           .stride = {1, 1},
                           .dilation = {1, 1},
                           .pad_begin = {1, 1},
                           .pad_end = {1, 1}};
    float ones[WEIGHTS], sums[VALUES];
    ph_error err = {0};
    for (int i = 0; i < WEIGHTS; i++)
        ones[i] = 1;
    for (int i = 0; i < VALUES; i++)
        sums[i] = residual(i);
    cudasim_configure(NULL);
    ck_assert_msg(ph_backend_cuda.open(&options, &device, &err) == PH_OK, "%s", err.message);
    ck_assert_msg(ph_conv_new(device, &shape, 1, &conv, &err) == PH_OK, "%s", err.message);
    shape.task = PH_CONV_RESIDUAL_RELU;
    ck_assert_msg(ph_conv_new(device, &shape, 1, &adding, &err) == PH_OK, "%s", err.message);
    ck_assert_str_eq(ph_conv_engine(adding), ph_conv_engine(conv));
    x = memory_of(VALUES * sizeof *x);
    z = memory_of(VALUES * sizeof *z);
    y = memory_of(VALUES * sizeof *y);
    w = memory_of(WEIGHTS * sizeof *w);
    bias = memory_of(CHANNELS * sizeof *bias);
    const int64_t bytes[2] = {ph_conv_workspace(conv), ph_conv_workspace(adding)};
    workspace = memory_of((size_t)(bytes[0] > bytes[1] ? bytes[0] : bytes[1]));
    OK(ph_backend_cuda.write(device, x, ones, VALUES * sizeof *x, &err));
    OK(ph_backend_cuda.write(device, z, sums, sizeof sums, &err));
    OK(ph_backend_cuda.write(device, w, ones, WEIGHTS * sizeof *w, &err));
    OK(ph_backend_cuda.write(device, bias, ones, CHANNELS * sizeof *bias, &err));
}

static void close_convolution(void)
{
    float *const all[] = {x, y, z, w, bias, workspace};
    ph_conv_free(conv);
    ph_conv_free(adding);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        ph_backend_cuda.memory_free(device, all[i]);
    ph_backend_cuda.close(device);
    ck_assert_int_eq(cudasim_count().live, 0);
}

static void run(float *from, float *to)
{
    ph_error err = {0};
    OK(ph_conv_run(conv, from, w, bias, NULL, to, workspace, &err));
    OK(cudaStreamSynchronize(device->stream));
}

static void run_adding(float *to_add, float *to)
{
    ph_error err = {0};
    OK(ph_conv_run(adding, x, w, bias, to_add, to, workspace, &err));
    OK(cudaStreamSynchronize(device->stream));
}

/* A sum of ones has as many terms as the window has places inside the picture. */
static float sum_of_ones(int i)
{
    const int row = i / CHANNELS / SIDE, column = i / CHANNELS % SIDE;
    const int rows = row == 0 || row == SIDE - 1 ? 2 : 3, columns = column == 0 || column == SIDE - 1 ? 2 : 3;
    return (float)(CHANNELS * rows * columns + 1);
}

START_TEST(sums)
{
    float got[VALUES];
    ph_error err = {0};
    run(x, y);
    OK(ph_backend_cuda.read(device, got, y, sizeof got, &err));
    for (int i = 0; i < VALUES; i++)
        ck_assert_float_eq(got[i], sum_of_ones(i));
}
END_TEST

START_TEST(rectified_sums_with_a_residual)
{
    float got[VALUES];
    ph_error err = {0};
    int positive = 0;
    run_adding(z, y);
    OK(ph_backend_cuda.read(device, got, y, sizeof got, &err));
    for (int i = 0; i < VALUES; i++) {
        const float sum = sum_of_ones(i) + residual(i);
        positive += sum > 0;
        ck_assert_float_eq(got[i], sum > 0 ? sum : 0);
    }
    ck_assert_int_gt(positive, 0);
    ck_assert_int_lt(positive, VALUES);
}
END_TEST

/* ---- What is wrong ------------------------------------------------------------------------------------------------
 */

static void misaligned(void)
{
    run(x + 1, y);
}

static void in_place(void)
{
    run(x, x);
}

static void without_a_residual(void)
{
    run_adding(NULL, y);
}

static void a_misaligned_residual(void)
{
    run_adding(z + 1, y);
}

static void onto_the_residual(void)
{
    run_adding(z, z);
}

static void a_short_residual(void)
{
    run_adding(bias, y);
}

static void an_unwritten_residual(void)
{
    float *fresh = NULL;
    OK(cudaMalloc((void **)&fresh, VALUES * sizeof *fresh));
    run_adding(fresh, y);
}

static void too_short(void)
{
    run(bias, y);
}

static void freed(void)
{
    ph_backend_cuda.memory_free(device, x);
    run(x, y);
}

static void unwritten(void)
{
    float *fresh = NULL;
    OK(cudaMalloc((void **)&fresh, VALUES * sizeof *fresh));
    run(fresh, y);
}

static void on_the_host(void)
{
    static float host[VALUES];
    run(host, y);
}

static void recorded_first(void)
{
    ph_error err = {0};
    OK(ph_backend_cuda.record_begin(device, &err));
    ph_conv_run(conv, x, w, bias, NULL, y, workspace, &err);
}

static void planned_while_recording(void)
{
    cudnnBackendDescriptor_t plan = NULL;
    ph_error err = {0};
    OK(ph_backend_cuda.record_begin(device, &err));
    OK(cudnnBackendCreateDescriptor(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, &plan));
    cudnnBackendFinalize(plan);
}

static cudnnBackendDescriptor_t tensor(void)
{
    const int64_t uid = 1, dim[4] = {1, 8, 4, 4}, stride[4] = {128, 1, 32, 8}, alignment = 16;
    const cudnnDataType_t type = CUDNN_DATA_FLOAT;
    cudnnBackendDescriptor_t t = NULL;
    OK(cudnnBackendCreateDescriptor(CUDNN_BACKEND_TENSOR_DESCRIPTOR, &t));
    OK(cudnnBackendSetAttribute(t, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid));
    OK(cudnnBackendSetAttribute(t, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &type));
    OK(cudnnBackendSetAttribute(t, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dim));
    OK(cudnnBackendSetAttribute(t, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, stride));
    OK(cudnnBackendSetAttribute(t, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment));
    return t;
}

static void set_after_the_end(void)
{
    const int64_t uid = 2;
    cudnnBackendDescriptor_t t = tensor();
    OK(cudnnBackendFinalize(t));
    cudnnBackendSetAttribute(t, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid);
}

static void unfinished(void)
{
    cudnnBackendDescriptor_t t = tensor(), op = NULL;
    OK(cudnnBackendCreateDescriptor(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, &op));
    cudnnBackendSetAttribute(op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &t);
}

static void destroyed(void)
{
    cudnnBackendDescriptor_t t = tensor();
    OK(cudnnBackendDestroyDescriptor(t));
    cudnnBackendFinalize(t);
}

static void finished_twice(void)
{
    cudnnBackendDescriptor_t t = tensor();
    OK(cudnnBackendFinalize(t));
    cudnnBackendFinalize(t);
}

static void no_handle(void)
{
    ph_error err = {0};
    OK(cudnnDestroy(device->cudnn));
    ph_conv_run(conv, x, w, bias, NULL, y, workspace, &err);
}

static const struct misuse {
    void (*act)(void);
    const char *line; /* a part of it */
} misuses[] = {
    {misaligned, "is not aligned to 16 bytes as described"},
    {in_place, "a result and another tensor overlap"},
    {without_a_residual, "no memory for tensor 122"},
    {a_misaligned_residual, "is not aligned to 16 bytes as described"},
    {onto_the_residual, "a result and another tensor overlap"},
    {a_short_residual, "reaches out of the allocation"},
    {an_unwritten_residual, "never written"},
    {too_short, "reaches out of the allocation"},
    {freed, "nothing is allocated there: byte 0 of the freed allocation"},
    {unwritten, "never written"},
    {on_the_host, "is not memory of the card"},
    {recorded_first, "recorded before it has run once"},
    {planned_while_recording, "of a plan: forbidden while a stream is being recorded"},
    {set_after_the_end, "that is finalized"},
    {unfinished, "that is not finalized"},
    {destroyed, "is no descriptor, or one that was destroyed"},
    {finished_twice, "is finalized twice"},
    {no_handle, "is not a cuDNN handle, or not any more"},
};
enum { MISUSES = sizeof misuses / sizeof *misuses };

START_TEST(misuse_ends_the_program)
{
    expect_end(misuses[_i].act, misuses[_i].line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cudasim-convolution");
    TCase *tcase = tcase_create("plans");
    tcase_add_checked_fixture(tcase, open_convolution, close_convolution);
    tcase_add_test(tcase, sums);
    tcase_add_test(tcase, rectified_sums_with_a_residual);
    tcase_add_loop_test(tcase, misuse_ends_the_program, 0, MISUSES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
