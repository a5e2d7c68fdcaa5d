/* DeepDream's ascent: a step along the gradient, divided by its own size, on pixels that stay in range. */
#ifndef PH_ELEMENT_CLIMB_H
#define PH_ELEMENT_CLIMB_H

#include "kernels/element/ph_fn.h"
#include "kernels/element/ph_math.h"

/* fill, count = values: to[i] = value. */
typedef struct ph_fill_args {
    float *to;
    float value;
} ph_fill_args;

PH_FN int64_t ph_fill_row(ph_fill_args a)
{
    (void)a;
    return INT64_MAX;
}

PH_FN void ph_fill_span(int64_t row, int64_t first, int64_t count, ph_fill_args a)
{
    (void)row;
    PH_SIMD
    for (int64_t k = first; k < first + count; k++)
        a.to[k] = a.value;
}

PH_SPAN_AT(fill)

/* abs_sums, count = chunks: sums[j] = sum of |x| over PH_SPREAD consecutive values (the last chunk is shorter), in
 * double, in interleaved partial sums. spread_sums, count = groups: the same over doubles, so that a large picture's
 * sum is a tree of three levels; magnitude takes the last. Any number of threads gives the same bits. */
enum { PH_SPREAD = 1024 };

typedef struct ph_abs_sums_args {
    const float *values;
    double *sums;
    int64_t length;
    int square; /* 1: sum of x^2 instead */
} ph_abs_sums_args;

PH_FN void ph_abs_sums_at(int64_t i, ph_abs_sums_args a)
{
    const int64_t begin = i * PH_SPREAD;
    const float *x = a.values + begin;
    const int count = (int)(a.length - begin < PH_SPREAD ? a.length - begin : PH_SPREAD);
    double sum[PH_PARTIAL] = {0};
    int k = 0;
    for (; k + PH_PARTIAL <= count; k += PH_PARTIAL) {
        PH_SIMD
        for (int l = 0; l < PH_PARTIAL; l++) {
            const double value = (double)x[k + l];
            sum[l] += a.square ? value * value : fabs(value);
        }
    }
    for (int l = 0; k + l < count; l++) {
        const double value = (double)x[k + l];
        sum[l] += a.square ? value * value : fabs(value);
    }
    a.sums[i] = ph_partial_sum(sum);
}

typedef struct ph_spread_sums_args {
    const double *values;
    double *sums;
    int64_t length;
} ph_spread_sums_args;

PH_FN void ph_spread_sums_at(int64_t i, ph_spread_sums_args a)
{
    const int64_t begin = i * PH_SPREAD;
    const int64_t end = begin + PH_SPREAD < a.length ? begin + PH_SPREAD : a.length;
    double sum[PH_PARTIAL] = {0};
    for (int64_t k = begin; k < end; k++)
        sum[k % PH_PARTIAL] += a.values[k];
    a.sums[i] = ph_partial_sum(sum);
}

/* magnitude, count 1: rate[0] = numerator / m and rate[1] = m, where m = sum / weight, or its root (`root`: the
 * root of the mean square); a rate of 0 when m is below `least`. */
typedef struct ph_magnitude_args {
    const double *sums;
    float *rate;
    int64_t count;
    double weight; /* how many values count */
    float numerator, least;
    int root;
} ph_magnitude_args;

PH_FN void ph_magnitude_at(int64_t i, ph_magnitude_args a)
{
    (void)i;
    double sum = 0;
    for (int64_t k = 0; k < a.count; k++)
        sum += a.sums[k];
    const double mean = sum / a.weight, size = a.root ? sqrt(mean) : mean;
    a.rate[0] = size > (double)a.least ? (float)((double)a.numerator / size) : 0.0f;
    a.rate[1] = (float)size;
}

/* climb, count = values: picture = min(max(picture + rate x gradient, 0), 1), rate in device memory. NaN gradients give
 * NaN. */
typedef struct ph_climb_args {
    float *picture;
    const float *gradient;
    const float *rate;
} ph_climb_args;

PH_FN int64_t ph_climb_row(ph_climb_args a)
{
    (void)a;
    return INT64_MAX;
}

PH_FN void ph_climb_span(int64_t row, int64_t first, int64_t count, ph_climb_args a)
{
    (void)row;
    float *p = a.picture + first;
    const float *g = a.gradient + first;
    const float rate = a.rate[0];
    PH_SIMD
    for (int64_t k = 0; k < count; k++) {
        float value = p[k] + rate * g[k];
        value = value < 0.0f ? 0.0f : value;
        p[k] = value > 1.0f ? 1.0f : value;
    }
}

PH_SPAN_AT(climb)

/* mask_planes, count = planes x pixels: values *= mask[pixel]. */
typedef struct ph_mask_planes_args {
    float *values;
    const float *mask; /* [pixels] */
    int64_t pixels;
} ph_mask_planes_args;

PH_FN int64_t ph_mask_planes_row(ph_mask_planes_args a)
{
    return a.pixels;
}

PH_FN void ph_mask_planes_span(int64_t row, int64_t first, int64_t count, ph_mask_planes_args a)
{
    float *x = a.values + row * a.pixels + first;
    const float *mask = a.mask + first;
    PH_SIMD
    for (int64_t k = 0; k < count; k++)
        x[k] *= mask[k];
}

PH_SPAN_AT(mask_planes)

#endif
