#include "kernels/cpu/plan.h"
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/threads.h"

#include <stdio.h>
#include <string.h>

static const ph_cpu_kernel *const kernels[PH_OP_COUNT] = {
    [PH_OP_CONV] = &ph_cpu_conv,     [PH_OP_DECONV] = &ph_cpu_deconv,   [PH_OP_DENSE] = &ph_cpu_dense,
    [PH_OP_MATMUL] = &ph_cpu_matmul, [PH_OP_POOL] = &ph_cpu_pool,       [PH_OP_LRN] = &ph_cpu_lrn,
    [PH_OP_AFFINE] = &ph_cpu_affine, [PH_OP_ACT] = &ph_cpu_act,         [PH_OP_BINARY] = &ph_cpu_binary,
    [PH_OP_CONCAT] = &ph_cpu_concat, [PH_OP_RESHAPE] = &ph_cpu_reshape, [PH_OP_TRANSPOSE] = &ph_cpu_transpose,
    [PH_OP_PAD] = &ph_cpu_pad,       [PH_OP_SLICE] = &ph_cpu_slice,     [PH_OP_SOFTMAX] = &ph_cpu_softmax,
};

const char *ph_cpu_node_text(const ph_cpu_node *node, char text[PH_CPU_NODE_TEXT])
{
    if (node->op)
        snprintf(text, PH_CPU_NODE_TEXT, "node '%.150s' (%s)", node->op->name ? node->op->name : "",
                 ph_op_name(node->op->kind));
    else
        snprintf(text, PH_CPU_NODE_TEXT, node->delivery < 0 ? "change of layout" : "delivery of an output");
    return text;
}

