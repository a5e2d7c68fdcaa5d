/* Objectives on one wanted tensor of the network, [pictures, channels, positions], and the gradient that starts the way
 * back. Every picture has its own terms. */
#ifndef PH_ELEMENT_HEAD_H
#define PH_ELEMENT_HEAD_H

#include "kernels/element/ph_fn.h"
#include "kernels/element/ph_math.h"
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
 * Accumulated in double in eight interleaved partial sums, which are added as a fixed tree: the value is the same for
 * any number of threads. */
typedef struct ph_head_channels_args {
    const float *activation;
    double *sums; /* [pictures, channels, 2] */
    int64_t channels, positions;
} ph_head_channels_args;

PH_FN void ph_head_channels_at(int64_t i, ph_head_channels_args a)
{
    const float *x = a.activation + i * a.positions;
    double sum[PH_PARTIAL] = {0}, square[PH_PARTIAL] = {0};
    int64_t k = 0;
    for (; k + PH_PARTIAL <= a.positions; k += PH_PARTIAL) {
        PH_SIMD
        for (int l = 0; l < PH_PARTIAL; l++) {
            const double value = (double)x[k + l];
            sum[l] += value;
            square[l] += value * value;
        }
    }
    const int rest = (int)(a.positions - k);
    for (int l = 0; l < rest; l++) {
        const double value = (double)x[k + l];
        sum[l] += value;
        square[l] += value * value;
    }
    a.sums[2 * i] = ph_partial_sum(sum);
    a.sums[2 * i + 1] = ph_partial_sum(square);
}

/* head_value, count = pictures: objective[b] (+)= sum over the picture's terms, in double. */
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

/* What a term sees of a channel: its mean over positions, or its value at one. */
PH_FN double ph_head_seen(int64_t picture, int64_t channel, int position, ph_head_value_args a)
{
    const int64_t plane = picture * a.channels + channel;
    return position < 0 ? a.sums[2 * plane] / (double)a.positions
                        : (double)a.activation[plane * a.positions + position];
}

PH_FN double ph_head_term_value(int64_t picture, ph_head_term term, ph_head_value_args a)
{
    if (term.kind == PH_HEAD_CHANNEL)
        return ph_head_seen(picture, term.channel, term.position, a);
    double sum = 0;
    if (term.kind == PH_HEAD_DIRECTION) {
        for (int64_t c = 0; c < a.channels; c++)
            sum += (double)a.vectors[term.vector * a.channels + c] * ph_head_seen(picture, c, term.position, a);
        return sum;
    }
    if (term.kind == PH_HEAD_SQUARE) {
        for (int64_t c = 0; c < a.channels; c++)
            sum += a.sums[2 * (picture * a.channels + c) + 1];
        return sum / ((double)a.channels * (double)a.positions);
    }
    return 0; /* PH_HEAD_NONE */
}

PH_FN void ph_head_value_at(int64_t i, ph_head_value_args a)
{
    double value = a.accumulate ? (double)a.objective[i] : 0.0;
    for (int t = 0; t < a.term_count; t++) {
        const ph_head_term term = a.terms[i * a.term_count + t];
        value += (double)term.weight * ph_head_term_value(i, term, a);
    }
    a.objective[i] = (float)value;
}

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

PH_FN int64_t ph_head_seed_row(ph_head_seed_args a)
{
    return a.positions;
}

/* d term / d (what the term sees of this channel); 0 for terms that do not see it, and for squares. */
PH_FN float ph_head_slope(int64_t channel, ph_head_term term, ph_head_seed_args a)
{
    if (term.kind == PH_HEAD_CHANNEL)
        return term.channel == channel ? term.weight : 0.0f;
    if (term.kind == PH_HEAD_DIRECTION)
        return term.weight * a.vectors[term.vector * a.channels + channel];
    return 0.0f;
}

PH_FN void ph_head_seed_span(int64_t row, int64_t first, int64_t count, ph_head_seed_args a)
{
    const int64_t picture = ph_quotient(row, a.channels);
    const int64_t channel = row - picture * a.channels;
    const ph_head_term *terms = a.terms + picture * a.term_count;
    const float *x = a.activation + row * a.positions + first;
    float *to = a.gradient + row * a.positions + first;
    float everywhere = 0.0f, linear = 0.0f; /* gradient = everywhere + linear x */
    for (int t = 0; t < a.term_count; t++) {
        if (terms[t].kind == PH_HEAD_SQUARE)
            linear += terms[t].weight * 2.0f / ((float)a.channels * (float)a.positions);
        else if (terms[t].position < 0)
            everywhere += ph_head_slope(channel, terms[t], a) / (float)a.positions;
    }
    PH_SIMD
    for (int64_t k = 0; k < count; k++)
        to[k] = everywhere + (linear != 0.0f ? linear * x[k] : 0.0f);
    for (int t = 0; t < a.term_count; t++) {
        const int64_t k = terms[t].position - first;
        if (terms[t].kind != PH_HEAD_SQUARE && terms[t].position >= 0 && k >= 0 && k < count)
            to[k] += ph_head_slope(channel, terms[t], a);
    }
}

PH_SPAN_AT(head_seed)

/* record, count = pictures: course[b x steps + state->step] = objective[b]; nothing once all steps are recorded. */
typedef struct ph_record_args {
    const ph_step_state *state;
    const float *objective;
    float *course;
    int steps;
} ph_record_args;

PH_FN void ph_record_at(int64_t i, ph_record_args a)
{
    const int step = a.state->step;
    if (step >= 0 && step < a.steps)
        a.course[i * a.steps + step] = a.objective[i];
}

#endif
