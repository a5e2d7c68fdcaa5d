/* cuBLAS: C = alpha op(A) op(B) + beta C, column-major, summed in double in the order of k. */
#include "sim.h"

#include <cublas_v2.h>
#include <math.h>
#include <stdlib.h>

struct cublasContext {
    cudaStream_t stream;
    void *workspace;
    size_t workspace_bytes;
    bool tf32, exact; /* exact: parts of a sum are not added in half precision */
};

cublasStatus_t cublasCreate(cublasHandle_t *handle)
{
    const int code = sim_call("cublasCreate", CUBLAS_STATUS_ALLOC_FAILED);
    if (code || !sim_usable())
        return code ? (cublasStatus_t)code : CUBLAS_STATUS_NOT_INITIALIZED;
    sim_not_recording("cublasCreate");
    *handle = sim_new(sizeof **handle);
    sim_born(*handle, "cuBLAS handle", free);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy(cublasHandle_t handle)
{
    const int code = sim_call("cublasDestroy", CUBLAS_STATUS_INTERNAL_ERROR);
    sim_not_recording("cublasDestroy");
    sim_dies(handle, "cuBLAS handle", "cublasDestroy");
    free(handle);
    return (cublasStatus_t)code;
}

/* A new stream means the library's own workspace again. */
cublasStatus_t cublasSetStream(cublasHandle_t handle, cudaStream_t stream)
{
    const int code = sim_call("cublasSetStream", CUBLAS_STATUS_INTERNAL_ERROR);
    sim_alive(handle, "cuBLAS handle", "cublasSetStream");
    sim_alive(stream, "stream", "cublasSetStream");
    if (code)
        return (cublasStatus_t)code;
    handle->stream = stream;
    handle->workspace = NULL;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetWorkspace(cublasHandle_t handle, void *workspace, size_t bytes)
{
    const int code = sim_call("cublasSetWorkspace", CUBLAS_STATUS_INTERNAL_ERROR);
    sim_alive(handle, "cuBLAS handle", "cublasSetWorkspace");
    if (code)
        return (cublasStatus_t)code;
    sim_memory_check(workspace, bytes, false, "cublasSetWorkspace");
    if ((uintptr_t)workspace % 256 || !bytes)
        sim_die("cublasSetWorkspace: %zu bytes at %p: must be aligned to 256 bytes", bytes, workspace);
    handle->workspace = workspace;
    handle->workspace_bytes = bytes;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode)
{
    const int code = sim_call("cublasSetMathMode", CUBLAS_STATUS_INTERNAL_ERROR);
    sim_alive(handle, "cuBLAS handle", "cublasSetMathMode");
    const int kind = (int)mode & 15;
    if (kind != CUBLAS_DEFAULT_MATH && kind != CUBLAS_PEDANTIC_MATH && kind != CUBLAS_TF32_TENSOR_OP_MATH)
        sim_die("cublasSetMathMode: mode %d is not simulated", (int)mode);
    handle->tf32 = kind == CUBLAS_TF32_TENSOR_OP_MATH;
    handle->exact = ((int)mode & CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION) != 0;
    return (cublasStatus_t)code;
}

cublasStatus_t cublasSetAtomicsMode(cublasHandle_t handle, cublasAtomicsMode_t mode)
{
    const int code = sim_call("cublasSetAtomicsMode", CUBLAS_STATUS_INTERNAL_ERROR);
    sim_alive(handle, "cuBLAS handle", "cublasSetAtomicsMode");
    if (mode != CUBLAS_ATOMICS_NOT_ALLOWED)
        sim_die("cublasSetAtomicsMode: with atomics the bits would differ from run to run");
    return (cublasStatus_t)code;
}

const char *cublasGetStatusString(cublasStatus_t status)
{
    switch ((int)status) {
    case CUBLAS_STATUS_SUCCESS:
        return "success";
    case CUBLAS_STATUS_NOT_INITIALIZED:
        return "the library was not initialized";
    case CUBLAS_STATUS_ALLOC_FAILED:
        return "the resource allocation failed";
    default:
        return "an error of the simulated library";
    }
}

/* ---- products -----------------------------------------------------------------------------------------------------
 */

typedef struct operand {
    sim_type type;
    bool turned;
    int64_t rows, columns, pitch; /* as it stands in memory, column-major */
    int64_t step;                 /* from one product's to the next's */
    void *memory;
} operand;

typedef struct product {
    operand a, b, c;
    int64_t m, n, k;
    int batch;
    double alpha, beta;
    bool tf32;
    void *workspace;
    size_t workspace_bytes;
} product;

static sim_type type_of(cudaDataType type)
{
    switch ((int)type) {
    case CUDA_R_32F:
        return SIM_FLOAT;
    case CUDA_R_16F:
        return SIM_HALF;
    case CUDA_R_16BF:
        return SIM_BFLOAT;
    default:
        sim_die("cuBLAS: matrices of data type %d are not simulated", (int)type);
    }
}

static operand matrix(const void *memory, cudaDataType type, cublasOperation_t operation, int64_t rows, int64_t columns,
                      int64_t pitch, int64_t step)
{
    if (operation != CUBLAS_OP_N && operation != CUBLAS_OP_T)
        sim_die("cuBLAS: operation %d is not simulated", (int)operation);
    const bool turned = operation == CUBLAS_OP_T;
    union {
        const void *in;
        void *out;
    } pointer = {memory};
    operand o = {type_of(type), turned, turned ? columns : rows, turned ? rows : columns, pitch, step, pointer.out};
    if (pitch < o.rows || pitch < 1)
        sim_die("cuBLAS: a matrix of %lld rows with a leading dimension of %lld", (long long)o.rows, (long long)pitch);
    if ((uintptr_t)memory % sim_type_size(o.type))
        sim_die("cuBLAS: a matrix at %p is not aligned to its type", memory);
    return o;
}

static void check(const operand *o, int batch, bool read)
{
    const size_t size = sim_type_size(o->type);
    for (int i = 0; i < batch; i++)
        for (int64_t j = 0; j < o->columns; j++)
            sim_memory_check((const char *)o->memory + (size_t)(i * o->step + j * o->pitch) * size,
                             (size_t)o->rows * size, read, "a matrix of cuBLAS");
}

static double value(const operand *o, int picture, int64_t row, int64_t column, bool tf32)
{
    const int64_t at = picture * o->step + (o->turned ? column + row * o->pitch : row + column * o->pitch);
    const double x = sim_load(o->type, o->memory, at);
    return tf32 && o->type == SIM_FLOAT ? sim_round_tf32(x) : x;
}

static void multiply(const product *p, int i)
{
    double *row = sim_new((size_t)p->k * sizeof *row);
    double *b = sim_new((size_t)(p->k * p->n) * sizeof *b);
    for (int64_t j = 0; j < p->n; j++)
        for (int64_t l = 0; l < p->k; l++)
            b[j * p->k + l] = value(&p->b, i, l, j, p->tf32);
    for (int64_t r = 0; r < p->m; r++) {
        for (int64_t l = 0; l < p->k; l++)
            row[l] = value(&p->a, i, r, l, p->tf32);
        for (int64_t j = 0; j < p->n; j++) {
            double sum = 0;
            for (int64_t l = 0; l < p->k; l++)
                sum += row[l] * b[j * p->k + l];
            const int64_t at = i * p->c.step + j * p->c.pitch + r;
            const double before = p->beta != 0 ? p->beta * sim_load(p->c.type, p->c.memory, at) : 0;
            sim_store(p->c.type, p->c.memory, at, p->alpha * sum + before);
        }
    }
    for (int64_t j = 0; j < p->n; j++)
        sim_memory_written((char *)p->c.memory + (size_t)(i * p->c.step + j * p->c.pitch) * sim_type_size(p->c.type),
                           (size_t)p->m * sim_type_size(p->c.type));
    free(row);
    free(b);
}

static void run(void *state)
{
    const product *p = state;
    check(&p->a, p->batch, true);
    check(&p->b, p->batch, true);
    check(&p->c, p->batch, p->beta != 0);
    if (p->workspace) {
        sim_memory_check(p->workspace, p->workspace_bytes, false, "the workspace of cuBLAS");
        sim_memory_spoil(p->workspace, p->workspace_bytes < 4096 ? p->workspace_bytes : 4096);
    }
    for (int i = 0; i < p->batch; i++)
        multiply(p, i);
    sim.counts.library++;
}

/* What stands for the library's code of this form of product, which is loaded at first use. */
static const void *form_of(const product *p)
{
    static const char forms[3][3][2][2];
    return &forms[p->a.type][p->c.type][p->a.turned][p->b.turned];
}

static cublasStatus_t submit(cublasHandle_t handle, const char *name, product p, cublasComputeType_t compute)
{
    sim_alive(handle, "cuBLAS handle", name);
    if (p.m < 0 || p.n < 0 || p.k < 0 || p.batch < 0)
        sim_die("%s: a negative size", name);
    if (p.a.type != p.b.type || (p.c.type != p.a.type && p.c.type != SIM_FLOAT))
        sim_die("%s: no product of these types exists", name);
    if (compute != CUBLAS_COMPUTE_32F && compute != CUBLAS_COMPUTE_32F_PEDANTIC &&
        compute != CUBLAS_COMPUTE_32F_FAST_TF32)
        sim_die("%s: sums of type %d: only those in float are simulated", name, (int)compute);
    if (p.a.type != SIM_FLOAT && !handle->exact)
        sim_die("%s: parts of the sums may be added in half precision (cublasSetMathMode)", name);
    if (sim_recording(handle->stream) && !handle->workspace)
        sim_die("%s: recorded without a workspace (cublasSetStream takes it away): it would allocate", name);
    if (p.batch > 1 && p.c.step < (p.n - 1) * p.c.pitch + p.m)
        sim_die("%s: the results of neighbouring products overlap", name);
    p.tf32 = compute != CUBLAS_COMPUTE_32F_PEDANTIC && (handle->tf32 || compute == CUBLAS_COMPUTE_32F_FAST_TF32);
    p.workspace = handle->workspace;
    p.workspace_bytes = handle->workspace_bytes;
    product *state = sim_new(sizeof *state);
    *state = p;
    sim_submit(handle->stream, name, run, free, state, form_of(&p));
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasGemmEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb, int m, int n,
                            int k, const void *alpha, const void *a, cudaDataType a_type, int lda, const void *b,
                            cudaDataType b_type, int ldb, const void *beta, void *c, cudaDataType c_type, int ldc,
                            cublasComputeType_t compute, cublasGemmAlgo_t algorithm)
{
    const int code = sim_call("cublasGemmEx", CUBLAS_STATUS_EXECUTION_FAILED);
    (void)algorithm;
    if (code || !sim_usable())
        return code ? (cublasStatus_t)code : CUBLAS_STATUS_EXECUTION_FAILED;
    product p = {.a = matrix(a, a_type, transa, m, k, lda, 0),
                 .b = matrix(b, b_type, transb, k, n, ldb, 0),
                 .c = matrix(c, c_type, CUBLAS_OP_N, m, n, ldc, 0),
                 .m = m,
                 .n = n,
                 .k = k,
                 .batch = 1,
                 .alpha = (double)*(const float *)alpha,
                 .beta = (double)*(const float *)beta};
    return submit(handle, "cublasGemmEx", p, compute);
}

cublasStatus_t cublasGemmStridedBatchedEx(cublasHandle_t handle, cublasOperation_t transa, cublasOperation_t transb,
                                          int m, int n, int k, const void *alpha, const void *a, cudaDataType a_type,
                                          int lda, long long int a_step, const void *b, cudaDataType b_type, int ldb,
                                          long long int b_step, const void *beta, void *c, cudaDataType c_type, int ldc,
                                          long long int c_step, int batch, cublasComputeType_t compute,
                                          cublasGemmAlgo_t algorithm)
{
    const int code = sim_call("cublasGemmStridedBatchedEx", CUBLAS_STATUS_EXECUTION_FAILED);
    (void)algorithm;
    if (code || !sim_usable())
        return code ? (cublasStatus_t)code : CUBLAS_STATUS_EXECUTION_FAILED;
    product p = {.a = matrix(a, a_type, transa, m, k, lda, a_step),
                 .b = matrix(b, b_type, transb, k, n, ldb, b_step),
                 .c = matrix(c, c_type, CUBLAS_OP_N, m, n, ldc, c_step),
                 .m = m,
                 .n = n,
                 .k = k,
                 .batch = batch,
                 .alpha = (double)*(const float *)alpha,
                 .beta = (double)*(const float *)beta};
    return submit(handle, "cublasGemmStridedBatchedEx", p, compute);
}
