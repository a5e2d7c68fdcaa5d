/* What changes from step to step lives in device memory, so that a recorded step can be replayed unchanged. */
#ifndef PH_ELEMENT_SCHEDULE_H
#define PH_ELEMENT_SCHEDULE_H

#include "kernels/element/ph_fn.h"
#include "kernels/element/philox.h"

typedef struct ph_step_state {
    int step;                 /* 0-based; `advance` adds one at the end of a step */
    float lr;                 /* learning rate of this step */
    float correct1, correct2; /* Adam's bias corrections 1 - beta^(step+1) */
    float cutoff;             /* of the step filter, cycles/pixel; 0 = filter off */
} ph_step_state;

/* schedule, count 1: fills state from state->step.
 * triangle: lr(t) = lr min(t+1, N-t) / (N/2); else constant. cutoff(t) = from (to/from)^(t/(N-1)); from 0 = off, and
 * `from` itself when N is 1. Computed in double, where the libms agree far beyond float.
 * (Measured: a rate that rises to the middle and falls to zero, and frequencies opened from low to high.) */
typedef struct ph_schedule_args {
    ph_step_state *state;
    int steps;
    int triangle; /* 0 or 1 */
    float lr, beta1, beta2;
    float open_from, open_to;
} ph_schedule_args;

PH_FN void ph_schedule_at(int64_t i, ph_schedule_args a)
{
    (void)i;
    ph_step_state *state = a.state;
    const int t = state->step;
    const int near = t + 1 < a.steps - t ? t + 1 : a.steps - t;
    state->lr = a.triangle ? (float)((double)a.lr * near / (0.5 * a.steps)) : a.lr;
    state->correct1 = (float)(1.0 - pow((double)a.beta1, t + 1.0));
    state->correct2 = (float)(1.0 - pow((double)a.beta2, t + 1.0));
    const double share = a.steps > 1 ? t / (a.steps - 1.0) : 0.0;
    state->cutoff =
        a.open_from > 0.0f ? (float)((double)a.open_from * pow((double)a.open_to / (double)a.open_from, share)) : 0.0f;
}

/* advance, count 1: state->step += 1. */
typedef struct ph_advance_args {
    ph_step_state *state;
} ph_advance_args;

PH_FN void ph_advance_at(int64_t i, ph_advance_args a)
{
    (void)i;
    a.state->step += 1;
}

/* draw, count = pictures: the affine map of this step, from network pixel (x, y) to picture position:
 *   sx = m[0] x + m[1] y + m[2],  sy = m[3] x + m[4] y + m[5]   (pixel centres at whole numbers)
 * Lucid's standard transforms (transform.py: jitter is a crop at a whole offset; scale and angle from a list) undone
 * from the last to the first, about the centres cn = ((w-1)/2, (h-1)/2) of the window and cp of the picture:
 *   s = R(-angle) (p - cn + shift2) / scale + shift1 + cp
 * shift1: per axis a whole number drawn from 0 … jitter, minus jitter/2 (rounded down, so that it stays whole);
 * shift2 from jitter2; both clamped so that |shift| <= pad. scale: one of scale_count values evenly spaced in
 * [scale_min, scale_max]. angle: one of the whole degrees -rotate … rotate, or one of rotate_zeros further zeros. Draws
 * are Philox keyed by (seed of the picture, step, PH_PURPOSE_WARP): neighbours, batch and thread count do not matter.
 * enabled 0: p - cn + cp exactly. */
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

/* A whole number from 0 … jitter, centred and clamped. */
PH_FN int ph_draw_shift(uint32_t random, int jitter, int pad)
{
    const int shift = ph_random_below(random, jitter + 1) - jitter / 2;
    return shift > pad ? pad : shift < -pad ? -pad : shift;
}

PH_FN void ph_draw_at(int64_t i, ph_draw_args a)
{
    float *m = a.maps + 6 * i;
    double to_x = 0.5 * (a.width - 1), to_y = 0.5 * (a.height - 1);                     /* cp + shift1 */
    double from_x = -0.5 * (a.window_width - 1), from_y = -0.5 * (a.window_height - 1); /* shift2 - cn */
    double along = 1, across = 0;                                                       /* cos / scale, sin / scale */
    if (a.enabled) {
        const uint32_t step = (uint32_t)a.state->step;
        const ph_random first = ph_philox(a.seeds[i], PH_PURPOSE_WARP, step, 0);
        const ph_random second = ph_philox(a.seeds[i], PH_PURPOSE_WARP, step, 1);
        to_x += ph_draw_shift(first.x[0], a.jitter, a.pad);
        to_y += ph_draw_shift(first.x[1], a.jitter, a.pad);
        from_x += ph_draw_shift(second.x[0], a.jitter2, a.pad);
        from_y += ph_draw_shift(second.x[1], a.jitter2, a.pad);
        double scale = (double)a.scale_min;
        if (a.scale_count > 1)
            scale += ((double)a.scale_max - (double)a.scale_min) *
                     (ph_random_below(first.x[2], a.scale_count) / (a.scale_count - 1.0));
        const int pick = ph_random_below(first.x[3], 2 * a.rotate + 1 + a.rotate_zeros);
        const int degrees = pick <= 2 * a.rotate ? pick - a.rotate : 0;
        along = cos(degrees * (3.14159265358979324 / 180)) / scale;
        across = sin(degrees * (3.14159265358979324 / 180)) / scale;
    }
    m[0] = (float)along;
    m[1] = (float)across;
    m[2] = (float)(along * from_x + across * from_y + to_x);
    m[3] = (float)-across;
    m[4] = (float)along;
    m[5] = (float)(along * from_y - across * from_x + to_y);
}

#endif
