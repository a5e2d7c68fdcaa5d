/* Operators that take parts of tensors or put tensors together. */
#include "host/model/constant.h"

#include <string.h>

/* ---- Slice ------------------------------------------------------------------------------------------------------- */

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* NumPy's slice of an axis of `size` entries: where it starts, with which step, how many. */
static int64_t slice_axis(int64_t size, int64_t start, int64_t end, int64_t *step, int64_t *first)
{
    *step = clamp(*step, -PH_TENSOR_LIMIT, PH_TENSOR_LIMIT);
    start = start < 0 ? start + size : start;
    end = end < 0 ? end + size : end;
    const bool up = *step > 0;
    start = clamp(start, 0, up ? size : size - 1);
    end = clamp(end, up ? 0 : -1, up ? size : size - 1);
    const int64_t way = up ? end - start : start - end, stride = up ? *step : -*step;
    const int64_t count = way > 0 ? (way + stride - 1) / stride : 0;
    *first = start;
    if (count <= 1)
        *step = 1;
    return count;
}

/* Attributes up to opset 9, inputs from 10 on. */
ph_status ph_rule_slice(ph_lowering *l)
{
    ph_known x, out;
    ph_ints starts, ends, axes, steps;
    bool seen[PH_MAX_RANK];
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_ints(l, 1, "starts", &starts));
    PH_TRY(ph_input_ints(l, 2, "ends", &ends));
    PH_TRY(ph_input_ints(l, 3, "axes", &axes));
    PH_TRY(ph_input_ints(l, 4, NULL, &steps));
    PH_TRY(ph_mark_axes(l, &axes, x.shape.rank, false, seen));
    if (starts.count != ends.count || (axes.present && axes.count != starts.count) ||
        (steps.present && steps.count != starts.count) || starts.count > x.shape.rank)
        return ph_lowering_fail(l, PH_FORMAT, "has %d starts, %d ends, %d axes and %d steps for %d dimensions",
                                starts.count, ends.count, axes.count, steps.count, x.shape.rank);
    ph_slice_params slice = {0};
    ph_shape shape = x.shape;
    for (int axis = 0; axis < shape.rank; axis++)
        slice.step[axis] = 1;
    for (int i = 0; i < starts.count; i++) {
        const int axis = axes.present ? ph_shape_axis(axes.v[i], shape.rank) : i;
        slice.step[axis] = steps.present ? steps.v[i] : 1;
        if (slice.step[axis] == 0)
            return ph_lowering_fail(l, PH_FORMAT, "has step 0");
        shape.dim[axis] = slice_axis(x.shape.dim[axis], starts.v[i], ends.v[i], &slice.step[axis], &slice.start[axis]);
    }
    PH_TRY(ph_move_slice(l, &x, &slice, &shape, &out));
    ph_give(l, 0, &out);
    return PH_OK;
}

/* `count` entries of one axis from `start` on. */
static ph_status take(ph_lowering *l, const ph_known *x, int axis, int64_t start, int64_t step, int64_t count,
                      ph_known *out)
{
    ph_slice_params slice = {0};
    ph_shape shape = x->shape;
    for (int i = 0; i < shape.rank; i++)
        slice.step[i] = 1;
    slice.start[axis] = start;
    slice.step[axis] = step;
    shape.dim[axis] = count;
    return ph_move_slice(l, x, &slice, &shape, out);
}

/* ---- Split ------------------------------------------------------------------------------------------------------- */

/* The sizes of the pieces: attribute up to opset 12, then an input; without them equal pieces, the last one smaller. */
static ph_status split_size(ph_lowering *l, const ph_array *given, const ph_attribute *a, int64_t size, int k,
                            int64_t *piece)
{
    const int64_t pieces = l->node->output_count;
    if (given || a) {
        const int64_t count = given ? ph_shape_count(&given->shape) : (int64_t)a->count;
        if (count != pieces || (a && a->kind != PH_ATTR_INTS))
            return ph_lowering_fail(l, PH_FORMAT, "has %lld outputs but sizes for %lld", (long long)pieces,
                                    (long long)count);
        *piece = given ? ph_constant_int(given, k) : a->ints[k];
        return PH_OK;
    }
    const int64_t each = (size + pieces - 1) / pieces, left = size - each * k;
    *piece = left < each ? left : each;
    return PH_OK;
}

