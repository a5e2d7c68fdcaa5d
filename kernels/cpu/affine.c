#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"

static void run(const ph_cpu_call *call, ph_affine_loop loop)
{
    const ph_cpu_axis axis = ph_cpu_around(call->plan, ph_cpu_in(call, 0), 1);
    loop.scale = call->node->op->p.affine.scale;
    loop.channels = axis.length;
    loop.inner = axis.inner;
    ph_cpu_parallel(ph_cpu_best_loops()->affine, &loop, axis.outer, axis.length * axis.inner);
}

static ph_status affine_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    run(call, (ph_affine_loop){.x = ph_cpu_read(call, ph_cpu_in(call, 0)),
                               .y = ph_cpu_write(call, ph_cpu_out(call)),
                               .shift = call->node->op->p.affine.shift});
    return PH_OK;
}

static ph_status affine_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    run(call, (ph_affine_loop){.x = ph_cpu_gradient(call, ph_cpu_out(call)),
                               .y = ph_cpu_gradient(call, ph_cpu_in(call, 0)),
                               .add = call->node->add[0]});
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_affine = {NULL, NULL, affine_forward, affine_backward, NULL};
