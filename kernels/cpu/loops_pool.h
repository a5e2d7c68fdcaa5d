/* Bodies of the pooling loops, channels-last. Included by loops.c. */
#ifndef PH_CPU_LOOPS_POOL_H
#define PH_CPU_LOOPS_POOL_H

#include "kernels/cpu/loops.h"
#include "kernels/element/ph_math.h"

#include <string.h>

/* No element of the window lies in the image; the maximum is then 0. As a byte 255: byte windows have at most 255
 * elements. */
enum { PH_NONE_CHOSEN = -1 };

/* A rest of channels that fills no vector is done by a last vector that overlaps the one before: computing a result
 * twice changes nothing unless it adds to itself. Returns where whole vectors end. */
enum { PH_VECTOR = 16 };

static inline int64_t whole_vectors(int64_t channels, bool repeatable)
{
    return repeatable && channels > PH_VECTOR ? channels / PH_VECTOR * PH_VECTOR : channels;
}

/* Up to PH_GROUP window elements at a time, so that what they decide stays in registers. */
enum { PH_GROUP = 9, PH_SMALL_GROUP = 4 };

/* Some elements of one window: where they are and their numbers in it. careful: some may be NaN. */
typedef struct taps {
    int count;
    bool careful;
    const float *x[PH_GROUP];
    int32_t code[PH_GROUP];
} taps;

/* y, chosen = the winner among y, chosen (unless the window just starts) and the taps, in order: of equal values the
 * first stays, a NaN wins and stays. `size` >= t->count; spare taps repeat the first, which never beats itself. Bytes
 * may alias everything, so the taps are copied and the results restricted. */
static inline void challenge(const taps *t, int size, bool starts, bool careful, float *restrict y,
                             uint8_t *restrict narrow, int32_t *restrict wide, int64_t begin, int64_t end)
{
    const taps own = *t;
    for (int64_t c = begin; c < end; c++) {
        float best = starts ? own.x[0][c] : y[c];
        int32_t code = starts ? own.code[0] : wide ? wide[c] : narrow[c];
        for (int k = starts ? 1 : 0; k < size; k++) {
            const float x = own.x[k][c];
            const bool take = careful ? (best == best) & !(x <= best) : x > best;
            best = take ? x : best;
            code = take ? own.code[k] : code;
        }
        y[c] = best;
        if (wide)
            wide[c] = code;
        else
            narrow[c] = (uint8_t)code;
    }
}

/* Channels begin … end-1 of one group; the cases are those where constants make the inner loop straight. */
static void challenge_some(const taps *t, bool small, bool starts, float *y, uint8_t *narrow, int32_t *wide,
                           int64_t begin, int64_t end)
{
    if (wide)
        challenge(t, PH_GROUP, starts, true, y, NULL, wide, begin, end);
    else if (t->careful || !starts)
        challenge(t, PH_GROUP, starts, true, y, narrow, NULL, begin, end);
    else if (small)
        challenge(t, PH_SMALL_GROUP, true, false, y, narrow, NULL, begin, end);
    else
        challenge(t, PH_GROUP, true, false, y, narrow, NULL, begin, end);
}

static inline void challenge_group(taps *t, bool starts, float *y, uint8_t *narrow, int32_t *wide, int64_t channels)
{
    const bool small = t->count <= PH_SMALL_GROUP;
    for (int k = t->count; k < PH_GROUP; k++) {
        t->x[k] = t->x[0];
        t->code[k] = t->code[0];
    }
    t->count = 0;
    const int64_t whole = whole_vectors(channels, starts);
    challenge_some(t, small, starts, y, narrow, wide, 0, whole);
    if (whole < channels)
        challenge_some(t, small, starts, y, narrow, wide, channels - PH_VECTOR, channels);
}

