#include "kernels/ref/ref_op.h"

#include <math.h>

/* bias + alpha/size sum x^2 over the channels around c; x points at channel 0 of one position. */
static double lrn_scale(const ph_lrn_params *p, const ph_ref_axis *axis, const double *x, int64_t c)
{
    double sum = 0;
    for (int64_t j = c - (p->size - 1) / 2; j <= c + p->size / 2; j++)
        if (j >= 0 && j < axis->length)
            sum += x[j * axis->inner] * x[j * axis->inner];
    return (double)p->bias + (double)p->alpha / (double)p->size * sum;
}

static void lrn_forward(const ph_ref_call *call)
{
    const ph_lrn_params *p = &call->op->p.lrn;
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), 1);
    for (int64_t n = 0; n < axis.outer; n++)
        for (int64_t i = 0; i < axis.inner; i++) {
            const int64_t base = n * axis.length * axis.inner + i;
            const double *x = call->in[0] + base;
            for (int64_t c = 0; c < axis.length; c++)
                call->out[base + c * axis.inner] = x[c * axis.inner] * pow(lrn_scale(p, &axis, x, c), -(double)p->beta);
        }
}

/* With s the scale: dx_i = dy_i s_i^-beta - 2 alpha beta/size x_i sum over the c whose window holds i of
 * dy_c x_c s_c^(-beta-1). Here from the side of c. */
static void lrn_backward(const ph_ref_call *call)
{
    const ph_lrn_params *p = &call->op->p.lrn;
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), 1);
    const double beta = (double)p->beta, factor = 2 * (double)p->alpha * beta / (double)p->size;
    for (int64_t n = 0; call->in_gradient[0] && n < axis.outer; n++)
        for (int64_t i = 0; i < axis.inner; i++) {
            const int64_t base = n * axis.length * axis.inner + i;
            const double *x = call->in[0] + base, *dy = call->out_gradient + base;
            double *dx = call->in_gradient[0] + base;
            for (int64_t c = 0; c < axis.length; c++) {
                const double scale = lrn_scale(p, &axis, x, c);
                const double common = factor * dy[c * axis.inner] * x[c * axis.inner] * pow(scale, -beta - 1);
                dx[c * axis.inner] += dy[c * axis.inner] * pow(scale, -beta);
                for (int64_t j = c - (p->size - 1) / 2; j <= c + p->size / 2; j++)
                    if (j >= 0 && j < axis.length)
                        dx[j * axis.inner] -= common * x[j * axis.inner];
            }
        }
}

static void affine_forward(const ph_ref_call *call)
{
    const ph_affine_params *p = &call->op->p.affine;
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), 1);
    for (int64_t i = 0; i < axis.outer * axis.length * axis.inner; i++) {
        const int64_t c = i / axis.inner % axis.length;
        call->out[i] = call->in[0][i] * (double)p->scale[c] + (double)p->shift[c];
    }
}

static void affine_backward(const ph_ref_call *call)
{
    const ph_affine_params *p = &call->op->p.affine;
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), 1);
    const int64_t count = call->in_gradient[0] ? axis.outer * axis.length * axis.inner : 0;
    for (int64_t i = 0; i < count; i++)
        call->in_gradient[0][i] += call->out_gradient[i] * (double)p->scale[i / axis.inner % axis.length];
}

static void softmax_forward(const ph_ref_call *call)
{
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), call->op->p.softmax_axis);
    for (int64_t n = 0; n < axis.outer; n++)
        for (int64_t i = 0; i < axis.inner; i++) {
            const double *x = call->in[0] + n * axis.length * axis.inner + i;
            double *y = call->out + n * axis.length * axis.inner + i;
            double max = x[0], sum = 0;
            for (int64_t c = 1; c < axis.length; c++)
                max = fmax(max, x[c * axis.inner]);
            for (int64_t c = 0; c < axis.length; c++)
                sum += exp(x[c * axis.inner] - max);
            for (int64_t c = 0; c < axis.length; c++)
                y[c * axis.inner] = exp(x[c * axis.inner] - max) / sum;
        }
}

/* dx = y (dy - sum y dy) */
static void softmax_backward(const ph_ref_call *call)
{
    const ph_ref_axis axis = ph_ref_split(ph_ref_in_shape(call, 0), call->op->p.softmax_axis);
    for (int64_t n = 0; call->in_gradient[0] && n < axis.outer; n++)
        for (int64_t i = 0; i < axis.inner; i++) {
            const int64_t base = n * axis.length * axis.inner + i;
            const double *y = call->out + base, *dy = call->out_gradient + base;
            double dot = 0;
            for (int64_t c = 0; c < axis.length; c++)
                dot += y[c * axis.inner] * dy[c * axis.inner];
            for (int64_t c = 0; c < axis.length; c++)
                call->in_gradient[0][base + c * axis.inner] += y[c * axis.inner] * (dy[c * axis.inner] - dot);
        }
}

const ph_ref_op ph_ref_lrn = {lrn_forward, lrn_backward};
const ph_ref_op ph_ref_affine = {affine_forward, affine_backward};
const ph_ref_op ph_ref_softmax = {softmax_forward, softmax_backward};
