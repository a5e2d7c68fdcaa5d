/* MATMUL: NumPy matmul with broadcast leading dimensions, as one matrix product per leading index. */
#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"
#include "kernels/cpu/product.h"

#include <string.h>

/* The product [m, k] x [k, n] over `batches` leading indices, whose strides in each operand are 0 where broadcast. */
typedef struct matmul {
    int64_t m, n, k, batches;
    int lead; /* number of leading dimensions */
    int64_t dim[PH_MAX_RANK], a_stride[PH_MAX_RANK], b_stride[PH_MAX_RANK];
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

static matmul describe(const ph_cpu_plan *plan, const ph_cpu_node *node)
{
    const ph_shape *a = &plan->net->tensors[node->op->in[0]].shape, *b = &plan->net->tensors[node->op->in[1]].shape;
    const ph_shape *out = &plan->net->tensors[node->op->out].shape;
    /* A vector on the left is a row, on the right a column; neither shows in the output's shape. */
    const int a_rank = a->rank > 1 ? 2 : 1, b_rank = b->rank > 1 ? 2 : 1;
    matmul w = {.batches = 1};
    w.k = a->dim[a->rank - 1];
    w.m = a_rank == 2 ? a->dim[a->rank - 2] : 1;
    w.n = b_rank == 2 ? b->dim[b->rank - 1] : 1;
    w.lead = out->rank - (a_rank - 1) - (b_rank - 1);
    for (int i = 0; i < w.lead; i++) {
        w.dim[i] = out->dim[i];
        w.batches *= out->dim[i];
    }
    lead_strides(a, a_rank, w.lead, w.a_stride);
    lead_strides(b, b_rank, w.lead, w.b_stride);
    return w;
}

static int64_t offset(const matmul *w, const int64_t stride[PH_MAX_RANK], int64_t batch)
{
    int64_t at = 0;
    for (int i = w->lead - 1; i >= 0; i--) {
        at += batch % w->dim[i] * stride[i];
        batch /= w->dim[i];
    }
    return at;
}

/* da = dc b^T needs b^T by rows. */
static ph_status matmul_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)err;
    const matmul w = describe(plan, node);
    if (!node->backward)
        return PH_OK;
    ph_cpu_value *a = &plan->values[node->in[0]], *b = &plan->values[node->in[1]];
    b->keep |= a->gradient;
    a->keep |= b->gradient;
    node->scratch_bytes = w.k * w.n * (int64_t)sizeof(float);
    return PH_OK;
}

static ph_status matmul_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const matmul w = describe(call->plan, call->node);
    const float *a = ph_cpu_read(call, ph_cpu_in(call, 0)), *b = ph_cpu_read(call, ph_cpu_in(call, 1));
    float *c = ph_cpu_write(call, ph_cpu_out(call));
    for (int64_t i = 0; i < w.batches; i++) {
        const ph_product_loop loop = {.a = a + offset(&w, w.a_stride, i),
                                      .b = b + offset(&w, w.b_stride, i),
                                      .c = c + i * w.m * w.n,
                                      .m = w.m,
                                      .n = w.n,
                                      .k = w.k,
                                      .a_row = w.k,
                                      .a_column = 1};
        ph_cpu_product(&loop);
    }
    return PH_OK;
}

/* Leading indices that share an operand add to the same gradient, one after the other. */
static void clear(const ph_cpu_call *call, int input)
{
    const ph_cpu_value *in = ph_cpu_in(call, input);
    if (in->gradient && !call->node->add[input])
        memset(ph_cpu_gradient(call, in), 0, (size_t)in->count * sizeof(float));
}

static void left_gradient(const ph_cpu_call *call, const matmul *w, int64_t i)
{
    const float *b = ph_cpu_read(call, ph_cpu_in(call, 1)) + offset(w, w->b_stride, i);
    const ph_swap_loop swap = {b, call->scratch, w->k, w->n, false};
    ph_cpu_parallel(ph_cpu_best_loops()->swap, &swap, ph_swap_tiles(w->k, w->n), 1024);
    const ph_product_loop loop = {.a = ph_cpu_gradient(call, ph_cpu_out(call)) + i * w->m * w->n,
                                  .b = call->scratch,
                                  .c = ph_cpu_gradient(call, ph_cpu_in(call, 0)) + offset(w, w->a_stride, i),
                                  .m = w->m,
                                  .n = w->k,
                                  .k = w->n,
                                  .a_row = w->n,
                                  .a_column = 1,
                                  .add = true};
    ph_cpu_product(&loop);
}

static void right_gradient(const ph_cpu_call *call, const matmul *w, int64_t i)
{
    const ph_product_loop loop = {.a = ph_cpu_read(call, ph_cpu_in(call, 0)) + offset(w, w->a_stride, i),
                                  .b = ph_cpu_gradient(call, ph_cpu_out(call)) + i * w->m * w->n,
                                  .c = ph_cpu_gradient(call, ph_cpu_in(call, 1)) + offset(w, w->b_stride, i),
                                  .m = w->k,
                                  .n = w->n,
                                  .k = w->m,
                                  .a_row = 1,
                                  .a_column = w->k,
                                  .add = true};
    ph_cpu_product(&loop);
}

static ph_status matmul_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const matmul w = describe(call->plan, call->node);
    clear(call, 0);
    clear(call, 1);
    for (int64_t i = 0; i < w.batches; i++) {
        if (ph_cpu_in(call, 0)->gradient)
            left_gradient(call, &w, i);
        if (ph_cpu_in(call, 1)->gradient)
            right_gradient(call, &w, i);
    }
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_matmul = {matmul_plan, NULL, matmul_forward, matmul_backward, NULL};
