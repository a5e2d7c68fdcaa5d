#include "kernels/ref/ref_op.h"

/* Element of the output that input `input`'s element (outer, c, inner) becomes. */
static void concat(const ph_ref_call *call, bool backward)
{
    const ph_ref_axis out = ph_ref_split(ph_ref_out_shape(call), call->op->p.concat_axis);
    int64_t first = 0;
    for (int input = 0; input < call->op->in_count; input++) {
        const ph_ref_axis in = ph_ref_split(ph_ref_in_shape(call, input), call->op->p.concat_axis);
        const int64_t count = in.outer * in.length * in.inner;
        for (int64_t i = 0; i < count; i++) {
            const int64_t outer = i / (in.length * in.inner), rest = i % (in.length * in.inner);
            const int64_t at = (outer * out.length + first) * out.inner + rest;
            if (!backward)
                call->out[at] = call->in[input][i];
            else if (call->in_gradient[input])
                call->in_gradient[input][i] += call->out_gradient[at];
        }
        first += in.length;
    }
}

static void concat_forward(const ph_ref_call *call)
{
    concat(call, false);
}

static void concat_backward(const ph_ref_call *call)
{
    concat(call, true);
}

static void reshape_forward(const ph_ref_call *call)
{
    const int64_t count = ph_shape_count(ph_ref_out_shape(call));
    for (int64_t i = 0; i < count; i++)
        call->out[i] = call->in[0][i];
}

static void reshape_backward(const ph_ref_call *call)
{
    const int64_t count = call->in_gradient[0] ? ph_shape_count(ph_ref_out_shape(call)) : 0;
    for (int64_t i = 0; i < count; i++)
        call->in_gradient[0][i] += call->out_gradient[i];
}

static void transpose(const ph_ref_call *call, bool backward)
{
    const ph_shape *shape = ph_ref_out_shape(call);
    int64_t stride[PH_MAX_RANK] = {0}, index[PH_MAX_RANK] = {0};
    ph_ref_strides(ph_ref_in_shape(call, 0), stride);
    const int64_t count = ph_shape_count(shape);
    for (int64_t i = 0; i < count; i++, ph_ref_next(shape, index)) {
        int64_t at = 0;
        for (int d = 0; d < shape->rank; d++)
            at += index[d] * stride[call->op->p.perm[d]];
        if (!backward)
            call->out[i] = call->in[0][at];
        else if (call->in_gradient[0])
            call->in_gradient[0][at] += call->out_gradient[i];
    }
}

static void transpose_forward(const ph_ref_call *call)
{
    transpose(call, false);
}

static void transpose_backward(const ph_ref_call *call)
{
    transpose(call, true);
}

const ph_ref_op ph_ref_concat = {concat_forward, concat_backward};
const ph_ref_op ph_ref_reshape = {reshape_forward, reshape_backward};
const ph_ref_op ph_ref_transpose = {transpose_forward, transpose_backward};
