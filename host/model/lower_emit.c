/* Appending operators to the net. */
#include "host/model/lowering.h"

#include <string.h>

float *ph_lowering_floats(ph_lowering *l, int64_t count)
{
    float *floats = ph_net_alloc(l->net, (size_t)count, sizeof *floats);
    if (!floats)
        ph_lowering_memory(l);
    return floats;
}

ph_status ph_constant_tensor(ph_lowering *l, const float *values, const ph_shape *shape, int *out)
{
    if (ph_shape_count_within(shape, PH_TENSOR_LIMIT) < 1)
        return ph_lowering_fail(l, PH_FORMAT, "reads an empty constant");
    *out = ph_net_add_tensor(
        l->net, &(ph_tensor){.shape = *shape, .name = ph_lowering_name(l), .constant = values, .producer = -1});
    return *out < 0 ? ph_lowering_memory(l) : PH_OK;
}

ph_status ph_emit(ph_lowering *l, ph_op op, const int *in, int in_count, const ph_shape *shape, int *out)
{
    char text[PH_SHAPE_TEXT];
    if (shape->rank > PH_MAX_RANK)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "makes a tensor of more than %d dimensions", PH_MAX_RANK);
    const int64_t count = ph_shape_count_within(shape, PH_TENSOR_LIMIT);
    if (count < 0)
        return ph_lowering_misfit(l, "makes a tensor of %s values, too large", ph_shape_text(shape, text));
    if (count == 0) {
        l->size_matters = true;
        return ph_lowering_fail(l, PH_UNSUPPORTED, "makes an empty tensor of %s", ph_shape_text(shape, text));
    }
    op.name = ph_lowering_name(l);
    op.out = ph_net_add_tensor(l->net, &(ph_tensor){.shape = *shape, .name = op.name, .producer = -1});
    if (op.out < 0 || ph_net_add_op(l->net, &op, in, in_count) < 0)
        return ph_lowering_memory(l);
    *out = op.out;
    return PH_OK;
}

ph_status ph_emit_one(ph_lowering *l, const ph_op *op, int in, int *out)
{
    const ph_shape shape = *ph_tensor_shape(l, in);
    return ph_emit(l, *op, &in, 1, &shape, out);
}

ph_status ph_emit_reshape(ph_lowering *l, int in, const ph_shape *shape, int *out)
{
    *out = in;
    if (ph_shape_equal(ph_tensor_shape(l, in), shape))
        return PH_OK;
    return ph_emit(l, (ph_op){.kind = PH_OP_RESHAPE}, &in, 1, shape, out);
}

ph_status ph_emit_transpose(ph_lowering *l, int in, const int *perm, int *out)
{
    const ph_shape from = *ph_tensor_shape(l, in);
    ph_op op = {.kind = PH_OP_TRANSPOSE};
    bool moves = false;
    for (int axis = 0; axis < from.rank; axis++) {
        op.p.perm[axis] = perm[axis];
        moves = moves || perm[axis] != axis;
    }
    *out = in;
    if (!moves)
        return PH_OK;
    ph_shape to;
    ph_shape_permute(&from, perm, &to);
    return ph_emit(l, op, &in, 1, &to, out);
}

ph_status ph_emit_act(ph_lowering *l, int in, ph_act_kind kind, float a, float b, int *out)
{
    return ph_emit_one(l, &(ph_op){.kind = PH_OP_ACT, .p.act = {.kind = kind, .a = a, .b = b}}, in, out);
}

ph_status ph_emit_affine(ph_lowering *l, int in, const float *scale, const float *shift, int *out)
{
    return ph_emit_one(l, &(ph_op){.kind = PH_OP_AFFINE, .p.affine = {.scale = scale, .shift = shift}}, in, out);
}

ph_status ph_emit_scaled(ph_lowering *l, int in, float scale, float shift, int *out)
{
    const ph_shape shape = *ph_tensor_shape(l, in);
    ph_shape matrix = {.rank = 2, .dim = {1, 1}};
    const int64_t channels = shape.rank < 2 ? 1 : shape.dim[1];
    float *both = ph_lowering_floats(l, 2 * channels);
    if (!both)
        return PH_NO_MEMORY;
    for (int64_t c = 0; c < channels; c++) {
        both[c] = scale;
        both[channels + c] = shift;
    }
    if (shape.rank >= 2)
        return ph_emit_affine(l, in, both, both + channels, out);
    matrix.dim[0] = ph_shape_count(&shape);
    PH_TRY(ph_emit_reshape(l, in, &matrix, out));
    PH_TRY(ph_emit_affine(l, *out, both, both + channels, out));
    return ph_emit_reshape(l, *out, &shape, out);
}

ph_status ph_emit_binary(ph_lowering *l, ph_binary_kind kind, int a, int b, int *out)
{
    const ph_shape *x = ph_tensor_shape(l, a), *y = ph_tensor_shape(l, b);
    ph_shape shape;
    if (!ph_shape_broadcast(x, y, &shape)) {
        char x_text[PH_SHAPE_TEXT], y_text[PH_SHAPE_TEXT];
        return ph_lowering_misfit(l, "cannot combine %s with %s", ph_shape_text(x, x_text), ph_shape_text(y, y_text));
    }
    return ph_emit(l, (ph_op){.kind = PH_OP_BINARY, .p.binary = kind}, (const int[]){a, b}, 2, &shape, out);
}

ph_status ph_emit_as_picture(ph_lowering *l, int in, int *out)
{
    const ph_shape shape = *ph_tensor_shape(l, in);
    *out = in;
    if (shape.rank == 4)
        return PH_OK;
    if (shape.rank > 4)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported in %d spatial dimensions", shape.rank - 2);
    if (shape.rank < 3)
        return ph_lowering_fail(l, PH_FORMAT, "needs a picture but gets a tensor of %d dimensions", shape.rank);
    return ph_emit_reshape(l, in, &(ph_shape){.rank = 4, .dim = {shape.dim[0], shape.dim[1], 1, shape.dim[2]}}, out);
}

ph_status ph_emit_as_rank(ph_lowering *l, int in, int rank, int *out)
{
    const ph_shape shape = *ph_tensor_shape(l, in);
    *out = in;
    if (rank != 3)
        return PH_OK;
    return ph_emit_reshape(l, in, &(ph_shape){.rank = 3, .dim = {shape.dim[0], shape.dim[1], shape.dim[3]}}, out);
}
