/* The simulated card itself: what is right works. */
#include "card.h"

#include <cublas_v2.h>
#include <cufft.h>
#include <math.h>
#include <stdlib.h>

static void fetch(float *to, const float *from, size_t count)
{
    OK(cudaMemcpyAsync(to, from, count * sizeof *to, cudaMemcpyDeviceToHost, stream));
    OK(cudaStreamSynchronize(stream));
}

START_TEST(work_waits_for_the_host)
{
    float got[COUNT] = {0};
    OK(test_copy(a, b, COUNT, stream));
    OK(cudaMemcpyAsync(got, b, sizeof got, cudaMemcpyDeviceToHost, stream));
    ck_assert_float_eq(got[1], 0);
    OK(cudaStreamSynchronize(stream));
    for (int i = 0; i < COUNT; i++)
        ck_assert_float_eq(got[i], (float)(i + 1));
}
END_TEST

START_TEST(blocks_share_memory_and_wait)
{
    float got[COUNT];
    OK(test_reverse(a, b, COUNT / 64, true, true, stream));
    fetch(got, b, COUNT);
    for (int i = 0; i < COUNT; i++)
        ck_assert_float_eq(got[i], (float)(i / 64 * 64 + 63 - i % 64 + 1));
    OK(test_block_sum(a, b, 1, stream));
    fetch(got, b, 1);
    ck_assert_float_eq(got[0], COUNT * (COUNT + 1) / 2);
}
END_TEST

/* Values of two bytes are seen when they are written. */
START_TEST(halves)
{
    uint16_t got[3];
    OK(test_fill_half(b, 3, 1, stream));
    OK(cudaMemcpyAsync(got, b, sizeof got, cudaMemcpyDeviceToHost, stream));
    OK(cudaStreamSynchronize(stream));
    ck_assert_uint_eq(got[0], 0x3c00);
    ck_assert_uint_eq(got[2], 0x4200);
}
END_TEST

/* Several threads may write one value to one place. */
START_TEST(threads_agree)
{
    float got[1];
    OK(test_collide(b, 0, stream));
    fetch(got, b, 1);
    ck_assert_float_eq(got[0], 1);
}
END_TEST

START_TEST(recordings_replay)
{
    cudaGraph_t graph;
    cudaGraphExec_t exec;
    size_t nodes = 0;
    float got[COUNT];
    OK(test_copy(a, b, COUNT, stream));
    OK(test_fill(a, COUNT, 1, stream));
    OK(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal));
    OK(cudaMemcpyAsync(b, a, COUNT * sizeof *a, cudaMemcpyDeviceToDevice, stream));
    OK(cudaMemsetAsync(a, 0, COUNT * sizeof *a, stream));
    OK(test_fill(a, COUNT / 2, 7, stream));
    OK(cudaStreamEndCapture(stream, &graph));
    OK(cudaGraphGetNodes(graph, NULL, &nodes));
    ck_assert_uint_eq(nodes, 3);
    OK(cudaGraphInstantiate(&exec, graph, 0));
    OK(cudaGraphDestroy(graph));
    fetch(got, a, COUNT);
    ck_assert_float_eq(got[0], 1); /* recording does nothing */
    for (int k = 0; k < 2; k++) {
        OK(cudaGraphLaunch(exec, stream));
        fetch(got, b, COUNT);
        ck_assert_float_eq(got[COUNT - 1], k ? 0 : COUNT);
        fetch(got, a, COUNT);
        ck_assert_float_eq(got[0], 7);
        ck_assert_float_eq(got[COUNT - 1], 0);
    }
    OK(cudaGraphExecDestroy(exec));
}
END_TEST

START_TEST(events_are_waited_for)
{
    cudaEvent_t event;
    OK(cudaEventCreateWithFlags(&event, cudaEventDisableTiming));
    OK(cudaEventSynchronize(event)); /* never recorded: nothing to wait for */
    OK(test_fill(b, COUNT, 0, stream));
    OK(cudaEventRecord(event, stream));
    ck_assert_uint_eq(cudasim_count().kernels, 1);
    OK(cudaEventSynchronize(event));
    ck_assert_uint_eq(cudasim_count().kernels, 2);
    OK(cudaEventDestroy(event));
}
END_TEST

