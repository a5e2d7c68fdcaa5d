/* Operators that give the same values another shape or order. */
#include "host/model/constant.h"

#include <string.h>

/* ---- For constants and tensors alike ----------------------------------------------------------------------------- */

static void known_tensor(const ph_lowering *l, int tensor, ph_known *out)
{
    *out = (ph_known){.shape = *ph_tensor_shape(l, tensor), .tensor = tensor};
}

static void known_array(const ph_array *array, ph_known *out)
{
    *out = (ph_known){.shape = array->shape, .array = array, .tensor = -1};
}

ph_status ph_move_reshape(ph_lowering *l, const ph_known *in, const ph_shape *shape, ph_known *out)
{
    if (shape->rank > PH_MAX_RANK)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "makes a tensor of more than %d dimensions", PH_MAX_RANK);
    if (in->array) {
        const ph_array *array;
        PH_TRY(ph_constant_reshape(l, in->array, shape, &array));
        known_array(array, out);
        return PH_OK;
    }
    int tensor;
    PH_TRY(ph_emit_reshape(l, in->tensor, shape, &tensor));
    known_tensor(l, tensor, out);
    return PH_OK;
}

ph_status ph_move_transpose(ph_lowering *l, const ph_known *in, const int *perm, ph_known *out)
{
    if (!in->array) {
        int tensor;
        PH_TRY(ph_emit_transpose(l, in->tensor, perm, &tensor));
        known_tensor(l, tensor, out);
        return PH_OK;
    }
    ph_shape shape;
    int64_t own[PH_MAX_RANK] = {0}, stride[PH_MAX_RANK] = {0};
    const ph_array *array;
    ph_shape_permute(&in->shape, perm, &shape);
    ph_shape_strides(&in->shape, own);
    for (int axis = 0; axis < shape.rank; axis++)
        stride[axis] = own[perm[axis]];
    PH_TRY(ph_constant_gather(l, in->array, &shape, stride, 0, &array));
    known_array(array, out);
    return PH_OK;
}

ph_status ph_move_slice(ph_lowering *l, const ph_known *in, const ph_slice_params *slice, const ph_shape *shape,
                        ph_known *out)
{
    if (!in->array) {
        bool whole = ph_shape_equal(&in->shape, shape);
        for (int axis = 0; axis < shape->rank; axis++)
            whole = whole && (slice->step[axis] == 1 || shape->dim[axis] == 1);
        int tensor = in->tensor;
        if (!whole)
            PH_TRY(ph_emit(l, (ph_op){.kind = PH_OP_SLICE, .p.slice = *slice}, &in->tensor, 1, shape, &tensor));
        known_tensor(l, tensor, out);
        return PH_OK;
    }
    int64_t own[PH_MAX_RANK] = {0}, stride[PH_MAX_RANK] = {0}, offset = 0;
    const ph_array *array;
    ph_shape_strides(&in->shape, own);
    for (int axis = 0; axis < shape->rank; axis++) {
        stride[axis] = own[axis] * slice->step[axis];
        offset += own[axis] * slice->start[axis];
    }
    PH_TRY(ph_constant_gather(l, in->array, shape, stride, offset, &array));
    known_array(array, out);
    return PH_OK;
}

/* ---- Nothing happens --------------------------------------------------------------------------------------------- */

ph_status ph_rule_identity(ph_lowering *l)
{
    ph_known x;
    PH_TRY(ph_input(l, 0, &x));
    ph_give(l, 0, &x);
    return PH_OK;
}

ph_status ph_rule_dropout(ph_lowering *l)
{
    const ph_array *training;
    PH_TRY(ph_input_constant(l, 2, &training));
    if (training && ph_shape_count(&training->shape) == 1 && ph_constant_real(training, 0) != 0)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported in training mode");
    return ph_rule_identity(l);
}

/* ---- Another shape ----------------------------------------------------------------------------------------------- */

