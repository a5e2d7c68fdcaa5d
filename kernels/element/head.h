/* Objectives on one wanted tensor of the network, [pictures, channels, positions], and the gradient that starts the way
 * back. Every picture has its own terms. */
#ifndef PH_ELEMENT_HEAD_H
#define PH_ELEMENT_HEAD_H

#include "kernels/element/ph_fn.h"
#include "kernels/element/schedule.h"

enum {
    PH_HEAD_NONE,      /* unused slot */
    PH_HEAD_CHANNEL,   /* weight x a[channel], at `position` or (position -1) averaged over positions */
    PH_HEAD_DIRECTION, /* weight x <vectors[vector], a>, likewise */
    PH_HEAD_SQUARE     /* weight x mean over channels and positions of a^2 (DeepDream) */
};

typedef struct ph_head_term {
    int kind;
    int channel;
    int vector;   /* index into the table of directions, each `channels` long */
    int position; /* y x width + x, or -1 */
    float weight; /* sign included */
} ph_head_term;

/* head_channels, count = pictures x channels: sums[b, c, 0] = sum over positions of a, [.., 1] = of a^2.
 * Accumulated in double, in order: the value is the same for any number of threads. */
typedef struct ph_head_channels_args {
    const float *activation;
    double *sums; /* [pictures, channels, 2] */
    int64_t channels, positions;
} ph_head_channels_args;

/* head_value, count = pictures: objective[b] (+)= sum over the picture's terms. */
typedef struct ph_head_value_args {
    const float *activation;
    const double *sums;
    const ph_head_term *terms; /* [pictures, term_count] */
    const float *vectors;      /* [.., channels] */
    float *objective;          /* [pictures] */
    int64_t channels, positions;
    int term_count;
    int accumulate; /* 0: overwrite, 1: add to what is there */
} ph_head_value_args;

/* head_seed, count = pictures x channels x positions: gradient[i] = d objective / d activation[i]; every element is
 * written, zeros too. */
typedef struct ph_head_seed_args {
    const float *activation;
    const ph_head_term *terms;
    const float *vectors;
    float *gradient;
    int64_t channels, positions;
    int term_count;
} ph_head_seed_args;

/* record, count = pictures: course[b x steps + state->step] = objective[b]. */
typedef struct ph_record_args {
    const ph_step_state *state;
    const float *objective;
    float *course;
    int steps;
} ph_record_args;

#endif
