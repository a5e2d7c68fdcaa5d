#include "host/base/status.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"

#include <string.h>

/* A window of up to 255 elements remembers its winner in a byte, 255 meaning none. */
enum { BYTE_WINDOW = 255 };

static ph_status describe(const ph_cpu_plan *plan, const ph_cpu_node *node, ph_pool_loop *loop, ph_error *err)
{
    const ph_pool_params *p = &node->op->p.pool;
    const ph_shape *in = &plan->net->tensors[node->op->in[0]].shape, *out = &plan->net->tensors[node->op->out].shape;
    char text[PH_CPU_NODE_TEXT];
    *loop = (ph_pool_loop){.wide = p->kernel[0] * p->kernel[1] > BYTE_WINDOW, .include_pad = p->include_pad};
    if (in->rank != 4 || out->rank != 4)
        return ph_fail(err, PH_UNSUPPORTED, "%s: the cpu backend needs two spatial dimensions",
                       ph_cpu_node_text(node, text));
    loop->channels = in->dim[1];
    for (int i = 0; i < 2; i++) {
        loop->in_size[i] = in->dim[2 + i];
        loop->out_size[i] = out->dim[2 + i];
        loop->kernel[i] = p->kernel[i];
        loop->stride[i] = p->stride[i];
        loop->dilation[i] = p->dilation[i];
        loop->pad_begin[i] = p->pad_begin[i];
        loop->pad_end[i] = p->pad_end[i];
    }
    return PH_OK;
}

static ph_status pool_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    ph_pool_loop loop;
    PH_TRY(describe(plan, node, &loop, err));
    if (node->op->p.pool.average)
        return PH_OK;
    const int64_t bytes = plan->values[node->out].count * (loop.wide ? (int64_t)sizeof(int32_t) : 1);
    if (node->backward)
        node->kept_bytes = bytes;
    else
        node->scratch_bytes = bytes;
    return PH_OK;
}

static int64_t window(const ph_pool_loop *loop)
{
    return loop->kernel[0] * loop->kernel[1];
}

static ph_status pool_forward(const ph_cpu_call *call, ph_error *err)
{
    ph_pool_loop loop;
    PH_TRY(describe(call->plan, call->node, &loop, err));
    loop.from = ph_cpu_read(call, ph_cpu_in(call, 0));
    loop.to = ph_cpu_write(call, ph_cpu_out(call));
    loop.chosen = call->node->backward ? call->kept : call->scratch;
    const ph_cpu_loops *loops = ph_cpu_best_loops();
    const int64_t rows = ph_cpu_out(call)->n * loop.out_size[0];
    const int64_t row_cost = loop.out_size[1] * loop.channels * window(&loop);
    ph_cpu_parallel(call->node->op->p.pool.average ? loops->average_pool : loops->max_pool, &loop, rows, row_cost);
    return PH_OK;
}

static ph_status pool_backward(const ph_cpu_call *call, ph_error *err)
{
    ph_pool_loop loop;
    PH_TRY(describe(call->plan, call->node, &loop, err));
    loop.from = ph_cpu_gradient(call, ph_cpu_out(call));
    loop.to = ph_cpu_gradient(call, ph_cpu_in(call, 0));
    loop.chosen = call->kept;
    loop.add = call->node->add[0];
    const ph_cpu_loops *loops = ph_cpu_best_loops();
    const int64_t rows = ph_cpu_in(call, 0)->n * loop.in_size[0];
    const int64_t row_cost = loop.out_size[1] * loop.channels * window(&loop) / loop.stride[0];
    ph_cpu_parallel(call->node->op->p.pool.average ? loops->average_pool_back : loops->max_pool_back, &loop, rows,
                    row_cost);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_pool = {pool_plan, NULL, pool_forward, pool_backward, NULL};