static ph_status give_reshaped(ph_lowering *l, const ph_known *in, const ph_shape *shape)
{
    ph_known out;
    PH_TRY(ph_move_reshape(l, in, shape, &out));
    ph_give(l, 0, &out);
    return PH_OK;
}

ph_status ph_rule_reshape(ph_lowering *l)
{
    ph_known x;
    ph_ints dims;
    ph_shape shape = {0};
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_ints(l, 1, "shape", &dims));
    if (!dims.present || dims.count > PH_MAX_RANK)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "needs a shape of at most %d dimensions", PH_MAX_RANK);
    const bool keeps_zero = ph_node_int(l->node, "allowzero", 0) != 0;
    int open = -1;
    shape.rank = dims.count;
    for (int i = 0; i < dims.count; i++) {
        shape.dim[i] = dims.v[i];
        if (dims.v[i] < -1 || (dims.v[i] == -1 && open >= 0) || (dims.v[i] == 0 && !keeps_zero && i >= x.shape.rank))
            return ph_lowering_fail(l, PH_FORMAT, "asks for an impossible dimension %lld", (long long)dims.v[i]);
        if (dims.v[i] == 0 && !keeps_zero)
            shape.dim[i] = x.shape.dim[i];
        if (dims.v[i] == -1) {
            open = i;
            shape.dim[i] = 1;
        }
    }
    char from_text[PH_SHAPE_TEXT], to_text[PH_SHAPE_TEXT];
    const int64_t count = ph_shape_count(&x.shape), others = ph_shape_count_within(&shape, PH_TENSOR_LIMIT);
    if (open >= 0 && others > 0 && count % others == 0)
        shape.dim[open] = count / others;
    else if (others != count || open >= 0)
        return ph_lowering_misfit(l, "cannot turn %s into %s", ph_shape_text(&x.shape, from_text),
                                  ph_shape_text(&shape, to_text));
    return give_reshaped(l, &x, &shape);
}

ph_status ph_rule_flatten(ph_lowering *l)
{
    ph_known x;
    PH_TRY(ph_input(l, 0, &x));
    int64_t axis = ph_node_int(l->node, "axis", 1);
    if (axis < -x.shape.rank || axis > x.shape.rank)
        return ph_lowering_fail(l, PH_FORMAT, "has axis %lld but an input of %d dimensions", (long long)axis,
                                x.shape.rank);
    axis = axis < 0 ? axis + x.shape.rank : axis;
    ph_shape shape = {.rank = 2, .dim = {1, 1}};
    for (int i = 0; i < x.shape.rank; i++)
        shape.dim[i < axis ? 0 : 1] *= x.shape.dim[i];
    return give_reshaped(l, &x, &shape);
}

ph_status ph_rule_squeeze(ph_lowering *l)
{
    ph_known x;
    ph_ints axes;
    bool dropped[PH_MAX_RANK];
    ph_shape shape = {0};
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_ints(l, 1, "axes", &axes));
    PH_TRY(ph_mark_axes(l, &axes, x.shape.rank, false, dropped));
    for (int i = 0; i < x.shape.rank; i++) {
        const bool drop = axes.count ? dropped[i] : x.shape.dim[i] == 1;
        if (drop && x.shape.dim[i] != 1)
            return ph_lowering_misfit(l, "drops axis %d, which has %lld entries", i, (long long)x.shape.dim[i]);
        if (!drop)
            shape.dim[shape.rank++] = x.shape.dim[i];
    }
    return give_reshaped(l, &x, &shape);
}

ph_status ph_rule_unsqueeze(ph_lowering *l)
{
    ph_known x;
    ph_ints axes;
    bool added[PH_MAX_RANK];
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_ints(l, 1, "axes", &axes));
    if (!axes.present || axes.count > PH_MAX_RANK - x.shape.rank)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "needs axes, and makes at most %d dimensions", PH_MAX_RANK);
    ph_shape shape = {.rank = x.shape.rank + axes.count};
    PH_TRY(ph_mark_axes(l, &axes, shape.rank, false, added));
    for (int i = 0, from = 0; i < shape.rank; i++)
        shape.dim[i] = added[i] ? 1 : x.shape.dim[from++];
    return give_reshaped(l, &x, &shape);
}

