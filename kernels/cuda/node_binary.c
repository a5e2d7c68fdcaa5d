/* BINARY with NumPy broadcasting, each operand in its own layout: all are walked along the output's axes in its memory
 * order, the pictures outermost. */
#include "kernels/cuda/plan.h"

#include "host/base/status.h"

/* Operands of a walk: what the kernels call 0 … 3 is chosen by the caller. */
typedef struct walk {
    int rank; /* axis 0: the pictures */
    int64_t size[PH_CUDA_RANK], out[PH_CUDA_RANK], in[2][PH_CUDA_RANK];
} walk;

/* Appends an axis, joined with the one before where all operands walk through both as through one. */
static void append(walk *w, int64_t size, int64_t out, int64_t first, int64_t second)
{
    const int last = w->rank - 1;
    if (size == 1)
        return;
    if (last > 0 && w->out[last] == out * size && w->in[0][last] == first * size && w->in[1][last] == second * size) {
        w->size[last] *= size;
        w->out[last] = out;
        w->in[0][last] = first;
        w->in[1][last] = second;
        return;
    }
    w->size[w->rank] = size;
    w->out[w->rank] = out;
    w->in[0][w->rank] = first;
    w->in[1][w->rank] = second;
    w->rank++;
}

/* Never without an axis besides the pictures. */
static void complete(walk *w)
{
    if (w->rank > 1)
        return;
    w->size[1] = 1;
    w->out[1] = w->in[0][1] = w->in[1][1] = 1;
    w->rank = 2;
}

static walk make_walk(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    int64_t dim[PH_MAX_RANK] = {0}, out_stride[PH_MAX_RANK] = {0}, in_stride[2][PH_MAX_RANK] = {{0}};
    int axis_at[PH_MAX_RANK] = {0};
    walk w = {.rank = 1, .size = {plan->batch}, .out = {out->step}};
    for (int k = 0; k < 2; k++) {
        w.in[k][0] = ph_cuda_in(plan, node, k)->step;
        ph_cuda_strides(plan, ph_cuda_in(plan, node, k), in_stride[k]);
    }
    /* Pads and all as one line: a quotient of pads would be NaN. */
    if (node->op->p.binary != PH_BINARY_DIV && ph_cuda_alike(plan, ph_cuda_in(plan, node, 0), out) &&
        ph_cuda_alike(plan, ph_cuda_in(plan, node, 1), out)) {
        append(&w, out->step, 1, 1, 1);
        return w;
    }
    ph_cuda_strides(plan, out, out_stride);
    const int rank = ph_cuda_memory_order(plan, out, dim, axis_at);
    for (int i = 0; i < rank; i++) {
        int64_t in[2];
        for (int k = 0; k < 2; k++) {
            const ph_shape *shape = &plan->net->tensors[node->op->in[k]].shape;
            const int axis = axis_at[i] - (rank - shape->rank);
            in[k] = axis < 0 || shape->dim[axis] == 1 ? 0 : in_stride[k][axis];
        }
        append(&w, dim[i], out_stride[axis_at[i]], in[0], in[1]);
    }
    complete(&w);
    return w;
}

static ph_cuda_loop empty_loop(void)
{
    return (ph_cuda_loop){.rank = 0};
}

static void add_axis(ph_cuda_loop *loop, const walk *w, int i, int64_t first, int64_t second)
{
    const int at = loop->rank++;
    loop->size[at] = w->size[i];
    loop->stride[0][at] = first;
    loop->stride[1][at] = second;
    loop->stride[2][at] = w->in[0][i];
    loop->stride[3][at] = w->in[1][i];
}

static ph_status clear_pad(const ph_cuda_plan *plan, const ph_cuda_node *node, const ph_cuda_value *value, void *to,
                           ph_error *err)
{
    const ph_cuda_rows r = ph_cuda_rows_of(plan, value);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_clear_pad(plan->type, r.rows, r.width, r.pitch, to, plan->device->stream), err);
}

static ph_status binary_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    const walk w = make_walk(plan, node);
    ph_cuda_loop loop = {.rank = w.rank};
    for (int i = 0; i < w.rank; i++) {
        loop.size[i] = w.size[i];
        loop.stride[0][i] = w.out[i];
        loop.stride[1][i] = w.in[0][i];
        loop.stride[2][i] = w.in[1][i];
    }
    PH_TRY(
        ph_cuda_node_check(plan, node,
                           ph_cuda_binary_forward(plan->type, loop, node->op->p.binary, ph_cuda_in(plan, node, 0)->data,
                                                  ph_cuda_in(plan, node, 1)->data, out->data, plan->device->stream),
                           err));
    return clear_pad(plan, node, out, out->data, err);
}

/* Which operands the derivative needs (net.h, ph_op_keeps_input). */
static bool needs(ph_binary_kind kind, int of, int operand)
{
    if (kind == PH_BINARY_MUL)
        return operand != of;
    return kind == PH_BINARY_DIV && (operand == 1 || of == 1);
}

/* The gradient of input k; the axes along which it was broadcast are summed. */
static ph_status input_gradient(const ph_cuda_plan *plan, const ph_cuda_node *node, const walk *w, int k, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, k), *out = ph_cuda_out(plan, node);
    const ph_binary_kind kind = node->op->p.binary;
    ph_cuda_loop kept = empty_loop(), summed = empty_loop();
    for (int i = 0; i < w->rank; i++)
        add_axis(i == 0 || w->in[k][i] ? &kept : &summed, w, i, w->in[k][i], w->out[i]);
    if (kept.rank == 1) {
        const walk one = {.rank = 1, .size = {1}};
        add_axis(&kept, &one, 0, 1, 1);
    }
    PH_TRY(ph_cuda_node_check(plan, node,
                              ph_cuda_binary_backward(plan->type, kept, summed, kind, k == 1, out->slope,
                                                      needs(kind, k, 0) ? ph_cuda_in(plan, node, 0)->data : NULL,
                                                      needs(kind, k, 1) ? ph_cuda_in(plan, node, 1)->data : NULL,
                                                      in->slope, node->add[k], plan->device->stream),
                              err));
    return node->add[k] ? PH_OK : clear_pad(plan, node, in, in->slope, err);
}

static ph_status binary_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const walk w = make_walk(plan, node);
    for (int k = 0; k < 2; k++) {
        const ph_cuda_value *in = ph_cuda_in(plan, node, k);
        if (in->gradient && in->slope != ph_cuda_out(plan, node)->slope) /* flow.c: the same place */
            PH_TRY(input_gradient(plan, node, &w, k, err));
    }
    return PH_OK;
}

const ph_cuda_kernel ph_cuda_node_binary = {NULL, NULL, binary_forward, binary_backward, NULL};
