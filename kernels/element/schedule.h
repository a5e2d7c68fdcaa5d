/* What changes from step to step lives in device memory, so that a recorded step can be replayed unchanged. */
#ifndef PH_ELEMENT_SCHEDULE_H
#define PH_ELEMENT_SCHEDULE_H

#include "kernels/element/philox.h"
#include "kernels/element/ph_fn.h"

typedef struct ph_step_state {
    int step;      /* 0-based; `advance` adds one at the end of a step */
    float lr;      /* learning rate of this step */
    float correct1, correct2; /* Adam's bias corrections 1 - beta^(step+1) */
    float cutoff;  /* of the step filter, cycles/pixel; 0 = filter off */
} ph_step_state;

/* schedule, count 1: fills state from state->step.
 * triangle: lr(t) = lr min(t+1, N-t) / (N/2); else constant. cutoff(t) = from (to/from)^(t/(N-1)); from 0 = off.
 * (Measured: a rate that rises to the middle and falls to zero, and frequencies opened from low to high.) */
typedef struct ph_schedule_args {
    ph_step_state *state;
    int steps;
    int triangle; /* 0 or 1 */
    float lr, beta1, beta2;
    float open_from, open_to;
} ph_schedule_args;

/* advance, count 1: state->step += 1. */
typedef struct ph_advance_args {
    ph_step_state *state;
} ph_advance_args;

/* draw, count = pictures: the affine map of this step, from network pixel (x, y) to picture position:
 *   sx = m[0] x + m[1] y + m[2],  sy = m[3] x + m[4] y + m[5]   (pixel centres at whole numbers)
 * Lucid's standard transforms (transform.py: jitter is a crop at a whole offset; scale and angle from a list) undone
 * from the last to the first, about the centres cn = ((w-1)/2, (h-1)/2) of the window and cp of the picture:
 *   s = R(-angle) (p - cn + shift2) / scale + shift1 + cp
 * shift1: per axis a whole number drawn from 0 … jitter, minus jitter/2; shift2 from jitter2; both clamped so that
 * |shift| <= pad. scale: one of scale_count values evenly spaced in [scale_min, scale_max]. angle: one of the whole
 * degrees -rotate … rotate, or one of rotate_zeros further zeros. Draws are Philox keyed by (seed of the picture, step,
 * PH_PURPOSE_WARP): neighbours, batch and thread count do not matter. enabled 0: p - cn + cp exactly. */
typedef struct ph_draw_args {
    const ph_step_state *state;
    const uint64_t *seeds; /* [pictures] */
    float *maps;           /* [pictures x 6] */
    int enabled;
    int width, height;               /* of the picture */
    int window_width, window_height; /* of the network's input */
    int pad, jitter, jitter2, scale_count, rotate, rotate_zeros;
    float scale_min, scale_max;
} ph_draw_args;

#endif
