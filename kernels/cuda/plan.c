#include "kernels/cuda/plan.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const ph_cuda_kernel *const kernels[PH_OP_COUNT] = {
    [PH_OP_CONV] = &ph_cuda_node_conv,       [PH_OP_DECONV] = &ph_cuda_node_deconv,
    [PH_OP_DENSE] = &ph_cuda_node_dense,     [PH_OP_MATMUL] = &ph_cuda_node_matmul,
    [PH_OP_POOL] = &ph_cuda_node_pool,       [PH_OP_LRN] = &ph_cuda_node_lrn,
    [PH_OP_AFFINE] = &ph_cuda_node_affine,   [PH_OP_ACT] = &ph_cuda_node_act,
    [PH_OP_BINARY] = &ph_cuda_node_binary,   [PH_OP_CONCAT] = &ph_cuda_node_concat,
    [PH_OP_RESHAPE] = &ph_cuda_node_reshape, [PH_OP_TRANSPOSE] = &ph_cuda_node_transpose,
    [PH_OP_PAD] = &ph_cuda_node_pad,         [PH_OP_SLICE] = &ph_cuda_node_slice,
    [PH_OP_SOFTMAX] = &ph_cuda_node_softmax,
};

/* fp16 begins to lose gradients below 6e-5 and has none above 65504. Those of a mean over a picture's map lie around
 * 1e-5 … 1e-2, those of a single value at 1, and both grow where a gate sums over a map: this leaves them a factor of a
 * thousand each way. A power of two changes no other bit. */
static const float HALF_GRADIENT_SCALE = 64.0f;

enum { VECTOR = 8 }; /* values that kernels load at once */

static int64_t padded(int64_t count)
{
    return (count + VECTOR - 1) / VECTOR * VECTOR;
}

const char *ph_cuda_node_text(const ph_cuda_node *node, char text[PH_CUDA_NODE_TEXT])
{
    if (node->op)
        snprintf(text, PH_CUDA_NODE_TEXT, "node '%.150s' (%s)", node->op->name ? node->op->name : "",
                 ph_op_name(node->op->kind));
    else
        snprintf(text, PH_CUDA_NODE_TEXT,
                 node->delivery >= 0 ? "delivery of an output"
                 : node->in_count    ? "change of layout"
                                     : "reading of the input");
    return text;
}

ph_status ph_cuda_node_check(const ph_cuda_plan *plan, const ph_cuda_node *node, cudaError_t code, ph_error *err)
{
    char text[PH_CUDA_NODE_TEXT];
    return code == cudaSuccess ? PH_OK : ph_cuda_check(plan->device, code, ph_cuda_node_text(node, text), err);
}

ph_status ph_cublas_node_check(const ph_cuda_plan *plan, const ph_cuda_node *node, cublasStatus_t code, ph_error *err)
{
    char text[PH_CUDA_NODE_TEXT];
    return code == CUBLAS_STATUS_SUCCESS ? PH_OK
                                         : ph_cublas_check(plan->device, code, ph_cuda_node_text(node, text), err);
}

