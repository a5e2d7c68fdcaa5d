/* What depends on the picture, what needs a gradient, who writes a gradient first, what can share memory. */
#include "kernels/cuda/plan.h"

#include "host/base/status.h"

/* Forward: computed from the picture. Backward: leads to a wanted tensor. Both: has a gradient. */
static void find_paths(ph_cuda_plan *plan)
{
    ph_cuda_value *values = plan->values;
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        if (node->kernel == &ph_cuda_node_input)
            values[node->out].computed = true;
        for (int k = 0; k < node->in_count; k++) {
            values[node->in[k]].readers++;
            if (node->out >= 0)
                values[node->out].computed |= values[node->in[k]].computed;
        }
    }
    if (!plan->gradient)
        return;
    for (size_t i = plan->node_count; i-- > 0;) {
        ph_cuda_node *node = &plan->nodes[i];
        const bool wanted = node->out < 0 || values[node->out].gradient;
        node->backward = node->kernel == &ph_cuda_node_input && wanted;
        for (int k = 0; wanted && k < node->in_count; k++) {
            values[node->in[k]].gradient |= values[node->in[k]].computed;
            node->backward |= values[node->in[k]].computed;
        }
    }
}

/* In the order of backward the first contribution to a gradient writes, the others add. */
static void order_contributions(ph_cuda_plan *plan)
{
    for (size_t i = plan->node_count; i-- > 0;) {
        const ph_cuda_node *node = &plan->nodes[i];
        for (int k = 0; node->backward && k < node->in_count; k++) {
            ph_cuda_value *in = &plan->values[node->in[k]];
            node->add[k] = in->written;
            in->written = in->gradient;
        }
    }
}

/* Whether x lay beyond its upper end cannot be told from y = min(x, b). */
static bool keeps_input(const ph_net *net, const ph_op *op, int k)
{
    if (op->kind == PH_OP_POOL)
        return false; /* maxima keep places, not values */
    return ph_op_keeps_input(net, op, k) || (op->kind == PH_OP_ACT && op->p.act.kind == PH_ACT_CLIP);
}

/* What the ways back will read. */
static void find_keeps(ph_cuda_plan *plan)
{
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        if (!node->backward || !node->op)
            continue;
        for (int k = 0; k < node->in_count; k++)
            plan->values[node->in[k]].keep |= keeps_input(plan->net, node->op, k);
        plan->values[node->out].keep |= node->relu || ph_op_keeps_output(plan->net, node->op);
    }
}

/* Reshapes, and conversions that change nothing: the same bytes. */
static bool same_bytes(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    if (node->kernel == &ph_cuda_node_reshape)
        return true;
    if (node->kernel != &ph_cuda_node_convert)
        return false;
    const ph_cuda_value *in = &plan->values[node->in[0]], *out = &plan->values[node->out];
    return in->n == 1 && in->area == 1 && in->step == out->step;
}

/* Whoever made the value does not look at it again on the way back. */
static bool is_forgotten(const ph_cuda_plan *plan, const ph_cuda_value *value)
{
    const int producer = plan->net->tensors[value->tensor].producer;
    return producer >= 0 && !ph_op_keeps_output(plan->net, &plan->net->ops[producer]);
}

bool ph_cuda_is_relu(const ph_cuda_node *node)
{
    return node->op && node->op->kind == PH_OP_ACT && node->op->p.act.kind == PH_ACT_RELU;
}

/* ReLU and Affine may overwrite what nobody else needs. Views are left alone: others may look at the same memory. */
static bool overwrites(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    if (!ph_cuda_is_relu(node) && node->kernel != &ph_cuda_node_affine)
        return false;
    const ph_cuda_value *in = &plan->values[node->in[0]];
    return in->readers == 1 && in->root == node->in[0] && in->computed && !in->keep && is_forgotten(plan, in);
}

