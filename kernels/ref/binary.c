#include "kernels/ref/ref_op.h"

/* Strides of an input along the output's dimensions, aligned at the last one; 0 where it broadcasts. */
static void broadcast_strides(const ph_shape *in, const ph_shape *out, int64_t stride[PH_MAX_RANK])
{
    int64_t own[PH_MAX_RANK];
    ph_ref_strides(in, own);
    for (int i = 0; i < out->rank; i++) {
        const int j = i - (out->rank - in->rank);
        stride[i] = j >= 0 && in->dim[j] != 1 ? own[j] : 0;
    }
}

static double binary_value(ph_binary_kind kind, double a, double b)
{
    switch (kind) {
    case PH_BINARY_ADD:
        return a + b;
    case PH_BINARY_SUB:
        return a - b;
    case PH_BINARY_MUL:
        return a * b;
    case PH_BINARY_DIV:
        return a / b;
    }
    return 0;
}

/* Derivatives to a and b. */
static void binary_slopes(ph_binary_kind kind, double a, double b, double slope[2])
{
    switch (kind) {
    case PH_BINARY_ADD:
        slope[0] = 1, slope[1] = 1;
        break;
    case PH_BINARY_SUB:
        slope[0] = 1, slope[1] = -1;
        break;
    case PH_BINARY_MUL:
        slope[0] = b, slope[1] = a;
        break;
    case PH_BINARY_DIV:
        slope[0] = 1 / b, slope[1] = -a / (b * b);
        break;
    }
}

static void binary(const ph_ref_call *call, bool backward)
{
    const ph_shape *shape = ph_ref_out_shape(call);
    int64_t stride[2][PH_MAX_RANK], index[PH_MAX_RANK] = {0};
    broadcast_strides(ph_ref_in_shape(call, 0), shape, stride[0]);
    broadcast_strides(ph_ref_in_shape(call, 1), shape, stride[1]);
    const int64_t count = ph_shape_count(shape);
    for (int64_t i = 0; i < count; i++, ph_ref_next(shape, index)) {
        int64_t at[2] = {0, 0};
        for (int d = 0; d < shape->rank; d++) {
            at[0] += index[d] * stride[0][d];
            at[1] += index[d] * stride[1][d];
        }
        const double a = call->in[0][at[0]], b = call->in[1][at[1]];
        if (!backward) {
            call->out[i] = binary_value(call->op->p.binary, a, b);
            continue;
        }
        double slope[2] = {0, 0};
        binary_slopes(call->op->p.binary, a, b, slope);
        for (int side = 0; side < 2; side++)
            if (call->in_gradient[side])
                call->in_gradient[side][at[side]] += call->out_gradient[i] * slope[side];
    }
}

static void binary_forward(const ph_ref_call *call)
{
    binary(call, false);
}

static void binary_backward(const ph_ref_call *call)
{
    binary(call, true);
}

const ph_ref_op ph_ref_binary = {binary_forward, binary_backward};
