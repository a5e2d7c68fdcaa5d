/* CONV and DECONV: each the other's way back. */
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/loops.h"
#include "kernels/cpu/plan.h"
#include "kernels/cpu/rectifier.h"
#include "kernels/cpu/transposed.h"

typedef struct conv_state {
    ph_edge_conv *plain;       /* CONV: forward; DECONV: backward, or NULL */
    ph_transposed *transposed; /* CONV: backward, or NULL; DECONV: forward */
} conv_state;

static void conv_free(void *state)
{
    conv_state *s = state;
    ph_edge_conv_free(s->plain);
    ph_transposed_free(s->transposed);
    ph_free(s);
}

/* The convolution whose input is `wide` (a DECONV's is its output) and whose output is `narrow`. */
static ph_status describe(const ph_cpu_plan *plan, const ph_cpu_node *node, int wide, int narrow, ph_edge_spec *spec,
                          ph_error *err)
{
    const ph_shape *in = &plan->net->tensors[plan->values[wide].tensor].shape;
    const ph_shape *out = &plan->net->tensors[plan->values[narrow].tensor].shape;
    char text[PH_CPU_NODE_TEXT];
    if (in->rank != 4 || out->rank != 4)
        return ph_fail(err, PH_UNSUPPORTED, "%s: the cpu backend needs two spatial dimensions",
                       ph_cpu_node_text(node, text));
    const ph_conv_params *p = &node->op->p.conv;
    *spec = (ph_edge_spec){.n = in->dim[0], .in_channels = in->dim[1], .out_channels = out->dim[1]};
    spec->groups = p->groups;
    for (int i = 0; i < 2; i++) {
        spec->in_size[i] = in->dim[2 + i];
        spec->out_size[i] = out->dim[2 + i];
        spec->kernel[i] = p->kernel[i];
        spec->stride[i] = p->stride[i];
        spec->dilation[i] = p->dilation[i];
        spec->pad_begin[i] = p->pad_begin[i];
    }
    return PH_OK;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void add_up(ph_cpu_node *node, const conv_state *s)
{
    if (s->plain) {
        node->weight_bytes += ph_edge_conv_weight_bytes(s->plain);
        node->scratch_bytes = larger(node->scratch_bytes, ph_edge_conv_scratch_bytes(s->plain));
    }
    if (s->transposed) {
        node->weight_bytes += ph_transposed_weight_bytes(s->transposed);
        node->scratch_bytes = larger(node->scratch_bytes, ph_transposed_scratch_bytes(s->transposed));
        node->packing_bytes = ph_transposed_packing_bytes(s->transposed);
    }
}

/* ---- CONV -------------------------------------------------------------------------------------------------------- */

static ph_status conv_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    const ph_conv_params *p = &node->op->p.conv;
    char text[PH_CPU_NODE_TEXT];
    ph_edge_spec spec;
    PH_TRY(describe(plan, node, node->in[0], node->out, &spec, err));
    conv_state *s = node->state = ph_alloc(1, sizeof *s);
    if (!s)
        return ph_fail_memory(err, sizeof *s, "the plan of a convolution");
    if (node->backward)
        PH_TRY(ph_transposed_plan(plan->edge, &spec, node->add[0], plan->lanes, ph_cpu_node_text(node, text),
                                  &s->transposed, err));
    spec.bias = p->bias != NULL;
    spec.relu = p->relu;
    PH_TRY(ph_edge_conv_plan(plan->edge, &spec, plan->lanes, ph_cpu_node_text(node, text), &s->plain, err));
    if (p->relu && node->backward)
        plan->values[node->out].keep = true;
    add_up(node, s);
    return PH_OK;
}

static ph_status conv_make(const ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)plan;
    const ph_conv_params *p = &node->op->p.conv;
    conv_state *s = node->state;
    PH_TRY(ph_edge_conv_make(s->plain, p->weight, p->bias, err));
    return s->transposed ? ph_transposed_make(s->transposed, p->weight, err) : PH_OK;
}