START_TEST(products)
{
    /* Column-major, 2 x 3 times 3 x 2, on 1, 2, … */
    cublasHandle_t blas;
    const float one = 1, two = 2, want[4] = {22, 28, 49, 64};
    float got[4];
    OK(cublasCreate(&blas));
    OK(cublasSetStream(blas, stream));
    OK(cublasGemmEx(blas, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 3, &one, a, CUDA_R_32F, 2, a, CUDA_R_32F, 3, &(float){0}, b,
                    CUDA_R_32F, 2, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
    fetch(got, b, 4);
    for (int i = 0; i < 4; i++)
        ck_assert_float_eq(got[i], want[i]);
    OK(cublasGemmStridedBatchedEx(blas, CUBLAS_OP_T, CUBLAS_OP_N, 2, 2, 3, &two, a, CUDA_R_32F, 3, 6, a, CUDA_R_32F, 3,
                                  6, &one, b, CUDA_R_32F, 2, 4, 1, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT));
    fetch(got, b, 4); /* 2 A^T A + what was there */
    ck_assert_float_eq(got[0], 2 * 14 + want[0]);
    ck_assert_float_eq(got[3], 2 * 77 + want[3]);
    OK(cublasDestroy(blas));
}
END_TEST

/* Spectra that are not Hermitian in column 0 give something else than the projection that numpy uses. */
START_TEST(transforms)
{
    enum { H = 4, W = 6, BINS = H * (W / 2 + 1) };
    int size[2] = {H, W};
    size_t bytes = 0;
    void *area;
    cufftHandle forward, back;
    const cufftType types[2] = {CUFFT_R2C, CUFFT_C2R};
    cufftHandle *const handles[2] = {&forward, &back};
    OK(cudaMalloc(&area, 4096));
    for (int k = 0; k < 2; k++) {
        OK(cufftCreate(handles[k]));
        OK(cufftSetAutoAllocation(*handles[k], 0));
        OK(cufftMakePlanMany(*handles[k], 2, size, NULL, 1, 0, NULL, 1, 0, types[k], 1, &bytes));
        ck_assert_uint_le(bytes, 4096);
        OK(cufftSetWorkArea(*handles[k], area));
        OK(cufftSetStream(*handles[k], stream));
    }
    float got[2 * BINS], first;
    OK(cufftExecR2C(forward, a, (cufftComplex *)b));
    fetch(got, b, 2 * BINS);
    ck_assert_float_eq(got[0], H * W * (H * W + 1) / 2);
    OK(cufftExecC2R(back, (cufftComplex *)b, a));
    fetch(got, a, H * W);
    for (int i = 0; i < H * W; i++)
        ck_assert_float_eq_tol(got[i], (float)(H * W * (i + 1)), 1e-3f);
    first = got[0];
    OK(cufftExecR2C(forward, a, (cufftComplex *)b));
    fetch(got, b, 2 * BINS);
    for (int y = 1; y < H; y += 2) /* z(-k) = conj z(k) no more, but the Hermitian part is as before */
        got[2 * y * (W / 2 + 1)] += y == 1 ? 5.0f : -5.0f;
    OK(cudaMemcpyAsync(b, got, sizeof got, cudaMemcpyHostToDevice, stream));
    OK(cufftExecC2R(back, (cufftComplex *)b, a));
    fetch(got, a, H * W);
    ck_assert_float_ge(fabsf(got[0] - first * H * W), 1);
    OK(cufftDestroy(forward));
    OK(cufftDestroy(back));
    OK(cudaFree(area));
}
END_TEST

START_TEST(failures_come_when_asked_for)
{
    void *memory = NULL;
    close_card();
    cudasim_configure("fail=cudaMalloc:2,memory=1000000");
    OK(cudaMalloc(&memory, 100));
    OK(cudaFree(memory));
    ck_assert_int_eq(cudaMalloc(&memory, 100), cudaErrorMemoryAllocation);
    ck_assert_int_eq(cudaGetLastError(), cudaErrorMemoryAllocation);
    OK(cudaGetLastError());
    ck_assert_int_eq(cudaMalloc(&memory, 2000000), cudaErrorMemoryAllocation);
    ck_assert_int_eq((int)cudasim_count().failed, 1);
    int count = -7, version = 0;
    cudasim_configure("driver=0");
    ck_assert_int_eq(cudaGetDeviceCount(&count), cudaErrorInsufficientDriver);
    ck_assert_int_eq(count, -7);
    cudasim_configure("devices=0");
    ck_assert_int_eq(cudaGetDeviceCount(&count), cudaErrorNoDevice);
    cublasHandle_t blas;
    ck_assert_int_eq(cublasCreate(&blas), CUBLAS_STATUS_NOT_INITIALIZED);
    cudasim_configure("fail=cudaMalloc:2,code=719");
    OK(cudaMalloc(&memory, 100)); /* goes with the card */
    ck_assert_int_eq(cudaMalloc(&memory, 100), cudaErrorLaunchFailure);
    ck_assert_int_eq(cudaGetLastError(), cudaErrorLaunchFailure);
    ck_assert_int_eq(cudaSetDevice(0), cudaErrorLaunchFailure);
    OK(cudaDriverGetVersion(&version));
    open_card();
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cudasim");
    TCase *tcase = tcase_create("right");
    tcase_add_checked_fixture(tcase, open_card, close_card);
    tcase_add_test(tcase, work_waits_for_the_host);
    tcase_add_test(tcase, blocks_share_memory_and_wait);
    tcase_add_test(tcase, halves);
    tcase_add_test(tcase, threads_agree);
    tcase_add_test(tcase, recordings_replay);
    tcase_add_test(tcase, events_are_waited_for);
    tcase_add_test(tcase, products);
    tcase_add_test(tcase, transforms);
    tcase_add_test(tcase, failures_come_when_asked_for);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
