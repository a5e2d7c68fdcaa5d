/* Bodies of the pooling loops, channels-last. Included by loops.c. */
#ifndef PH_CPU_LOOPS_POOL_H
#define PH_CPU_LOOPS_POOL_H

#include "kernels/cpu/loops.h"

#include <string.h>

/* No element of the window lies in the image; the maximum is then 0. As a byte 255: byte windows have at most 255 elements. */
enum { PH_NONE_CHOSEN = -1 };

/* One more window element: of equal values the first stays, a NaN wins and stays. */
static inline void challenge(const float *x, float *y, uint8_t *narrow, int32_t *wide, int32_t code, int64_t channels)
{
    for (int64_t c = 0; c < channels; c++) {
        const bool take = (y[c] == y[c]) & !(x[c] <= y[c]);
        y[c] = take ? x[c] : y[c];
        if (wide)
            wide[c] = take ? code : wide[c];
        else
            narrow[c] = take ? (uint8_t)code : narrow[c];
    }
}

static inline void start(const float *x, float *y, uint8_t *narrow, int32_t *wide, int32_t code, int64_t channels)
{
    for (int64_t c = 0; c < channels; c++) {
        y[c] = x ? x[c] : 0.0f;
        if (wide)
            wide[c] = code;
        else
            narrow[c] = (uint8_t)code;
    }
}

static inline void max_at(const ph_pool_loop *l, const float *image, int64_t oy, int64_t ox, float *y, uint8_t *narrow,
                          int32_t *wide)
{
    bool started = false;
    for (int64_t ky = 0; ky < l->kernel[0]; ky++) {
        const int64_t iy = oy * l->stride[0] - l->pad_begin[0] + ky * l->dilation[0];
        if (iy < 0 || iy >= l->in_size[0])
            continue;
        for (int64_t kx = 0; kx < l->kernel[1]; kx++) {
            const int64_t ix = ox * l->stride[1] - l->pad_begin[1] + kx * l->dilation[1];
            if (ix < 0 || ix >= l->in_size[1])
                continue;
            const float *x = image + (iy * l->in_size[1] + ix) * l->channels;
            const int32_t code = (int32_t)(ky * l->kernel[1] + kx);
            if (started)
                challenge(x, y, narrow, wide, code, l->channels);
            else
                start(x, y, narrow, wide, code, l->channels);
            started = true;
        }
    }
    if (!started)
        start(NULL, y, narrow, wide, PH_NONE_CHOSEN, l->channels);
}

static void max_pool(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_pool_loop l = *(const ph_pool_loop *)args;
    for (int64_t row = begin; row < end; row++) {
        const float *image = l.from + row / l.out_size[0] * l.in_size[0] * l.in_size[1] * l.channels;
        for (int64_t ox = 0; ox < l.out_size[1]; ox++) {
            const int64_t at = (row * l.out_size[1] + ox) * l.channels;
            uint8_t *narrow = l.wide ? NULL : (uint8_t *)l.chosen + at;
            int32_t *wide = l.wide ? (int32_t *)l.chosen + at : NULL;
            max_at(&l, image, row % l.out_size[0], ox, l.to + at, narrow, wide);
        }
    }
}

static inline void give_back(const float *dy, float *dx, const uint8_t *narrow, const int32_t *wide, int32_t code,
                             int64_t channels)
{
    if (wide) {
        for (int64_t c = 0; c < channels; c++)
            dx[c] += wide[c] == code ? dy[c] : 0.0f;
        return;
    }
    const uint8_t byte = (uint8_t)code;
    for (int64_t c = 0; c < channels; c++)
        dx[c] += narrow[c] == byte ? dy[c] : 0.0f;
}

/* The output row whose window has its row ky at input row iy; -1 if there is none. */
static inline int64_t output_row(const ph_pool_loop *l, int axis, int64_t i, int64_t k)
{
    const int64_t t = i + l->pad_begin[axis] - k * l->dilation[axis];
    if (t < 0 || t % l->stride[axis] || t / l->stride[axis] >= l->out_size[axis])
        return -1;
    return t / l->stride[axis];
}

static inline void max_pool_back_row(const ph_pool_loop *l, float *dx, int64_t n, int64_t oy, int64_t ky)
{
    for (int64_t ox = 0; ox < l->out_size[1]; ox++) {
        const int64_t at = ((n * l->out_size[0] + oy) * l->out_size[1] + ox) * l->channels;
        const uint8_t *narrow = l->wide ? NULL : (const uint8_t *)l->chosen + at;
        const int32_t *wide = l->wide ? (const int32_t *)l->chosen + at : NULL;
        for (int64_t kx = 0; kx < l->kernel[1]; kx++) {
            const int64_t ix = ox * l->stride[1] - l->pad_begin[1] + kx * l->dilation[1];
            if (ix >= 0 && ix < l->in_size[1])
                give_back(l->from + at, dx + ix * l->channels, narrow, wide, (int32_t)(ky * l->kernel[1] + kx),
                          l->channels);
        }
    }
}

