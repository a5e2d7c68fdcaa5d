/* MATMUL: NumPy matmul with broadcast leading dimensions. The leading indices of a picture whose matrices stand at
 * equal distances are one call of cuBLAS; pictures are calls of their own, so that none depends on its neighbours. A
 * row-major matrix is its transpose to cuBLAS: C = A B is asked for as C^T = B^T A^T. */
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

#include <limits.h>

/* The product [m, k] x [k, n] over leading indices, whose strides in each operand are 0 where broadcast. */
typedef struct matmul {
    int64_t m, n, k;
    int lead; /* number of leading dimensions */
    int64_t dim[PH_MAX_RANK], stride[2][PH_MAX_RANK];
    int64_t calls;                      /* indices of the outer leading dimensions */
    int64_t matrices, matrix_stride[2]; /* of a call */
} matmul;

/* Strides of `shape`'s leading dimensions, aligned at the right with those of the output. */
static void lead_strides(const ph_shape *shape, int matrix_rank, int lead, int64_t stride[PH_MAX_RANK])
{
    int64_t step = 1;
    for (int i = shape->rank - matrix_rank; i < shape->rank; i++)
        step *= shape->dim[i];
    for (int i = lead - 1; i >= 0; i--) {
        const int own = i - (lead - (shape->rank - matrix_rank));
        const int64_t size = own >= 0 ? shape->dim[own] : 1;
        stride[i] = size == 1 ? 0 : step;
        step *= size;
    }
}

/* Takes the innermost leading dimensions that are equal steps in both operands into the call. */
static void join(matmul *w)
{
    w->matrices = w->calls = 1;
    while (w->lead > 0) {
        const int i = w->lead - 1;
        bool fits = true;
        for (int s = 0; s < 2; s++)
            fits = fits && (w->matrices == 1 || w->stride[s][i] == w->matrix_stride[s] * w->matrices);
        if (!fits && w->dim[i] != 1)
            break;
        for (int s = 0; s < 2 && w->matrices == 1; s++)
            w->matrix_stride[s] = w->stride[s][i];
        w->matrices *= w->dim[i];
        w->lead--;
    }
    for (int i = 0; i < w->lead; i++)
        w->calls *= w->dim[i];
}

static matmul describe(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const ph_shape *a = &plan->net->tensors[node->op->in[0]].shape, *b = &plan->net->tensors[node->op->in[1]].shape;
    const ph_shape *out = &plan->net->tensors[node->op->out].shape;
    /* A vector on the left is a row, on the right a column; neither shows in the output's shape. */
    const int a_rank = a->rank > 1 ? 2 : 1, b_rank = b->rank > 1 ? 2 : 1;
    matmul w = {.k = a->dim[a->rank - 1], .m = 1, .n = 1};
    if (a_rank == 2)
        w.m = a->dim[a->rank - 2];
    if (b_rank == 2)
        w.n = b->dim[b->rank - 1];
    w.lead = out->rank - (a_rank - 1) - (b_rank - 1);
    for (int i = 0; i < w.lead; i++)
        w.dim[i] = out->dim[i];
    lead_strides(a, a_rank, w.lead, w.stride[0]);
    lead_strides(b, b_rank, w.lead, w.stride[1]);
    join(&w);
    return w;
}

static ph_status matmul_plan(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const matmul w = describe(plan, node);
    char text[PH_CUDA_NODE_TEXT];
    if (w.m > INT_MAX || w.n > INT_MAX || w.k > INT_MAX || w.matrices > INT_MAX)
        return ph_fail(err, PH_UNSUPPORTED, "%s: a matrix of more than 2^31 rows is not supported by the cuda backend",
                       ph_cuda_node_text(node, text));
    return PH_OK;
}

/* One factor or the result of products of row-major matrices. */
typedef struct factor {
    const void *data;
    bool transposed;
    int64_t pitch, stride;
} factor;

/* to[rows, columns] (+)= left right, `matrices` of them. */
static cublasStatus_t multiply(const ph_cuda_plan *plan, int64_t rows, int64_t columns, int64_t depth, factor left,
                               factor right, void *to, int64_t to_stride, int64_t matrices, bool add)
{
    const float alpha = 1.0f, beta = add ? 1.0f : 0.0f;
    const cudaDataType_t type = ph_cublas_type(plan->type);
    return cublasGemmStridedBatchedEx(plan->device->cublas, right.transposed ? CUBLAS_OP_T : CUBLAS_OP_N,
                                      left.transposed ? CUBLAS_OP_T : CUBLAS_OP_N, (int)columns, (int)rows, (int)depth,
                                      &alpha, right.data, type, (int)right.pitch, right.stride, left.data, type,
                                      (int)left.pitch, left.stride, &beta, to, type, (int)columns, to_stride,
                                      (int)matrices, ph_cublas_compute(plan->device), CUBLAS_GEMM_DEFAULT);
}

/* What the matrices of one call are of: which leading index of which picture. */
typedef struct place {
    int64_t offset[2], out;
    bool first[2]; /* nothing of this call's index has touched these matrices before */
} place;

