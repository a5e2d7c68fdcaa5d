/* Additions that a convolution does along with its bias, in the way of residual networks: y = relu(conv(x) + z). The
 * convolution moves to the place of the addition, where z is there for certain. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

/* The ReLU that alone reads a value, if there is one. */
static ph_cuda_node *only_relu(ph_cuda_plan *plan, int value)
{
    for (size_t i = 0; plan->values[value].readers == 1 && i < plan->node_count; i++) {
        ph_cuda_node *node = &plan->nodes[i];
        if (node->in_count == 1 && node->in[0] == value)
            return ph_cuda_is_relu(node) ? node : NULL;
    }
    return NULL;
}

static bool is_addition(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    if (node->kernel != &ph_cuda_node_binary || node->op->p.binary != PH_BINARY_ADD)
        return false;
    const ph_cuda_value *a = ph_cuda_in(plan, node, 0), *b = ph_cuda_in(plan, node, 1), *out = ph_cuda_out(plan, node);
    return out->layout == PH_LAST && a->computed && b->computed && ph_cuda_alike(plan, a, out) &&
           ph_cuda_alike(plan, b, out);
}

/* The convolution that makes input k for this addition alone, by its number; -1 if there is none. */
static int own_convolution(const ph_cuda_plan *plan, const ph_cuda_node *addition, int k)
{
    const int value = addition->in[k];
    for (int i = 0; plan->values[value].readers == 1 && i < (int)plan->node_count; i++) {
        const ph_cuda_node *node = &plan->nodes[i];
        if (node->out == value)
            return node->kernel == &ph_cuda_node_conv && node->in_count == 1 && !node->relu ? i : -1;
    }
    return -1;
}

static void leave_out(ph_cuda_node *node)
{
    ph_free(node->in);
    ph_free(node->add);
    *node = (ph_cuda_node){.out = -1};
}

/* The addition's node becomes the convolution; `k`: which of its inputs that made. */
static void move_convolution(ph_cuda_node *addition, ph_cuda_node *convolution, int k, ph_cuda_node *relu)
{
    addition->kernel = convolution->kernel;
    addition->op = convolution->op;
    addition->op_index = convolution->op_index;
    addition->in[1] = addition->in[1 - k];
    addition->in[0] = convolution->in[0];
    leave_out(convolution);
    if (!relu)
        return;
    addition->relu = true;
    addition->out = relu->out;
    leave_out(relu);
}

/* Of two convolutions the later one moves less far. */
static ph_status join_addition(ph_cuda_plan *plan, ph_cuda_node *addition, ph_error *err)
{
    const int own[2] = {own_convolution(plan, addition, 0), own_convolution(plan, addition, 1)};
    const int later = own[0] > own[1] ? 0 : 1;
    ph_cuda_node *relu = only_relu(plan, addition->out);
    for (int i = 0; i < 2; i++) {
        const int k = i ? 1 - later : later;
        bool rectifies = false, adds = false;
        if (own[k] < 0)
            continue;
        ph_cuda_node *convolution = &plan->nodes[own[k]];
        if (relu)
            PH_TRY(ph_cuda_conv_adds(plan, convolution, true, &rectifies, err));
        if (!rectifies)
            PH_TRY(ph_cuda_conv_adds(plan, convolution, false, &adds, err));
        if (rectifies || adds) {
            move_convolution(addition, convolution, k, rectifies ? relu : NULL);
            return PH_OK;
        }
    }
    return PH_OK;
}

ph_status ph_cuda_plan_residuals(ph_cuda_plan *plan, ph_error *err)
{
    ph_status status = PH_OK;
    for (size_t i = 0; status == PH_OK && i < plan->node_count; i++)
        if (is_addition(plan, &plan->nodes[i]))
            status = join_addition(plan, &plan->nodes[i], err);
    size_t left = 0;
    for (size_t i = 0; i < plan->node_count; i++)
        if (plan->nodes[i].kernel)
            plan->nodes[left++] = plan->nodes[i];
    plan->node_count = left;
    return status;
}
