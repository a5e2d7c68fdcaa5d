/* Nodes that only move values: changes of layout, reshapes, deliveries of wanted tensors. */
#include "kernels/cpu/copy.h"
#include "kernels/cpu/plan.h"

#include <string.h>

/* [n, c, area] to [n, area, c] or back. */
static void move(const ph_cpu_value *shape, ph_layout from_layout, ph_layout to_layout, const float *from, float *to,
                 bool add)
{
    if (from_layout == to_layout || shape->c == 1 || shape->area == 1) {
        ph_cpu_copy(from, to, shape->count, add);
        return;
    }
    ph_swap_loop loop = {from, to, shape->c, shape->area, add};
    if (from_layout == PH_LAST) {
        loop.rows = shape->area;
        loop.columns = shape->c;
    }
    enum { TILE_COST = PH_SWAP_TILE * 16 };
    ph_cpu_parallel(ph_cpu_best_loops()->swap, &loop, shape->n * ph_swap_tiles(loop.rows, loop.columns), TILE_COST);
}

/* ---- Changes of layout, reshapes --------------------------------------------------------------------------------- */

static ph_status convert_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0), *out = ph_cpu_out(call);
    if (out->root != in->root)
        move(in, in->layout, out->layout, ph_cpu_read(call, in), ph_cpu_write(call, out), false);
    return PH_OK;
}

static ph_status convert_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0), *out = ph_cpu_out(call);
    if (out->gradient_root != in->gradient_root)
        move(in, out->layout, in->layout, ph_cpu_gradient(call, out), ph_cpu_gradient(call, in), call->node->add[0]);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_convert = {NULL, NULL, convert_forward, convert_backward, NULL};

/* The same row-major numbers under another shape: always the same memory on the way forward. */
static ph_status reshape_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)call;
    (void)err;
    return PH_OK;
}

static ph_status reshape_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0), *out = ph_cpu_out(call);
    if (out->gradient_root != in->gradient_root)
        ph_cpu_copy(ph_cpu_gradient(call, out), ph_cpu_gradient(call, in), in->count, call->node->add[0]);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_reshape = {NULL, NULL, reshape_forward, reshape_backward, NULL};

/* ---- Deliveries -------------------------------------------------------------------------------------------------- */

static ph_status delivery_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0);
    move(in, in->layout, PH_PLAIN, ph_cpu_read(call, in), call->output, false);
    return PH_OK;
}

static ph_status delivery_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0);
    move(in, PH_PLAIN, in->layout, call->output_gradient, ph_cpu_gradient(call, in), call->node->add[0]);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_delivery = {NULL, NULL, delivery_forward, delivery_backward, NULL};
