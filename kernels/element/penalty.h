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

/* high_pass, count = planes x bins: spectrum *= frequency[bin] > cutoff ? factor : 0. With r2c before and c2r after it is
 * the gradient of the energy above the cut-off, sum over |f| > cutoff of |P(f)|^2 / pixels = |high-passed p|^2. */
typedef struct ph_high_pass_args {
    float *spectrum;
    const float *frequency;
    int64_t bins;
    float cutoff, factor;
} ph_high_pass_args;

/* add_scaled, count = values: to += factor x from. */
typedef struct ph_add_scaled_args {
    float *to;
    const float *from;
    float factor;
} ph_add_scaled_args;

#endif
