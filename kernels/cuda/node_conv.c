/* Convolutions and their transposes: cuDNN where it has an engine, our direct kernels elsewhere (depthwise, groups
 * whose channels do not fill vectors). The weights stand once, as filters of the convolution [K, R, S, C/groups], and
 * serve both ways. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/convolution.h"
#include "kernels/cuda/plan.h"

#include <math.h>

/* A transposed convolution is the adjoint of one: `near` is the side of the convolution's input (its output for
 * DECONV), `far` the other. */
typedef struct conv_state {
    ph_conv *forward, *backward; /* of the node; NULL: direct, or no gradient wanted */
    bool direct;
    ph_cuda_direct how;   /* of the convolution */
    int64_t filter_count; /* values of all filters, padded */
    int64_t filter_bytes, bias_bytes;
} conv_state;

static bool is_transposed(const ph_cuda_node *node)
{
    return node->op->kind == PH_OP_DECONV;
}

static const ph_cuda_value *near_value(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    return is_transposed(node) ? ph_cuda_out(plan, node) : ph_cuda_in(plan, node, 0);
}

static const ph_cuda_value *far_value(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    return is_transposed(node) ? ph_cuda_in(plan, node, 0) : ph_cuda_out(plan, node);
}

static int64_t side(const ph_cuda_plan *plan, const ph_cuda_value *value, int axis)
{
    return plan->net->tensors[value->tensor].shape.dim[axis];
}

static ph_conv_shape conv_shape(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_conv_task task)
{
    const ph_conv_params *p = &node->op->p.conv;
    const ph_cuda_value *near = near_value(plan, node), *far = far_value(plan, node);
    ph_conv_shape s = {.task = task,
                       .channels = near->pitch,
                       .out_channels = far->pitch,
                       .groups = p->groups,
                       .height = side(plan, near, 2),
                       .width = side(plan, near, 3),
                       .out_height = side(plan, far, 2),
                       .out_width = side(plan, far, 3)};
    for (int i = 0; i < 2; i++) {
        s.kernel[i] = near->blocked ? ph_cuda_stem_kernel(&plan->stem, p, i) : p->kernel[i];
        s.stride[i] = near->blocked ? 1 : p->stride[i];
        s.dilation[i] = p->dilation[i];
        s.pad_begin[i] = near->blocked ? 0 : p->pad_begin[i];
        s.pad_end[i] = near->blocked ? 0 : p->pad_end[i];
    }
    if (near->blocked) {
        s.height = plan->stem.rows;
        s.width = plan->stem.columns;
    }
    return s;
}

/* Sizes as the direct kernels take them; false when they do not fit an int. */
static bool direct_shape(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_cuda_direct *how)
{
    const ph_conv_shape s = conv_shape(plan, node, PH_CONV_FORWARD);
    const ph_cuda_value *near = near_value(plan, node), *far = far_value(plan, node);
    const int64_t most = 1 << 30;
    bool fits = s.height < most && s.width < most && s.out_height < most && s.out_width < most;
    *how = (ph_cuda_direct){.planes = plan->batch * near->n,
                            .channels = near->c,
                            .out_channels = far->c,
                            .groups = s.groups,
                            .pitch = near->pitch,
                            .out_pitch = far->pitch,
                            .height = (int)s.height,
                            .width = (int)s.width,
                            .out_height = (int)s.out_height,
                            .out_width = (int)s.out_width};
    for (int i = 0; i < 2; i++) {
        fits = fits && s.kernel[i] < most && s.stride[i] < most && s.dilation[i] < most && s.pad_begin[i] < most &&
               s.pad_begin[i] > -most;
        how->kernel[i] = (int)s.kernel[i];
        how->stride[i] = (int)s.stride[i];
        how->dilation[i] = (int)s.dilation[i];
        how->pad_begin[i] = (int)s.pad_begin[i];
    }
    return fits;
}

/* With groups, a pad would shift the channels of every group but the first, and groups that do not fill vectors make
 * cuDNN copy or give up. */
static bool suits_cudnn(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const ph_cuda_value *near = near_value(plan, node), *far = far_value(plan, node);
    const int64_t groups = node->op->p.conv.groups;
    return groups == 1 || (near->c / groups % 8 == 0 && far->c / groups % 8 == 0);
}

