/* DENSE: out[rows, K] = in[rows, C] W^T + bias by cuBLAS, always on equally many rows at once: which kernel cuBLAS
 * takes depends on their number, and a picture must not depend on its neighbours. Row-major [rows, C] is column-major
 * [C, rows] to cuBLAS, so products are written the other way round: out^T = W in^T. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

#include <limits.h>

/* Rows of a call when pictures have fewer; where fewer are left, they go through scratch memory. */
enum { ROWS = 64 };

/* How the rows of all pictures are divided into calls of `rows` rows. */
typedef struct division {
    int64_t calls, rows, left; /* left: rows of one more, incomplete call */
    int64_t in_pitch, out_pitch;
    int64_t in_step, out_step; /* from one call to the next */
} division;

static division divide(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const ph_dense_params *p = &node->op->p.dense;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    const int64_t each = in->count / p->in_features;
    const bool gaps = in->count != in->step || out->count != out->step;
    if (each >= ROWS || (each > 1 && gaps)) /* a picture per call */
        return (division){plan->batch, each, 0, p->in_features, p->out_features, in->step, out->step};
    division d = {.calls = plan->batch * each / ROWS, .rows = ROWS, .left = plan->batch * each % ROWS};
    d.in_pitch = each == 1 ? in->step : p->in_features;
    d.out_pitch = each == 1 ? out->step : p->out_features;
    d.in_step = ROWS * d.in_pitch;
    d.out_step = ROWS * d.out_pitch;
    return d;
}

/* Filters stand in rows of a multiple of 8 values, the bias as floats behind them. */
static int64_t weight_pitch(const ph_cuda_node *node)
{
    return (node->op->p.dense.in_features + 7) / 8 * 8;
}

static int64_t bias_at(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const int64_t bytes = node->op->p.dense.out_features * weight_pitch(node) * (int64_t)ph_cuda_type_size(plan->type);
    return (bytes + 15) / 16 * 16;
}

static ph_status dense_plan(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const ph_dense_params *p = &node->op->p.dense;
    char text[PH_CUDA_NODE_TEXT];
    const division d = divide(plan, node);
    if (p->in_features > INT_MAX - 8 || p->out_features > INT_MAX - 8 || d.rows > INT_MAX || d.in_pitch > INT_MAX ||
        d.out_pitch > INT_MAX)
        return ph_fail(err, PH_UNSUPPORTED, "%s: more than 2^31 values in a row are not supported by the cuda backend",
                       ph_cuda_node_text(node, text));
    node->weight_bytes = bias_at(plan, node) + p->out_features * (int64_t)sizeof(float);
    if (d.left)
        node->scratch_bytes = (d.in_step + d.out_step) * (int64_t)ph_cuda_type_size(plan->type);
    return PH_OK;
}

/* Uploads some rows of filters at a time: the largest layers have 10^8 weights. */
static ph_status dense_make(const ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const ph_dense_params *p = &node->op->p.dense;
    const int64_t pitch = weight_pitch(node), most = (1 << 20) / pitch + 1;
    const size_t size = ph_cuda_type_size(plan->type);
    float *laid = ph_alloc((size_t)(most * pitch), sizeof *laid);
    void *encoded = ph_alloc((size_t)(most * pitch), size);
    ph_status status = laid && encoded
                           ? PH_OK
                           : ph_fail_memory(err, (size_t)(most * pitch) * sizeof *laid, "the weights of a dense layer");
    for (int64_t first = 0; status == PH_OK && first < p->out_features; first += most) {
        const int64_t rows = p->out_features - first < most ? p->out_features - first : most;
        for (int64_t i = 0; i < rows; i++)
            for (int64_t c = 0; c < p->in_features; c++)
                laid[i * pitch + c] = p->weight[(first + i) * p->in_features + c];
        ph_cuda_encode(plan->type, laid, encoded, rows * pitch);
        status = ph_cuda_upload(plan, (char *)node->weights + (size_t)(first * pitch) * size, encoded,
                                (size_t)(rows * pitch) * size, err);
    }
    ph_free(laid);
    ph_free(encoded);
    if (status == PH_OK && p->bias)
        status = ph_cuda_upload(plan, (char *)node->weights + bias_at(plan, node), p->bias,
                                (size_t)p->out_features * sizeof(float), err);
    return status;
}

