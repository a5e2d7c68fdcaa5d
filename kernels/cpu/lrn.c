#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"

static ph_lrn_loop describe(const ph_cpu_value *value, const ph_lrn_params *p)
{
    ph_lrn_loop loop = {.channels = value->c, .beta = p->beta, .bias = p->bias};
    loop.alpha = p->alpha / (float)p->size;
    loop.before = (p->size - 1) / 2 < value->c - 1 ? (p->size - 1) / 2 : value->c - 1;
    loop.after = p->size / 2 < value->c - 1 ? p->size / 2 : value->c - 1;
    ph_lrn_scratch(&loop);
    return loop;
}

static ph_status lrn_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)err;
    ph_cpu_value *in = &plan->values[node->in[0]];
    const ph_lrn_loop loop = describe(in, &node->op->p.lrn);
    node->scratch_bytes = loop.scratch_floats * (int64_t)sizeof(float) * plan->threads;
    in->keep |= node->backward;
    return PH_OK;
}

static ph_status lrn_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0);
    ph_lrn_loop loop = describe(in, &call->node->op->p.lrn);
    loop.x = ph_cpu_read(call, in);
    loop.y = ph_cpu_write(call, ph_cpu_out(call));
    loop.scratch = call->scratch;
    ph_cpu_parallel(ph_cpu_best_loops()->lrn, &loop, in->n * in->area, 4 * in->c);
    return PH_OK;
}

static ph_status lrn_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0);
    ph_lrn_loop loop = describe(in, &call->node->op->p.lrn);
    loop.x = ph_cpu_read(call, in);
    loop.y = ph_cpu_gradient(call, in);
    loop.dy = ph_cpu_gradient(call, ph_cpu_out(call));
    loop.scratch = call->scratch;
    loop.add = call->node->add[0];
    ph_cpu_parallel(ph_cpu_best_loops()->lrn_back, &loop, in->n * in->area, 8 * in->c);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_lrn = {lrn_plan, NULL, lrn_forward, lrn_backward, NULL};
