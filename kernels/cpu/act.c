#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"
#include "kernels/cpu/rectifier.h"

/* A function call per element counts as this many elements of a simple loop. */
enum { COST = 8 };

static ph_act_loop describe(const ph_cpu_call *call)
{
    const ph_act_params *p = &call->node->op->p.act;
    const ph_cpu_axis axis = ph_cpu_around(call->plan, ph_cpu_in(call, 0), 1);
    return (ph_act_loop){
        .kind = p->kind, .a = p->a, .b = p->b, .slope = p->slope, .channels = axis.length, .inner = axis.inner};
}

/* The derivative is computed from x; that of a ReLU from y, which is often kept anyway. */
static ph_status act_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)err;
    const bool relu = node->op->p.act.kind == PH_ACT_RELU;
    plan->values[relu ? node->out : node->in[0]].keep |= node->backward;
    return PH_OK;
}

static ph_status act_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    ph_act_loop loop = describe(call);
    loop.x = ph_cpu_read(call, ph_cpu_in(call, 0));
    loop.y = ph_cpu_write(call, ph_cpu_out(call));
    ph_cpu_parallel(ph_cpu_best_loops()->act, &loop, ph_cpu_out(call)->count, loop.kind == PH_ACT_RELU ? 1 : COST);
    return PH_OK;
}

static ph_status act_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0), *out = ph_cpu_out(call);
    const ph_act_params *p = &call->node->op->p.act;
    const bool relu = p->kind == PH_ACT_RELU, add = call->node->add[0];
    const float *from = ph_cpu_gradient(call, out);
    float *to = ph_cpu_gradient(call, in);
    if (relu || (p->kind == PH_ACT_CLIP && p->a == 0.0f)) {
        ph_cpu_rectify(&(ph_rectifier){.x = ph_cpu_read(call, relu ? out : in),
                                       .from = from,
                                       .to = to,
                                       .count = in->count,
                                       .upper = relu ? PH_NO_UPPER : p->b,
                                       .mode = call->mode,
                                       .add = add});
        return PH_OK;
    }
    ph_act_back_loop loop = {.act = describe(call), .from = from, .to = to, .add = add};
    loop.act.x = ph_cpu_read(call, in);
    ph_cpu_parallel(ph_cpu_best_loops()->act_back, &loop, in->count, COST);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_act = {act_plan, NULL, act_forward, act_backward, NULL};