static place place_of(const ph_cuda_plan *plan, const ph_cuda_node *node, const matmul *w, int64_t picture,
                      int64_t call)
{
    place p = {.out = picture * ph_cuda_out(plan, node)->step + call * w->matrices * w->m * w->n,
               .first = {true, true}};
    for (int s = 0; s < 2; s++) {
        int64_t rest = call;
        p.offset[s] = picture * ph_cuda_in(plan, node, s)->step;
        for (int i = w->lead - 1; i >= 0; i--) {
            const int64_t digit = rest % w->dim[i];
            rest /= w->dim[i];
            p.offset[s] += digit * w->stride[s][i];
            p.first[s] = p.first[s] && (digit == 0 || w->stride[s][i] != 0);
        }
    }
    return p;
}

static const void *at(const ph_cuda_plan *plan, const void *base, int64_t offset)
{
    return (const char *)base + offset * (int64_t)ph_cuda_type_size(plan->type);
}

static void *to_at(const ph_cuda_plan *plan, void *base, int64_t offset)
{
    return (char *)base + offset * (int64_t)ph_cuda_type_size(plan->type);
}

static ph_status clear_pad(const ph_cuda_plan *plan, const ph_cuda_node *node, const ph_cuda_value *value, void *to,
                           ph_error *err)
{
    return ph_cuda_node_check(
        plan, node, ph_cuda_clear_pad(plan->type, plan->batch, value->count, value->step, to, plan->device->stream),
        err);
}

static ph_status matmul_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const matmul w = describe(plan, node);
    const ph_cuda_value *a = ph_cuda_in(plan, node, 0), *b = ph_cuda_in(plan, node, 1), *out = ph_cuda_out(plan, node);
    for (int64_t picture = 0; picture < plan->batch; picture++)
        for (int64_t call = 0; call < w.calls; call++) {
            const place p = place_of(plan, node, &w, picture, call);
            const factor left = {at(plan, a->data, p.offset[0]), false, w.k, w.matrix_stride[0]};
            const factor right = {at(plan, b->data, p.offset[1]), false, w.n, w.matrix_stride[1]};
            PH_TRY(ph_cublas_node_check(
                plan, node,
                multiply(plan, w.m, w.n, w.k, left, right, to_at(plan, out->data, p.out), w.m * w.n, w.matrices, false),
                err));
        }
    return clear_pad(plan, node, out, out->data, err);
}

/* da = dc b^T, db = a^T dc, `count` matrices from number `first` of a call on. */
static cublasStatus_t multiply_back(const ph_cuda_plan *plan, const ph_cuda_node *node, const matmul *w, int side,
                                    const place *p, int64_t first, int64_t count, bool add)
{
    const ph_cuda_value *other = ph_cuda_in(plan, node, 1 - side), *in = ph_cuda_in(plan, node, side);
    const int64_t size = w->m * w->n;
    const factor slope = {at(plan, ph_cuda_out(plan, node)->slope, p->out + first * size), false, w->n, size};
    const factor value = {at(plan, other->data, p->offset[1 - side] + first * w->matrix_stride[1 - side]), true,
                          side ? w->k : w->n, w->matrix_stride[1 - side]};
    const int64_t stride = w->matrix_stride[side];
    void *to = to_at(plan, in->slope, p->offset[side] + first * stride);
    return side ? multiply(plan, w->k, w->n, w->m, value, slope, to, stride, count, add)
                : multiply(plan, w->m, w->k, w->n, slope, value, to, stride, count, add);
}

/* Leading indices that share an operand add to the same gradient, one after the other. */
static ph_status gradient_of(const ph_cuda_plan *plan, const ph_cuda_node *node, const matmul *w, int side,
                             ph_error *err)
{
    const bool shared = w->matrices > 1 && w->matrix_stride[side] == 0;
    const int64_t times = shared ? w->matrices : 1, count = shared ? 1 : w->matrices;
    for (int64_t picture = 0; picture < plan->batch; picture++)
        for (int64_t call = 0; call < w->calls; call++) {
            const place p = place_of(plan, node, w, picture, call);
            for (int64_t i = 0; i < times; i++) {
                const bool add = node->add[side] || !p.first[side] || i > 0;
                PH_TRY(ph_cublas_node_check(plan, node, multiply_back(plan, node, w, side, &p, i, count, add), err));
            }
        }
    return PH_OK;
}

static ph_status matmul_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const matmul w = describe(plan, node);
    for (int side = 0; side < 2; side++) {
        const ph_cuda_value *in = ph_cuda_in(plan, node, side);
        if (!in->gradient)
            continue;
        PH_TRY(gradient_of(plan, node, &w, side, err));
        if (!node->add[side])
            PH_TRY(clear_pad(plan, node, in, in->slope, err));
    }
    return PH_OK;
}

const ph_cuda_kernel ph_cuda_node_matmul = {matmul_plan, NULL, matmul_forward, matmul_backward, NULL};