ph_status ph_rule_split(ph_lowering *l)
{
    ph_known x, out;
    int axis;
    const ph_array *given;
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_constant(l, 1, &given));
    PH_TRY(ph_attribute_axis(l, "axis", 0, x.shape.rank, &axis));
    const ph_attribute *a = given ? NULL : ph_node_attribute(l->node, "split");
    const int64_t size = x.shape.dim[axis];
    int64_t start = 0;
    for (int k = 0; k < l->node->output_count; k++) {
        int64_t piece = 0;
        PH_TRY(split_size(l, given, a, size, k, &piece));
        if (piece < 1 || piece > size - start)
            return ph_lowering_misfit(l, "takes %lld of %lld entries from entry %lld on", (long long)piece,
                                      (long long)size, (long long)start);
        PH_TRY(take(l, &x, axis, start, 1, piece, &out));
        ph_give(l, k, &out);
        start += piece;
    }
    return start == size ? PH_OK
                         : ph_lowering_misfit(l, "splits %lld of %lld entries", (long long)start, (long long)size);
}

/* ---- Gather ------------------------------------------------------------------------------------------------------ */

static ph_status gather_constant(ph_lowering *l, const ph_array *x, const ph_array *indices, int axis,
                                 const ph_shape *shape)
{
    ph_array *out;
    PH_TRY(ph_constant_new(l, x->dtype, shape, &out));
    int64_t outer = 1, inner = 1, to = 0;
    for (int i = 0; i < x->shape.rank; i++) {
        outer *= i < axis ? x->shape.dim[i] : 1;
        inner *= i > axis ? x->shape.dim[i] : 1;
    }
    const int64_t size = x->shape.dim[axis], count = ph_shape_count(&indices->shape);
    for (int64_t o = 0; o < outer; o++) {
        for (int64_t i = 0; i < count; i++) {
            const int64_t index = ph_constant_int(indices, i), from = index < 0 ? index + size : index;
            for (int64_t k = 0; k < inner; k++)
                ph_constant_copy(x, (o * size + from) * inner + k, out, to++);
        }
    }
    ph_give_array(l, 0, out);
    return PH_OK;
}

/* From a computed tensor, indices in equal steps are a slice. */
static ph_status gather_slice(ph_lowering *l, const ph_known *x, const ph_array *indices, int axis,
                              const ph_shape *shape)
{
    const int64_t size = x->shape.dim[axis], count = ph_shape_count(&indices->shape);
    int64_t first = 0, step = 1;
    for (int64_t i = 0; i < count; i++) {
        const int64_t given = ph_constant_int(indices, i), index = given < 0 ? given + size : given;
        if (i == 0)
            first = index;
        if (i == 1)
            step = index - first;
        if (index != first + i * step || step == 0)
            return ph_lowering_fail(l, PH_UNSUPPORTED, "is supported with indices in equal steps only");
    }
    ph_known out;
    PH_TRY(take(l, x, axis, first, step, count, &out));
    PH_TRY(ph_move_reshape(l, &out, shape, &out));
    ph_give(l, 0, &out);
    return PH_OK;
}

ph_status ph_rule_gather(ph_lowering *l)
{
    ph_known x;
    int axis;
    const ph_array *indices;
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_constant(l, 1, &indices));
    if (!indices)
        return ph_lowering_fail(l, PH_FORMAT, "lacks its indices");
    PH_TRY(ph_attribute_axis(l, "axis", 0, x.shape.rank, &axis));
    if (x.shape.rank - 1 + indices->shape.rank > PH_MAX_RANK)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "makes a tensor of more than %d dimensions", PH_MAX_RANK);
    const int64_t count = ph_shape_count(&indices->shape), size = x.shape.dim[axis];
    for (int64_t i = 0; i < count; i++) {
        const int64_t index = ph_constant_int(indices, i);
        if (index < -size || index >= size)
            return ph_lowering_misfit(l, "takes entry %lld of %lld", (long long)index, (long long)size);
    }
    ph_shape shape = {0};
    for (int i = 0; i < x.shape.rank; i++) {
        if (i != axis)
            shape.dim[shape.rank++] = x.shape.dim[i];
        for (int k = 0; i == axis && k < indices->shape.rank; k++)
            shape.dim[shape.rank++] = indices->shape.dim[k];
    }
    return x.array ? gather_constant(l, x.array, indices, axis, &shape) : gather_slice(l, &x, indices, axis, &shape);
}

