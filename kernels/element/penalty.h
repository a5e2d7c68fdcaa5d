/* Penalties on the picture p in [0, 1] before the warp, as Lucid's objectives.py defines them (sums, not means). Only
 * their gradients are needed: the objective that is reported is the target's alone. */
#ifndef PH_ELEMENT_PENALTY_H
#define PH_ELEMENT_PENALTY_H

#include "kernels/element/ph_fn.h"

/* penalty_vjp, count = pictures x channels x pixels: gradient -= the derivative at p of
 *   tv sum |p(x+1,y)-p(x,y)| + |p(x,y+1)-p(x,y)|        (sign(0) = 0)
 *   l1 sum |p - l1_center|
 *   l2 sqrt(1e-6 + sum (p - 1/2)^2)                      l2_norms[b] is that root
 *   blur 1/2 sum (p - blur3(p))^2, blur3(p) held fixed: 3x3 kernel, centre 1, others 1/2, divided by the same blur of
 *        ones (so the border is not darkened) */
typedef struct ph_penalty_vjp_args {
    const float *picture;
    float *gradient;
    const float *l2_norms; /* [pictures]; may be null when l2 is 0 */
    int channels, width, height;
    float tv, l1, l1_center, l2, blur;
} ph_penalty_vjp_args;

PH_FN int64_t ph_penalty_vjp_row(ph_penalty_vjp_args a)
{
    return a.width;
}

PH_FN float ph_sign(float x)
{
    return (float)(x > 0.0f) - (float)(x < 0.0f);
}

/* p - blur3(p) at column x of `line`; above and below are NULL beyond the border. */
PH_FN float ph_penalty_detail(const float *above, const float *line, const float *below, int x, int width)
{
    float sum = line[x], weight = 1.0f;
    for (int dx = -1; dx <= 1; dx++) {
        if (x + dx < 0 || x + dx >= width)
            continue;
        const float side = (above ? above[x + dx] : 0.0f) + (below ? below[x + dx] : 0.0f);
        sum += 0.5f * (side + (dx != 0 ? line[x + dx] : 0.0f));
        weight += 0.5f * (float)((above != 0) + (below != 0) + (dx != 0));
    }
    return line[x] - sum / weight;
}

/* A row is a line of one channel. */
PH_FN void ph_penalty_vjp_span(int64_t row, int64_t first, int64_t count, ph_penalty_vjp_args a)
{
    const int64_t plane = ph_quotient(row, a.height);
    const int64_t y = row - plane * a.height;
    const float *line = a.picture + row * a.width;
    const float *above = y > 0 ? line - a.width : 0;
    const float *below = y + 1 < a.height ? line + a.width : 0;
    const float l2 = a.l2 != 0.0f ? a.l2 / a.l2_norms[ph_quotient(plane, a.channels)] : 0.0f;
    float *to = a.gradient + row * a.width;
    for (int x = (int)first; x < (int)(first + count); x++) {
        float derivative = a.l1 * ph_sign(line[x] - a.l1_center) + l2 * (line[x] - 0.5f);
        if (a.tv != 0.0f) {
            float sides = (above ? ph_sign(line[x] - above[x]) : 0.0f) + (below ? ph_sign(line[x] - below[x]) : 0.0f);
            sides += x > 0 ? ph_sign(line[x] - line[x - 1]) : 0.0f;
            sides += x + 1 < a.width ? ph_sign(line[x] - line[x + 1]) : 0.0f;
            derivative += a.tv * sides;
        }
        if (a.blur != 0.0f)
            derivative += a.blur * ph_penalty_detail(above, line, below, x, a.width);
        to[x] -= derivative;
    }
}

PH_SPAN_AT(penalty_vjp)

/* high_pass, count = planes x bins: spectrum *= frequency[bin] > cutoff ? factor : 0. With r2c before and c2r after it
 * is the gradient of the energy above the cut-off, sum over |f| > cutoff of |P(f)|^2 / pixels = |high-passed p|^2. */
typedef struct ph_high_pass_args {
    float *spectrum;
    const float *frequency;
    int64_t bins;
    float cutoff, factor;
} ph_high_pass_args;

PH_FN int64_t ph_high_pass_row(ph_high_pass_args a)
{
    return a.bins;
}

PH_FN void ph_high_pass_span(int64_t row, int64_t first, int64_t count, ph_high_pass_args a)
{
    float *z = a.spectrum + 2 * (row * a.bins + first);
    const float *frequency = a.frequency + first;
    PH_SIMD
    for (int64_t k = 0; k < count; k++) {
        const float keep = frequency[k] > a.cutoff ? a.factor : 0.0f;
        z[2 * k] *= keep;
        z[2 * k + 1] *= keep;
    }
}

PH_SPAN_AT(high_pass)

/* add_scaled, count = values: to += factor x from. */
typedef struct ph_add_scaled_args {
    float *to;
    const float *from;
    float factor;
} ph_add_scaled_args;

PH_FN int64_t ph_add_scaled_row(ph_add_scaled_args a)
{
    (void)a;
    return INT64_MAX;
}

PH_FN void ph_add_scaled_span(int64_t row, int64_t first, int64_t count, ph_add_scaled_args a)
{
    (void)row;
    float *to = a.to + first;
    const float *from = a.from + first;
    PH_SIMD
    for (int64_t k = 0; k < count; k++)
        to[k] += a.factor * from[k];
}

PH_SPAN_AT(add_scaled)

#endif
