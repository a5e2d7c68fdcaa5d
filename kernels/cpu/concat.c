#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"

/* The inputs stand side by side in every row of the output: `outer` rows of length x inner floats. */
static ph_status concat_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const int axis = call->node->op->p.concat_axis;
    const ph_cpu_axis whole = ph_cpu_around(call->plan, ph_cpu_out(call), axis);
    const int64_t step = whole.length * whole.inner;
    float *to = ph_cpu_write(call, ph_cpu_out(call));
    for (int i = 0; i < call->node->in_count; i++) {
        const ph_cpu_value *in = ph_cpu_in(call, i);
        const int64_t width = ph_cpu_around(call->plan, in, axis).length * whole.inner;
        const ph_rows_loop loop = {ph_cpu_read(call, in), to, width, width, step, false};
        ph_cpu_parallel(ph_cpu_best_loops()->rows, &loop, whole.outer, width);
        to += width;
    }
    return PH_OK;
}

static ph_status concat_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const int axis = call->node->op->p.concat_axis;
    const ph_cpu_axis whole = ph_cpu_around(call->plan, ph_cpu_out(call), axis);
    const int64_t step = whole.length * whole.inner;
    const float *from = ph_cpu_gradient(call, ph_cpu_out(call));
    for (int i = 0; i < call->node->in_count; i++) {
        const ph_cpu_value *in = ph_cpu_in(call, i);
        const int64_t width = ph_cpu_around(call->plan, in, axis).length * whole.inner;
        const ph_rows_loop loop = {from, ph_cpu_gradient(call, in), width, step, width, call->node->add[i]};
        if (in->gradient)
            ph_cpu_parallel(ph_cpu_best_loops()->rows, &loop, whole.outer, width);
        from += width;
    }
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_concat = {NULL, NULL, concat_forward, concat_backward, NULL};
