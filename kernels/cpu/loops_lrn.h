/* Bodies of the local response normalization, one position at a time over its channels. Included by loops.c.
 *
 * With s[c] = bias + alpha sum over the window of x^2 and p[c] = s[c]^-beta: y = x p, and
 * dx[j] = dy[j] p[j] - 2 alpha beta x[j] sum over the c whose window holds j of dy[c] x[c] p[c] / s[c]. */
#ifndef PH_CPU_LOOPS_LRN_H
#define PH_CPU_LOOPS_LRN_H

#include "kernels/cpu/loops.h"

#include <math.h>
#include <string.h>

/* sum[c] = padded[c] + … + padded[c + length - 1]. */
static inline void slide(const float *padded, float *sum, int64_t length, int64_t channels)
{
    memcpy(sum, padded, (size_t)channels * sizeof *sum);
    for (int64_t k = 1; k < length; k++)
        for (int64_t c = 0; c < channels; c++)
            sum[c] += padded[c + k];
}

/* s -> s^-beta, in place or not; the usual exponents without powf. */
static inline void power(const float *s, float *p, float beta, int64_t channels)
{
    if (beta == 0.5f)
        for (int64_t c = 0; c < channels; c++)
            p[c] = 1.0f / sqrtf(s[c]);
    else if (beta == 0.75f)
        for (int64_t c = 0; c < channels; c++) {
            const float root = sqrtf(s[c]);
            p[c] = 1.0f / (root * sqrtf(root));
        }
    else if (beta == 1.0f)
        for (int64_t c = 0; c < channels; c++)
            p[c] = 1.0f / s[c];
    else
        for (int64_t c = 0; c < channels; c++)
            p[c] = powf(s[c], -beta);
}

/* s of one position into `s`; `padded` holds channels + before + after floats, its margins zero. */
static inline void normalizer(const ph_lrn_loop *l, const float *x, float *padded, float *s)
{
    for (int64_t c = 0; c < l->channels; c++)
        padded[l->before + c] = x[c] * x[c];
    slide(padded, s, l->before + l->after + 1, l->channels);
    for (int64_t c = 0; c < l->channels; c++)
        s[c] = l->bias + l->alpha * s[c];
}

static void lrn(const void *args, int part, int64_t begin, int64_t end)
{
    const ph_lrn_loop l = *(const ph_lrn_loop *)args;
    float *padded = l.scratch + part * l.scratch_floats, *s = padded + l.channels + l.before + l.after;
    memset(padded, 0, (size_t)(l.channels + l.before + l.after) * sizeof *padded);
    for (int64_t i = begin; i < end; i++) {
        const float *x = l.x + i * l.channels;
        float *y = l.y + i * l.channels;
        normalizer(&l, x, padded, s);
        power(s, s, l.beta, l.channels);
        for (int64_t c = 0; c < l.channels; c++)
            y[c] = x[c] * s[c];
    }
}

static void lrn_back(const void *args, int part, int64_t begin, int64_t end)
{
    const ph_lrn_loop l = *(const ph_lrn_loop *)args;
    const int64_t channels = l.channels, length = channels + l.before + l.after;
    float *padded = l.scratch + part * l.scratch_floats, *ratios = padded + length, *s = ratios + length;
    float *p = s + channels;
    memset(padded, 0, (size_t)(2 * length) * sizeof *padded);
    const float factor = 2.0f * l.alpha * l.beta;
    for (int64_t i = begin; i < end; i++) {
        const float *x = l.x + i * channels, *dy = l.dy + i * channels;
        float *dx = l.y + i * channels;
        normalizer(&l, x, padded, s);
        power(s, p, l.beta, channels);
        /* Channel j lies in the windows of c = j - after … j + before. */
        for (int64_t c = 0; c < channels; c++)
            ratios[l.after + c] = dy[c] * x[c] * p[c] / s[c];
        slide(ratios, s, l.before + l.after + 1, channels);
        for (int64_t c = 0; c < channels; c++) {
            const float d = dy[c] * p[c] - factor * x[c] * s[c];
            dx[c] = l.add ? dx[c] + d : d;
        }
    }
}

#endif