static inline void max_at(const ph_pool_loop *l, const float *image, bool careful, int64_t oy, int64_t ox, float *y,
                          uint8_t *narrow, int32_t *wide)
{
    taps t = {.careful = careful};
    bool starts = true;
    for (int64_t ky = 0; ky < l->kernel[0]; ky++) {
        const int64_t iy = oy * l->stride[0] - l->pad_begin[0] + ky * l->dilation[0];
        for (int64_t kx = 0; kx < l->kernel[1] && iy >= 0 && iy < l->in_size[0]; kx++) {
            const int64_t ix = ox * l->stride[1] - l->pad_begin[1] + kx * l->dilation[1];
            if (ix < 0 || ix >= l->in_size[1])
                continue;
            t.x[t.count] = image + (iy * l->in_size[1] + ix) * l->channels;
            t.code[t.count++] = (int32_t)(ky * l->kernel[1] + kx);
            if (t.count < PH_GROUP)
                continue;
            challenge_group(&t, starts, y, narrow, wide, l->channels);
            starts = false;
        }
    }
    if (t.count)
        challenge_group(&t, starts, y, narrow, wide, l->channels);
    else if (starts)
        for (int64_t c = 0; c < l->channels; c++) {
            y[c] = 0.0f;
            if (wide)
                wide[c] = PH_NONE_CHOSEN;
            else
                narrow[c] = (uint8_t)PH_NONE_CHOSEN;
        }
}

static inline bool holds_nan(const float *x, int64_t count)
{
    int found = 0;
    for (int64_t i = 0; i < count; i++)
        found |= x[i] != x[i];
    return found;
}

/* Each input row is searched for NaNs once, when the first window reaches it; from a NaN on all comparisons are
 * careful. */
static void max_pool(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_pool_loop l = *(const ph_pool_loop *)args;
    const int64_t in_row = l.in_size[1] * l.channels, reach = (l.kernel[0] - 1) * l.dilation[0] - l.pad_begin[0];
    int64_t searched = 0; /* input rows of all images, counted through */
    bool careful = false;
    for (int64_t row = begin; row < end; row++) {
        const int64_t image = row / l.out_size[0] * l.in_size[0], oy = row % l.out_size[0];
        const int64_t lowest = oy * l.stride[0] - l.pad_begin[0], highest = oy * l.stride[0] + reach;
        const int64_t last = image + (highest < l.in_size[0] ? highest + 1 : l.in_size[0]);
        const int64_t first = image + (lowest > 0 ? lowest : 0), from = searched > first ? searched : first;
        if (from < last && !careful)
            careful = holds_nan(l.from + from * in_row, (last - from) * in_row);
        searched = last > searched ? last : searched;
        for (int64_t ox = 0; ox < l.out_size[1]; ox++) {
            const int64_t at = (row * l.out_size[1] + ox) * l.channels;
            uint8_t *narrow = l.wide ? NULL : (uint8_t *)l.chosen + at;
            int32_t *wide = l.wide ? (int32_t *)l.chosen + at : NULL;
            max_at(&l, l.from + image * in_row, careful, oy, ox, l.to + at, narrow, wide);
        }
    }
}

/* Some of the windows that hold one input position: their gradients, winners, and the position's number in each. */
typedef struct sources {
    int count;
    int64_t at[PH_GROUP];
    int32_t code[PH_GROUP];
} sources;

/* dx (+)= the gradients of the windows that this position won. */
static inline void collect(const sources *s, int size, bool starts, const float *dy, const uint8_t *narrow,
                           const int32_t *wide, float *restrict dx, int64_t begin, int64_t end)
{
    const sources own = *s;
    for (int64_t c = begin; c < end; c++) {
        float sum = starts ? 0.0f : dx[c];
        for (int k = 0; k < size; k++) {
            const int32_t winner = wide ? wide[own.at[k] + c] : narrow[own.at[k] + c];
            sum += ph_masked(dy[own.at[k] + c], winner == own.code[k]);
        }
        dx[c] = sum;
    }
}

/* The cases are those where constants make the inner loop straight. */
static inline void collect_size(const ph_pool_loop *l, const sources *s, int size, bool starts, float *dx,
                                int64_t begin, int64_t end)
{
    if (starts)
        collect(s, size, true, l->from, l->chosen, NULL, dx, begin, end);
    else
        collect(s, size, false, l->from, l->chosen, NULL, dx, begin, end);
}

