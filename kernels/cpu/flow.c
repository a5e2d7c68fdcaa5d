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

static bool same_bytes(const ph_cpu_plan *plan, const ph_cpu_node *node)
{
    const ph_cpu_value *in = &plan->values[node->in[0]];
    return node->kernel == &ph_cpu_reshape || (node->kernel == &ph_cpu_convert && (in->c == 1 || in->area == 1));
}

/* Reshapes, and conversions that change nothing, share the values; and the gradient if nobody else adds to it. */
static void share_memory(ph_cpu_plan *plan)
{
    for (size_t i = 0; i < plan->node_count; i++) {
        const ph_cpu_node *node = &plan->nodes[i];
        if (node->out < 0 || !same_bytes(plan, node))
            continue;
        const ph_cpu_value *in = &plan->values[node->in[0]];
        ph_cpu_value *out = &plan->values[node->out];
        out->root = in->root;
        out->constant = in->constant;
        if (in->readers == 1 && in->gradient && out->gradient)
            out->gradient_root = in->gradient_root;
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