static ph_status fail_plan(ph_error *err)
{
    return ph_fail(err, PH_NO_MEMORY, "out of memory planning the network for the cpu backend");
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

/* Adds the value of a tensor in a layout; -1 when out of memory. */
static int add_value(ph_cpu_plan *plan, int tensor, ph_layout layout)
{
    void *values = plan->values;
    if (ph_grow(&values, plan->value_count, &plan->value_capacity, sizeof *plan->values))
        return -1;
    plan->values = values;
    const ph_tensor *t = &plan->net->tensors[tensor];
    const int index = (int)plan->value_count++;
    ph_cpu_value *value = &plan->values[index];
    *value = (ph_cpu_value){.tensor = tensor, .layout = layout, .root = index, .gradient_root = index};
    const ph_extent extent = ph_layout_extent(&t->shape);
    value->n = extent.n;
    value->c = extent.c;
    value->area = extent.area;
    value->count = extent.n * extent.c * extent.area;
    value->constant = layout == PH_PLAIN ? t->constant : NULL;
    int *table = layout == PH_PLAIN ? plan->plain : plan->last;
    table[tensor] = index;
    return index;
}

static ph_cpu_node *add_node(ph_cpu_plan *plan, const ph_cpu_kernel *kernel, int in_count)
{
    void *nodes = plan->nodes;
    if (ph_grow(&nodes, plan->node_count, &plan->node_capacity, sizeof *plan->nodes))
        return NULL;
    plan->nodes = nodes;
    ph_cpu_node *node = &plan->nodes[plan->node_count];
    *node = (ph_cpu_node){.kernel = kernel, .op_index = -1, .delivery = -1, .in_count = in_count, .out = -1};
    node->in = ph_alloc((size_t)in_count, sizeof *node->in);
    node->add = ph_alloc((size_t)in_count, sizeof *node->add);
    plan->node_count++;
    return node->in && node->add ? node : NULL;
}

/* The value of `tensor` in `layout`, with a conversion if it does not exist yet; -1 when out of memory. */
static int demand_value(ph_cpu_plan *plan, int tensor, ph_layout wish)
{
    const ph_layout layout = ph_layout_canonical(&plan->net->tensors[tensor].shape, wish);
    const int exists = layout == PH_PLAIN ? plan->plain[tensor] : plan->last[tensor];
    if (exists >= 0)
        return exists;
    const int from = layout == PH_PLAIN ? plan->last[tensor] : plan->plain[tensor];
    const int to = add_value(plan, tensor, layout);
    ph_cpu_node *node = to < 0 ? NULL : add_node(plan, &ph_cpu_convert, 1);
    if (!node)
        return -1;
    node->in[0] = from;
    node->out = to;
    return to;
}

/* Any value of the tensor, the channels-last one first. */
static int existing_value(const ph_cpu_plan *plan, int tensor)
{
    return plan->last[tensor] >= 0 ? plan->last[tensor] : plan->plain[tensor];
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------- */

static ph_status add_delivery(ph_cpu_plan *plan, int tensor, ph_error *err)
{
    for (int i = 0; i < plan->net->output_count; i++) {
        if (plan->net->outputs[i] != tensor)
            continue;
        ph_cpu_node *node = add_node(plan, &ph_cpu_delivery, 1);
        if (!node)
            return fail_plan(err);
        node->in[0] = existing_value(plan, tensor);
        node->delivery = i;
    }
    return PH_OK;
}

static ph_status add_op(ph_cpu_plan *plan, int index, ph_error *err)
{
    const ph_op *op = &plan->net->ops[index];
    if ((int)op->kind < 0 || op->kind >= PH_OP_COUNT)
        return ph_fail(err, PH_UNSUPPORTED, "operator %d of node '%s' is not supported by the cpu backend",
                       (int)op->kind, op->name ? op->name : "");
    const ph_layout_choice choice = ph_layout_of_op(plan->net, op, plan->last);
    /* Conversions come before the node that needs them, and adding them may move the array of nodes. */
    for (int i = 0; i < op->in_count; i++)
        if (!choice.any && demand_value(plan, op->in[i], choice.layout) < 0)
            return fail_plan(err);
    const ph_shape *shape = &plan->net->tensors[op->out].shape;
    const int out = add_value(plan, op->out, ph_layout_canonical(shape, choice.layout));
    ph_cpu_node *node = out < 0 ? NULL : add_node(plan, kernels[op->kind], op->in_count);
    if (!node)
        return fail_plan(err);
    node->op = op;
    node->op_index = index;
    node->out = out;
    for (int i = 0; i < op->in_count; i++)
        node->in[i] = choice.any ? existing_value(plan, op->in[i]) : demand_value(plan, op->in[i], choice.layout);
    return add_delivery(plan, op->out, err);
}

static ph_status build(ph_cpu_plan *plan, ph_error *err)
{
    const ph_net *net = plan->net;
    for (int t = 0; t < net->tensor_count; t++)
        plan->plain[t] = plan->last[t] = -1;
    for (int t = 0; t < net->tensor_count; t++) {
        if (t != net->input && !net->tensors[t].constant)
            continue;
        if (add_value(plan, t, PH_PLAIN) < 0)
            return fail_plan(err);
        PH_TRY(add_delivery(plan, t, err));
    }
    for (int i = 0; i < net->op_count; i++)
        PH_TRY(add_op(plan, i, err));
    return PH_OK;
}

static ph_status plan_nodes(ph_cpu_plan *plan, ph_error *err)
{
    for (size_t i = 0; i < plan->node_count; i++)
        if (plan->nodes[i].kernel->plan)
            PH_TRY(plan->nodes[i].kernel->plan(plan, &plan->nodes[i], err));
    return PH_OK;
}

ph_status ph_cpu_plan_new(ph_edge *edge, const ph_net *net, int batch, bool gradient, int threads, ph_cpu_plan **out,
                          ph_error *err)
{
    *out = NULL;
    if (batch < 1)
        return ph_fail(err, PH_MISUSE, "cpu: a batch of %d pictures is impossible: give at least 1", batch);
    ph_cpu_plan *plan = ph_alloc(1, sizeof *plan);
    if (!plan)
        return fail_plan(err);
    *plan = (ph_cpu_plan){.net = net, .edge = edge, .batch = batch, .threads = threads, .gradient = gradient};
    plan->lanes = threads > 1 && batch >= threads ? threads : 1;
    /* Measured: weights that stay in the second-level cache for four pictures. */
    enum { WAVE = 4 };
    const int each = 1 + (batch - 1) / plan->lanes;
    plan->wave = each < WAVE ? each : WAVE;
    plan->plain = ph_alloc((size_t)net->tensor_count, sizeof *plan->plain);
    plan->last = ph_alloc((size_t)net->tensor_count, sizeof *plan->last);
    /* oneDNN chooses for the number of threads that OpenMP has now. */
    const int before = ph_cpu_threads_set(threads);
    ph_status status = plan->plain && plan->last ? PH_OK : fail_plan(err);
    if (status == PH_OK)
        status = build(plan, err);
    if (status == PH_OK)
        status = ph_cpu_plan_flow(plan, err);
    if (status == PH_OK)
        status = plan_nodes(plan, err);
    if (status == PH_OK)
        status = ph_cpu_plan_memory(plan, err);
    ph_cpu_threads_set(before);
    if (status != PH_OK) {
        ph_cpu_plan_free(plan);
        return status;
    }
    *out = plan;
    return PH_OK;
}

void ph_cpu_plan_free(ph_cpu_plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->node_count; i++) {
        ph_cpu_node *node = &plan->nodes[i];
        if (node->kernel->free && node->state)
            node->kernel->free(node->state);
        ph_free(node->in);
        ph_free(node->add);
    }
    ph_free(plan->nodes);
    ph_free(plan->values);
    ph_free(plan->plain);
    ph_free(plan->last);
    ph_free(plan);
}
