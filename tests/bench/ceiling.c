#include "tests/bench/ceiling.h"
#include "host/base/alloc.h"
#include "host/base/status.h"

#ifdef PH_WITH_CUDA
#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>

enum { SIDE = 8192, REPEATS = 12, COPY_BYTES = 1 << 30, RANDOM_BYTES = 1 << 24 };

#define CUDA(call)                                                                                                     \
    do {                                                                                                               \
        const cudaError_t cuda_code = (call);                                                                          \
        if (cuda_code != cudaSuccess)                                                                                  \
            return ph_fail(err, PH_BACKEND, "%s: %s", #call, cudaGetErrorString(cuda_code));                           \
    } while (0)
#define CUBLAS(call)                                                                                                   \
    do {                                                                                                               \
        const cublasStatus_t cublas_code = (call);                                                                     \
        if (cublas_code != CUBLAS_STATUS_SUCCESS)                                                                      \
            return ph_fail(err, PH_BACKEND, "%s: %s", #call, cublasGetStatusString(cublas_code));                      \
    } while (0)

typedef struct bench {
    cublasHandle_t cublas;
    cudaEvent_t start, end;
    void *a, *b, *c; /* COPY_BYTES each */
} bench;

/* How the values of a product are stored. */
typedef struct format {
    cudaDataType_t type;
    cublasComputeType_t compute;
    uint32_t keep, set; /* of random 32-bit words: what leaves numbers of both signs with magnitudes in [1/2, 1) */
} format;

static const format formats[] = {
    [PH_PRECISION_FP32] = {CUDA_R_32F, CUBLAS_COMPUTE_32F_PEDANTIC, 0x807fffffu, 0x3f000000u},
    [PH_PRECISION_TF32] = {CUDA_R_32F, CUBLAS_COMPUTE_32F_FAST_TF32, 0x807fffffu, 0x3f000000u},
    [PH_PRECISION_FP16] = {CUDA_R_16F, CUBLAS_COMPUTE_32F, 0x83ff83ffu, 0x38003800u},
    [PH_PRECISION_BF16] = {CUDA_R_16BF, CUBLAS_COMPUTE_32F, 0x807f807fu, 0x3f003f00u},
};

static ph_status acquire(bench *m, ph_error *err)
{
    void **const buffers[] = {&m->a, &m->b, &m->c};
    for (int i = 0; i < 3; i++)
        CUDA(cudaMalloc(buffers[i], COPY_BYTES));
    CUDA(cudaEventCreate(&m->start));
    CUDA(cudaEventCreate(&m->end));
    CUBLAS(cublasCreate(&m->cublas));
    return PH_OK;
}

static void release(bench *m)
{
    if (m->cublas)
        cublasDestroy(m->cublas);
    if (m->start)
        cudaEventDestroy(m->start);
    if (m->end)
        cudaEventDestroy(m->end);
    cudaFree(m->a);
    cudaFree(m->b);
    cudaFree(m->c);
}

/* Random words of the format all over a buffer: zeros would be multiplied faster than data are. */
static ph_status fill(void *buffer, const format *f, uint32_t seed, ph_error *err)
{
    uint32_t *words = ph_alloc(RANDOM_BYTES / 4, 4);
    if (!words)
        return ph_fail_memory(err, RANDOM_BYTES, "random numbers");
    for (int i = 0; i < RANDOM_BYTES / 4; i++) {
        seed = seed * 1664525u + 1013904223u;
        words[i] = ((seed ^ seed >> 15) & f->keep) | f->set;
    }
    cudaError_t code = cudaSuccess;
    for (size_t at = 0; at < COPY_BYTES && code == cudaSuccess; at += RANDOM_BYTES)
        code = cudaMemcpy((char *)buffer + at, words, RANDOM_BYTES, cudaMemcpyHostToDevice);
    ph_free(words);
    CUDA(code);
    return PH_OK;
}

static int by_size(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* What is timed: a copy when `f` is NULL. */
static ph_status once(bench *m, const format *f, ph_error *err)
{
    const float one = 1, zero = 0;
    if (!f)
        CUDA(cudaMemcpyAsync(m->b, m->a, COPY_BYTES, cudaMemcpyDeviceToDevice, 0));
    else
        CUBLAS(cublasGemmEx(m->cublas, CUBLAS_OP_T, CUBLAS_OP_N, SIDE, SIDE, SIDE, &one, m->a, f->type, SIDE, m->b,
                            f->type, SIDE, &zero, m->c, f->type, SIDE, f->compute, CUBLAS_GEMM_DEFAULT));
    return PH_OK;
}

/* Median seconds; the first runs are warm-up. */
static ph_status median(bench *m, const format *f, double *seconds, ph_error *err)
{
    float times[REPEATS];
    for (int i = -2; i < REPEATS; i++) {
        CUDA(cudaEventRecord(m->start, 0));
        PH_TRY(once(m, f, err));
        CUDA(cudaEventRecord(m->end, 0));
        CUDA(cudaEventSynchronize(m->end));
        if (i >= 0)
            CUDA(cudaEventElapsedTime(&times[i], m->start, m->end));
    }
    qsort(times, REPEATS, sizeof *times, by_size);
    *seconds = 1e-3 * (double)times[REPEATS / 2];
    return PH_OK;
}

static ph_status measure(bench *m, bench_ceiling *ceiling, ph_error *err)
{
    double seconds;
    PH_TRY(acquire(m, err));
    for (int p = PH_PRECISION_FP32; p <= PH_PRECISION_BF16; p++) {
        PH_TRY(fill(m->a, &formats[p], 1, err));
        PH_TRY(fill(m->b, &formats[p], 2, err));
        PH_TRY(median(m, &formats[p], &seconds, err));
        ceiling->matrix[p] = 2.0 * SIDE * SIDE * SIDE / seconds;
    }
    PH_TRY(median(m, NULL, &seconds, err));
    ceiling->copy = 2.0 * COPY_BYTES / seconds;
    struct cudaDeviceProp properties;
    CUDA(cudaGetDeviceProperties(&properties, 0));
    snprintf(ceiling->device, sizeof ceiling->device, "%s", properties.name);
    return PH_OK;
}

ph_status bench_ceiling_measure(bench_ceiling *ceiling, ph_error *err)
{
    bench m = {0};
    const ph_status status = measure(&m, ceiling, err);
    release(&m);
    return status;
}

int64_t bench_memory_used(void)
{
    size_t free_bytes = 0, total = 0;
    return cudaMemGetInfo(&free_bytes, &total) == cudaSuccess ? (int64_t)(total - free_bytes) : 0;
}

#else

ph_status bench_ceiling_measure(bench_ceiling *ceiling, ph_error *err)
{
    (void)ceiling;
    return ph_fail(err, PH_BACKEND, "this build has no CUDA");
}

int64_t bench_memory_used(void)
{
    return 0;
}

#endif
