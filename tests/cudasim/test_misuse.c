/* Every misuse of the simulated card ends the program at once, with its line. */
#include "card.h"

#include <cublas_v2.h>
#include <cufft.h>
#include <stdlib.h>

static void sync(void)
{
    cudaStreamSynchronize(stream);
}

static void host_reads(void)
{
    ((volatile float *)a)[3] += 1;
}

static void host_reads_freed(void)
{
    cudaFree(a);
    ((volatile float *)a)[3] += 1;
}

static void reads_beyond(void)
{
    test_copy(a, b, COUNT + 1, stream);
    sync();
}

static void writes_beyond(void)
{
    test_fill(b, COUNT + 1, 0, stream);
    sync();
}

static void writes_half_beyond(void)
{
    test_fill_half(b + COUNT - 1, 3, 0, stream);
    sync();
}

static void reads_freed(void)
{
    cudaFree(a);
    test_copy(a, b, COUNT, stream);
    sync();
}

static void reads_unwritten(void)
{
    test_copy(b, a, COUNT, stream);
    sync();
}

static void fetches_unwritten(void)
{
    float got[2];
    cudaMemcpyAsync(got, b, sizeof got, cudaMemcpyDeviceToHost, stream);
    sync();
}

static void copies_unaligned(void)
{
    test_copy4(a + 1, b, stream);
    sync();
}

static void kernel_writes_host(void)
{
    static float place[COUNT];
    float *host = malloc(sizeof place);
    test_copy(a, host, COUNT, stream);
    sync();
}

static void frees_twice(void)
{
    cudaFree(a);
    cudaFree(a);
}

static void copies_the_wrong_way(void)
{
    float got[2];
    cudaMemcpyAsync(got, a, sizeof got, cudaMemcpyHostToDevice, stream);
}

static void collides(void)
{
    test_collide(b, 1, stream);
    sync();
}

static void shifts(void)
{
    test_shift(a, stream);
    sync();
}

static void does_not_wait(void)
{
    test_reverse(a, b, 1, false, true, stream);
    sync();
}

/* The block before has filled the memory. */
static void shared_unwritten(void)
{
    test_reverse(a, b, 1, true, true, stream);
    test_reverse(a, b, 1, true, false, stream);
    sync();
}

static void parts_ways(void)
{
    test_part_ways(b, stream);
    sync();
}

static void large_block(void)
{
    test_block_of(1025, stream);
}

static void begin(void)
{
    cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal);
}

static void records_allocation(void)
{
    void *memory;
    begin();
    cudaMalloc(&memory, 1);
}

static void records_wait(void)
{
    begin();
    sync();
}

static void records_copy(void)
{
    float x = 0;
    begin();
    cudaMemcpyAsync(a, &x, sizeof x, cudaMemcpyHostToDevice, stream);
}

static void records_first(void)
{
    begin();
    test_copy(a, b, COUNT, stream);
}

static void records_elsewhere(void)
{
    cudaStream_t other;
    cudaStreamCreateWithFlags(&other, cudaStreamNonBlocking);
    begin();
    test_fill(b, COUNT, 1, other);
}

static void default_stream(void)
{
    test_fill(b, COUNT, 1, NULL);
}

static cublasHandle_t blas_new(void)
{
    cublasHandle_t blas = NULL;
    cublasCreate(&blas);
    cublasSetStream(blas, stream);
    return blas;
}

static void multiply(cublasHandle_t blas, int pitch, const void *from)
{
    const float one = 1;
    cublasGemmEx(blas, CUBLAS_OP_N, CUBLAS_OP_N, 2, 2, 2, &one, from, CUDA_R_32F, pitch, a, CUDA_R_32F, 2, &(float){0},
                 b, CUDA_R_32F, 2, CUBLAS_COMPUTE_32F, CUBLAS_GEMM_DEFAULT);
}

static void product_without_workspace(void)
{
    cublasHandle_t blas = blas_new();
    multiply(blas, 2, a);
    sync();
    begin();
    multiply(blas, 2, a);
}

