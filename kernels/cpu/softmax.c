#include "kernels/cpu/plan.h"
#include "kernels/cpu/threads.h"

#include <math.h>

/* One item = one line along the axis. y and dy: backward, dx to `to`. */
typedef struct softmax_args {
    const float *x, *y, *dy;
    float *to;
    ph_cpu_axis axis;
    bool add;
} softmax_args;

static void softmax_lines(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const softmax_args *a = args;
    const int64_t length = a->axis.length, inner = a->axis.inner;
    for (int64_t line = begin; line < end; line++) {
        const int64_t first = line / inner * length * inner + line % inner;
        const float *x = a->x + first;
        float *y = a->to + first;
        float most = -INFINITY;
        for (int64_t i = 0; i < length; i++)
            most = x[i * inner] > most ? x[i * inner] : most;
        double sum = 0.0;
        for (int64_t i = 0; i < length; i++) {
            y[i * inner] = expf(x[i * inner] - most);
            sum += (double)y[i * inner];
        }
        for (int64_t i = 0; i < length; i++)
            y[i * inner] = (float)((double)y[i * inner] / sum);
    }
}

/* dx = y (dy - sum y dy). */
static void softmax_back_lines(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const softmax_args *a = args;
    const int64_t length = a->axis.length, inner = a->axis.inner;
    for (int64_t line = begin; line < end; line++) {
        const int64_t first = line / inner * length * inner + line % inner;
        const float *y = a->y + first, *dy = a->dy + first;
        float *dx = a->to + first;
        double sum = 0.0;
        for (int64_t i = 0; i < length; i++)
            sum += (double)y[i * inner] * (double)dy[i * inner];
        for (int64_t i = 0; i < length; i++) {
            const float d = (float)((double)y[i * inner] * ((double)dy[i * inner] - sum));
            dx[i * inner] = a->add ? dx[i * inner] + d : d;
        }
    }
}

static ph_status softmax_plan(ph_cpu_plan *plan, ph_cpu_node *node, ph_error *err)
{
    (void)err;
    plan->values[node->out].keep |= node->backward;
    return PH_OK;
}

static ph_status softmax_forward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0);
    const softmax_args args = {.x = ph_cpu_read(call, in),
                               .to = ph_cpu_write(call, ph_cpu_out(call)),
                               .axis = ph_cpu_around(call->plan, in, call->node->op->p.softmax_axis)};
    ph_cpu_parallel(softmax_lines, &args, args.axis.outer * args.axis.inner, 8 * args.axis.length);
    return PH_OK;
}

static ph_status softmax_backward(const ph_cpu_call *call, ph_error *err)
{
    (void)err;
    const ph_cpu_value *in = ph_cpu_in(call, 0), *out = ph_cpu_out(call);
    const softmax_args args = {.y = ph_cpu_read(call, out),
                               .dy = ph_cpu_gradient(call, out),
                               .to = ph_cpu_gradient(call, in),
                               .add = call->node->add[0],
                               .axis = ph_cpu_around(call->plan, in, call->node->op->p.softmax_axis)};
    ph_cpu_parallel(softmax_back_lines, &args, args.axis.outer * args.axis.inner, 2 * args.axis.length);
    return PH_OK;
}

const ph_cpu_kernel ph_cpu_softmax = {softmax_plan, NULL, softmax_forward, softmax_backward, NULL};