static ph_conv_task forward_task(const ph_cuda_node *node)
{
    if (is_transposed(node))
        return PH_CONV_BACKWARD;
    if (node->in_count > 1)
        return node->relu ? PH_CONV_RESIDUAL_RELU : PH_CONV_RESIDUAL;
    return node->relu ? PH_CONV_FORWARD_RELU : PH_CONV_FORWARD;
}

static ph_conv_task backward_task(const ph_cuda_node *node)
{
    return is_transposed(node) ? PH_CONV_FORWARD : node->add[0] ? PH_CONV_BACKWARD_ADD : PH_CONV_BACKWARD;
}

ph_status ph_cuda_conv_adds(const ph_cuda_plan *plan, const ph_cuda_node *node, bool relu, bool *adds, ph_error *err)
{
    const ph_conv_task tasks[] = {relu ? PH_CONV_RESIDUAL_RELU : PH_CONV_RESIDUAL, PH_CONV_BACKWARD,
                                  PH_CONV_BACKWARD_ADD};
    *adds = suits_cudnn(plan, node);
    for (int i = 0; *adds && i < (node->backward ? 3 : 1); i++) {
        const ph_conv_shape s = conv_shape(plan, node, tasks[i]);
        ph_error why = {0};
        const ph_status status = ph_conv_find(plan->device, &s, &why);
        *adds = status == PH_OK;
        if (status != PH_OK && status != PH_UNSUPPORTED)
            return ph_fail(err, status, "%s", why.message);
    }
    return PH_OK;
}

static void free_state(void *memory)
{
    conv_state *state = memory;
    ph_conv_free(state->forward);
    ph_conv_free(state->backward);
    ph_free(state);
}

/* PH_UNSUPPORTED: cuDNN has no engine for it. */
static ph_status plan_cudnn(ph_cuda_plan *plan, ph_cuda_node *node, conv_state *state, ph_error *err)
{
    const int64_t pictures = plan->batch * ph_cuda_in(plan, node, 0)->n;
    const ph_conv_shape forward = conv_shape(plan, node, forward_task(node));
    PH_TRY(ph_conv_new(plan->device, &forward, pictures, &state->forward, err));
    node->workspace_bytes = ph_conv_workspace(state->forward);
    if (!node->backward)
        return PH_OK;
    const ph_conv_shape backward = conv_shape(plan, node, backward_task(node));
    PH_TRY(ph_conv_new(plan->device, &backward, pictures, &state->backward, err));
    if (ph_conv_workspace(state->backward) > node->workspace_bytes)
        node->workspace_bytes = ph_conv_workspace(state->backward);
    return PH_OK;
}

static ph_status use_direct(ph_cuda_plan *plan, ph_cuda_node *node, conv_state *state, ph_error *err)
{
    char text[PH_CUDA_NODE_TEXT];
    ph_conv_free(state->forward);
    ph_conv_free(state->backward);
    state->forward = state->backward = NULL;
    node->workspace_bytes = 0;
    state->direct = true;
    if (!direct_shape(plan, node, &state->how))
        return ph_fail(err, PH_UNSUPPORTED, "cuda: %s: its sizes are beyond what the kernel counts",
                       ph_cuda_node_text(node, text));
    return PH_OK;
}

/* Bytes of one more tensor like the value, for the whole batch. */
static int64_t batch_bytes(const ph_cuda_plan *plan, const ph_cuda_value *value)
{
    return plan->batch * value->step * (int64_t)ph_cuda_type_size(plan->type);
}

