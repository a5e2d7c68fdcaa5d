#include "kernels/ref/ref_op.h"

#include <math.h>
#include <string.h>

/* The six loops of a convolution, named once for both operators. `near` is the side that the taps of one window read
 * or write around: the input of a CONV and the output of a DECONV. */
typedef struct geometry {
    const ph_conv_params *p;
    int64_t pictures;
    int64_t far_channels, far_size[2];
    int64_t near_channels, near_size[2];
    int64_t near_per_group, far_per_group;
} geometry;

static geometry conv_geometry(const ph_conv_params *p, const ph_shape *near, const ph_shape *far)
{
    return (geometry){
        .p = p,
        .pictures = near->dim[0],
        .far_channels = far->dim[1],
        .far_size = {far->dim[2], far->dim[3]},
        .near_channels = near->dim[1],
        .near_size = {near->dim[2], near->dim[3]},
        .near_per_group = near->dim[1] / p->groups,
        .far_per_group = far->dim[1] / p->groups,
    };
}

/* Position on the near side of tap t of window i; -1 when it lies in the padding. */
static int64_t tap(const geometry *g, int axis, int64_t i, int64_t t)
{
    const int64_t at = i * g->p->stride[axis] - g->p->pad_begin[axis] + t * g->p->dilation[axis];
    return at >= 0 && at < g->near_size[axis] ? at : -1;
}

/* sum over channels of the group and taps of weight x near: what far element (n, f, y, x) gathers. The weight is
 * [far, near per group, R, S] for both operators. */
static double gather(const geometry *g, const double *near, int64_t n, int64_t f, int64_t y, int64_t x)
{
    const int64_t rows = g->p->kernel[0], columns = g->p->kernel[1];
    const int64_t first = f / g->far_per_group * g->near_per_group;
    double sum = 0;
    for (int64_t c = 0; c < g->near_per_group; c++) {
        const double *plane = near + (n * g->near_channels + first + c) * g->near_size[0] * g->near_size[1];
        const float *weight = g->p->weight + (f * g->near_per_group + c) * rows * columns;
        for (int64_t r = 0; r < rows; r++) {
            const int64_t iy = tap(g, 0, y, r);
            for (int64_t s = 0; iy >= 0 && s < columns; s++) {
                const int64_t ix = tap(g, 1, x, s);
                if (ix >= 0)
                    sum += (double)weight[r * columns + s] * plane[iy * g->near_size[1] + ix];
            }
        }
    }
    return sum;
}

/* The transpose of gather: adds weight x value to every near element that (n, f, y, x) reads. */
static void scatter(const geometry *g, double *near, double value, int64_t n, int64_t f, int64_t y, int64_t x)
{
    const int64_t rows = g->p->kernel[0], columns = g->p->kernel[1];
    const int64_t first = f / g->far_per_group * g->near_per_group;
    for (int64_t c = 0; c < g->near_per_group; c++) {
        double *plane = near + (n * g->near_channels + first + c) * g->near_size[0] * g->near_size[1];
        const float *weight = g->p->weight + (f * g->near_per_group + c) * rows * columns;
        for (int64_t r = 0; r < rows; r++) {
            const int64_t iy = tap(g, 0, y, r);
            for (int64_t s = 0; iy >= 0 && s < columns; s++) {
                const int64_t ix = tap(g, 1, x, s);
                if (ix >= 0)
                    plane[iy * g->near_size[1] + ix] += (double)weight[r * columns + s] * value;
            }
        }
    }
}

/* far (+)= gather(near), or near += scatter(far). */
static void gather_all(const geometry *g, const double *near, double *far, bool add)
{
    for (int64_t n = 0; n < g->pictures; n++)
        for (int64_t f = 0; f < g->far_channels; f++)
            for (int64_t y = 0; y < g->far_size[0]; y++)
                for (int64_t x = 0; x < g->far_size[1]; x++, far++)
                    *far = (add ? *far : 0) + gather(g, near, n, f, y, x);
}

static void scatter_all(const geometry *g, double *near, const double *far)
{
    for (int64_t n = 0; n < g->pictures; n++)
        for (int64_t f = 0; f < g->far_channels; f++)
            for (int64_t y = 0; y < g->far_size[0]; y++)
                for (int64_t x = 0; x < g->far_size[1]; x++)
                    scatter(g, near, *far++, n, f, y, x);
}

static void add_bias(const ph_shape *shape, const float *bias, double *out)
{
    const ph_ref_axis axis = ph_ref_split(shape, 1);
    for (int64_t n = 0; bias && n < axis.outer; n++)
        for (int64_t k = 0; k < axis.length; k++)
            for (int64_t i = 0; i < axis.inner; i++)
                out[(n * axis.length + k) * axis.inner + i] += (double)bias[k];
}

static void conv_forward(const ph_ref_call *call)
{
    const ph_conv_params *p = &call->op->p.conv;
    const ph_shape *shape = ph_ref_out_shape(call);
    const geometry g = conv_geometry(p, ph_ref_in_shape(call, 0), shape);
    gather_all(&g, call->in[0], call->out, false);
    add_bias(shape, p->bias, call->out);
    const int64_t count = ph_shape_count(shape);
    for (int64_t i = 0; p->relu && i < count; i++)
        call->out[i] = fmax(call->out[i], 0);
}

static void conv_backward(const ph_ref_call *call)
{
    const ph_conv_params *p = &call->op->p.conv;
    const ph_shape *shape = ph_ref_out_shape(call);
    if (p->relu)
        ph_ref_relu_gradient(ph_shape_count(shape), call->out, call->out, (double)INFINITY, call->mode,
                             call->out_gradient);
    const geometry g = conv_geometry(p, ph_ref_in_shape(call, 0), shape);
    if (call->in_gradient[0])
        scatter_all(&g, call->in_gradient[0], call->out_gradient);
}

/* A transposed convolution is a convolution run backward: its output is the side around which the windows lie. */
static void deconv_forward(const ph_ref_call *call)
{
    const ph_shape *shape = ph_ref_out_shape(call);
    const geometry g = conv_geometry(&call->op->p.conv, shape, ph_ref_in_shape(call, 0));
    memset(call->out, 0, (size_t)ph_shape_count(shape) * sizeof *call->out);
    scatter_all(&g, call->out, call->in[0]);
    add_bias(shape, call->op->p.conv.bias, call->out);
}

static void deconv_backward(const ph_ref_call *call)
{
    const geometry g = conv_geometry(&call->op->p.conv, ph_ref_out_shape(call), ph_ref_in_shape(call, 0));
    if (call->in_gradient[0])
        gather_all(&g, call->out_gradient, call->in_gradient[0], true);
}

const ph_ref_op ph_ref_conv = {conv_forward, conv_backward};
const ph_ref_op ph_ref_deconv = {deconv_forward, deconv_backward};
