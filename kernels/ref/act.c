#include "kernels/ref/ref_op.h"

#include <math.h>

static double act_value(const ph_act_params *p, double slope, double x)
{
    const double a = (double)p->a, b = (double)p->b;
    switch (p->kind) {
    case PH_ACT_RELU:
        return fmax(x, 0);
    case PH_ACT_LEAKY_RELU:
        return x < 0 ? a * x : x;
    case PH_ACT_PRELU:
        return x < 0 ? slope * x : x;
    case PH_ACT_CLIP:
        return fmin(fmax(x, a), b);
    case PH_ACT_ELU:
        return x < 0 ? a * expm1(x) : x;
    case PH_ACT_SIGMOID:
        return 1 / (1 + exp(-x));
    case PH_ACT_TANH:
        return tanh(x);
    case PH_ACT_HARD_SIGMOID:
        return fmin(fmax(a * x + b, 0), 1);
    case PH_ACT_HARD_SWISH:
        return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case PH_ACT_COUNT:
        break;
    }
    return (double)NAN;
}

/* Where a x + b runs through (0, 1), seen from the left of x at both ends. */
static bool hard_sigmoid_rises(double a, double t)
{
    return a > 0 ? t > 0 && t <= 1 : t >= 0 && t < 1;
}

/* dy/dx; at a kink that of the left side. */
static double act_slope(const ph_act_params *p, double slope, double x)
{
    const double a = (double)p->a, b = (double)p->b;
    switch (p->kind) {
    case PH_ACT_RELU:
        return x > 0;
    case PH_ACT_LEAKY_RELU:
        return x > 0 ? 1 : a;
    case PH_ACT_PRELU:
        return x > 0 ? 1 : slope;
    case PH_ACT_CLIP:
        return x > a && x <= b;
    case PH_ACT_ELU:
        return x > 0 ? 1 : a * exp(x);
    case PH_ACT_SIGMOID: {
        const double y = 1 / (1 + exp(-x));
        return y * (1 - y);
    }
    case PH_ACT_TANH: {
        const double y = tanh(x);
        return 1 - y * y;
    }
    case PH_ACT_HARD_SIGMOID:
        return hard_sigmoid_rises(a, a * x + b) ? a : 0;
    case PH_ACT_HARD_SWISH:
        return x <= -3 ? 0 : x <= 3 ? x / 3 + 0.5 : 1;
    case PH_ACT_COUNT:
        break;
    }
    return (double)NAN;
}

void ph_ref_relu_gradient(int64_t count, const double *x, const double *y, double upper, ph_relu_mode mode,
                          double *gradient)
{
    bool dead = true;
    for (int64_t i = 0; i < count && dead; i++)
        dead = !(x[i] > 0 && x[i] <= upper && gradient[i] != 0);
    const bool redirect = mode == PH_RELU_REDIRECTED && dead;
    for (int64_t i = 0; i < count; i++) {
        const bool pass =
            redirect ? (y[i] > 0 || gradient[i] > 0) && !(y[i] >= upper && gradient[i] > 0) : x[i] > 0 && x[i] <= upper;
        if (!pass)
            gradient[i] = 0;
    }
}

static void act_forward(const ph_ref_call *call)
{
    const ph_act_params *p = &call->op->p.act;
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), 1);
    for (int64_t i = 0; i < axis.outer * axis.length * axis.inner; i++) {
        const double slope = p->slope ? (double)p->slope[i / axis.inner % axis.length] : 0;
        call->out[i] = act_value(p, slope, call->in[0][i]);
    }
}

static void act_backward(const ph_ref_call *call)
{
    const ph_act_params *p = &call->op->p.act;
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), 1);
    const int64_t count = axis.outer * axis.length * axis.inner;
    double *gradient = call->in_gradient[0];
    if (!gradient)
        return;
    const bool rectifier = p->kind == PH_ACT_RELU || (p->kind == PH_ACT_CLIP && p->a == 0);
    if (rectifier) {
        const double upper = p->kind == PH_ACT_RELU ? (double)INFINITY : (double)p->b;
        ph_ref_relu_gradient(count, call->in[0], call->out, upper, call->mode, call->out_gradient);
    }
    for (int64_t i = 0; i < count; i++) {
        const double slope = p->slope ? (double)p->slope[i / axis.inner % axis.length] : 0;
        gradient[i] += call->out_gradient[i] * (rectifier ? 1 : act_slope(p, slope, call->in[0][i]));
    }
}

const ph_ref_op ph_ref_act = {act_forward, act_backward};
