/* What depends on the picture, what needs a gradient, who writes a gradient first, what can share memory. */
#include "host/base/status.h"
#include "kernels/cpu/plan.h"

/* Forward: computed from the picture. Backward: leads to a wanted tensor. Both: has a gradient. */
static void find_paths(ph_cpu_plan *plan)
{
    ph_cpu_value *values = plan->values;
    values[plan->plain[plan->net->input]].computed = true;
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cpu_node *node = &plan->nodes[i];
        for (int k = 0; k < node->in_count; k++) {
            values[node->in[k]].readers++;
            if (node->out >= 0)
                values[node->out].computed |= values[node->in[k]].computed;
        }
    }
    if (!plan->gradient)
        return;
    for (size_t i = plan->node_count; i-- > 0;) {
        ph_cpu_node *node = &plan->nodes[i];
        const bool wanted = node->out < 0 || values[node->out].gradient;
        for (int k = 0; wanted && k < node->in_count; k++) {
            values[node->in[k]].gradient |= values[node->in[k]].computed;
            node->backward |= values[node->in[k]].computed;
        }
    }
}

/* In the order of backward the first contribution to a gradient writes, the others add. `offset` tells "written". */
static void order_contributions(ph_cpu_plan *plan)
{
    for (size_t i = plan->node_count; i-- > 0;) {
        const ph_cpu_node *node = &plan->nodes[i];
        for (int k = 0; node->backward && k < node->in_count; k++) {
            ph_cpu_value *in = &plan->values[node->in[k]];
            node->add[k] = in->gradient_offset != 0;
            if (in->gradient)
                in->gradient_offset = 1;
        }
    }
    for (size_t i = 0; i < plan->value_count; i++)
        plan->values[i].gradient_offset = 0;
}

bool ph_cpu_is_sum(const ph_cpu_plan *plan, const ph_cpu_node *node, int k)
{
    const ph_cpu_value *in = &plan->values[node->in[k]], *out = &plan->values[node->out];
    return node->kernel == &ph_cpu_binary && node->op->p.binary == PH_BINARY_ADD && in->layout == out->layout &&
           ph_shape_equal(&plan->net->tensors[in->tensor].shape, &plan->net->tensors[out->tensor].shape);
}

/* Reshapes, and conversions that change nothing: always the same memory. */
static bool same_bytes(const ph_cpu_plan *plan, const ph_cpu_node *node)
{
    const ph_cpu_value *in = &plan->values[node->in[0]];
    return node->kernel == &ph_cpu_reshape || (node->kernel == &ph_cpu_convert && (in->c == 1 || in->area == 1));
}

/* Whoever made the value does not look at it again on the way back. */
static bool is_forgotten(const ph_cpu_plan *plan, const ph_cpu_value *value)
{
    const int producer = plan->net->tensors[value->tensor].producer;
    if (producer < 0)
        return false;
    const ph_op *op = &plan->net->ops[producer];
    return op->kind != PH_OP_ACT && op->kind != PH_OP_SOFTMAX && !(op->kind == PH_OP_CONV && op->p.conv.relu);
}

/* ReLU and Affine may overwrite what nobody else needs. Views are left alone: others may look at the same memory. */
static bool overwrites(const ph_cpu_plan *plan, const ph_cpu_node *node)
{
    const ph_cpu_value *in = &plan->values[node->in[0]];
    const bool suits =
        node->kernel == &ph_cpu_affine || (node->kernel == &ph_cpu_act && node->op->p.act.kind == PH_ACT_RELU);
    return suits && in->readers == 1 && in->root == node->in[0] && in->computed && is_forgotten(plan, in);
}

/* The gradient of input k may stand where the output's stands: element for element, and nobody else adds to it. */
static bool hands_gradient_on(const ph_cpu_plan *plan, const ph_cpu_node *node, int k)
{
    const ph_cpu_value *in = &plan->values[node->in[k]];
    const bool suits = same_bytes(plan, node) || node->kernel == &ph_cpu_affine || node->kernel == &ph_cpu_act ||
                       ph_cpu_is_sum(plan, node, k);
    return suits && in->readers == 1 && in->gradient && plan->values[node->out].gradient;
}

static void share_memory(ph_cpu_plan *plan)
{
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cpu_node *node = &plan->nodes[i];
        if (node->out < 0)
            continue;
        ph_cpu_value *out = &plan->values[node->out];
        const ph_cpu_value *first = &plan->values[node->in[0]];
        if (same_bytes(plan, node) || overwrites(plan, node)) {
            out->root = first->root;
            out->constant = first->constant;
        }
        for (int k = 0; k < node->in_count; k++)
            if (hands_gradient_on(plan, node, k)) {
                out->gradient_root = plan->values[node->in[k]].gradient_root;
                break;
            }
    }
}

ph_status ph_cpu_plan_flow(ph_cpu_plan *plan, ph_error *err)
{
    (void)err;
    find_paths(plan);
    order_contributions(plan);
    share_memory(plan);
    return PH_OK;
}
