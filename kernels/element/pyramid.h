/* One level of a Laplacian pyramid of planes, as TensorFlow's DeepDream notebook normalizes gradients with (its
 * lap_split and lap_merge): a binomial blur [1 4 6 4 1] x [1 4 6 4 1] / 256 that halves, and its adjoint, times four,
 * that doubles again. Sizes round up; the fine sample that coarse sample i is centred on is 2i, or 2i+1 where the fine
 * size is even (the padding that TensorFlow calls SAME). Outside is zero. */
#ifndef PH_ELEMENT_PYRAMID_H
#define PH_ELEMENT_PYRAMID_H

#include "kernels/element/ph_fn.h"

/* [1 4 6 4 1] / 16 */
PH_FN float ph_pyramid_tap(int64_t distance)
{
    const int64_t d = distance < 0 ? -distance : distance;
    return d == 0 ? 0.375f : d == 1 ? 0.25f : d == 2 ? 0.0625f : 0.0f;
}

/* pyramid_down, count = planes x coarse pixels: the blur, read at every second sample. */
typedef struct ph_pyramid_down_args {
    const float *fine; /* [planes, height, width] */
    float *coarse;     /* [planes, (height+1)/2, (width+1)/2] */
    int width, height; /* of fine */
} ph_pyramid_down_args;

PH_FN int64_t ph_pyramid_down_row(ph_pyramid_down_args a)
{
    return (a.width + 1) / 2;
}

PH_FN void ph_pyramid_down_span(int64_t row, int64_t first, int64_t count, ph_pyramid_down_args a)
{
    const int64_t columns = (a.width + 1) / 2, lines = (a.height + 1) / 2;
    const int64_t plane = ph_quotient(row, lines);
    const int64_t cy = 2 * (row - plane * lines) + (a.height % 2 == 0), odd = a.width % 2 == 0;
    const float *fine = a.fine + plane * a.width * a.height;
    float *to = a.coarse + row * columns;
    for (int64_t x = first; x < first + count; x++) {
        const int64_t cx = 2 * x + odd;
        float sum = 0.0f;
        for (int64_t y = cy - 2; y <= cy + 2; y++) {
            if (y < 0 || y >= a.height)
                continue;
            const float *line = fine + y * a.width;
            float part = 0.0f;
            for (int64_t k = cx - 2; k <= cx + 2; k++)
                if (k >= 0 && k < a.width)
                    part += ph_pyramid_tap(k - cx) * line[k];
            sum += ph_pyramid_tap(y - cy) * part;
        }
        to[x] = sum;
    }
}

PH_SPAN_AT(pyramid_down)

/* pyramid_up, count = planes x fine pixels: fine = fine_rate fine + factor coarse_rate up(coarse), rates in device
 * memory (null: 1). factor -1 splits a level off, 1 puts it back. */
typedef struct ph_pyramid_up_args {
    const float *coarse;
    float *fine;
    const float *fine_rate, *coarse_rate;
    int width, height; /* of fine */
    float factor;
} ph_pyramid_up_args;

PH_FN int64_t ph_pyramid_up_row(ph_pyramid_up_args a)
{
    return a.width;
}

PH_FN void ph_pyramid_up_span(int64_t row, int64_t first, int64_t count, ph_pyramid_up_args a)
{
    const int64_t columns = (a.width + 1) / 2, lines = (a.height + 1) / 2;
    const int64_t plane = ph_quotient(row, a.height);
    const int64_t y = row - plane * a.height, even_y = a.height % 2 == 0, even_x = a.width % 2 == 0;
    const float keep = a.fine_rate ? a.fine_rate[0] : 1.0f;
    const float add = 4.0f * a.factor * (a.coarse_rate ? a.coarse_rate[0] : 1.0f);
    const float *coarse = a.coarse + plane * columns * lines;
    float *to = a.fine + row * a.width;
    const int64_t line0 = y - even_y < 2 ? 0 : (y - even_y - 1) / 2;
    for (int64_t x = first; x < first + count; x++) {
        const int64_t column0 = x - even_x < 2 ? 0 : (x - even_x - 1) / 2;
        float sum = 0.0f;
        for (int64_t cy = line0; cy < lines && cy <= line0 + 2; cy++) {
            float part = 0.0f;
            for (int64_t cx = column0; cx < columns && cx <= column0 + 2; cx++)
                part += ph_pyramid_tap(x - (2 * cx + even_x)) * coarse[cy * columns + cx];
            sum += ph_pyramid_tap(y - (2 * cy + even_y)) * part;
        }
        to[x] = keep * to[x] + add * sum;
    }
}

PH_SPAN_AT(pyramid_up)

#endif