static ph_status plan_conv(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    conv_state *state = ph_alloc(1, sizeof *state);
    if (!state)
        return ph_fail_memory(err, sizeof *state, "a convolution");
    node->state = state;
    ph_error why = {0};
    ph_status status = suits_cudnn(plan, node) ? plan_cudnn(plan, node, state, &why) : PH_UNSUPPORTED;
    if (status == PH_UNSUPPORTED)
        status = use_direct(plan, node, state, &why);
    if (status != PH_OK)
        return err ? (*err = why, status) : status;
    const ph_conv_shape s = conv_shape(plan, node, PH_CONV_FORWARD);
    const ph_cuda_value *near = near_value(plan, node), *far = far_value(plan, node);
    const int64_t size = (int64_t)ph_cuda_type_size(plan->type);
    const int64_t inner = (state->direct ? near->c : near->pitch) / s.groups;
    state->filter_count = far->pitch * s.kernel[0] * s.kernel[1] * inner;
    state->filter_bytes = (state->filter_count * size + 255) / 256 * 256;
    /* The bias of a transposed convolution is added apart, in float; its backward is a convolution with a bias of 0. */
    state->bias_bytes = is_transposed(node) ? (near->pitch + far->pitch) * (int64_t)sizeof(float) : far->pitch * size;
    node->weight_bytes = state->filter_bytes + state->bias_bytes;
    if (node->backward && is_transposed(node) && node->add[0])
        node->scratch_bytes = batch_bytes(plan, ph_cuda_in(plan, node, 0));
    return PH_OK;
}

/* Where in [K, R, S, C/groups], padded, or for the direct kernels in [R, S, C/groups, K] with padded K, the tap (y, x)
 * of filter k on channel c belongs. */
static int64_t filter_at(const ph_cuda_plan *plan, const ph_cuda_node *node, const ph_conv_shape *s, int64_t k,
                         int64_t c, int64_t y, int64_t x)
{
    const conv_state *state = node->state;
    const ph_cuda_value *near = near_value(plan, node), *far = far_value(plan, node);
    const int64_t tap = y * s->kernel[1] + x, taps = s->kernel[0] * s->kernel[1];
    return state->direct ? (tap * (near->c / s->groups) + c) * far->pitch + k
                         : (k * taps + tap) * (near->pitch / s->groups) + c;
}

/* Of a convolution that reads the picture in blocks, taps move into channels as pixels do (block.h). */
static void arrange_filters(const ph_cuda_plan *plan, const ph_cuda_node *node, float *to)
{
    const ph_conv_params *p = &node->op->p.conv;
    const ph_conv_shape s = conv_shape(plan, node, PH_CONV_FORWARD);
    const bool blocked = near_value(plan, node)->blocked;
    const int64_t side = blocked ? plan->stem.side : 1;
    const int64_t shift_y = blocked ? ph_cuda_stem_shift(&plan->stem, p, 0) : 0;
    const int64_t shift_x = blocked ? ph_cuda_stem_shift(&plan->stem, p, 1) : 0;
    const int64_t channels = near_value(plan, node)->c / (side * side) / p->groups;
    const float *from = p->weight;
    for (int64_t k = 0; k < far_value(plan, node)->c; k++)
        for (int64_t c = 0; c < channels; c++)
            for (int64_t y = shift_y; y < shift_y + p->kernel[0]; y++)
                for (int64_t x = shift_x; x < shift_x + p->kernel[1]; x++)
                    to[filter_at(plan, node, &s, k, (c * side + y % side) * side + x % side, y / side, x / side)] =
                        *from++;
}

static ph_status upload_bias(const ph_cuda_plan *plan, const ph_cuda_node *node, float *bias, ph_error *err)
{
    const conv_state *state = node->state;
    const ph_conv_params *p = &node->op->p.conv;
    const int64_t count = ph_cuda_out(plan, node)->c;
    char *to = (char *)node->weights + state->filter_bytes;
    if (!p->bias)
        return PH_OK; /* memory is zeroed at birth */
    if (is_transposed(node))
        return ph_cuda_upload(plan, to, p->bias, (size_t)count * sizeof(float), err);
    ph_cuda_encode(plan->type, p->bias, bias, count);
    return ph_cuda_upload(plan, to, bias, (size_t)count * ph_cuda_type_size(plan->type), err);
}

static ph_status make_conv(const ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const conv_state *state = node->state;
    const size_t count = (size_t)state->filter_count;
    const size_t biases = (size_t)ph_cuda_out(plan, node)->c;
    float *arranged = ph_alloc(count, sizeof *arranged);
    float *encoded = ph_alloc(count > biases ? count : biases, sizeof *encoded);
    ph_status status = PH_OK;
    if (arranged && encoded) {
        arrange_filters(plan, node, arranged);
        ph_cuda_encode(plan->type, arranged, encoded, state->filter_count);
        status = ph_cuda_upload(plan, node->weights, encoded, count * ph_cuda_type_size(plan->type), err);
        if (status == PH_OK)
            status = upload_bias(plan, node, encoded, err);
    } else {
        status = ph_fail_memory(err, count * sizeof *arranged, "the weights of a convolution");
    }
    ph_free(arranged);
    ph_free(encoded);
    return status;
}