static ph_status conv_forward(const ph_cpu_call *call, ph_error *err)
{
    const conv_state *s = call->node->state;
    return ph_edge_conv_run(s->plain, call->lane, ph_cpu_read(call, ph_cpu_in(call, 0)), NULL,
                            ph_cpu_write(call, ph_cpu_out(call)), call->scratch, err);
}

static ph_status conv_backward(const ph_cpu_call *call, ph_error *err)
{
    const conv_state *s = call->node->state;
    const ph_cpu_value *out = ph_cpu_out(call);
    float *gradient = ph_cpu_gradient(call, out), *to = ph_cpu_gradient(call, ph_cpu_in(call, 0));
    const float *y = call->node->op->p.conv.relu ? ph_cpu_read(call, out) : NULL;
    if (!y || (call->mode == PH_RELU_NORMAL && ph_transposed_takes_gate(s->transposed)))
        return ph_transposed_run(s->transposed, call->lane, gradient, y, to, call->scratch, err);
    /* Nobody reads the output's gradient after this node: the ReLU may change it in place. */
    ph_cpu_rectify(&(ph_rectifier){
        .x = y, .from = gradient, .to = gradient, .count = out->count, .upper = PH_NO_UPPER, .mode = call->mode});
    return ph_transposed_run(s->transposed, call->lane, gradient, NULL, to, call->scratch, err);
}

const ph_cpu_kernel ph_cpu_conv = {conv_plan, conv_make, conv_forward, conv_backward, conv_free};

/* ---- DECONV ------------------------------------------------------------------------------------------------------ */

static ph_status deconv_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    char text[PH_CPU_NODE_TEXT];
    ph_edge_spec spec;
    PH_TRY(describe(plan, node, node->out, node->in[0], &spec, err));
    conv_state *s = node->state = ph_alloc(1, sizeof *s);
    if (!s)
        return ph_fail_memory(err, sizeof *s, "the plan of a convolution");
    PH_TRY(
        ph_transposed_plan(plan->edge, &spec, false, plan->lanes, ph_cpu_node_text(node, text), &s->transposed, err));
    spec.add = node->add[0];
    if (node->backward)
        PH_TRY(ph_edge_conv_plan(plan->edge, &spec, plan->lanes, ph_cpu_node_text(node, text), &s->plain, err));
    add_up(node, s);
    return PH_OK;
}

static ph_status deconv_make(const ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)plan;
    const float *weight = node->op->p.conv.weight;
    conv_state *s = node->state;
    PH_TRY(ph_transposed_make(s->transposed, weight, err));
    return s->plain ? ph_edge_conv_make(s->plain, weight, NULL, err) : PH_OK;
}

static ph_status deconv_forward(const ph_cpu_call *call, ph_error *err)
{
    const conv_state *s = call->node->state;
    const ph_cpu_value *out = ph_cpu_out(call);
    float *y = ph_cpu_write(call, out);
    PH_TRY(ph_transposed_run(s->transposed, call->lane, ph_cpu_read(call, ph_cpu_in(call, 0)), NULL, y, call->scratch,
                             err));
    const float *bias = call->node->op->p.conv.bias;
    const ph_affine_loop shift = {.x = y, .y = y, .shift = bias, .channels = out->c, .inner = 1};
    if (bias)
        ph_cpu_parallel(ph_cpu_best_loops()->affine, &shift, out->n * out->area, out->c);
    return PH_OK;
}

static ph_status deconv_backward(const ph_cpu_call *call, ph_error *err)
{
    const conv_state *s = call->node->state;
    return ph_edge_conv_run(s->plain, call->lane, ph_cpu_gradient(call, ph_cpu_out(call)), NULL,
                            ph_cpu_gradient(call, ph_cpu_in(call, 0)), call->scratch, err);
}

const ph_cpu_kernel ph_cpu_deconv = {deconv_plan, deconv_make, deconv_forward, deconv_backward, conv_free};
