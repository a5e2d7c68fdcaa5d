/* CONCAT: the inputs stand side by side in every row of the output, rows being what lies outside the axis. */
#include "host/base/status.h"
#include "kernels/cuda/join.h"
#include "kernels/cuda/plan.h"

#include <math.h>

/* A value around one axis as rows of length x inner values; a picture has `outer` of them, `pitch` apart. */
typedef struct around {
    int64_t outer, width, pitch;
    bool innermost; /* the axis is that of the padded channels */
} around;

static around around_axis(const ph_cuda_plan *plan, const ph_cuda_value *value, int axis)
{
    int64_t dim[PH_MAX_RANK];
    int axis_at[PH_MAX_RANK];
    const int rank = ph_cuda_memory_order(plan, value, dim, axis_at);
    const int wanted = axis < rank ? axis : rank - 1;
    const bool last = value->layout == PH_LAST;
    around a = {.outer = 1, .width = 1, .innermost = last && axis_at[rank - 1] == wanted};
    bool seen = false;
    for (int i = 0; i < rank; i++) {
        const bool padded = last && i == rank - 1 && !a.innermost;
        seen |= axis_at[i] == wanted;
        *(seen ? &a.width : &a.outer) *= padded ? value->pitch : dim[i];
    }
    a.pitch = a.innermost ? value->pitch : a.width;
    return a;
}

/* Channels that follow the last input's are pads and become zero with it. */
static int64_t fill(const ph_cuda_node *node, int k, const around *whole, int64_t at, int64_t width)
{
    return whole->innermost && k == node->in_count - 1 ? whole->pitch - at : width;
}

/* ---- Channels, all at once --------------------------------------------------------------------------------------- */

bool ph_cuda_is_join(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    bool good = node->kernel == &ph_cuda_node_concat && node->in_count <= PH_CUDA_PARTS &&
                node->op->p.concat_axis == 1 && ph_cuda_out(plan, node)->layout == PH_LAST;
    for (int k = 0; good && k < node->in_count; k++)
        good = !ph_cuda_in(plan, node, k)->constant && !node->add[k];
    return good;
}

static ph_cuda_parts join_parts(const ph_cuda_plan *plan, const ph_cuda_node *node, bool back)
{
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    ph_cuda_parts parts = {.count = node->in_count, .rows = plan->batch * out->n * out->area, .pitch = out->pitch};
    for (int64_t k = 0, at = 0; k < node->in_count; k++) {
        const ph_cuda_value *in = ph_cuda_in(plan, node, (int)k);
        parts.part[k] = (ph_cuda_part){.values = !back || in->rectified ? in->data : NULL,
                                       .gradient = back ? in->slope : NULL,
                                       .at = at,
                                       .width = in->c,
                                       .pitch = in->pitch};
        at += in->c;
    }
    return parts;
}

static ph_status join_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_parts parts = join_parts(plan, node, false);
    return ph_cuda_node_check(
        plan, node, ph_cuda_join(plan->type, &parts, ph_cuda_out(plan, node)->data, plan->device->stream), err);
}

static ph_status join_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    const ph_cuda_parts parts = join_parts(plan, node, true);
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    const bool redirected = mode == PH_RELU_REDIRECTED;
    const int64_t each = out->n * out->area;
    for (int k = 0; redirected && k < node->in_count; k++) {
        const ph_cuda_value *in = ph_cuda_in(plan, node, k);
        if (!in->rectified)
            continue;
        const char *from = (const char *)out->slope + parts.part[k].at * (int64_t)ph_cuda_type_size(plan->type);
        PH_TRY(ph_cuda_node_check(plan, node,
                                  ph_cuda_relu_dead(plan->type, ph_cuda_rows_of(plan, in), INFINITY, in->data, from,
                                                    out->pitch, plan->dead + (int64_t)k * plan->batch, plan->batch,
                                                    each, plan->device->stream),
                                  err));
    }
    return ph_cuda_node_check(
        plan, node,
        ph_cuda_cut(plan->type, &parts, out->slope, redirected ? plan->dead : NULL, each, plan->device->stream), err);
}

/* ---- Any axis, one input after the other ------------------------------------------------------------------------- */

static ph_status concat_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    if (ph_cuda_is_join(plan, node))
        return join_forward(plan, node, err);
    const int axis = node->op->p.concat_axis;
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    const around whole = around_axis(plan, out, axis);
    const size_t size = ph_cuda_type_size(plan->type);
    int64_t at = 0;
    for (int k = 0; k < node->in_count; k++) {
        const ph_cuda_value *in = ph_cuda_in(plan, node, k);
        const around part = around_axis(plan, in, axis);
        char *to = (char *)out->data + (size_t)at * size;
        PH_TRY(ph_cuda_node_check(plan, node,
                                  ph_cuda_copy_pictures(plan->type, plan->batch, in->step, out->step, whole.outer,
                                                        part.width, in->data, part.pitch, to, whole.pitch,
                                                        fill(node, k, &whole, at, part.width), false,
                                                        plan->device->stream),
                                  err));
        at += part.width;
    }
    if (out->layout == PH_LAST)
        return PH_OK;
    return ph_cuda_node_check(
        plan, node, ph_cuda_clear_pad(plan->type, plan->batch, out->count, out->step, out->data, plan->device->stream),
        err);
}

static ph_status concat_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    if (ph_cuda_is_join(plan, node))
        return join_backward(plan, node, mode, err);
    const int axis = node->op->p.concat_axis;
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    const around whole = around_axis(plan, out, axis);
    const size_t size = ph_cuda_type_size(plan->type);
    int64_t at = 0;
    for (int k = 0; k < node->in_count; k++) {
        const ph_cuda_value *in = ph_cuda_in(plan, node, k);
        const around part = around_axis(plan, in, axis);
        const char *from = (const char *)out->slope + (size_t)at * size;
        at += part.width;
        if (!in->gradient)
            continue;
        PH_TRY(ph_cuda_node_check(plan, node,
                                  ph_cuda_copy_pictures(plan->type, plan->batch, out->step, in->step, whole.outer,
                                                        part.width, from, whole.pitch, in->slope, part.pitch,
                                                        part.innermost ? part.pitch : part.width, node->add[k],
                                                        plan->device->stream),
                                  err));
        if (in->layout == PH_PLAIN && !node->add[k])
            PH_TRY(ph_cuda_node_check(
                plan, node,
                ph_cuda_clear_pad(plan->type, plan->batch, in->count, in->step, in->slope, plan->device->stream), err));
    }
    return PH_OK;
}

const ph_cuda_kernel ph_cuda_node_concat = {NULL, NULL, concat_forward, concat_backward, NULL};
