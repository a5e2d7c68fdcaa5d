/* ACT and AFFINE: element by element, so that input and output may share memory. */
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

#include <math.h>

/* ---- Activations ------------------------------------------------------------------------------------------------- */

/* Whose derivative comes from the output (ph_op_keeps_output). */
static bool from_output(const ph_act_params *p)
{
    return p->kind == PH_ACT_RELU || p->kind == PH_ACT_SIGMOID || p->kind == PH_ACT_TANH;
}

static ph_act_params on_device(const ph_cuda_node *node)
{
    ph_act_params act = node->op->p.act;
    act.slope = node->weights;
    return act;
}

static ph_status act_plan(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const ph_act_params *p = &node->op->p.act;
    char text[PH_CUDA_NODE_TEXT];
    if ((int)p->kind < 0 || p->kind >= PH_ACT_COUNT)
        return ph_fail(err, PH_UNSUPPORTED, "%s: activation %d is not supported by the cuda backend",
                       ph_cuda_node_text(node, text), (int)p->kind);
    if (p->kind == PH_ACT_PRELU)
        node->weight_bytes = ph_cuda_in(plan, node, 0)->c * (int64_t)sizeof(float);
    return PH_OK;
}

static ph_status act_make(const ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    if (node->op->p.act.kind != PH_ACT_PRELU)
        return PH_OK;
    return ph_cuda_upload(plan, node->weights, node->op->p.act.slope, (size_t)node->weight_bytes, err);
}

static ph_status act_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_act_forward(plan->type, ph_cuda_rows_of(plan, in), on_device(node), in->data,
                                                  ph_cuda_out(plan, node)->data, plan->device->stream),
                              err);
}

static ph_status act_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    const ph_act_params *p = &node->op->p.act;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    const bool add = node->add[0];
    if (p->kind == PH_ACT_RELU)
        return ph_cuda_rectify(plan, node, out, INFINITY, out->data, in->slope, add, mode, err);
    if (p->kind == PH_ACT_CLIP && p->a == 0.0f)
        return ph_cuda_rectify(plan, node, out, p->b, in->data, in->slope, add, mode, err);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_act_backward(plan->type, ph_cuda_rows_of(plan, in), on_device(node),
                                                   from_output(p) ? out->data : in->data, from_output(p), out->slope,
                                                   in->slope, add, plan->device->stream),
                              err);
}

const ph_cuda_kernel ph_cuda_node_act = {act_plan, act_make, act_forward, act_backward, NULL};

/* ---- Scale and shift --------------------------------------------------------------------------------------------- */

/* Both tables stand in the weights, the shifts from a 16-byte boundary on. */
static int64_t shift_at(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    return (ph_cuda_in(plan, node, 0)->c + 3) / 4 * 4;
}

static ph_status affine_plan(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    (void)err;
    node->weight_bytes = 2 * shift_at(plan, node) * (int64_t)sizeof(float);
    return PH_OK;
}

static ph_status affine_make(const ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const ph_affine_params *p = &node->op->p.affine;
    const size_t bytes = (size_t)ph_cuda_in(plan, node, 0)->c * sizeof(float);
    float *scale = node->weights;
    PH_TRY(ph_cuda_upload(plan, scale, p->scale, bytes, err));
    return ph_cuda_upload(plan, scale + shift_at(plan, node), p->shift, bytes, err);
}

static ph_status affine_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    const float *scale = node->weights;
    return ph_cuda_node_check(plan, node,
                              ph_cuda_affine(plan->type, ph_cuda_rows_of(plan, in), scale, scale + shift_at(plan, node),
                                             false, in->data, ph_cuda_out(plan, node)->data, false,
                                             plan->device->stream),
                              err);
}

static ph_status affine_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_affine(plan->type, ph_cuda_rows_of(plan, in), node->weights, NULL, false,
                                             ph_cuda_out(plan, node)->slope, in->slope, node->add[0],
                                             plan->device->stream),
                              err);
}

const ph_cuda_kernel ph_cuda_node_affine = {affine_plan, affine_make, affine_forward, affine_backward, NULL};
