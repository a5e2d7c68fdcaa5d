/* Poolings, and the reductions that are poolings over whole axes. */
#include "host/model/lower_window.h"

/* Hostile combinations of padding, stride and dilation can miss the input altogether; such a window has no value. Only
 * windows that start before the input or behind it can. */
static bool misses_input(const ph_window *w, int axis, int64_t size, int64_t out)
{
    for (int64_t o = 0; o < out && o * w->stride[axis] < w->pad_begin[axis]; o++) {
        const int64_t start = o * w->stride[axis] - w->pad_begin[axis];
        const int64_t skipped = (-start + w->dilation[axis] - 1) / w->dilation[axis];
        if (skipped >= w->kernel[axis] || start + skipped * w->dilation[axis] >= size)
            return true;
    }
    return (out - 1) * w->stride[axis] - w->pad_begin[axis] >= size;
}

static ph_status emit_pool(ph_lowering *l, const ph_pool_params *pool, int in, int64_t height, int64_t width, int *out)
{
    const ph_shape from = *ph_tensor_shape(l, in);
    const ph_shape to = {.rank = 4, .dim = {from.dim[0], from.dim[1], height, width}};
    return ph_emit(l, (ph_op){.kind = PH_OP_POOL, .p.pool = *pool}, &in, 1, &to, out);
}

static ph_status slide(ph_lowering *l, bool average)
{
    int in;
    ph_window w;
    int64_t out[2];
    PH_TRY(ph_input_tensor(l, 0, &in));
    const int rank = ph_tensor_shape(l, in)->rank;
    PH_TRY(ph_emit_as_picture(l, in, &in));
    PH_TRY(ph_window_read(l, rank - 2, NULL, &w));
    const ph_shape from = *ph_tensor_shape(l, in);
    PH_TRY(ph_window_slide(l, &w, &from, ph_node_int(l->node, "ceil_mode", 0) != 0, out));
    ph_pool_params pool = {.average = average, .include_pad = ph_node_int(l->node, "count_include_pad", 0) != 0};
    for (int i = 0; i < 2; i++) {
        if (misses_input(&w, i, from.dim[2 + i], out[i]))
            return ph_lowering_misfit(l, "has a window that lies in the padding alone");
        pool.kernel[i] = w.kernel[i];
        pool.stride[i] = w.stride[i];
        pool.dilation[i] = w.dilation[i];
        pool.pad_begin[i] = w.pad_begin[i];
        pool.pad_end[i] = w.pad_end[i];
    }
    int result;
    PH_TRY(emit_pool(l, &pool, in, out[0], out[1], &result));
    PH_TRY(ph_emit_as_rank(l, result, rank, &result));
    ph_give_tensor(l, 0, result);
    return PH_OK;
}

ph_status ph_rule_max_pool(ph_lowering *l)
{
    return slide(l, false);
}

ph_status ph_rule_average_pool(ph_lowering *l)
{
    return slide(l, true);
}

/* The reduced axes lie side by side: first … last. Rank 4 with the last two reduced is pooled as it is; everything else
 * is seen as [1, before, reduced, after]. */
static ph_status reduce_range(ph_lowering *l, bool average, int in, int first, int last, int *out)
{
    const ph_shape from = *ph_tensor_shape(l, in);
    ph_shape seen = from;
    if (from.rank != 4 || first != 2 || last != 3) {
        seen = (ph_shape){.rank = 4, .dim = {1, 1, 1, 1}};
        for (int axis = 0; axis < from.rank; axis++)
            seen.dim[axis < first ? 1 : axis <= last ? 2 : 3] *= from.dim[axis];
    }
    ph_pool_params pool = {.average = average, .stride = {1, 1}, .dilation = {1, 1}};
    const bool plane = from.rank == 4 && first == 2 && last == 3;
    pool.kernel[0] = seen.dim[2];
    pool.kernel[1] = plane ? seen.dim[3] : 1;
    PH_TRY(ph_emit_reshape(l, in, &seen, &in));
    return emit_pool(l, &pool, in, 1, plane ? 1 : seen.dim[3], out);
}

static ph_status reduce(ph_lowering *l, bool average, const bool reduced[PH_MAX_RANK], bool keep)
{
    int in, first = PH_MAX_RANK, last = -1, marked = 0;
    PH_TRY(ph_input_tensor(l, 0, &in));
    const ph_shape from = *ph_tensor_shape(l, in);
    ph_shape to = {0};
    for (int axis = 0; axis < from.rank; axis++) {
        if (reduced[axis]) {
            first = axis < first ? axis : first;
            last = axis;
            marked++;
        }
        if (!reduced[axis] || keep)
            to.dim[to.rank++] = reduced[axis] ? 1 : from.dim[axis];
    }
    int out = in;
    if (marked) {
        if (last - first + 1 != marked)
            return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported over axes that do not lie side by side");
        PH_TRY(reduce_range(l, average, in, first, last, &out));
    }
    PH_TRY(ph_emit_reshape(l, out, &to, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

static ph_status reduce_whole(ph_lowering *l, bool average)
{
    ph_known x;
    PH_TRY(ph_input(l, 0, &x));
    if (x.shape.rank < 3)
        return ph_lowering_fail(l, PH_FORMAT, "needs a picture but gets a tensor of %d dimensions", x.shape.rank);
    bool reduced[PH_MAX_RANK] = {false};
    for (int axis = 2; axis < x.shape.rank; axis++)
        reduced[axis] = true;
    return reduce(l, average, reduced, true);
}

static ph_status reduce_axes(ph_lowering *l, bool average)
{
    ph_known x;
    ph_ints axes;
    bool reduced[PH_MAX_RANK];
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_input_ints(l, 1, "axes", &axes));
    const bool all = !ph_node_int(l->node, "noop_with_empty_axes", 0);
    PH_TRY(ph_mark_axes(l, &axes, x.shape.rank, all, reduced));
    return reduce(l, average, reduced, ph_node_int(l->node, "keepdims", 1) != 0);
}

ph_status ph_rule_global_average_pool(ph_lowering *l)
{
    return reduce_whole(l, true);
}

ph_status ph_rule_global_max_pool(ph_lowering *l)
{
    return reduce_whole(l, false);
}

ph_status ph_rule_reduce_mean(ph_lowering *l)
{
    return reduce_axes(l, true);
}

ph_status ph_rule_reduce_max(ph_lowering *l)
{
    return reduce_axes(l, false);
}
