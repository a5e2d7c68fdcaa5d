#include "kernels/ref/engine.h"
#include "host/base/alloc.h"
#include "host/base/clock.h"
#include "host/base/status.h"
#include "kernels/ref/ref_op.h"

#include <string.h>

/* Tensor t: `batch` pictures of `count` values each; a constant has one picture that all share. */
typedef struct store {
    int64_t count;
    int64_t step; /* from one picture to the next: count, or 0 for a constant */
    double *values;
    double *gradient; /* NULL: constant, independent of the input, or a forward-only engine */
} store;

struct ph_engine {
    const ph_net *net;
    int batch;
    bool gradient;
    store *stores;   /* per tensor */
    float **outputs; /* per output */
    float **output_gradients;
    float *input, *input_gradient;
    const double **in; /* per input of the operator at work */
    double **in_gradient;
    double *forward_seconds, *backward_seconds; /* per operator */
    double *doubles;                            /* the memory behind stores */
    float *floats;                              /* the memory behind input, outputs and their gradients */
};

/* How many of each an engine takes. */
typedef struct need {
    int64_t doubles, floats;
    int max_inputs;
    bool *reached; /* per tensor: computed from the input; owned */
} need;

static bool add_scaled(int64_t *sum, int64_t count, int64_t times)
{
    const int64_t limit = INT64_MAX / 64;
    if (count < 0 || (times && count > limit / times) || *sum > limit - count * times)
        return false;
    *sum += count * times;
    return true;
}

static ph_status check_op(const ph_op *op, ph_error *err)
{
    if (ph_ref_find_op(op->kind))
        return PH_OK;
    return ph_fail(err, PH_UNSUPPORTED, "operator %d of node '%s' is not supported by the backend ref", (int)op->kind,
                   op->name ? op->name : "");
}

static bool count_net(const ph_net *net, int batch, bool gradient, need *n)
{
    const int64_t copies = gradient ? 2 : 1;
    bool fits = true;
    n->reached[net->input] = true;
    for (int i = 0; i < net->op_count; i++) {
        const ph_op *op = &net->ops[i];
        n->max_inputs = op->in_count > n->max_inputs ? op->in_count : n->max_inputs;
        for (int k = 0; k < op->in_count; k++)
            n->reached[op->out] |= n->reached[op->in[k]];
    }
    for (int t = 0; t < net->tensor_count; t++) {
        const int64_t pictures = net->tensors[t].constant ? 1 : batch;
        fits &=
            add_scaled(&n->doubles, ph_shape_count(&net->tensors[t].shape), pictures * (n->reached[t] ? copies : 1));
    }
    fits &= add_scaled(&n->floats, ph_shape_count(&net->tensors[net->input].shape), batch * copies);
    for (int o = 0; o < net->output_count; o++)
        fits &= add_scaled(&n->floats, ph_shape_count(&net->tensors[net->outputs[o]].shape), batch * copies);
    return fits;
}

/* On success n->reached is to be freed by the caller. */
static ph_status measure(const ph_net *net, int batch, bool gradient, need *n, ph_error *err)
{
    *n = (need){0};
    if (batch < 1)
        return ph_fail(err, PH_MISUSE, "ref: a batch of %d pictures is impossible: give at least 1", batch);
    for (int i = 0; i < net->op_count; i++)
        PH_TRY(check_op(&net->ops[i], err));
    n->reached = ph_alloc((size_t)net->tensor_count, sizeof *n->reached);
    if (!n->reached)
        return ph_fail_memory(err, (size_t)net->tensor_count, "the plan of a network");
    if (count_net(net, batch, gradient, n))
        return PH_OK;
    ph_free(n->reached);
    return ph_fail(err, PH_NO_MEMORY,
                   "ref: the network for %d pictures is larger than any memory: use a smaller batch "
                   "or picture",
                   batch);
}