static void *bias_of(const ph_cuda_node *node)
{
    const conv_state *state = node->state;
    return (char *)node->weights + state->filter_bytes;
}

static ph_status conv_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const conv_state *state = node->state;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    void *residual = node->in_count > 1 ? ph_cuda_in(plan, node, 1)->data : NULL;
    if (!state->direct)
        return ph_conv_run(state->forward, in->data, node->weights, bias_of(node), residual, out->data, plan->workspace,
                           err);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_direct_forward(plan->type, state->how, in->data, node->weights, bias_of(node),
                                                     node->relu, out->data, false, plan->device->stream),
                              err);
}

/* The residual's gradient is the sum's. Where it cannot stand in the same place (flow.c), it is added or copied. */
static ph_status residual_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *residual = ph_cuda_in(plan, node, 1), *out = ph_cuda_out(plan, node);
    if (!residual->gradient || residual->slope == out->slope)
        return PH_OK;
    return ph_cuda_node_check(plan, node,
                              ph_cuda_copy_rows(plan->type, plan->batch, out->step, out->slope, out->step,
                                                residual->slope, out->step, out->step, node->add[1],
                                                plan->device->stream),
                              err);
}

static ph_status input_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const conv_state *state = node->state;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    void *slope = ph_cuda_out(plan, node)->slope;
    if (!state->direct)
        return ph_conv_run(state->backward, in->slope, node->weights, NULL, NULL, slope, plan->workspace, err);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_direct_backward(plan->type, state->how, slope, node->weights, in->slope,
                                                      node->add[0], plan->device->stream),
                              err);
}

static ph_status conv_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    const bool done = out->rectified || (out->rectified_normally && mode == PH_RELU_NORMAL);
    if (node->relu && !done)
        PH_TRY(ph_cuda_rectify(plan, node, out, INFINITY, out->data, out->slope, false, mode, err));
    PH_TRY(input_backward(plan, node, err));
    return node->in_count > 1 ? residual_backward(plan, node, err) : PH_OK;
}

static ph_status deconv_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const conv_state *state = node->state;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    if (state->direct)
        PH_TRY(ph_cuda_node_check(plan, node,
                                  ph_cuda_direct_backward(plan->type, state->how, in->data, node->weights, out->data,
                                                          false, plan->device->stream),
                                  err));
    else
        PH_TRY(ph_conv_run(state->forward, out->data, node->weights, NULL, NULL, in->data, plan->workspace, err));
    if (!node->op->p.conv.bias)
        return PH_OK;
    return ph_cuda_node_check(plan, node,
                              ph_cuda_affine(plan->type, ph_cuda_rows_of(plan, out), NULL, bias_of(node), false,
                                             out->data, out->data, false, plan->device->stream),
                              err);
}

static ph_status deconv_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const conv_state *state = node->state;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    const bool add = node->add[0];
    if (state->direct)
        return ph_cuda_node_check(plan, node,
                                  ph_cuda_direct_forward(plan->type, state->how, out->slope, node->weights, NULL, false,
                                                         in->slope, add, plan->device->stream),
                                  err);
    void *to = add ? plan->scratch : in->slope;
    char *zero = (char *)bias_of(node) + out->pitch * (int64_t)sizeof(float);
    PH_TRY(ph_conv_run(state->backward, out->slope, node->weights, zero, NULL, to, plan->workspace, err));
    if (!add)
        return PH_OK;
    const ph_cuda_rows r = ph_cuda_rows_of(plan, in);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_copy_rows(plan->type, r.rows, r.width, to, r.pitch, in->slope, r.pitch, r.width,
                                                true, plan->device->stream),
                              err);
}

const ph_cuda_kernel ph_cuda_node_conv = {
    .plan = plan_conv, .make = make_conv, .forward = conv_forward, .backward = conv_backward, .free = free_state};
const ph_cuda_kernel ph_cuda_node_deconv = {
    .plan = plan_conv, .make = make_conv, .forward = deconv_forward, .backward = deconv_backward, .free = free_state};
