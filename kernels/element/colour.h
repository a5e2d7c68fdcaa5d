/* Decorrelated colour planes to a picture in [0, 1] and back. */
#ifndef PH_ELEMENT_COLOUR_H
#define PH_ELEMENT_COLOUR_H

#include "kernels/element/ph_fn.h"
#include "kernels/element/ph_math.h"

/* colour, count = pictures x pixels: picture[c] = sigmoid(sum_j matrix[c][j] planes[j]) for three channels with `mix`,
 * else picture[c] = sigmoid(planes[c]) for any number. Both [pictures, channels, pixels]. In and out may be the same.
 */
typedef struct ph_colour_args {
    const float *planes;
    float *picture;
    int64_t pixels;
    int channels;
    int mix;         /* 1: three channels through the matrix */
    float matrix[9]; /* row-major; Lucid color.py, normalized */
} ph_colour_args;

PH_FN int64_t ph_colour_row(ph_colour_args a)
{
    return a.pixels;
}

PH_FN void ph_colour_span(int64_t row, int64_t first, int64_t count, ph_colour_args a)
{
    const float *from = a.planes + row * a.channels * a.pixels + first;
    float *to = a.picture + row * a.channels * a.pixels + first;
    const int64_t n = a.pixels;
    if (!a.mix) {
        for (int c = 0; c < a.channels; c++) {
            PH_SIMD
            for (int64_t k = 0; k < count; k++)
                to[c * n + k] = ph_sigmoid(from[c * n + k]);
        }
        return;
    }
    PH_SIMD
    for (int64_t k = 0; k < count; k++) {
        const float u = from[k], v = from[n + k], w = from[2 * n + k];
        to[k] = ph_sigmoid(a.matrix[0] * u + a.matrix[1] * v + a.matrix[2] * w);
        to[n + k] = ph_sigmoid(a.matrix[3] * u + a.matrix[4] * v + a.matrix[5] * w);
        to[2 * n + k] = ph_sigmoid(a.matrix[6] * u + a.matrix[7] * v + a.matrix[8] * w);
    }
}

PH_SPAN_AT(colour)

/* colour_vjp, count = pictures x pixels: from picture and d/dpicture to d/dplanes = matrix^T (d p (1-p)). */
typedef struct ph_colour_vjp_args {
    const float *picture;
    const float *picture_gradient;
    float *planes_gradient; /* may be picture_gradient */
    int64_t pixels;
    int channels;
    int mix;
    float matrix[9];
} ph_colour_vjp_args;

PH_FN int64_t ph_colour_vjp_row(ph_colour_vjp_args a)
{
    return a.pixels;
}

PH_FN void ph_colour_vjp_span(int64_t row, int64_t first, int64_t count, ph_colour_vjp_args a)
{
    const float *p = a.picture + row * a.channels * a.pixels + first;
    const float *d = a.picture_gradient + row * a.channels * a.pixels + first;
    float *to = a.planes_gradient + row * a.channels * a.pixels + first;
    const int64_t n = a.pixels;
    if (!a.mix) {
        for (int c = 0; c < a.channels; c++) {
            PH_SIMD
            for (int64_t k = 0; k < count; k++)
                to[c * n + k] = d[c * n + k] * (p[c * n + k] * (1.0f - p[c * n + k]));
        }
        return;
    }
    PH_SIMD
    for (int64_t k = 0; k < count; k++) {
        const float u = d[k] * (p[k] * (1.0f - p[k]));
        const float v = d[n + k] * (p[n + k] * (1.0f - p[n + k]));
        const float w = d[2 * n + k] * (p[2 * n + k] * (1.0f - p[2 * n + k]));
        to[k] = a.matrix[0] * u + a.matrix[3] * v + a.matrix[6] * w;
        to[n + k] = a.matrix[1] * u + a.matrix[4] * v + a.matrix[7] * w;
        to[2 * n + k] = a.matrix[2] * u + a.matrix[5] * v + a.matrix[8] * w;
    }
}

PH_SPAN_AT(colour_vjp)

/* uncolour, count = pictures x pixels: planes whose colour is the picture, its values taken as at least half a level
 * from black and white: planes = inverse logit(p) with `mix`, else logit(p). The logarithm in double, where the libms
 * agree far beyond float. In and out may be the same. */
typedef struct ph_uncolour_args {
    const float *picture;
    float *planes;
    int64_t pixels;
    int channels;
    int mix;
    float inverse[9]; /* of the matrix of `colour` */
} ph_uncolour_args;

PH_FN float ph_logit(float p)
{
    const double least = 0.5 / 255, value = (double)p;
    const double inside = value < least ? least : value > 1 - least ? 1 - least : value;
    return (float)log(inside / (1 - inside));
}

PH_FN int64_t ph_uncolour_row(ph_uncolour_args a)
{
    return a.pixels;
}

PH_FN void ph_uncolour_span(int64_t row, int64_t first, int64_t count, ph_uncolour_args a)
{
    const float *from = a.picture + row * a.channels * a.pixels + first;
    float *to = a.planes + row * a.channels * a.pixels + first;
    const int64_t n = a.pixels;
    for (int64_t k = 0; k < count; k++) {
        if (!a.mix) {
            for (int c = 0; c < a.channels; c++)
                to[c * n + k] = ph_logit(from[c * n + k]);
            continue;
        }
        const float u = ph_logit(from[k]), v = ph_logit(from[n + k]), w = ph_logit(from[2 * n + k]);
        to[k] = a.inverse[0] * u + a.inverse[1] * v + a.inverse[2] * w;
        to[n + k] = a.inverse[3] * u + a.inverse[4] * v + a.inverse[5] * w;
        to[2 * n + k] = a.inverse[6] * u + a.inverse[7] * v + a.inverse[8] * w;
    }
}

PH_SPAN_AT(uncolour)

#endif