ph_status ph_ref_engine_bytes(ph_device *device, const ph_net *net, int batch, bool gradient, int64_t *bytes,
                              ph_error *err)
{
    (void)device;
    need n;
    PH_TRY(measure(net, batch, gradient, &n, err));
    ph_free(n.reached);
    *bytes = n.doubles * (int64_t)sizeof(double) + n.floats * (int64_t)sizeof(float) + (int64_t)sizeof(ph_engine) +
             net->tensor_count * (int64_t)sizeof(store) + 2 * net->output_count * (int64_t)sizeof(float *) +
             2 * n.max_inputs * (int64_t)sizeof(double *) + 2 * net->op_count * (int64_t)sizeof(double);
    return PH_OK;
}

static bool allocate(ph_engine *e, const need *n)
{
    const size_t outputs = (size_t)e->net->output_count, ops = (size_t)e->net->op_count;
    e->stores = ph_alloc((size_t)e->net->tensor_count, sizeof *e->stores);
    e->outputs = ph_alloc(outputs, sizeof *e->outputs);
    e->output_gradients = ph_alloc(outputs, sizeof *e->output_gradients);
    e->in = ph_alloc((size_t)n->max_inputs, sizeof *e->in);
    e->in_gradient = ph_alloc((size_t)n->max_inputs, sizeof *e->in_gradient);
    e->forward_seconds = ph_alloc(ops, sizeof *e->forward_seconds);
    e->backward_seconds = ph_alloc(ops, sizeof *e->backward_seconds);
    e->doubles = ph_alloc((size_t)n->doubles, sizeof *e->doubles);
    e->floats = ph_alloc((size_t)n->floats, sizeof *e->floats);
    return e->stores && e->outputs && e->output_gradients && e->in && e->in_gradient && e->forward_seconds &&
           e->backward_seconds && e->doubles && e->floats;
}

static double *take_doubles(double **free, int64_t count)
{
    double *taken = *free;
    *free += count;
    return taken;
}

static float *take_floats(float **free, int64_t count)
{
    float *taken = *free;
    *free += count;
    return taken;
}

/* Cuts the two blocks of memory up, in the order in which count_net added. */
static void lay_out(ph_engine *e, const need *n)
{
    const ph_net *net = e->net;
    double *doubles = e->doubles;
    for (int t = 0; t < net->tensor_count; t++) {
        store *s = &e->stores[t];
        const float *constant = net->tensors[t].constant;
        s->count = ph_shape_count(&net->tensors[t].shape);
        s->step = constant ? 0 : s->count;
        const int64_t all = constant ? s->count : s->count * e->batch;
        s->values = take_doubles(&doubles, all);
        for (int64_t i = 0; constant && i < s->count; i++)
            s->values[i] = (double)constant[i];
        if (e->gradient && n->reached[t])
            s->gradient = take_doubles(&doubles, all);
    }
    float *floats = e->floats;
    const int64_t input = e->stores[net->input].count * e->batch;
    e->input = take_floats(&floats, input);
    if (e->gradient)
        e->input_gradient = take_floats(&floats, input);
    for (int o = 0; o < net->output_count; o++) {
        const int64_t count = e->stores[net->outputs[o]].count * e->batch;
        e->outputs[o] = take_floats(&floats, count);
        if (e->gradient)
            e->output_gradients[o] = take_floats(&floats, count);
    }
}

ph_status ph_ref_engine_new(ph_device *device, const ph_net *net, int batch, bool gradient, ph_engine **out,
                            ph_error *err)
{
    *out = NULL;
    int64_t bytes = 0;
    need n;
    PH_TRY(ph_ref_engine_bytes(device, net, batch, gradient, &bytes, err));
    PH_TRY(measure(net, batch, gradient, &n, err));
    ph_engine *e = ph_alloc(1, sizeof *e);
    if (!e)
        goto fail;
    e->net = net;
    e->batch = batch;
    e->gradient = gradient;
    if (!allocate(e, &n))
        goto fail;
    lay_out(e, &n);
    ph_free(n.reached);
    *out = e;
    return PH_OK;
fail:
    ph_free(n.reached);
    ph_ref_engine_free(e);
    return ph_fail_memory(err, (size_t)bytes, "the network on the backend ref: use a smaller batch or picture");
}

void ph_ref_engine_free(ph_engine *e)
{
    if (!e)
        return;
    ph_free(e->stores);
    ph_free(e->outputs);
    ph_free(e->output_gradients);
    ph_free(e->in);
    ph_free(e->in_gradient);
    ph_free(e->forward_seconds);
    ph_free(e->backward_seconds);
    ph_free(e->doubles);
    ph_free(e->floats);
    ph_free(e);
}

