/* DENSE as our own matrix product: few rows, so that the weights' way through the caches is all that counts, and sums
 * in a fixed order. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"
#include "kernels/cpu/product.h"

static void dense_free(void *state)
{
    ph_free_aligned(state);
}

static ph_status dense_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)plan;
    (void)err;
    const ph_dense_params *p = &node->op->p.dense;
    node->weight_bytes = p->in_features * p->out_features * (int64_t)sizeof(float);
    return PH_OK;
}

/* The way forward reads [in, out], the way back the weights as they are, [out, in]. */
static ph_status dense_make(const ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)plan;
    const ph_dense_params *p = &node->op->p.dense;
    node->state = ph_alloc_aligned((size_t)(p->in_features * p->out_features), sizeof(float));
    if (!node->state)
        return ph_fail_memory(err, (size_t)node->weight_bytes, "the weights of a dense layer");
    const ph_swap_loop loop = {p->weight, node->state, p->out_features, p->in_features, false};
    ph_cpu_parallel(ph_cpu_best_loops()->swap, &loop, ph_swap_tiles(loop.rows, loop.columns), 1024);
    return PH_OK;
}

static ph_status dense_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_dense_params *p = &call->node->op->p.dense;
    const ph_product_loop loop = {.a = ph_cpu_read(call, ph_cpu_in(call, 0)),
                                  .b = call->node->state,
                                  .bias = p->bias,
                                  .c = ph_cpu_write(call, ph_cpu_out(call)),
                                  .m = ph_cpu_in(call, 0)->count / p->in_features,
                                  .n = p->out_features,
                                  .k = p->in_features,
                                  .a_row = p->in_features,
                                  .a_column = 1};
    ph_cpu_product(&loop);
    return PH_OK;
}

static ph_status dense_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_dense_params *p = &call->node->op->p.dense;
    const ph_product_loop loop = {.a = ph_cpu_gradient(call, ph_cpu_out(call)),
                                  .b = p->weight,
                                  .c = ph_cpu_gradient(call, ph_cpu_in(call, 0)),
                                  .m = ph_cpu_in(call, 0)->count / p->in_features,
                                  .n = p->in_features,
                                  .k = p->out_features,
                                  .a_row = p->out_features,
                                  .a_column = 1,
                                  .add = call->node->add[0]};
    ph_cpu_product(&loop);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_dense = {dense_plan, dense_make, dense_forward, dense_backward, dense_free};