/* ---- Concat ------------------------------------------------------------------------------------------------------ */

static ph_status concat_shape(ph_lowering *l, int *axis, ph_shape *shape, bool *constant)
{
    *constant = true;
    for (int k = 0; k < l->node->input_count; k++) {
        ph_known x;
        PH_TRY(ph_input(l, k, &x));
        *constant = *constant && x.array;
        if (k == 0) {
            *shape = x.shape;
            PH_TRY(ph_attribute_axis(l, "axis", 1, shape->rank, axis));
            continue;
        }
        ph_shape same = x.shape;
        if (same.rank == shape->rank)
            same.dim[*axis] = shape->dim[*axis];
        if (!ph_shape_equal(&same, shape)) {
            char a[PH_SHAPE_TEXT], b[PH_SHAPE_TEXT];
            return ph_lowering_misfit(l, "cannot join %s and %s along axis %d", ph_shape_text(shape, a),
                                      ph_shape_text(&x.shape, b), *axis);
        }
        shape->dim[*axis] += x.shape.dim[*axis];
        if (shape->dim[*axis] > PH_TENSOR_LIMIT)
            return ph_lowering_misfit(l, "makes a tensor that is too large");
    }
    return l->node->input_count ? PH_OK : ph_lowering_fail(l, PH_FORMAT, "has no inputs");
}