float *ph_ref_engine_input(ph_engine *engine)
{
    return engine->input;
}

float *ph_ref_engine_input_gradient(ph_engine *engine)
{
    return engine->input_gradient;
}

float *ph_ref_engine_output(ph_engine *engine, int output)
{
    return engine->outputs[output];
}

float *ph_ref_engine_output_gradient(ph_engine *engine, int output)
{
    return engine->output_gradients[output];
}

static ph_ref_call make_call(const ph_engine *e, const ph_op *op, int picture, ph_relu_mode mode)
{
    for (int k = 0; k < op->in_count; k++) {
        const store *s = &e->stores[op->in[k]];
        e->in[k] = s->values + picture * s->step;
        e->in_gradient[k] = s->gradient ? s->gradient + picture * s->step : NULL;
    }
    const store *s = &e->stores[op->out];
    return (ph_ref_call){
        .op = op,
        .tensors = e->net->tensors,
        .in = e->in,
        .in_gradient = e->in_gradient,
        .out = s->values + picture * s->step,
        .out_gradient = s->gradient ? s->gradient + picture * s->step : NULL,
        .mode = mode,
    };
}

ph_status ph_ref_forward(ph_engine *e, ph_error *err)
{
    (void)err;
    const ph_net *net = e->net;
    store *input = &e->stores[net->input];
    for (int64_t i = 0; i < input->count * e->batch; i++)
        input->values[i] = (double)e->input[i];
    for (int i = 0; i < net->op_count; i++) {
        const double start = ph_clock_seconds();
        for (int picture = 0; picture < e->batch; picture++) {
            const ph_ref_call call = make_call(e, &net->ops[i], picture, PH_RELU_NORMAL);
            ph_ref_find_op(net->ops[i].kind)->forward(&call);
        }
        e->forward_seconds[i] += ph_clock_seconds() - start;
    }
    for (int o = 0; o < net->output_count; o++) {
        const store *s = &e->stores[net->outputs[o]];
        for (int picture = 0; picture < e->batch; picture++)
            for (int64_t i = 0; i < s->count; i++)
                e->outputs[o][picture * s->count + i] = (float)s->values[picture * s->step + i];
    }
    return PH_OK;
}

static void seed_gradients(ph_engine *e)
{
    const ph_net *net = e->net;
    for (int t = 0; t < net->tensor_count; t++)
        if (e->stores[t].gradient)
            memset(e->stores[t].gradient, 0, (size_t)(e->stores[t].count * e->batch) * sizeof(double));
    for (int o = 0; o < net->output_count; o++) {
        const store *s = &e->stores[net->outputs[o]];
        for (int64_t i = 0; s->gradient && i < s->count * e->batch; i++)
            s->gradient[i] += (double)e->output_gradients[o][i];
    }
}

ph_status ph_ref_backward(ph_engine *e, ph_relu_mode mode, ph_error *err)
{
    if (!e->gradient)
        return ph_fail(err, PH_MISUSE, "ref: backward on an engine made for forward only: make it with gradient");
    const ph_net *net = e->net;
    seed_gradients(e);
    for (int i = net->op_count - 1; i >= 0; i--) {
        const double start = ph_clock_seconds();
        if (!e->stores[net->ops[i].out].gradient)
            continue;
        for (int picture = 0; picture < e->batch; picture++) {
            const ph_ref_call call = make_call(e, &net->ops[i], picture, mode);
            ph_ref_find_op(net->ops[i].kind)->backward(&call);
        }
        e->backward_seconds[i] += ph_clock_seconds() - start;
    }
    const store *input = &e->stores[net->input];
    for (int64_t i = 0; i < input->count * e->batch; i++)
        e->input_gradient[i] = (float)input->gradient[i];
    return PH_OK;
}

void ph_ref_engine_times(const ph_engine *e, double *forward, double *backward)
{
    memcpy(forward, e->forward_seconds, (size_t)e->net->op_count * sizeof *forward);
    memcpy(backward, e->backward_seconds, (size_t)e->net->op_count * sizeof *backward);
}
