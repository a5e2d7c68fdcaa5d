/* Bodies of the local response normalization, along the channels of each position. Included by loops.c.
 *
 * With s[c] = bias + alpha sum over the window of x^2 and p[c] = s[c]^-beta: y = x p, and
 * dx[j] = dy[j] p[j] - 2 alpha beta x[j] sum over the c whose window holds j of dy[c] x[c] p[c] / s[c]. */
#ifndef PH_CPU_LOOPS_LRN_H
#define PH_CPU_LOOPS_LRN_H

#include "kernels/cpu/loops.h"
#include "kernels/element/ph_math.h"

#include <math.h>
#include <string.h>

/* sum[c] = padded[c] + … + padded[c + length - 1], as a fixed tree of doublings; destroys `padded`. */
static inline void slide(float *padded, float *sum, int64_t length, int64_t channels)
{
    int64_t reach = channels + length - 1, offset = 0;
    bool started = false;
    for (int64_t bit = 1; bit <= length; bit *= 2) {
        if (length & bit) {
            for (int64_t c = 0; c < channels; c++)
                sum[c] = started ? sum[c] + padded[c + offset] : padded[c + offset];
            started = true;
            offset += bit;
        }
        /* padded[c] becomes the sum of 2 bit neighbours. Reading runs ahead of writing. */
        reach -= bit;
        for (int64_t c = 0; 2 * bit <= length && c < reach; c++)
            padded[c] += padded[c + bit];
    }
}

/* p = s^-beta and, unless NULL, ratio = s^(-beta-1); p may be s. The usual exponents without powf. */
static inline void power(const float *s, float *p, float *ratio, float beta, int64_t channels)
{
    if (beta == 0.5f)
        for (int64_t c = 0; c < channels; c++) {
            const float r = ph_inverse_root(s[c]);
            if (ratio)
                ratio[c] = r * r * r;
            p[c] = r;
        }
    else if (beta == 0.75f)
        for (int64_t c = 0; c < channels; c++) {
            const float r = ph_inverse_root(s[c]), power = r * (r * ph_inverse_root(r));
            if (ratio)
                ratio[c] = power * (r * r);
            p[c] = power;
        }
    else
        for (int64_t c = 0; c < channels; c++) {
            const float power = beta == 1.0f ? 1.0f / s[c] : powf(s[c], -beta);
            if (ratio)
                ratio[c] = power / s[c];
            p[c] = power;
        }
}

/* Some positions at a time, each with margins of zeros that keep windows apart, so that the loops are long and read
 * what was written well before. */
typedef struct lrn_tile {
    float *padded, *s, *p, *ratio;
    int64_t step; /* channels and margins of one position */
} lrn_tile;

static inline lrn_tile tile_of(const ph_lrn_loop *l, int part)
{
    lrn_tile t = {.step = l->channels + l->before + l->after};
    t.padded = l->scratch + part * l->scratch_floats;
    t.s = t.padded + l->tile * t.step;
    t.p = t.s + l->tile * t.step;
    t.ratio = t.p + l->tile * t.step;
    return t;
}

static inline void clear_margins(const ph_lrn_loop *l, const lrn_tile *t, int64_t count, int64_t before, int64_t after)
{
    for (int64_t i = 0; i < count; i++) {
        memset(t->padded + i * t->step, 0, (size_t)before * sizeof(float));
        memset(t->padded + i * t->step + before + l->channels, 0, (size_t)after * sizeof(float));
    }
}

/* s of `count` positions, kept in the range of normal numbers. */
static inline void normalizers(const ph_lrn_loop *l, const lrn_tile *t, const float *x, int64_t count)
{
    const float largest = 1e38f, smallest = 1e-37f;
    const int64_t total = count * t->step - l->before - l->after;
    clear_margins(l, t, count, l->before, l->after);
    for (int64_t i = 0; i < count; i++)
        for (int64_t c = 0; c < l->channels; c++)
            t->padded[i * t->step + l->before + c] = x[i * l->channels + c] * x[i * l->channels + c];
    slide(t->padded, t->s, l->before + l->after + 1, total);
    for (int64_t c = 0; c < total; c++) {
        const float sum = l->bias + l->alpha * t->s[c];
        t->s[c] = sum > largest ? largest : sum < smallest ? smallest : sum;
    }
}

static void lrn(const void *args, int part, int64_t begin, int64_t end)
{
    const ph_lrn_loop l = *(const ph_lrn_loop *)args;
    const lrn_tile t = tile_of(&l, part);
    for (int64_t at = begin; at < end; at += l.tile) {
        const int64_t count = end - at < l.tile ? end - at : l.tile;
        const float *x = l.x + at * l.channels;
        float *y = l.y + at * l.channels;
        normalizers(&l, &t, x, count);
        power(t.s, t.p, NULL, l.beta, count * t.step - l.before - l.after);
        for (int64_t i = 0; i < count; i++)
            for (int64_t c = 0; c < l.channels; c++)
                y[i * l.channels + c] = x[i * l.channels + c] * t.p[i * t.step + c];
    }
}

static void lrn_back(const void *args, int part, int64_t begin, int64_t end)
{
    const ph_lrn_loop l = *(const ph_lrn_loop *)args;
    const lrn_tile t = tile_of(&l, part);
    const float factor = 2.0f * l.alpha * l.beta;
    for (int64_t at = begin; at < end; at += l.tile) {
        const int64_t count = end - at < l.tile ? end - at : l.tile, total = count * t.step - l.before - l.after;
        const float *x = l.x + at * l.channels, *dy = l.dy + at * l.channels;
        float *dx = l.y + at * l.channels;
        normalizers(&l, &t, x, count);
        power(t.s, t.p, t.ratio, l.beta, total);
        /* Channel j lies in the windows of c = j - after … j + before. */
        clear_margins(&l, &t, count, l.after, l.before);
        for (int64_t i = 0; i < count; i++)
            for (int64_t c = 0; c < l.channels; c++) {
                const int64_t k = i * l.channels + c;
                t.padded[i * t.step + l.after + c] = dy[k] * x[k] * t.ratio[i * t.step + c];
            }
        slide(t.padded, t.s, l.before + l.after + 1, total);
        for (int64_t i = 0; i < count; i++)
            for (int64_t c = 0; c < l.channels; c++) {
                const int64_t k = i * l.channels + c, m = i * t.step + c;
                const float d = dy[k] * t.p[m] - factor * x[k] * t.s[m];
                dx[k] = l.add ? dx[k] + d : d;
            }
    }
}

#endif
