/* LRN and SOFTMAX. */
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

#include <limits.h>

/* ---- LRN --------------------------------------------------------------------------------------------------------- */

static ph_cuda_lrn describe(const ph_cuda_node *node)
{
    const ph_lrn_params *p = &node->op->p.lrn;
    return (ph_cuda_lrn){.size = (int)p->size, .alpha = p->alpha, .beta = p->beta, .bias = p->bias};
}

static ph_status lrn_plan(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    char text[PH_CUDA_NODE_TEXT];
    if (node->op->p.lrn.size > INT_MAX || !ph_cuda_lrn_fits(ph_cuda_rows_of(plan, in), describe(node)))
        return ph_fail(err, PH_UNSUPPORTED, "%s: a window of so many channels is not supported by the cuda backend",
                       ph_cuda_node_text(node, text));
    return PH_OK;
}

static ph_status lrn_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    return ph_cuda_node_check(plan, node,
                              ph_cuda_lrn_forward(plan->type, ph_cuda_rows_of(plan, in), describe(node), in->data,
                                                  ph_cuda_out(plan, node)->data, plan->device->stream),
                              err);
}

static ph_status lrn_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0);
    ph_cuda_lrn lrn = describe(node);
    lrn.rectify = in->rectified_normally && mode == PH_RELU_NORMAL;
    return ph_cuda_node_check(plan, node,
                              ph_cuda_lrn_backward(plan->type, ph_cuda_rows_of(plan, in), lrn, in->data,
                                                   ph_cuda_out(plan, node)->slope, in->slope, node->add[0],
                                                   plan->device->stream),
                              err);
}

const ph_cuda_kernel ph_cuda_node_lrn = {lrn_plan, NULL, lrn_forward, lrn_backward, NULL};

/* ---- Softmax ----------------------------------------------------------------------------------------------------- */

/* The lines along the axis. In memory a value is [picture, outer …, axis, inner …], channels last with `pitch` places
 * for the innermost; lines start at its real channels only. */
static ph_cuda_lines lines_of(const ph_cuda_plan *plan, const ph_cuda_value *value, int axis)
{
    int64_t dim[PH_MAX_RANK], before = 1, after = 1, length = 1;
    int axis_at[PH_MAX_RANK];
    const int rank = ph_cuda_memory_order(plan, value, dim, axis_at);
    const int wanted = axis < rank ? axis : rank - 1;
    const bool last = value->layout == PH_LAST;
    int at = 0;
    for (int i = 0; i < rank; i++)
        if (axis_at[i] == wanted)
            at = i;
    if (rank)
        length = dim[at];
    for (int i = 0; i < at; i++)
        before *= dim[i];
    for (int i = at + 1; i < rank - (last ? 1 : 0); i++)
        after *= dim[i];
    if (!last) /* [before, length, after] per picture */
        return (ph_cuda_lines){plan->batch, value->step, before, length * after, after, length, after};
    if (at == rank - 1) /* along the channels */
        return (ph_cuda_lines){plan->batch * before, value->pitch, 1, value->pitch, 1, length, 1};
    /* [before, length, after, channels]; pictures follow each other without a gap */
    const int64_t step = after * value->pitch;
    return (ph_cuda_lines){plan->batch * before, length * step, after, value->pitch, value->c, length, step};
}

static ph_status softmax_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    const ph_cuda_rows r = ph_cuda_rows_of(plan, out);
    PH_TRY(ph_cuda_node_check(plan, node,
                              ph_cuda_softmax_forward(plan->type, lines_of(plan, in, node->op->p.softmax_axis),
                                                      in->data, out->data, plan->device->stream),
                              err));
    return ph_cuda_node_check(
        plan, node, ph_cuda_clear_pad(plan->type, r.rows, r.width, r.pitch, out->data, plan->device->stream), err);
}

static ph_status softmax_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    (void)mode;
    const ph_cuda_value *in = ph_cuda_in(plan, node, 0), *out = ph_cuda_out(plan, node);
    const ph_cuda_rows r = ph_cuda_rows_of(plan, in);
    PH_TRY(
        ph_cuda_node_check(plan, node,
                           ph_cuda_softmax_backward(plan->type, lines_of(plan, in, node->op->p.softmax_axis), out->data,
                                                    out->slope, in->slope, node->add[0], plan->device->stream),
                           err));
    if (node->add[0])
        return PH_OK;
    return ph_cuda_node_check(
        plan, node, ph_cuda_clear_pad(plan->type, r.rows, r.width, r.pitch, in->slope, plan->device->stream), err);
}

const ph_cuda_kernel ph_cuda_node_softmax = {NULL, NULL, softmax_forward, softmax_backward, NULL};
