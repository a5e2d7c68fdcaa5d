/* Nodes that only move values: the picture's way in, changes of layout, reshapes, deliveries of wanted tensors. */
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

/* ---- Changes of layout, reshapes --------------------------------------------------------------------------------- */

/* The same tensor from one layout to the other, or copied, a constant to every picture. */
static cudaError_t move(const ph_cuda_plan *plan, const ph_cuda_value *from_value, const void *from,
                        const ph_cuda_value *to_value, void *to, bool add)
{
    const ph_cuda_value *last = from_value->layout == PH_LAST ? from_value : to_value;
    cudaStream_t stream = plan->device->stream;
    if (from_value->layout == to_value->layout)
        return ph_cuda_copy_rows(plan->type, plan->batch, to_value->step, from, from_value->step, to, to_value->step,
                                 to_value->step, add, stream);
    if (to_value->layout == PH_LAST)
        return ph_cuda_to_last(plan->type, from, from_value->step, to, plan->batch, last->n, last->c, last->area,
                               last->pitch, add, stream);
    const cudaError_t code = ph_cuda_to_plain(plan->type, from, to, to_value->step, plan->batch, last->n, last->c,
                                              last->area, last->pitch, add, stream);
    if (code != cudaSuccess || add)
        return code;
    return ph_cuda_clear_pad(plan->type, plan->batch, to_value->count, to_value->step, to, stream);
}

/* Values and gradients that share memory are where they should be. */
static ph_status move_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    if (in->data == out->data)
        return PH_OK;
    return ph_cuda_node_check(plan, node, move(plan, in, in->data, out, out->data, false), err);
}

static ph_status move_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    if (in->slope == out->slope)
        return PH_OK;
    return ph_cuda_node_check(plan, node, move(plan, out, out->slope, in, in->slope, node->add[0]), err);
}

/* A reshape is between row-major values with as many numbers: a copy as well. */
const ph_cuda_kernel ph_cuda_node_convert = {NULL, NULL, move_forward, move_backward, NULL};
const ph_cuda_kernel ph_cuda_node_reshape = {NULL, NULL, move_forward, move_backward, NULL};

/* ---- Between values and the plain floats of the interface -------------------------------------------------------- */

static cudaError_t from_plain(const ph_cuda_plan *plan, const float *from, const ph_cuda_value *value, void *to,
                              float scale, bool add)
{
    if (value->layout == PH_PLAIN)
        return ph_cuda_from_float(plan->type, ph_cuda_rows_of(plan, value), from, to, scale, add, plan->device->stream);
    return ph_cuda_pack(plan->type, from, to, plan->batch * value->n, value->c, value->area, value->pitch, scale, add,
                        plan->device->stream);
}

static cudaError_t to_plain(const ph_cuda_plan *plan, const ph_cuda_value *value, const void *from, float *to,
                            float scale)
{
    if (value->layout == PH_PLAIN)
        return ph_cuda_to_float(plan->type, ph_cuda_rows_of(plan, value), from, to, scale, plan->device->stream);
    return ph_cuda_unpack(plan->type, from, to, plan->batch * value->n, value->c, value->area, value->pitch, scale,
                          plan->device->stream);
}

static ph_status input_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    const cudaError_t code = out->blocked ? ph_cuda_block_pack(plan->type, &plan->stem, plan->batch, plan->input,
                                                               out->data, plan->device->stream)
                                          : from_plain(plan, plan->input, out, out->data, 1.0f, false);
    return ph_cuda_node_check(plan, node, code, err);
}

static ph_status input_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    const float scale = 1.0f / plan->gradient_scale;
    const cudaError_t code = out->blocked ? ph_cuda_block_unpack(plan->type, &plan->stem, plan->batch, out->slope,
                                                                 plan->input_gradient, scale, plan->device->stream)
                                          : to_plain(plan, out, out->slope, plan->input_gradient, scale);
    return ph_cuda_node_check(plan, node, code, err);
}

const ph_cuda_kernel ph_cuda_node_input = {NULL, NULL, input_forward, input_backward, NULL};

/* A constant that is wanted has one picture's values: delivered once per picture. */
static ph_status deliver_constant(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    float *to = plan->outputs[node->delivery];
    ph_cuda_rows r = ph_cuda_rows_of(plan, in);
    for (int picture = 0; picture < plan->batch; picture++)
        PH_TRY(ph_cuda_node_check(
            plan, node, ph_cuda_to_float(plan->type, r, in->data, to + picture * in->count, 1.0f, plan->device->stream),
            err));
    return PH_OK;
}

static ph_status delivery_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    if (in->constant)
        return deliver_constant(plan, node, err);
    return ph_cuda_node_check(plan, node, to_plain(plan, in, in->data, plan->outputs[node->delivery], 1.0f), err);
}

static ph_status delivery_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    return ph_cuda_node_check(
        plan, node,
        from_plain(plan, plan->output_gradients[node->delivery], in, in->slope, plan->gradient_scale, node->add[0]),
        err);
}

const ph_cuda_kernel ph_cuda_node_delivery = {NULL, NULL, delivery_forward, delivery_backward, NULL};