static void product_of_narrow_matrix(void)
{
    multiply(blas_new(), 1, a);
}

static void product_of_unwritten(void)
{
    multiply(blas_new(), 2, b);
    sync();
}

static cufftHandle transform_new(void)
{
    cufftHandle plan = 0;
    int size[2] = {4, 4};
    size_t bytes;
    cufftCreate(&plan);
    cufftSetAutoAllocation(plan, 0);
    cufftMakePlanMany(plan, 2, size, NULL, 1, 0, NULL, 1, 0, CUFFT_R2C, 1, &bytes);
    return plan;
}

static void transform_without_area(void)
{
    const cufftHandle plan = transform_new();
    cufftSetStream(plan, stream);
    cufftExecR2C(plan, a, (cufftComplex *)b);
}

static void transform_without_stream(void)
{
    const cufftHandle plan = transform_new();
    cufftSetWorkArea(plan, b);
    cufftExecR2C(plan, a, (cufftComplex *)b);
}

static void transform_in_small_area(void)
{
    cufftSetWorkArea(transform_new(), b + COUNT - 8);
}

static void transform_destroyed(void)
{
    const cufftHandle plan = transform_new();
    cufftDestroy(plan);
    cufftSetStream(plan, stream);
}

static void leaves_something(void)
{
    cudasim_configure(NULL);
}

static const struct misuse {
    void (*act)(void);
    const char *line; /* a part of it */
} misuses[] = {
    {host_reads, "the host touches memory of the card: byte 12 of allocation"},
    {host_reads_freed, "the host touches memory of the card: byte 12 of the freed allocation"},
    {reads_beyond, "read by a kernel: 0 bytes behind the end of allocation"},
    {writes_beyond, "written by a kernel: 0 bytes behind the end of allocation"},
    {writes_half_beyond, "written by a kernel: 0 bytes behind the end of allocation"},
    {reads_freed, "read by a kernel: byte 0 of the freed allocation"},
    {reads_unwritten, "never written: byte 0 of allocation"},
    {fetches_unwritten, "never written: byte 0 of allocation"},
    {copies_unaligned, "are not aligned"},
    {kernel_writes_host, "the kernel writes memory of the host"},
    {frees_twice, "is not the beginning of a living allocation"},
    {copies_the_wrong_way, "against the kind of the copy"},
    {collides, "without a barrier between"},
    {shifts, "without a barrier between"},
    {does_not_wait, "shared memory is read before the block has written it"},
    {shared_unwritten, "shared memory is read before the block has written it"},
    {parts_ways, "wait at different barriers"},
    {large_block, "no launch of 1 x 1 x 1 blocks of 1025"},
    {records_allocation, "cudaMalloc: forbidden while a stream is being recorded"},
    {records_wait, "cudaStreamSynchronize: forbidden"},
    {records_copy, "a copy between host and card inside a recording"},
    {records_first, "recorded before it has run once"},
    {records_elsewhere, "queued in one stream while another is being recorded"},
    {default_stream, "legacy default stream"},
    {product_without_workspace, "recorded without a workspace"},
    {product_of_narrow_matrix, "2 rows with a leading dimension of 1"},
    {product_of_unwritten, "never written"},
    {transform_without_area, "has no work area"},
    {transform_without_stream, "has no stream"},
    {transform_in_small_area, "reaches out of the allocation"},
    {transform_destroyed, "is no plan of cuFFT"},
    {leaves_something, "objects (2048 bytes) of the card are left"},
};
enum { MISUSES = sizeof misuses / sizeof *misuses };

START_TEST(misuse_ends_the_program)
{
    expect_end(misuses[_i].act, misuses[_i].line);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cudasim-misuse");
    TCase *tcase = tcase_create("wrong");
    tcase_add_checked_fixture(tcase, open_card, close_card);
    tcase_add_loop_test(tcase, misuse_ends_the_program, 0, MISUSES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