/* The gradient of the input may stand where the output's stands: element for element, and nobody else adds to it. */
static bool hands_gradient_on(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const bool suits =
        same_bytes(plan, node) || node->kernel == &ph_cuda_node_affine || node->kernel == &ph_cuda_node_act;
    if (!suits || node->out < 0)
        return false;
    const ph_cuda_value *in = &plan->values[node->in[0]], *out = &plan->values[node->out];
    return in->readers == 1 && in->gradient && out->gradient;
}

/* Whose gradient is the output's: what a convolution adds, terms of a sum, what is subtracted from. */
static bool is_term(const ph_cuda_node *node, int k)
{
    if (node->kernel != &ph_cuda_node_binary)
        return node->kernel == &ph_cuda_node_conv && k == 1;
    return node->op->p.binary == PH_BINARY_ADD || (node->op->p.binary == PH_BINARY_SUB && k == 0);
}

/* The term whose gradient may stand where the output's stands, if that begins it: nobody reads the output's afterwards,
 * and what others add comes later. -1: none. */
static int heir(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    for (int k = 0; node->backward && node->in_count == 2 && node->in[0] != node->in[1] && k < 2; k++) {
        const ph_cuda_value *in = &plan->values[node->in[k]];
        if (is_term(node, k) && in->gradient && !node->add[k] && ph_cuda_alike(plan, in, &plan->values[node->out]))
            return k;
    }
    return -1;
}

static bool is_rectified_convolution(const ph_cuda_plan *plan, int value)
{
    for (size_t i = 0; i < plan->node_count; i++)
        if (plan->nodes[i].out == value)
            return plan->nodes[i].kernel == &ph_cuda_node_conv && plan->nodes[i].relu;
    return false;
}

/* Maxima of fewer values than they are taken from, and LRNs. */
static bool rectifies(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    if (!node->backward || node->add[0])
        return false;
    if (node->kernel == &ph_cuda_node_lrn)
        return true;
    return node->kernel == &ph_cuda_node_pool && !node->op->p.pool.average &&
           plan->values[node->out].area < plan->values[node->in[0]].area;
}

static void find_rectified(ph_cuda_plan *plan)
{
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        if (node->in_count == 1 && rectifies(plan, node)) {
            ph_cuda_value *in = &plan->values[node->in[0]];
            in->rectified_normally = in->gradient && in->readers == 1 && is_rectified_convolution(plan, node->in[0]);
            if (in->rectified_normally && node->kernel == &ph_cuda_node_pool)
                plan->values[node->out].keep = true;
        }
        for (int k = 0; node->backward && ph_cuda_is_join(plan, node) && k < node->in_count; k++) {
            ph_cuda_value *in = &plan->values[node->in[k]];
            in->rectified = in->gradient && in->readers == 1 && is_rectified_convolution(plan, node->in[k]);
        }
    }
}

static void share_memory(ph_cuda_plan *plan)
{
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        if (node->out < 0 || node->in_count < 1)
            continue;
        ph_cuda_value *out = &plan->values[node->out];
        const ph_cuda_value *first = &plan->values[node->in[0]];
        if (!first->constant && (same_bytes(plan, node) || overwrites(plan, node)))
            out->root = first->root;
        if (hands_gradient_on(plan, node))
            out->gradient_root = first->gradient_root;
        const int k = heir(plan, node);
        if (k >= 0)
            out->gradient_root = plan->values[node->in[k]].gradient_root;
    }
    for (size_t i = 0; i < plan->value_count; i++)
        if (plan->values[i].keep)
            plan->values[plan->values[i].root].keep = true;
}

ph_status ph_cuda_plan_flow(ph_cuda_plan *plan, ph_error *err)
{
    find_paths(plan);
    PH_TRY(ph_cuda_plan_residuals(plan, err));
    order_contributions(plan);
    find_keeps(plan);
    find_rectified(plan);
    share_memory(plan);
    return PH_OK;
}