static void collect_some(const ph_pool_loop *l, const sources *s, int count, bool starts, float *dx, int64_t begin,
                         int64_t end)
{
    if (l->wide)
        collect(s, PH_GROUP, starts, l->from, NULL, l->chosen, dx, begin, end);
    else if (count == 1)
        collect_size(l, s, 1, starts, dx, begin, end);
    else if (count == 2)
        collect_size(l, s, 2, starts, dx, begin, end);
    else if (count <= PH_SMALL_GROUP)
        collect_size(l, s, PH_SMALL_GROUP, starts, dx, begin, end);
    else
        collect_size(l, s, PH_GROUP, starts, dx, begin, end);
}

/* As challenge_group; spare sources have a number that no window element has. */
static inline void collect_group(const ph_pool_loop *l, sources *s, bool starts, float *dx)
{
    enum { NOBODY = -2 };
    const int count = s->count;
    for (int k = count; k < PH_GROUP; k++) {
        s->at[k] = s->at[0];
        s->code[k] = NOBODY;
    }
    s->count = 0;
    const int64_t whole = whole_vectors(l->channels, starts);
    collect_some(l, s, count, starts, dx, 0, whole);
    if (whole < l->channels)
        collect_some(l, s, count, starts, dx, l->channels - PH_VECTOR, l->channels);
}

/* Output indices along an axis whose window elements k = 0, 1, … lie at input index i: quotient and rest of
 * i + padding - k dilation by the stride, stepped without dividing. */
typedef struct stepper {
    int64_t quotient, rest, stride, down, down_rest;
} stepper;

static inline stepper step_from(const ph_pool_loop *l, int axis, int64_t i)
{
    const int64_t stride = l->stride[axis], t = i + l->pad_begin[axis];
    if (stride == 1)
        return (stepper){t, 0, 1, l->dilation[axis], 0};
    const int64_t down = l->dilation[axis] == 1 ? 0 : l->dilation[axis] / stride;
    return (stepper){t / stride, t % stride, stride, down, l->dilation[axis] - down * stride};
}

static inline void step_down(stepper *s)
{
    s->quotient -= s->down;
    s->rest -= s->down_rest;
    if (s->rest < 0) {
        s->rest += s->stride;
        s->quotient--;
    }
}

/* The output index, -1 if no window has its element k here. */
static inline int64_t step_index(const stepper *s, int64_t length)
{
    return s->rest == 0 && s->quotient >= 0 && s->quotient < length ? s->quotient : -1;
}

static inline void max_back_at(const ph_pool_loop *l, int64_t n, int64_t iy, int64_t ix, float *dx)
{
    sources s = {.count = 0};
    bool starts = !l->add;
    stepper y = step_from(l, 0, iy);
    for (int64_t ky = 0; ky < l->kernel[0]; ky++, step_down(&y)) {
        const int64_t oy = step_index(&y, l->out_size[0]);
        if (oy < 0)
            continue;
        stepper x = step_from(l, 1, ix);
        for (int64_t kx = 0; kx < l->kernel[1]; kx++, step_down(&x)) {
            const int64_t ox = step_index(&x, l->out_size[1]);
            if (ox < 0)
                continue;
            s.at[s.count] = ((n * l->out_size[0] + oy) * l->out_size[1] + ox) * l->channels;
            s.code[s.count++] = (int32_t)(ky * l->kernel[1] + kx);
            if (s.count < PH_GROUP)
                continue;
            collect_group(l, &s, starts, dx);
            starts = false;
        }
    }
    if (s.count)
        collect_group(l, &s, starts, dx);
    else if (starts)
        memset(dx, 0, (size_t)l->channels * sizeof *dx);
}

static void max_pool_back(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_pool_loop l = *(const ph_pool_loop *)args;
    for (int64_t row = begin; row < end; row++)
        for (int64_t ix = 0; ix < l.in_size[1]; ix++)
            max_back_at(&l, row / l.in_size[0], row % l.in_size[0], ix, l.to + (row * l.in_size[1] + ix) * l.channels);
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
        stepper y = step_from(&l, 0, row % l.in_size[0]);
        for (int64_t ky = 0; ky < l.kernel[0]; ky++, step_down(&y)) {
            const int64_t oy = step_index(&y, l.out_size[0]);
            if (oy >= 0)
                average_pool_back_row(&l, dx, row / l.in_size[0], oy);
        }
    }
}

#endif
