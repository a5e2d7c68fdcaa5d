/* Bodies of the activation loops and of scale and shift. Included by loops.c. */
#ifndef PH_CPU_LOOPS_ACT_H
#define PH_CPU_LOOPS_ACT_H

#include "kernels/cpu/loops.h"
#include "kernels/element/pointwise.h"

#include <stddef.h>

static inline float rectified(const ph_rectify_loop *l, bool redirected, float x, float g)
{
    return ph_rectifier_passes(redirected, l->upper, x, g) ? g : 0.0f;
}

static void rectify(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_rectify_loop l = *(const ph_rectify_loop *)args;
    const float *x = l.x, *from = l.from;
    float *to = l.to;
    if (l.redirected)
        for (int64_t i = begin; i < end; i++)
            to[i] = (l.add ? to[i] : 0.0f) + rectified(&l, true, x[i], from[i]);
    else if (l.add)
        for (int64_t i = begin; i < end; i++)
            to[i] += rectified(&l, false, x[i], from[i]);
    else
        for (int64_t i = begin; i < end; i++)
            to[i] = rectified(&l, false, x[i], from[i]);
}

/* Elements begin … end-1 with slope s[i * step] for the i-th of them. */
static inline void act_run(const ph_act_loop *l, const float *s, int64_t step, int64_t begin, int64_t end)
{
    const float *x = l->x;
    float *y = l->y;
    switch (l->kind) {
#define PH_ACT_CASE(name)                                                                                              \
    case name:                                                                                                         \
        for (int64_t i = begin; i < end; i++)                                                                          \
            y[i] = ph_act_value(name, l->a, l->b, name == PH_ACT_PRELU ? s[(i - begin) * step] : 0.0f, x[i]);          \
        break;
        PH_ACT_KINDS(PH_ACT_CASE)
#undef PH_ACT_CASE
    case PH_ACT_COUNT:
        break;
    }
}

static inline void act_back_run(const ph_act_back_loop *l, const float *s, int64_t step, int64_t begin, int64_t end)
{
    const float *x = l->act.x, *from = l->from;
    float *to = l->to;
    switch (l->act.kind) {
#define PH_ACT_CASE(name)                                                                                              \
    case name:                                                                                                         \
        for (int64_t i = begin; i < end; i++) {                                                                        \
            const float slope = name == PH_ACT_PRELU ? s[(i - begin) * step] : 0.0f;                                   \
            const float d = ph_act_slope(name, l->act.a, l->act.b, slope, false, x[i]) * from[i];                      \
            to[i] = l->add ? to[i] + d : d;                                                                            \
        }                                                                                                              \
        break;
        PH_ACT_KINDS(PH_ACT_CASE)
#undef PH_ACT_CASE
    case PH_ACT_COUNT:
        break;
    }
}

/* How far from element i, at most to `end`, slopes run on in memory (step 1) or stay the same (step 0). */
static inline int64_t slope_run(const ph_act_loop *l, int64_t i, int64_t end, const float **slope, int64_t *step)
{
    const int64_t inner = l->inner, channel = i / inner % l->channels;
    *slope = l->slope + channel;
    *step = inner == 1;
    const int64_t next = inner == 1 ? i + l->channels - channel : (i / inner + 1) * inner;
    return next < end ? next : end;
}

static void act(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_act_loop l = *(const ph_act_loop *)args;
    if (l.kind != PH_ACT_PRELU) {
        act_run(&l, NULL, 0, begin, end);
        return;
    }
    while (begin < end) {
        const float *slope;
        int64_t step;
        const int64_t stop = slope_run(&l, begin, end, &slope, &step);
        act_run(&l, slope, step, begin, stop);
        begin = stop;
    }
}

static void act_back(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_act_back_loop l = *(const ph_act_back_loop *)args;
    if (l.act.kind != PH_ACT_PRELU) {
        act_back_run(&l, NULL, 0, begin, end);
        return;
    }
    while (begin < end) {
        const float *slope;
        int64_t step;
        const int64_t stop = slope_run(&l.act, begin, end, &slope, &step);
        act_back_run(&l, slope, step, begin, stop);
        begin = stop;
    }
}

static inline float scaled(const ph_affine_loop *l, int64_t c, float x)
{
    const float product = l->scale ? x * l->scale[c] : x;
    return l->shift ? product + l->shift[c] : product;
}

static void affine(const void *args, int part, int64_t begin, int64_t end)
{
    (void)part;
    const ph_affine_loop l = *(const ph_affine_loop *)args;
    for (int64_t row = begin; row < end; row++)
        for (int64_t c = 0; c < l.channels; c += l.inner == 1 ? l.channels : 1) {
            /* Channels stand together, or each has a plane of its own. */
            const int64_t first = (row * l.channels + c) * l.inner;
            const int64_t length = l.inner == 1 ? l.channels : l.inner, step = l.inner == 1;
            const float *x = l.x + first;
            float *y = l.y + first;
            for (int64_t i = 0; i < length; i++) {
                const float value = scaled(&l, c + i * step, x[i]);
                y[i] = l.add ? y[i] + value : value;
            }
        }
}

#endif
