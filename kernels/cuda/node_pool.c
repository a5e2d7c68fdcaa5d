/* POOL: maxima remember their places from forward to backward. */
#include "host/base/status.h"
#include "kernels/cuda/plan.h"

#include <math.h>

/* Sizes that the kernel keeps as 32-bit numbers, with room for sums of two of them. */
enum { POOL_LARGEST = 1 << 29 };

static bool fits(const ph_pool_params *p, const ph_shape *in, const ph_shape *out)
{
    for (int i = 0; i < 2; i++) {
        const int64_t reach = p->dilation[i] > POOL_LARGEST ? INT64_MAX : (p->kernel[i] - 1) * p->dilation[i];
        if (p->kernel[i] > POOL_LARGEST || reach > POOL_LARGEST || p->stride[i] > POOL_LARGEST ||
            p->pad_begin[i] > POOL_LARGEST || p->pad_end[i] > POOL_LARGEST || in->dim[2 + i] > POOL_LARGEST ||
            out->dim[2 + i] > POOL_LARGEST / p->stride[i])
            return false;
    }
    return p->kernel[0] * p->kernel[1] <= POOL_LARGEST;
}

static ph_cuda_pool describe(const ph_cuda_plan *plan, const ph_cuda_node *node)
{
    const ph_pool_params *p = &node->op->p.pool;
    const ph_shape *in = &plan->net->tensors[node->op->in[0]].shape, *out = &plan->net->tensors[node->op->out].shape;
    const ph_cuda_value *value = ph_cuda_in(plan, node, 0);
    ph_cuda_pool pool = {.average = p->average,
                         .include_pad = p->include_pad,
                         .height = (int)in->dim[2],
                         .width = (int)in->dim[3],
                         .out_height = (int)out->dim[2],
                         .out_width = (int)out->dim[3],
                         .planes = plan->batch * value->n,
                         .channels = value->c,
                         .pitch = value->pitch};
    for (int i = 0; i < 2; i++) {
        pool.kernel[i] = (int)p->kernel[i];
        pool.stride[i] = (int)p->stride[i];
        pool.dilation[i] = (int)p->dilation[i];
        pool.pad_begin[i] = (int)p->pad_begin[i];
        pool.pad_end[i] = (int)p->pad_end[i];
    }
    return pool;
}

static ph_status pool_plan(ph_cuda_plan *plan, ph_cuda_node *node, ph_error *err)
{
    const ph_shape *in = &plan->net->tensors[node->op->in[0]].shape, *out = &plan->net->tensors[node->op->out].shape;
    char text[PH_CUDA_NODE_TEXT];
    if (in->rank != 4 || out->rank != 4)
        return ph_fail(err, PH_UNSUPPORTED, "%s: the cuda backend pools over two dimensions only",
                       ph_cuda_node_text(node, text));
    if (!fits(&node->op->p.pool, in, out))
        return ph_fail(err, PH_UNSUPPORTED, "%s: a window or picture too large for the cuda backend",
                       ph_cuda_node_text(node, text));
    const ph_cuda_pool pool = describe(plan, node);
    if (node->backward && !pool.average)
        node->kept_bytes = pool.planes * pool.out_height * pool.out_width * pool.pitch * ph_cuda_pool_index_bytes(pool);
    return PH_OK;
}

static ph_status pool_forward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_error *err)
{
    void *index = node->kept_bytes ? node->kept : NULL;
    return ph_cuda_node_check(plan, node,
                              ph_cuda_pool_forward(plan->type, describe(plan, node), ph_cuda_in(plan, node, 0)->data,
                                                   ph_cuda_out(plan, node)->data, index, plan->device->stream),
                              err);
}

static ph_status pool_backward(const ph_cuda_plan *plan, const ph_cuda_node *node, ph_relu_mode mode, ph_error *err)
{
    const ph_cuda_value *out = ph_cuda_out(plan, node);
    /* A maximum above zero was above zero where it came from, and one of zero comes from where no gradient passes. */
    if (ph_cuda_in(plan, node, 0)->rectified_normally && mode == PH_RELU_NORMAL)
        PH_TRY(ph_cuda_rectify(plan, node, out, INFINITY, out->data, out->slope, false, mode, err));
    return ph_cuda_node_check(plan, node,
                              ph_cuda_pool_backward(plan->type, describe(plan, node), node->kept, out->slope,
                                                    ph_cuda_in(plan, node, 0)->slope, node->add[0],
                                                    plan->device->stream),
                              err);
}

const ph_cuda_kernel ph_cuda_node_pool = {pool_plan, NULL, pool_forward, pool_backward, NULL};
