/* TRANSPOSE, PAD and SLICE: every output value has at most one source in the picture. A table says which, in the memory
 * order of the output, its pads included; a second one lists for every input value the outputs that read it. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

enum { FROM_FILL = -1, FROM_NOTHING = -2 };

/* The tables in node->weights, each from a 16-byte boundary on, in entries. */
typedef struct parts {
    int64_t map, begin, list, count;
} parts;

static parts parts_of(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    parts p = {.begin = out->step, .count = out->step};
    if (!node->backward)
        return p;
    p.list = p.begin + (in->step + 1 + 3) / 4 * 4;
    p.count = p.list + out->count;
    return p;
}

static ph_status table_plan(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    char text[PH_CUDA_NODE_TEXT];
    if (ph_cuda_in(plan, node, 0)->step >= INT32_MAX || ph_cuda_out(plan, node)->step >= INT32_MAX)
        return ph_fail(err, PH_UNSUPPORTED,
                       "%s: more than 2^31 values per picture are not supported by the cuda backend",
                       ph_cuda_node_text(node, text));
    node->weight_bytes = parts_of(plan, node).count * (int64_t)sizeof(int32_t);
    return PH_OK;
}

/* ---- Tables ------------------------------------------------------------------------------------------------------ */

static int64_t reflected(int64_t i, int64_t length)
{
    const int64_t period = 2 * (length - 1);
    if (period <= 0)
        return 0;
    i = (i % period + period) % period;
    return i < length ? i : period - i;
}

/* The input axis that output axis `axis` runs through. */
static int source_axis(const ph_op *op, int axis)
{
    return op->kind == PH_OP_TRANSPOSE ? op->p.perm[axis] : axis;
}

/* The index on the input axis for index i on output axis `axis`; -1 for none. */
static int64_t source_index(const ph_op *op, int axis, int64_t i, int64_t length)
{
    if (op->kind == PH_OP_TRANSPOSE)
        return i;
    if (op->kind == PH_OP_SLICE)
        return op->p.slice.start[axis] + i * op->p.slice.step[axis];
    const int64_t at = i - op->p.pad.begin[axis];
    if (op->p.pad.mode == PH_PAD_REFLECT)
        return reflected(at, length);
    if (op->p.pad.mode == PH_PAD_EDGE)
        return at < 0 ? 0 : at < length ? at : length - 1;
    return at >= 0 && at < length ? at : -1;
}

/* map[i] for every place i of the output: first pads everywhere, then the values over them. */
static void fill_map(const ph_cuda_plan *plan, const ph_cuda_node *node, int32_t *map)
{
    const ph_cuda_value *in_value = ph_cuda_in(plan, node, 0), *out_value = ph_cuda_out(plan, node);
    const ph_shape *in = &plan->net->tensors[in_value->tensor].shape;
    const ph_shape *out = &plan->net->tensors[out_value->tensor].shape;
    int64_t in_stride[PH_MAX_RANK] = {0}, out_stride[PH_MAX_RANK] = {0}, index[PH_MAX_RANK] = {0};
    ph_cuda_strides(plan, in_value, in_stride);
    ph_cuda_strides(plan, out_value, out_stride);
    for (int64_t i = 0; i < out_value->step; i++)
        map[i] = FROM_NOTHING;
    for (int64_t i = 0; i < out_value->count; i++) {
        int64_t from = 0, to = 0;
        bool inside = true;
        for (int d = 0; d < out->rank; d++) {
            const int axis = source_axis(node->op, d);
            const int64_t at = source_index(node->op, d, index[d], in->dim[axis]);
            inside = inside && at >= 0 && at < in->dim[axis];
            from += at * in_stride[axis];
            to += index[d] * out_stride[d];
        }
        map[to] = inside ? (int32_t)from : FROM_FILL;
        for (int d = out->rank - 1; d >= 0 && ++index[d] == out->dim[d]; d--)
            index[d] = 0;
    }
}

/* begin[i] … begin[i+1]-1: the places of `list` that name the outputs of input value i, in ascending order. */
static void invert_map(const int32_t *map, int64_t out_step, int64_t in_step, int32_t *begin, int32_t *list)
{
    for (int64_t i = 0; i < out_step; i++)
        if (map[i] >= 0)
            begin[map[i] + 1]++;
    for (int64_t i = 0; i < in_step; i++)
        begin[i + 1] += begin[i];
    /* Filling moves every begin to the next one's place; they are put back. */
    for (int64_t i = 0; i < out_step; i++)
        if (map[i] >= 0)
            list[begin[map[i]]++] = (int32_t)i;
    for (int64_t i = in_step; i > 0; i--)
        begin[i] = begin[i - 1];
    begin[0] = 0;
}

static ph_status table_make(const ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const parts p = parts_of(plan, node);
    int32_t *tables = ph_alloc((size_t)p.count, sizeof *tables);
    if (!tables)
        return ph_fail_memory(err, (size_t)p.count * sizeof *tables, "the table of a rearrangement");
    fill_map(plan, node, tables);
    if (node->backward)
        invert_map(tables, ph_cuda_out(plan, node)->step, ph_cuda_in(plan, node, 0)->step, tables + p.begin,
                   tables + p.list);
    const ph_status status = ph_cuda_upload(plan, node->weights, tables, (size_t)p.count * sizeof *tables, err);
    ph_free(tables);
    return status;
}

/* ---- Running ----------------------------------------------------------------------------------------------------- */

static ph_status table_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    const float fill = node->op->kind == PH_OP_PAD ? node->op->p.pad.value : 0.0f;
    return ph_cuda_node_check(plan, node,
                              ph_cuda_gather(plan->type, plan->batch, out->step, node->weights, in->data, in->step,
                                             out->data, out->step, fill, plan->device->stream),
                              err);
}

static ph_status table_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    const parts p = parts_of(plan, node);
    const int32_t *tables = node->weights;
    return ph_cuda_node_check(plan, node,
                              ph_cuda_gather_vjp(plan->type, plan->batch, in->step, tables + p.begin, tables + p.list,
                                                 out->slope, out->step, in->slope, in->step, node->add[0],
                                                 plan->device->stream),
                              err);
}

const ph_cuda_kernel ph_cuda_node_transpose = {table_plan, table_make, table_forward, table_backward, NULL};
const ph_cuda_kernel ph_cuda_node_pad = {table_plan, table_make, table_forward, table_backward, NULL};
const ph_cuda_kernel ph_cuda_node_slice = {table_plan, table_make, table_forward, table_backward, NULL};
