/* Activations and Softmax. */
#include "host/model/constant.h"

#include <math.h>

static ph_status activate(ph_lowering *l, ph_act_kind kind, float a, float b)
{
    int in, out;
    PH_TRY(ph_input_tensor(l, 0, &in));
    PH_TRY(ph_emit_act(l, in, kind, a, b, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

/* Relu, Sigmoid, Tanh, which constants may meet too. */
static ph_status activate_any(ph_lowering *l, ph_act_kind kind)
{
    ph_known x;
    PH_TRY(ph_input(l, 0, &x));
    return x.array ? ph_rule_unary(l) : activate(l, kind, 0, 0);
}

ph_status ph_rule_relu(ph_lowering *l)
{
    return activate_any(l, PH_ACT_RELU);
}

ph_status ph_rule_sigmoid(ph_lowering *l)
{
    return activate_any(l, PH_ACT_SIGMOID);
}

ph_status ph_rule_tanh(ph_lowering *l)
{
    return activate_any(l, PH_ACT_TANH);
}

ph_status ph_rule_leaky_relu(ph_lowering *l)
{
    return activate(l, PH_ACT_LEAKY_RELU, ph_node_float(l->node, "alpha", 0.01F), 0);
}

ph_status ph_rule_elu(ph_lowering *l)
{
    return activate(l, PH_ACT_ELU, ph_node_float(l->node, "alpha", 1), 0);
}

ph_status ph_rule_hard_sigmoid(ph_lowering *l)
{
    return activate(l, PH_ACT_HARD_SIGMOID, ph_node_float(l->node, "alpha", 0.2F),
                    ph_node_float(l->node, "beta", 0.5F));
}

ph_status ph_rule_hard_swish(ph_lowering *l)
{
    return activate(l, PH_ACT_HARD_SWISH, 0, 0);
}

ph_status ph_rule_prelu(ph_lowering *l)
{
    int in, out;
    ph_shape shape;
    const float *slope;
    PH_TRY(ph_input_tensor(l, 0, &in));
    PH_TRY(ph_input_floats(l, 1, &slope, &shape));
    const ph_shape from = *ph_tensor_shape(l, in);
    const int64_t count = ph_shape_count(&shape);
    if (count == 1)
        return activate(l, PH_ACT_LEAKY_RELU, slope[0], 0);
    /* Some exporters write a plain [C], which counts for the channels although it is not aligned with them. */
    const bool plain = shape.rank == 1 && from.rank > 2 && count == from.dim[1] && count != from.dim[from.rank - 1];
    if (!plain && !ph_shape_per_channel(&shape, &from))
        return ph_lowering_fail(l, PH_UNSUPPORTED, "is supported with one slope per channel only");
    const ph_op op = {.kind = PH_OP_ACT, .p.act = {.kind = PH_ACT_PRELU, .slope = slope}};
    PH_TRY(ph_emit_one(l, &op, in, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

static ph_status clip_constant(ph_lowering *l, const ph_array *in, float low, float high)
{
    ph_array *array;
    PH_TRY(ph_constant_new(l, in->dtype, &in->shape, &array));
    const int64_t count = ph_shape_count(&in->shape);
    for (int64_t i = 0; i < count; i++) {
        if (in->dtype == PH_DTYPE_FLOAT) {
            ((float *)array->data)[i] = fminf(fmaxf(((const float *)in->data)[i], low), high);
        } else {
            const int64_t x = ((const int64_t *)in->data)[i], least = ph_real_to_int((double)low),
                          most = ph_real_to_int((double)high), raised = x < least ? least : x;
            ((int64_t *)array->data)[i] = raised > most ? most : raised;
        }
    }
    ph_give_array(l, 0, array);
    return PH_OK;
}

/* The bounds are attributes up to opset 10, inputs from 11 on. */
ph_status ph_rule_clip(ph_lowering *l)
{
    ph_known x;
    float low, high;
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_scalar(l, 1, "min", -INFINITY, &low));
    PH_TRY(ph_input_scalar(l, 2, "max", INFINITY, &high));
    if (x.array)
        return clip_constant(l, x.array, low, high);
    if (low == 0 && high == INFINITY)
        return activate(l, PH_ACT_RELU, 0, 0);
    return activate(l, PH_ACT_CLIP, low, high);
}

/* Before opset 13 everything from `axis` on counts as one axis. */
ph_status ph_rule_softmax(ph_lowering *l)
{
    int in, out, axis;
    PH_TRY(ph_input_tensor(l, 0, &in));
    const ph_shape from = *ph_tensor_shape(l, in);
    const bool flattens = l->graph->opset < 13;
    PH_TRY(ph_attribute_axis(l, "axis", flattens ? 1 : -1, from.rank, &axis));
    int varying = axis, count = 0;
    for (int i = axis; i < from.rank; i++) {
        if (from.dim[i] != 1) {
            varying = i;
            count++;
        }
    }
    ph_op op = {.kind = PH_OP_SOFTMAX, .p.softmax_axis = flattens ? varying : axis};
    if (flattens && count > 1) {
        ph_shape matrix = {.rank = 2, .dim = {1, 1}};
        for (int i = 0; i < from.rank; i++)
            matrix.dim[i < axis ? 0 : 1] *= from.dim[i];
        op.p.softmax_axis = 1;
        PH_TRY(ph_emit_reshape(l, in, &matrix, &in));
    }
    PH_TRY(ph_emit_one(l, &op, in, &out));
    PH_TRY(ph_emit_reshape(l, out, &from, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}