/* ---- Another order ----------------------------------------------------------------------------------------------- */

ph_status ph_rule_transpose(ph_lowering *l)
{
    ph_known x, out;
    ph_ints given;
    bool seen[PH_MAX_RANK];
    int perm[PH_MAX_RANK];
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_ints(l, -1, "perm", &given));
    if (given.present && given.count != x.shape.rank)
        return ph_lowering_fail(l, PH_FORMAT, "orders %d axes but gets %d dimensions", given.count, x.shape.rank);
    if (given.present)
        PH_TRY(ph_mark_axes(l, &given, x.shape.rank, false, seen));
    for (int i = 0; i < x.shape.rank; i++)
        perm[i] = given.present ? ph_shape_axis(given.v[i], x.shape.rank) : x.shape.rank - 1 - i;
    PH_TRY(ph_move_transpose(l, &x, perm, &out));
    ph_give(l, 0, &out);
    return PH_OK;
}

/* Blocks of pixels to channels and back: reshape, transpose, reshape. */
static ph_status rearrange(ph_lowering *l, const ph_known *in, const ph_shape *split, const int *perm,
                           const ph_shape *joined)
{
    ph_known known;
    PH_TRY(ph_move_reshape(l, in, split, &known));
    PH_TRY(ph_move_transpose(l, &known, perm, &known));
    return give_reshaped(l, &known, joined);
}

static ph_status block_input(ph_lowering *l, ph_known *x, int64_t *block)
{
    PH_TRY(ph_input(l, 0, x));
    *block = ph_node_int(l->node, "blocksize", 0);
    if (x->shape.rank != 4)
        return ph_lowering_fail(l, PH_FORMAT, "needs a picture but gets a tensor of %d dimensions", x->shape.rank);
    if (*block < 1 || *block > 1 << 15)
        return ph_lowering_fail(l, PH_FORMAT, "has blocksize %lld", (long long)*block);
    return PH_OK;
}

ph_status ph_rule_space_to_depth(ph_lowering *l)
{
    ph_known x;
    int64_t b;
    PH_TRY(block_input(l, &x, &b));
    const int64_t n = x.shape.dim[0], c = x.shape.dim[1], h = x.shape.dim[2], w = x.shape.dim[3];
    if (h % b || w % b)
        return ph_lowering_misfit(l, "cannot cut %lldx%lld pixels into blocks of %lld", (long long)w, (long long)h,
                                  (long long)b);
    const ph_shape split = {.rank = 6, .dim = {n, c, h / b, b, w / b, b}};
    const ph_shape joined = {.rank = 4, .dim = {n, c * b * b, h / b, w / b}};
    return rearrange(l, &x, &split, (const int[]){0, 3, 5, 1, 2, 4}, &joined);
}

ph_status ph_rule_depth_to_space(ph_lowering *l)
{
    ph_known x;
    int64_t b;
    PH_TRY(block_input(l, &x, &b));
    const int64_t n = x.shape.dim[0], c = x.shape.dim[1], h = x.shape.dim[2], w = x.shape.dim[3], k = c / (b * b);
    if (c % (b * b) || c == 0)
        return ph_lowering_fail(l, PH_FORMAT, "cannot make blocks of %lld from %lld channels", (long long)b,
                                (long long)c);
    const ph_shape joined = {.rank = 4, .dim = {n, k, h * b, w * b}};
    if (!strcmp(ph_attribute_text(l, "mode", "DCR"), "CRD"))
        return rearrange(l, &x, &(ph_shape){.rank = 6, .dim = {n, k, b, b, h, w}}, (const int[]){0, 1, 4, 2, 5, 3},
                         &joined);
    return rearrange(l, &x, &(ph_shape){.rank = 6, .dim = {n, b, b, k, h, w}}, (const int[]){0, 3, 4, 1, 5, 2},
                     &joined);
}
