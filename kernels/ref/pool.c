#include "kernels/ref/ref_op.h"

#include <math.h>

/* One window of one plane: the taps that lie in the image, and by what an average divides. */
typedef struct window {
    int64_t origin[2]; /* of tap 0, may lie in the padding */
    int64_t size[2];   /* of the plane */
    const ph_pool_params *p;
} window;

/* Index of tap (r, s) in the plane, -1 in the padding. */
static int64_t window_tap(const window *w, int64_t r, int64_t s)
{
    const int64_t y = w->origin[0] + r * w->p->dilation[0], x = w->origin[1] + s * w->p->dilation[1];
    return y >= 0 && y < w->size[0] && x >= 0 && x < w->size[1] ? y * w->size[1] + x : -1;
}

/* True when tap (r, s) counts in an average's divisor. */
static bool window_counts(const window *w, int64_t r, int64_t s)
{
    if (!w->p->include_pad)
        return window_tap(w, r, s) >= 0;
    const int64_t y = w->origin[0] + r * w->p->dilation[0], x = w->origin[1] + s * w->p->dilation[1];
    return y >= -w->p->pad_begin[0] && y < w->size[0] + w->p->pad_end[0] && x >= -w->p->pad_begin[1] &&
           x < w->size[1] + w->p->pad_end[1];
}

static int64_t window_divisor(const window *w)
{
    int64_t count = 0;
    for (int64_t r = 0; r < w->p->kernel[0]; r++)
        for (int64_t s = 0; s < w->p->kernel[1]; s++)
            count += window_counts(w, r, s);
    return count;
}

/* Index in the plane of the maximum: the first in row-major order of equal ones, a NaN before all; -1 when the window
 * has no tap in the image. */
static int64_t window_argmax(const window *w, const double *plane)
{
    int64_t best = -1;
    for (int64_t r = 0; r < w->p->kernel[0]; r++)
        for (int64_t s = 0; s < w->p->kernel[1]; s++) {
            const int64_t at = window_tap(w, r, s);
            if (at < 0)
                continue;
            if (best < 0 || plane[at] > plane[best] || (isnan(plane[at]) && !isnan(plane[best])))
                best = at;
        }
    return best;
}

/* A window wholly in the padding has neither maximum nor average: it gives 0. */
static double window_value(const window *w, const double *plane)
{
    if (!w->p->average) {
        const int64_t best = window_argmax(w, plane);
        return best < 0 ? 0 : plane[best];
    }
    double sum = 0;
    for (int64_t r = 0; r < w->p->kernel[0]; r++)
        for (int64_t s = 0; s < w->p->kernel[1]; s++) {
            const int64_t at = window_tap(w, r, s);
            sum += at < 0 ? 0 : plane[at];
        }
    const int64_t divisor = window_divisor(w);
    return divisor ? sum / (double)divisor : 0;
}

static void window_spread(const window *w, const double *plane, double value, double *gradient)
{
    if (!w->p->average) {
        const int64_t best = window_argmax(w, plane);
        if (best >= 0)
            gradient[best] += value;
        return;
    }
    const int64_t divisor = window_divisor(w);
    for (int64_t r = 0; r < w->p->kernel[0]; r++)
        for (int64_t s = 0; s < w->p->kernel[1]; s++) {
            const int64_t at = window_tap(w, r, s);
            if (at >= 0)
                gradient[at] += value / (double)divisor;
        }
}

static void pool(const ph_ref_call *call, bool backward)
{
    const ph_pool_params *p = &call->op->p.pool;
    const ph_shape *in = ph_ref_in_shape(call, 0), *out = ph_ref_out_shape(call);
    const int64_t pixels = in->dim[2] * in->dim[3];
    int64_t i = 0;
    for (int64_t plane = 0; plane < out->dim[0] * out->dim[1]; plane++)
        for (int64_t y = 0; y < out->dim[2]; y++)
            for (int64_t x = 0; x < out->dim[3]; x++, i++) {
                const window w = {
                    .origin = {y * p->stride[0] - p->pad_begin[0], x * p->stride[1] - p->pad_begin[1]},
                    .size = {in->dim[2], in->dim[3]},
                    .p = p,
                };
                const double *values = call->in[0] + plane * pixels;
                if (backward)
                    window_spread(&w, values, call->out_gradient[i], call->in_gradient[0] + plane * pixels);
                else
                    call->out[i] = window_value(&w, values);
            }
}

static void pool_forward(const ph_ref_call *call)
{
    pool(call, false);
}

static void pool_backward(const ph_ref_call *call)
{
    if (call->in_gradient[0])
        pool(call, true);
}

const ph_ref_op ph_ref_pool = {pool_forward, pool_backward};