static ph_status concat_constants(ph_lowering *l, int axis, const ph_shape *shape)
{
    ph_known x;
    ph_array *out;
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_constant_new(l, x.array->dtype, shape, &out));
    int64_t stride[PH_MAX_RANK] = {0}, at = 0;
    ph_shape_strides(shape, stride);
    for (int k = 0; k < l->node->input_count; k++) {
        PH_TRY(ph_input(l, k, &x));
        const int64_t count = ph_shape_count(&x.shape);
        ph_walk walk = ph_walk_start(&x.shape, stride, at * stride[axis]);
        for (int64_t i = 0; i < count; i++, ph_walk_next(&walk))
            ph_constant_copy(x.array, i, out, walk.offset);
        at += x.shape.dim[axis];
    }
    ph_give_array(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_concat(ph_lowering *l)
{
    int axis = 0, count = 0, out;
    ph_shape shape;
    bool constant;
    PH_TRY(concat_shape(l, &axis, &shape, &constant));
    if (constant)
        return concat_constants(l, axis, &shape);
    int *in = ph_net_alloc(l->net, (size_t)l->node->input_count, sizeof *in);
    if (!in)
        return ph_lowering_memory(l);
    for (int k = 0; k < l->node->input_count; k++) {
        ph_known x;
        PH_TRY(ph_input(l, k, &x));
        if (ph_shape_count(&x.shape) > 0)
            PH_TRY(ph_input_tensor(l, k, &in[count++]));
    }
    out = in[0];
    if (count > 1)
        PH_TRY(ph_emit(l, (ph_op){.kind = PH_OP_CONCAT, .p.concat_axis = axis}, in, count, &shape, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

/* ---- Pad --------------------------------------------------------------------------------------------------------- */

/* begin and end of each axis: attribute up to opset 10, then inputs, for the listed axes alone from opset 18 on. */
static ph_status read_pads(ph_lowering *l, int rank, int64_t begin[PH_MAX_RANK], int64_t end[PH_MAX_RANK])
{
    ph_ints pads, axes;
    bool seen[PH_MAX_RANK];
    PH_TRY(ph_input_ints(l, 1, "pads", &pads));
    PH_TRY(ph_input_ints(l, 3, NULL, &axes));
    PH_TRY(ph_mark_axes(l, &axes, rank, false, seen));
    const int count = axes.present ? axes.count : rank;
    if (pads.count != 2 * count)
        return ph_lowering_fail(l, PH_FORMAT, "has %d pads for %d dimensions", pads.count, count);
    for (int i = 0; i < count; i++) {
        const int axis = axes.present ? ph_shape_axis(axes.v[i], rank) : i;
        begin[axis] = pads.v[i];
        end[axis] = pads.v[count + i];
        if (begin[axis] < -PH_TENSOR_LIMIT || begin[axis] > PH_TENSOR_LIMIT || end[axis] < -PH_TENSOR_LIMIT ||
            end[axis] > PH_TENSOR_LIMIT)
            return ph_lowering_fail(l, PH_FORMAT, "pads axis %d by more than a tensor can hold", axis);
    }
    return PH_OK;
}

static ph_status read_pad_mode(ph_lowering *l, ph_pad_mode *mode)
{
    static const char *const names[] = {"constant", "reflect", "edge"};
    const char *given = ph_attribute_text(l, "mode", "constant");
    for (int i = 0; i < 3; i++) {
        if (!strcmp(given, names[i])) {
            *mode = (ph_pad_mode)i;
            return PH_OK;
        }
    }
    return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported with mode '%.40s'", given);
}

ph_status ph_rule_pad(ph_lowering *l)
{
    int in, out;
    int64_t begin[PH_MAX_RANK] = {0}, end[PH_MAX_RANK] = {0};
    ph_op op = {.kind = PH_OP_PAD};
    bool any = false;
    PH_TRY(ph_input_tensor(l, 0, &in));
    ph_shape shape = *ph_tensor_shape(l, in);
    PH_TRY(read_pad_mode(l, &op.p.pad.mode));
    PH_TRY(read_pads(l, shape.rank, begin, end));
    PH_TRY(ph_input_scalar(l, 2, "value", 0, &op.p.pad.value));
    for (int axis = 0; axis < shape.rank; axis++) {
        const int64_t most = op.p.pad.mode == PH_PAD_REFLECT ? shape.dim[axis] - 1 : PH_TENSOR_LIMIT;
        const bool crops = begin[axis] < 0 || end[axis] < 0;
        if (crops && op.p.pad.mode != PH_PAD_CONSTANT)
            return ph_lowering_fail(l, PH_UNSUPPORTED, "is supported with negative pads in constant mode only");
        if (begin[axis] > most || end[axis] > most)
            return ph_lowering_misfit(l, "reflects %lld and %lld entries of an axis of %lld", (long long)begin[axis],
                                      (long long)end[axis], (long long)shape.dim[axis]);
        op.p.pad.begin[axis] = begin[axis];
        shape.dim[axis] += begin[axis] + end[axis];
        any = any || begin[axis] || end[axis];
    }
    out = in;
    if (any)
        PH_TRY(ph_emit(l, op, &in, 1, &shape, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

/* ---- Expand ------------------------------------------------------------------------------------------------------ */

/* A computed tensor is repeated by a product with ones. */
static ph_status expand_tensor(ph_lowering *l, int in, const ph_shape *shape)
{
    const ph_shape from = *ph_tensor_shape(l, in);
    ph_shape ones = *shape;
    for (int axis = 0; axis < ones.rank; axis++) {
        const int own = axis - (ones.rank - from.rank);
        if (own >= 0 && from.dim[own] == shape->dim[axis])
            ones.dim[axis] = 1;
    }
    ph_array *array;
    int factor, out;
    PH_TRY(ph_constant_new(l, PH_DTYPE_FLOAT, &ones, &array));
    const int64_t count = ph_shape_count(&ones);
    for (int64_t i = 0; i < count; i++)
        ((float *)array->data)[i] = 1;
    PH_TRY(ph_constant_tensor(l, array->data, &ones, &factor));
    PH_TRY(ph_emit_binary(l, PH_BINARY_MUL, in, factor, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_expand(ph_lowering *l)
{
    ph_known x;
    ph_ints dims;
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_ints(l, 1, NULL, &dims));
    if (!dims.present || dims.count > PH_MAX_RANK)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "needs a shape of at most %d dimensions", PH_MAX_RANK);
    ph_shape shape = {.rank = dims.count};
    for (int i = 0; i < dims.count; i++)
        shape.dim[i] = dims.v[i];
    if (ph_shape_count_within(&shape, PH_TENSOR_LIMIT) < 0 || !ph_shape_broadcast(&x.shape, &shape, &shape) ||
        ph_shape_count_within(&shape, PH_TENSOR_LIMIT) < 0)
        return ph_lowering_misfit(l, "cannot repeat its input to the shape it asks for");
    if (ph_shape_equal(&shape, &x.shape)) {
        ph_give(l, 0, &x);
        return PH_OK;
    }
    if (!x.array)
        return expand_tensor(l, x.tensor, &shape);
    int64_t stride[PH_MAX_RANK];
    const ph_array *out;
    ph_shape_broadcast_strides(&x.shape, &shape, stride);
    PH_TRY(ph_constant_gather(l, x.array, &shape, stride, 0, &out));
    ph_give_array(l, 0, out);
    return PH_OK;
}