static ph_status fail_plan(ph_error *err)
{
    return ph_fail(err, PH_NO_MEMORY, "out of memory planning the network for the cuda backend");
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

static int64_t picture_step(const ph_cuda_value *value)
{
    return value->layout == PH_LAST ? value->n * value->area * value->pitch : value->pitch;
}

/* Adds the value of a tensor in a layout; -1 when out of memory. */
static int add_value(ph_cuda_plan *plan, int tensor, ph_layout layout)
{
    void *values = plan->values;
    if (ph_grow(&values, plan->value_count, &plan->value_capacity, sizeof *plan->values))
        return -1;
    plan->values = values;
    const ph_tensor *t = &plan->net->tensors[tensor];
    const int index = (int)plan->value_count++;
    ph_cuda_value *value = &plan->values[index];
    *value = (ph_cuda_value){.tensor = tensor, .layout = layout, .root = index, .gradient_root = index};
    const ph_extent extent = ph_layout_extent(&t->shape);
    value->n = extent.n;
    value->c = extent.c;
    value->area = extent.area;
    value->count = extent.n * extent.c * extent.area;
    value->pitch = padded(layout == PH_LAST ? value->c : value->count);
    value->constant = t->constant;
    if (!t->constant)
        value->step = picture_step(value);
    int *table = layout == PH_PLAIN ? plan->plain : plan->last;
    table[tensor] = index;
    return index;
}

static ph_cuda_node *add_node(ph_cuda_plan *plan, const ph_cuda_kernel *kernel, int in_count)
{
    void *nodes = plan->nodes;
    if (ph_grow(&nodes, plan->node_count, &plan->node_capacity, sizeof *plan->nodes))
        return NULL;
    plan->nodes = nodes;
    ph_cuda_node *node = &plan->nodes[plan->node_count];
    *node = (ph_cuda_node){.kernel = kernel, .op_index = -1, .delivery = -1, .in_count = in_count, .out = -1};
    node->in = ph_alloc((size_t)in_count, sizeof *node->in);
    node->add = ph_alloc((size_t)in_count, sizeof *node->add);
    plan->node_count++;
    return node->in && node->add ? node : NULL;
}

static int add_conversion(ph_cuda_plan *plan, int from, int to)
{
    ph_cuda_node *node = to < 0 ? NULL : add_node(plan, &ph_cuda_node_convert, 1);
    if (!node)
        return -1;
    node->in[0] = from;
    node->out = to;
    return to;
}

/* True when some operator takes the constant as if it came from the picture: only three of them read one picture's
 * values for all. */
static bool is_spread(const ph_net *net, int tensor)
{
    for (int i = 0; i < net->op_count; i++) {
        const ph_op *op = &net->ops[i];
        const bool shares = op->kind == PH_OP_BINARY || op->kind == PH_OP_MATMUL || op->kind == PH_OP_CONCAT;
        for (int k = 0; k < op->in_count; k++)
            if (op->in[k] == tensor && !shares)
                return true;
    }
    return false;
}

/* A constant is laid out on the host, and copied to every picture where an operator needs that. The copy is kept: its
 * readers count on it as on any constant. */
static int add_constant(ph_cuda_plan *plan, int tensor, ph_layout layout)
{
    const int one = add_value(plan, tensor, layout);
    if (one < 0 || !is_spread(plan->net, tensor))
        return one;
    const int each = add_value(plan, tensor, layout);
    if (each < 0)
        return -1;
    ph_cuda_value *value = &plan->values[each];
    value->constant = NULL;
    value->keep = true;
    value->step = picture_step(value);
    return add_conversion(plan, one, each);
}

/* The value of `tensor` in `layout`, with a conversion if it does not exist yet; -1 when out of memory. */
static int demand_value(ph_cuda_plan *plan, int tensor, ph_layout wish)
{
    const ph_layout layout = ph_layout_canonical(&plan->net->tensors[tensor].shape, wish);
    const int exists = layout == PH_PLAIN ? plan->plain[tensor] : plan->last[tensor];
    if (exists >= 0)
        return exists;
    if (plan->net->tensors[tensor].constant)
        return add_constant(plan, tensor, layout);
    const int from = layout == PH_PLAIN ? plan->last[tensor] : plan->plain[tensor];
    return add_conversion(plan, from, add_value(plan, tensor, layout));
}

/* Any value of the tensor, the channels-last one first. */
static int existing_value(const ph_cuda_plan *plan, int tensor)
{
    return plan->last[tensor] >= 0 ? plan->last[tensor] : plan->plain[tensor];
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------- */

static ph_status add_delivery(ph_cuda_plan *plan, int tensor, ph_error *err)
{
    for (int i = 0; i < plan->net->output_count; i++) {
        if (plan->net->outputs[i] != tensor)
            continue;
        ph_cuda_node *node = add_node(plan, &ph_cuda_node_delivery, 1);
        if (!node)
            return fail_plan(err);
        node->in[0] = existing_value(plan, tensor);
        node->delivery = i;
    }
    return PH_OK;
}

static ph_status add_op(ph_cuda_plan *plan, int index, ph_error *err)
{
    const ph_op *op = &plan->net->ops[index];
    if ((int)op->kind < 0 || op->kind >= PH_OP_COUNT)
        return ph_fail(err, PH_UNSUPPORTED, "operator %d of node '%s' is not supported by the cuda backend",
                       (int)op->kind, op->name ? op->name : "");
    const ph_layout_choice choice = ph_layout_of_op(plan->net, op, plan->last);
    /* Conversions come before the node that needs them, and adding them may move the array of nodes. */
    for (int i = 0; i < op->in_count; i++)
        if ((!choice.any || existing_value(plan, op->in[i]) < 0) && demand_value(plan, op->in[i], choice.layout) < 0)
            return fail_plan(err);
    const ph_shape *shape = &plan->net->tensors[op->out].shape;
    const int out = add_value(plan, op->out, ph_layout_canonical(shape, choice.layout));
    ph_cuda_node *node = out < 0 ? NULL : add_node(plan, kernels[op->kind], op->in_count);
    if (!node)
        return fail_plan(err);
    node->op = op;
    node->op_index = index;
    node->relu = op->kind == PH_OP_CONV && op->p.conv.relu;
    node->out = out;
    for (int i = 0; i < op->in_count; i++)
        node->in[i] = choice.any ? existing_value(plan, op->in[i]) : demand_value(plan, op->in[i], choice.layout);
    return add_delivery(plan, op->out, err);
}

static ph_status add_input(ph_cuda_plan *plan, ph_error *err)
{
    const int out =
        add_value(plan, plan->net->input, ph_layout_canonical(&plan->net->tensors[plan->net->input].shape, PH_LAST));
    ph_cuda_node *node = out < 0 ? NULL : add_node(plan, &ph_cuda_node_input, 0);
    if (!node)
        return fail_plan(err);
    node->out = out;
    plan->stem = ph_cuda_stem_block(plan->net);
    if (plan->stem.side) {
        ph_cuda_value *value = &plan->values[out];
        value->blocked = true;
        value->c = (int64_t)plan->stem.channels * plan->stem.side * plan->stem.side;
        value->area = (int64_t)plan->stem.rows * plan->stem.columns;
        value->pitch = plan->stem.pitch;
        value->step = picture_step(value);
    }
    return add_delivery(plan, plan->net->input, err);
}

static ph_status build(ph_cuda_plan *plan, ph_error *err)
{
    const ph_net *net = plan->net;
    for (int t = 0; t < net->tensor_count; t++)
        plan->plain[t] = plan->last[t] = -1;
    PH_TRY(add_input(plan, err));
    for (int t = 0; t < net->tensor_count; t++) {
        if (t == net->input || !net->tensors[t].constant || !net->tensors[t].wanted)
            continue;
        if (demand_value(plan, t, PH_PLAIN) < 0)
            return fail_plan(err);
        PH_TRY(add_delivery(plan, t, err));
    }
    for (int i = 0; i < net->op_count; i++)
        PH_TRY(add_op(plan, i, err));
    return PH_OK;
}

static ph_status plan_nodes(ph_cuda_plan *plan, ph_error *err)
{
    for (size_t i = 0; i < plan->node_count; i++)
        if (plan->nodes[i].kernel->plan)
            PH_TRY(plan->nodes[i].kernel->plan(plan, &plan->nodes[i], err));
    return PH_OK;
}

ph_status ph_cuda_plan_new(ph_device *device, const ph_net *net, int batch, bool gradient, ph_cuda_plan **out,
                           ph_error *err)
{
    *out = NULL;
    if (batch < 1)
        return ph_fail(err, PH_MISUSE, "cuda: a batch of %d pictures is impossible: give at least 1", batch);
    ph_cuda_plan *plan = ph_alloc(1, sizeof *plan);
    if (!plan)
        return fail_plan(err);
    *plan = (ph_cuda_plan){.net = net, .device = device, .batch = batch, .gradient = gradient, .type = device->type};
    plan->gradient_scale = device->type == PH_CUDA_HALF ? HALF_GRADIENT_SCALE : 1.0f;
    plan->plain = ph_alloc((size_t)net->tensor_count, sizeof *plan->plain);
    plan->last = ph_alloc((size_t)net->tensor_count, sizeof *plan->last);
    plan->outputs = ph_alloc((size_t)net->output_count, sizeof *plan->outputs);
    plan->output_gradients = ph_alloc((size_t)net->output_count, sizeof *plan->output_gradients);
    ph_status status = plan->plain && plan->last && plan->outputs && plan->output_gradients ? PH_OK : fail_plan(err);
    if (status == PH_OK)
        status = build(plan, err);
    if (status == PH_OK)
        status = ph_cuda_plan_flow(plan, err);
    if (status == PH_OK)
        status = plan_nodes(plan, err);
    if (status == PH_OK)
        status = ph_cuda_plan_memory(plan, err);
    if (status == PH_OK)
        *out = plan;
    else
        ph_cuda_plan_free(plan);
    return status;
}

void ph_cuda_plan_free(ph_cuda_plan *plan)
{
    if (!plan)
        return;
    ph_cuda_memory_free(plan->device, plan->memory);
    for (size_t i = 0; i < plan->node_count; i++) {
        ph_cuda_node *node = &plan->nodes[i];
        if (node->kernel->free && node->state)
            node->kernel->free(node->state);
        ph_free(node->in);
        ph_free(node->add);
    }
    ph_free(plan->nodes);
    ph_free(plan->values);
    ph_free(plan->life);
    ph_free(plan->plain);
    ph_free(plan->last);
    ph_free(plan->outputs);
    ph_free(plan->output_gradients);
    ph_free(plan);
}
