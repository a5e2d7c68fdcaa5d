#include "tests/bench/floor.h"
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "tests/bench/clock.h"

#include <dnnl.h>
#include <string.h>

enum { MOST = 6 };

/* One primitive with its buffers. */
typedef struct timed {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    dnnl_primitive_desc_t hint, description;
    dnnl_primitive_t primitive;
    dnnl_exec_arg_t args[MOST];
    void *buffers[MOST];
    int count;
} timed;

#define TRY(expression)                                                                                                \
    do {                                                                                                               \
        const dnnl_status_t try_status = (expression);                                                                 \
        if (try_status != dnnl_success)                                                                                \
            return try_status;                                                                                         \
    } while (0)

static dnnl_status_t any(dnnl_memory_desc_t *desc, int rank, const dnnl_dims_t dims)
{
    return dnnl_memory_desc_init_by_tag(desc, rank, dims, dnnl_f32, rank == 1 ? dnnl_a : dnnl_format_tag_any);
}

/* The first MOST arguments of a convolution's descriptor. */
typedef struct shapes {
    dnnl_memory_desc_t in, weight, bias, out;
    dnnl_dims_t stride, dilation, begin, end;
} shapes;

static dnnl_status_t describe(const ph_net *net, const ph_op *op, shapes *s)
{
    const ph_conv_params *p = &op->p.conv;
    const bool swapped = op->kind == PH_OP_DECONV;
    const ph_shape *in = &net->tensors[swapped ? op->out : op->in[0]].shape;
    const ph_shape *out = &net->tensors[swapped ? op->in[0] : op->out].shape;
    dnnl_dims_t in_dims, out_dims;
    for (int i = 0; i < 4; i++) {
        in_dims[i] = in->dim[i];
        out_dims[i] = out->dim[i];
    }
    const int64_t g = p->groups;
    const dnnl_dims_t weight = {g, out->dim[1] / g, in->dim[1] / g, p->kernel[0], p->kernel[1]};
    const dnnl_dims_t bias = {out->dim[1]};
    for (int i = 0; i < 2; i++) {
        s->stride[i] = p->stride[i];
        s->dilation[i] = p->dilation[i] - 1;
        s->begin[i] = p->pad_begin[i];
        s->end[i] = (out->dim[2 + i] - 1) * p->stride[i] + p->dilation[i] * (p->kernel[i] - 1) + 1 - in->dim[2 + i] -
                    p->pad_begin[i];
    }
    TRY(any(&s->in, 4, in_dims));
    TRY(any(&s->out, 4, out_dims));
    TRY(any(&s->bias, 1, bias));
    return any(&s->weight, g > 1 ? 5 : 4, g > 1 ? weight : weight + 1);
}

static dnnl_status_t add_buffer(timed *t, int arg, dnnl_query_t what)
{
    const dnnl_memory_desc_t *desc = dnnl_primitive_desc_query_md(t->description, what, 0);
    const size_t bytes = dnnl_memory_desc_get_size(desc);
    void *buffer = t->buffers[t->count] = ph_alloc_aligned(bytes, 1);
    if (!buffer)
        return dnnl_out_of_memory;
    for (size_t i = 0; i < bytes / sizeof(float); i++)
        ((float *)buffer)[i] = (float)(i % 17) / 17.0f - 0.5f;
    t->args[t->count].arg = arg;
    return dnnl_memory_create(&t->args[t->count++].memory, desc, t->engine, buffer);
}

static dnnl_status_t choose(timed *t, const ph_op *op, const shapes *s, bool backward, dnnl_primitive_attr_t attr)
{
    dnnl_convolution_desc_t desc;
    TRY(dnnl_dilated_convolution_forward_desc_init(
        &desc, backward ? dnnl_forward_training : dnnl_forward_inference, dnnl_convolution_direct, &s->in, &s->weight,
        op->p.conv.bias && !backward ? &s->bias : NULL, &s->out, s->stride, s->dilation, s->begin, s->end));
    TRY(dnnl_primitive_desc_create(backward ? &t->hint : &t->description, &desc, backward ? NULL : attr, t->engine,
                                   NULL));
    if (!backward)
        return dnnl_success;
    TRY(dnnl_dilated_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &s->in, &s->weight, &s->out,
                                                         s->stride, s->dilation, s->begin, s->end));
    return dnnl_primitive_desc_create(&t->description, &desc, attr, t->engine, t->hint);
}

