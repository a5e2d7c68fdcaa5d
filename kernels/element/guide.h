/* The guided dream of the original notebook (google/deepdream, objective_guide): at every position the feature of a
 * guide photo that agrees best, by dot product, is what is climbed towards. */
#ifndef PH_ELEMENT_GUIDE_H
#define PH_ELEMENT_GUIDE_H

#include <string.h>

#include "kernels/element/ph_fn.h"
#include "kernels/element/ph_math.h"

/* guide_match, count = pictures x positions: match[b, p] = the j of the largest <activation[b, :, p], guide[:, j]>, of
 * equal ones the first; best[b, p] = that product. */
typedef struct ph_guide_match_args {
    const float *activation; /* [pictures, channels, positions] */
    const float *guide;      /* [channels, guide_positions] */
    int *match;              /* [pictures, positions] */
    float *best;
    int64_t channels, positions, guide_positions;
} ph_guide_match_args;

/* Guide features that are tried at once. */
enum { PH_GUIDE_BLOCK = 8 };

PH_FN int64_t ph_guide_match_row(ph_guide_match_args a)
{
    return a.positions;
}

/* dot[j] += products of PH_LANES neighbouring positions (x, of which `lanes` exist) with `block` guide features. */
PH_FN void ph_guide_dots(float dot[][PH_LANES], const float *x, int64_t stride, int lanes, const float *guide,
                         int64_t guide_stride, int64_t channels, int block)
{
    for (int64_t c = 0; c < channels; c++) {
        float value[PH_LANES];
        if (lanes == PH_LANES)
            memcpy(value, x + c * stride, sizeof value);
        else
            for (int l = 0; l < PH_LANES; l++)
                value[l] = x[c * stride + (l < lanes ? l : 0)];
        for (int j = 0; j < block; j++) {
            const float g = guide[c * guide_stride + j];
            PH_SIMD
            for (int l = 0; l < PH_LANES; l++)
                dot[j][l] += value[l] * g;
        }
    }
}

PH_FN void ph_guide_match_span(int64_t row, int64_t first, int64_t count, ph_guide_match_args a)
{
    for (int64_t p = first; p < first + count; p += PH_LANES) {
        const int lanes = first + count - p < PH_LANES ? (int)(first + count - p) : PH_LANES;
        const float *x = a.activation + row * a.channels * a.positions + p;
        float best[PH_LANES] = {0};
        int match[PH_LANES];
        for (int l = 0; l < PH_LANES; l++)
            match[l] = -1;
        for (int64_t j = 0; j < a.guide_positions; j += PH_GUIDE_BLOCK) {
            const int64_t left = a.guide_positions - j;
            float dot[PH_GUIDE_BLOCK][PH_LANES] = {{0}};
            const int block = left < PH_GUIDE_BLOCK ? (int)left : PH_GUIDE_BLOCK;
            if (block == PH_GUIDE_BLOCK)
                ph_guide_dots(dot, x, a.positions, lanes, a.guide + j, a.guide_positions, a.channels, PH_GUIDE_BLOCK);
            else
                ph_guide_dots(dot, x, a.positions, lanes, a.guide + j, a.guide_positions, a.channels, block);
            for (int k = 0; k < block; k++)
                for (int l = 0; l < PH_LANES; l++)
                    if (match[l] < 0 || dot[k][l] > best[l]) {
                        match[l] = (int)j + k;
                        best[l] = dot[k][l];
                    }
        }
        for (int l = 0; l < lanes; l++) {
            a.match[row * a.positions + p + l] = match[l];
            a.best[row * a.positions + p + l] = best[l];
        }
    }
}

PH_SPAN_AT(guide_match)

/* guide_value, count = pictures: objective[b] (+)= weight / (channels positions) sum of best[b, p], in double. */
typedef struct ph_guide_value_args {
    const float *best;
    float *objective;
    int64_t channels, positions;
    float weight;
    int accumulate; /* 0: overwrite, 1: add to what is there */
} ph_guide_value_args;

PH_FN void ph_guide_value_at(int64_t i, ph_guide_value_args a)
{
    const float *best = a.best + i * a.positions;
    double sum[PH_PARTIAL] = {0};
    for (int64_t p = 0; p < a.positions; p++)
        sum[p % PH_PARTIAL] += (double)best[p];
    const double value = (double)a.weight * ph_partial_sum(sum) / ((double)a.channels * (double)a.positions);
    a.objective[i] = (float)(value + (a.accumulate ? (double)a.objective[i] : 0.0));
}

/* guide_seed, count = pictures x channels x positions: gradient[b, c, p] = weight / (channels positions) guide[c,
 * match[b, p]]; the match itself is held fixed. */
typedef struct ph_guide_seed_args {
    const float *guide;
    const int *match;
    float *gradient;
    int64_t channels, positions, guide_positions;
    float weight;
} ph_guide_seed_args;

PH_FN int64_t ph_guide_seed_row(ph_guide_seed_args a)
{
    return a.positions;
}

PH_FN void ph_guide_seed_span(int64_t row, int64_t first, int64_t count, ph_guide_seed_args a)
{
    const int64_t picture = ph_quotient(row, a.channels);
    const float *guide = a.guide + (row - picture * a.channels) * a.guide_positions;
    const int *match = a.match + picture * a.positions;
    float *to = a.gradient + row * a.positions;
    const float scale = a.weight / ((float)a.channels * (float)a.positions);
    PH_SIMD
    for (int64_t p = first; p < first + count; p++)
        to[p] = scale * guide[match[p]];
}

PH_SPAN_AT(guide_seed)

#endif