static void max_pool_back(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_pool_loop l = *(const ph_pool_loop *)args;
    const int64_t width = l.in_size[1] * l.channels;
    for (int64_t row = begin; row < end; row++) {
        float *dx = l.to + row * width;
        if (!l.add)
            memset(dx, 0, (size_t)width * sizeof *dx);
        for (int64_t ky = 0; ky < l.kernel[0]; ky++) {
            const int64_t oy = output_row(&l, 0, row % l.in_size[0], ky);
            if (oy >= 0)
                max_pool_back_row(&l, dx, row / l.in_size[0], oy, ky);
        }
    }
}

/* How many elements of the window at output position o count along an axis. */
static inline int64_t counted(const ph_pool_loop *l, int axis, int64_t o)
{
    const int64_t low = l->include_pad ? -l->pad_begin[axis] : 0;
    const int64_t high = l->in_size[axis] + (l->include_pad ? l->pad_end[axis] : 0);
    int64_t count = 0;
    for (int64_t k = 0; k < l->kernel[axis]; k++) {
        const int64_t i = o * l->stride[axis] - l->pad_begin[axis] + k * l->dilation[axis];
        count += i >= low && i < high;
    }
    return count;
}

static inline void average_at(const ph_pool_loop *l, const float *image, int64_t oy, int64_t ox, float *y)
{
    const int64_t count = counted(l, 0, oy) * counted(l, 1, ox);
    const float divisor = count ? (float)count : 1.0f;
    memset(y, 0, (size_t)l->channels * sizeof *y);
    for (int64_t ky = 0; ky < l->kernel[0]; ky++) {
        const int64_t iy = oy * l->stride[0] - l->pad_begin[0] + ky * l->dilation[0];
        for (int64_t kx = 0; kx < l->kernel[1] && iy >= 0 && iy < l->in_size[0]; kx++) {
            const int64_t ix = ox * l->stride[1] - l->pad_begin[1] + kx * l->dilation[1];
            if (ix < 0 || ix >= l->in_size[1])
                continue;
            const float *x = image + (iy * l->in_size[1] + ix) * l->channels;
            for (int64_t c = 0; c < l->channels; c++)
                y[c] += x[c];
        }
    }
    for (int64_t c = 0; c < l->channels; c++)
        y[c] /= divisor;
}

static void average_pool(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_pool_loop l = *(const ph_pool_loop *)args;
    for (int64_t row = begin; row < end; row++) {
        const float *image = l.from + row / l.out_size[0] * l.in_size[0] * l.in_size[1] * l.channels;
        for (int64_t ox = 0; ox < l.out_size[1]; ox++)
            average_at(&l, image, row % l.out_size[0], ox, l.to + (row * l.out_size[1] + ox) * l.channels);
    }
}

static inline void average_pool_back_row(const ph_pool_loop *l, float *dx, int64_t n, int64_t oy)
{
    for (int64_t ox = 0; ox < l->out_size[1]; ox++) {
        const float *dy = l->from + ((n * l->out_size[0] + oy) * l->out_size[1] + ox) * l->channels;
        const int64_t count = counted(l, 0, oy) * counted(l, 1, ox);
        const float divisor = count ? (float)count : 1.0f;
        for (int64_t kx = 0; kx < l->kernel[1]; kx++) {
            const int64_t ix = ox * l->stride[1] - l->pad_begin[1] + kx * l->dilation[1];
            for (int64_t c = 0; ix >= 0 && ix < l->in_size[1] && c < l->channels; c++)
                dx[ix * l->channels + c] += dy[c] / divisor;
        }
    }
}

static void average_pool_back(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_pool_loop l = *(const ph_pool_loop *)args;
    const int64_t width = l.in_size[1] * l.channels;
    for (int64_t row = begin; row < end; row++) {
        float *dx = l.to + row * width;
        if (!l.add)
            memset(dx, 0, (size_t)width * sizeof *dx);
        for (int64_t ky = 0; ky < l.kernel[0]; ky++) {
            const int64_t oy = output_row(&l, 0, row % l.in_size[0], ky);
            if (oy >= 0)
                average_pool_back_row(&l, dx, row / l.in_size[0], oy);
        }
    }
}

#endif