/* One product of d->rows rows. back: in = out W, else out = in W^T. */
static cublasStatus_t multiply(const ph_cuda_plan *plan, const ph_cuda_node *node, const division *d, bool back,
                               const void *from, void *to, bool add)
{
    const ph_dense_params *p = &node->op->p.dense;
    const float alpha = 1.0f, beta = add ? 1.0f : 0.0f;
    const cudaDataType_t type = ph_cublas_type(plan->type);
    return cublasGemmEx(plan->device->cublas, back ? CUBLAS_OP_N : CUBLAS_OP_T, CUBLAS_OP_N,
                        (int)(back ? p->in_features : p->out_features), (int)d->rows,
                        (int)(back ? p->out_features : p->in_features), &alpha, node->weights, type,
                        (int)weight_pitch(node), from, type, (int)(back ? d->out_pitch : d->in_pitch), &beta, to, type,
                        (int)(back ? d->in_pitch : d->out_pitch), ph_cublas_compute(plan->device), CUBLAS_GEMM_DEFAULT);
}

/* The incomplete call, on zeros behind the rows that are left. */
static ph_status multiply_left(const ph_cuda_plan *plan, const ph_cuda_node *node, const division *d, bool back,
                               const void *from, void *to, bool add, ph_error *err)
{
    const int64_t from_pitch = back ? d->out_pitch : d->in_pitch, to_pitch = back ? d->in_pitch : d->out_pitch;
    const int64_t width = back ? node->op->p.dense.in_features : node->op->p.dense.out_features;
    const int64_t from_count = d->left * from_pitch, to_count = d->left * to_pitch;
    void *source = plan->scratch;
    void *target = (char *)source + (size_t)(ROWS * from_pitch) * ph_cuda_type_size(plan->type);
    cudaStream_t stream = plan->device->stream;
    cudaError_t code = ph_cuda_copy_rows(plan->type, 1, from_count, from, from_count, source, ROWS * from_pitch,
                                         ROWS * from_pitch, false, stream);
    if (code == cudaSuccess && add)
        code = ph_cuda_copy_rows(plan->type, 1, to_count, to, to_count, target, ROWS * to_pitch, ROWS * to_pitch, false,
                                 stream);
    PH_TRY(ph_cuda_node_check(plan, node, code, err));
    PH_TRY(ph_cublas_node_check(plan, node, multiply(plan, node, d, back, source, target, add), err));
    return ph_cuda_node_check(
        plan, node, ph_cuda_copy_rows(plan->type, d->left, width, target, to_pitch, to, to_pitch, width, false, stream),
        err);
}

static ph_status multiply_all(const ph_cuda_plan *plan, const ph_cuda_node *node, bool back, const void *from, void *to,
                              bool add, ph_error *err)
{
    const division d = divide(plan, node);
    const size_t size = ph_cuda_type_size(plan->type);
    const size_t from_step = (size_t)(back ? d.out_step : d.in_step) * size;
    const size_t to_step = (size_t)(back ? d.in_step : d.out_step) * size;
    for (int64_t i = 0; i < d.calls; i++)
        PH_TRY(ph_cublas_node_check(plan, node,
                                    multiply(plan, node, &d, back, (const char *)from + (size_t)i * from_step,
                                             (char *)to + (size_t)i * to_step, add),
                                    err));
    if (!d.left)
        return PH_OK;
    return multiply_left(plan, node, &d, back, (const char *)from + (size_t)d.calls * from_step,
                         (char *)to + (size_t)d.calls * to_step, add, err);
}

static ph_status clear_pad(const ph_cuda_plan *plan, const ph_cuda_node *node, const ph_cuda_value *value, void *to,
                           ph_error *err)
{
    return ph_cuda_node_check(
        plan, node, ph_cuda_clear_pad(plan->type, plan->batch, value->count, value->step, to, plan->device->stream),
        err);
}

static ph_status dense_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_dense_params *p = &node->op->p.dense;
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    PH_TRY(multiply_all(plan, node, false, ph_cuda_in(plan, node, 0)->data, out->data, false, err));
    PH_TRY(clear_pad(plan, node, out, out->data, err));
    if (!p->bias)
        return PH_OK;
    ph_cuda_rows r = ph_cuda_rows_of(plan, out);
    r.inner = 1;
    r.channels = p->out_features;
    const void *bias = (const char *)node->weights + bias_at(plan, node);
    return ph_cuda_node_check(
        plan, node, ph_cuda_affine(plan->type, r, NULL, bias, false, out->data, out->data, false, plan->device->stream),
        err);
}

static ph_status dense_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    const bool add = node->add[0];
    PH_TRY(multiply_all(plan, node, true, ph_cuda_out(plan, node)->slope, in->slope, add, err));
    return add ? PH_OK : clear_pad(plan, node, in, in->slope, err);
}

const ph_cuda_kernel ph_cuda_node_dense = {dense_plan, dense_make, dense_forward, dense_backward, NULL};