static dnnl_status_t make(timed *t, const ph_net *net, const ph_op *op, bool backward)
{
    shapes s;
    TRY(describe(net, op, &s));
    TRY(dnnl_engine_create(&t->engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&t->stream, t->engine, dnnl_stream_default_flags));
    dnnl_primitive_attr_t attr;
    dnnl_post_ops_t ops;
    TRY(dnnl_primitive_attr_create(&attr));
    TRY(dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user));
    TRY(dnnl_post_ops_create(&ops));
    if (!backward && op->kind == PH_OP_CONV && op->p.conv.relu)
        TRY(dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0));
    TRY(dnnl_primitive_attr_set_post_ops(attr, ops));
    const dnnl_status_t chosen = choose(t, op, &s, backward, attr);
    dnnl_post_ops_destroy(ops);
    dnnl_primitive_attr_destroy(attr);
    TRY(chosen);
    TRY(dnnl_primitive_create(&t->primitive, t->description));
    TRY(add_buffer(t, DNNL_ARG_WEIGHTS, dnnl_query_weights_md));
    TRY(add_buffer(t, DNNL_ARG_SCRATCHPAD, dnnl_query_scratchpad_md));
    TRY(add_buffer(t, backward ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC,
                   backward ? dnnl_query_diff_dst_md : dnnl_query_src_md));
    TRY(add_buffer(t, backward ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST,
                   backward ? dnnl_query_diff_src_md : dnnl_query_dst_md));
    if (op->p.conv.bias && !backward) {
        const int weights = t->count;
        t->buffers[weights] = ph_alloc_aligned((size_t)dnnl_memory_desc_get_size(&s.bias), 1);
        if (!t->buffers[weights])
            return dnnl_out_of_memory;
        t->args[weights].arg = DNNL_ARG_BIAS;
        TRY(dnnl_memory_create(&t->args[weights].memory, &s.bias, t->engine, t->buffers[weights]));
        t->count++;
    }
    return dnnl_success;
}

static void release(timed *t)
{
    for (int i = 0; i < MOST; i++) {
        dnnl_memory_destroy(t->args[i].memory);
        ph_free_aligned(t->buffers[i]);
    }
    dnnl_primitive_destroy(t->primitive);
    dnnl_primitive_desc_destroy(t->description);
    dnnl_primitive_desc_destroy(t->hint);
    dnnl_stream_destroy(t->stream);
    if (t->engine)
        dnnl_engine_destroy(t->engine);
}

static dnnl_status_t measure(const ph_net *net, const ph_op *op, bool backward, int repeats, double *best,
                             double *best_cpu)
{
    timed t;
    memset(&t, 0, sizeof t);
    dnnl_status_t status = make(&t, net, op, backward);
    *best = *best_cpu = 1e9;
    for (int i = 0; status == dnnl_success && i < repeats; i++) {
        const double start = ph_clock_seconds(), start_cpu = bench_cpu_seconds();
        status = dnnl_primitive_execute(t.primitive, t.stream, t.count, t.args);
        if (status == dnnl_success)
            status = dnnl_stream_wait(t.stream);
        const double seconds = ph_clock_seconds() - start, cpu = bench_cpu_seconds() - start_cpu;
        *best = seconds < *best ? seconds : *best;
        *best_cpu = cpu < *best_cpu ? cpu : *best_cpu;
    }
    release(&t);
    return status;
}

ph_status bench_floor_of(const ph_net *net, const ph_op *op, int repeats, bench_floor *floor, ph_error *err)
{
    /* A DECONV's forward pass is the gradient of its convolution and the other way round. */
    const bool swapped = op->kind == PH_OP_DECONV;
    dnnl_status_t status = measure(net, op, swapped, repeats, &floor->forward, &floor->forward_cpu);
    if (status == dnnl_success)
        status = measure(net, op, !swapped, repeats, &floor->backward, &floor->backward_cpu);
    return status == dnnl_success
               ? PH_OK
               : ph_fail(err, PH_BACKEND, "node '%s': oneDNN gives status %d", op->name, (int)status);
}
