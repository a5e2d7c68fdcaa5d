#include "kernels/ref/ref_op.h"

/* Position in the input of one axis, -1 outside it (CONSTANT only). REFLECT mirrors at the border pixel without
 * repeating it, as often as the padding needs. */
static int64_t pad_source(ph_pad_mode mode, int64_t at, int64_t size)
{
    if (at >= 0 && at < size)
        return at;
    if (mode == PH_PAD_CONSTANT)
        return -1;
    if (mode == PH_PAD_EDGE || size == 1)
        return at < 0 ? 0 : size - 1;
    const int64_t period = 2 * (size - 1);
    const int64_t phase = (at % period + period) % period;
    return phase < size ? phase : period - phase;
}

/* Input element that output element `index` reads, -1 for the constant. */
static int64_t pad_gather(const ph_ref_call *call, const int64_t stride[PH_MAX_RANK], const int64_t index[PH_MAX_RANK])
{
    const ph_pad_params *p = &call->op->p.pad;
    const ph_shape *in = ph_ref_in_shape(call, 0);
    int64_t at = 0;
    for (int d = 0; d < in->rank; d++) {
        const int64_t source = pad_source(p->mode, index[d] - p->begin[d], in->dim[d]);
        if (source < 0)
            return -1;
        at += source * stride[d];
    }
    return at;
}

static int64_t slice_gather(const ph_ref_call *call, const int64_t stride[PH_MAX_RANK],
                            const int64_t index[PH_MAX_RANK])
{
    const ph_slice_params *p = &call->op->p.slice;
    int64_t at = 0;
    for (int d = 0; d < ph_ref_in_shape(call, 0)->rank; d++)
        at += (p->start[d] + index[d] * p->step[d]) * stride[d];
    return at;
}

static void copy(const ph_ref_call *call, bool backward)
{
    const ph_shape *shape = ph_ref_out_shape(call);
    const bool pads = call->op->kind == PH_OP_PAD;
    int64_t stride[PH_MAX_RANK] = {0}, index[PH_MAX_RANK] = {0};
    ph_ref_strides(ph_ref_in_shape(call, 0), stride);
    const int64_t count = ph_shape_count(shape);
    for (int64_t i = 0; i < count; i++, ph_ref_next(shape, index)) {
        const int64_t at = pads ? pad_gather(call, stride, index) : slice_gather(call, stride, index);
        if (!backward)
            call->out[i] = at < 0 ? (double)call->op->p.pad.value : call->in[0][at];
        else if (at >= 0 && call->in_gradient[0])
            call->in_gradient[0][at] += call->out_gradient[i];
    }
}

static void copy_forward(const ph_ref_call *call)
{
    copy(call, false);
}

static void copy_backward(const ph_ref_call *call)
{
    copy(call, true);
}

const ph_ref_op ph_ref_pad = {copy_forward, copy_backward};
const ph_ref_op ph_ref_slice = {copy_forward, copy_backward};
