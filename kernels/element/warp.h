/* One bilinear resample from the picture to the network's input, and its exact adjoint.
 *
 * Forward: input pixel p reads the picture at s = A p + t with weights (1 - |s - q|) per axis on the four pixels q
 * around s; a pixel outside the picture counts as `fill`. A plane must have less than 2^31 pixels. Adjoint by gather:
 * picture pixel q visits the p with |A p + t - q| < 1 on both axes, a small box around A^-1 (q - t), and adds max(0,
 * 1-|.|) max(0, 1-|.|) dy, s recomputed by the same expression so that both directions use the same bits. */
#ifndef PH_ELEMENT_WARP_H
#define PH_ELEMENT_WARP_H

#include "kernels/element/ph_fn.h"

/* warp, count = pictures x window_width x window_height:
 * input[b, k, y, x] = sample(picture[b, order[k]], s) x gain[k] + offset[k]. */
typedef struct ph_warp_args {
    const float *picture;       /* [pictures, channels, height, width], in [0, 1] */
    const float *maps;          /* [pictures x 6], see schedule.h */
    float *input;               /* [pictures, channels, window_height, window_width] */
    const float *gain, *offset; /* [channels]: value range, mean and std */
    const int *order;           /* [channels]: picture channel of each network channel (BGR networks) */
    int channels, width, height, window_width, window_height;
    float fill;
} ph_warp_args;

/* One coordinate of A p + t, in the one form that both directions use: m is a row of the map. */
PH_FN float ph_warp_at_point(const float *m, float x, float y)
{
    return (m[1] * y + m[2]) + m[0] * x;
}

/* The bilinear weight of the whole position q for the position s, per axis. */
PH_FN float ph_warp_weight(float s, float q)
{
    const float w = 1.0f - fabsf(s - q);
    return w > 0.0f ? w : 0.0f;
}

/* Everything further than a pixel outside 0 … size-1 reads the fill alone: s may as well stand just there, where it
 * fits an int. NaN goes to the low end. */
PH_FN float ph_warp_clamp(float s, int size)
{
    const float low = s > -2.0f ? s : -2.0f;
    return low < (float)(size + 1) ? low : (float)(size + 1);
}

PH_FN int ph_warp_floor(float s)
{
    const int whole = (int)s;
    return whole - ((float)whole > s);
}

PH_FN int ph_warp_inside(int q, int size)
{
    return q < 0 ? 0 : q < size ? q : size - 1;
}

/* What PH_LANES neighbouring input pixels read: four taps each, row-major. */
typedef struct ph_warp_taps {
    int at[4 * PH_LANES];  /* within a plane; somewhere valid when outside the picture */
    int off[4 * PH_LANES]; /* 0 inside the picture */
    float weight[4 * PH_LANES];
} ph_warp_taps;

PH_FN void ph_warp_find_taps(ph_warp_taps *taps, const float *m, int x, int y, int width, int height)
{
    PH_SIMD
    for (int l = 0; l < PH_LANES; l++) {
        const float sx = ph_warp_clamp(ph_warp_at_point(m, (float)(x + l), (float)y), width);
        const float sy = ph_warp_clamp(ph_warp_at_point(m + 3, (float)(x + l), (float)y), height);
        const int x0 = ph_warp_floor(sx), y0 = ph_warp_floor(sy);
        const float wx0 = ph_warp_weight(sx, (float)x0), wx1 = ph_warp_weight(sx, (float)(x0 + 1));
        const float wy0 = ph_warp_weight(sy, (float)y0), wy1 = ph_warp_weight(sy, (float)(y0 + 1));
        const int left = ph_warp_inside(x0, width), right = ph_warp_inside(x0 + 1, width);
        const int top = ph_warp_inside(y0, height), bottom = ph_warp_inside(y0 + 1, height);
        taps->at[l] = top * width + left;
        taps->at[PH_LANES + l] = top * width + right;
        taps->at[2 * PH_LANES + l] = bottom * width + left;
        taps->at[3 * PH_LANES + l] = bottom * width + right;
        taps->off[l] = (left - x0) | (top - y0);
        taps->off[PH_LANES + l] = (right - 1 - x0) | (top - y0);
        taps->off[2 * PH_LANES + l] = (left - x0) | (bottom - 1 - y0);
        taps->off[3 * PH_LANES + l] = (right - 1 - x0) | (bottom - 1 - y0);
        taps->weight[l] = wy0 * wx0;
        taps->weight[PH_LANES + l] = wy0 * wx1;
        taps->weight[2 * PH_LANES + l] = wy1 * wx0;
        taps->weight[3 * PH_LANES + l] = wy1 * wx1;
    }
}

PH_FN int64_t ph_warp_row(ph_warp_args a)
{
    return a.window_width;
}

/* A row is a line of the window, in all channels. */
PH_FN void ph_warp_span(int64_t row, int64_t first, int64_t count, ph_warp_args a)
{
    const int64_t b = ph_quotient(row, a.window_height);
    const int64_t pixels = (int64_t)a.width * a.height, window = (int64_t)a.window_width * a.window_height;
    const int y = (int)(row - b * a.window_height), end = (int)(first + count);
    for (int x = (int)first; x < end; x += PH_LANES) {
        const int lanes = end - x < PH_LANES ? end - x : PH_LANES;
        ph_warp_taps taps;
        ph_warp_find_taps(&taps, a.maps + 6 * b, x, y, a.width, a.height);
        for (int k = 0; k < a.channels; k++) {
            const float *plane = a.picture + (b * a.channels + a.order[k]) * pixels;
            float *to = a.input + (b * a.channels + k) * window + (int64_t)y * a.window_width + x;
            float value[PH_LANES];
            PH_SIMD
            for (int l = 0; l < PH_LANES; l++) {
                const float p0 = plane[taps.at[l]], p1 = plane[taps.at[PH_LANES + l]];
                const float p2 = plane[taps.at[2 * PH_LANES + l]], p3 = plane[taps.at[3 * PH_LANES + l]];
                const float upper = taps.weight[l] * (taps.off[l] ? a.fill : p0) +
                                    taps.weight[PH_LANES + l] * (taps.off[PH_LANES + l] ? a.fill : p1);
                const float lower = taps.weight[2 * PH_LANES + l] * (taps.off[2 * PH_LANES + l] ? a.fill : p2) +
                                    taps.weight[3 * PH_LANES + l] * (taps.off[3 * PH_LANES + l] ? a.fill : p3);
                value[l] = (upper + lower) * a.gain[k] + a.offset[k];
            }
            for (int l = 0; l < lanes; l++)
                to[l] = value[l];
        }
    }
}

PH_SPAN_AT(warp)

/* warp_vjp, count = pictures x width x height: picture_gradient[b, order[k], q] = gain[k] sum_p weight(p, q) dinput. */
typedef struct ph_warp_vjp_args {
    const float *input_gradient; /* as input above */
    const float *maps;
    float *picture_gradient; /* as picture above */
    const float *gain;
    const int *order;
    int channels, width, height, window_width, window_height;
} ph_warp_vjp_args;

/* The map turned round, for finding the input pixels that read picture pixel q: they lie in the box of `nx` x `ny`
 * pixels around A^-1 (q - t). */
typedef struct ph_warp_inverse {
    float m[6];             /* A^-1, and t in [2] and [5] */
    float reach_x, reach_y; /* half the sides of the box */
    int nx, ny;
} ph_warp_inverse;

PH_FN int ph_warp_box(float reach, int size)
{
    const float count = 2.0f * reach + 1.0f;
    return count < (float)size ? (int)count : size; /* an infinite or NaN reach: everything */
}

/* The reach is sum_j |A^-1_ij|, plus a thousandth, plus what rounding does to positions as large as the pictures are. A
 * box too large costs time and changes nothing: the weights decide. */
PH_FN ph_warp_inverse ph_warp_invert(const float *m, ph_warp_vjp_args a)
{
    const float det = m[0] * m[4] - m[1] * m[3];
    const float largest = fabsf(m[2]) + fabsf(m[5]) + (float)(a.width + a.height + a.window_width + a.window_height);
    const float slack = 1.001f + 1e-6f * largest;
    ph_warp_inverse v;
    v.m[0] = m[4] / det;
    v.m[1] = -m[1] / det;
    v.m[2] = m[2];
    v.m[3] = -m[3] / det;
    v.m[4] = m[0] / det;
    v.m[5] = m[5];
    v.reach_x = (fabsf(v.m[0]) + fabsf(v.m[1])) * slack;
    v.reach_y = (fabsf(v.m[3]) + fabsf(v.m[4])) * slack;
    v.nx = ph_warp_box(v.reach_x, a.window_width);
    v.ny = ph_warp_box(v.reach_y, a.window_height);
    return v;
}

/* First whole position of a box of n inside 0 … size-1 that begins at or before every p >= low. */
PH_FN int ph_warp_begin(float low, int n, int size)
{
    const float last = (float)(size - n);
    const float low0 = low > 0.0f ? low : 0.0f; /* NaN to 0 */
    const int begin = (int)(low0 < last ? low0 : last);
    return begin + ((float)begin < low0 && begin < size - n);
}

/* Up to PH_WARP_GROUP channels of PH_LANES neighbours of one line: sums over the box, in row-major order. */
enum { PH_WARP_GROUP = 3 };

PH_FN void ph_warp_collect(float sum[][PH_LANES], const float *from, int64_t window, int channels, int x, int y,
                           const float *m, const ph_warp_inverse *v, ph_warp_vjp_args a)
{
    int px[PH_LANES], py[PH_LANES];
    PH_SIMD
    for (int l = 0; l < PH_LANES; l++) {
        const float dx = (float)(x + l) - v->m[2], dy = (float)y - v->m[5];
        px[l] = ph_warp_begin(v->m[0] * dx + v->m[1] * dy - v->reach_x, v->nx, a.window_width);
        py[l] = ph_warp_begin(v->m[3] * dx + v->m[4] * dy - v->reach_y, v->ny, a.window_height);
    }
    for (int j = 0; j < v->ny; j++) {
        for (int i = 0; i < v->nx; i++) {
            int at[PH_LANES];
            float weight[PH_LANES];
            PH_SIMD
            for (int l = 0; l < PH_LANES; l++) {
                const float fx = (float)(px[l] + i), fy = (float)(py[l] + j);
                at[l] = (py[l] + j) * a.window_width + px[l] + i;
                weight[l] = ph_warp_weight(ph_warp_at_point(m + 3, fx, fy), (float)y) *
                            ph_warp_weight(ph_warp_at_point(m, fx, fy), (float)(x + l));
            }
            for (int k = 0; k < channels; k++) {
                const float *plane = from + k * window;
                PH_SIMD
                for (int l = 0; l < PH_LANES; l++)
                    sum[k][l] += weight[l] * plane[at[l]];
            }
        }
    }
}

PH_FN int64_t ph_warp_vjp_row(ph_warp_vjp_args a)
{
    return a.width;
}

/* A row is a line of the picture, in all channels. */
PH_FN void ph_warp_vjp_span(int64_t row, int64_t first, int64_t count, ph_warp_vjp_args a)
{
    const int64_t b = ph_quotient(row, a.height);
    const int64_t pixels = (int64_t)a.width * a.height, window = (int64_t)a.window_width * a.window_height;
    const int y = (int)(row - b * a.height), end = (int)(first + count);
    const float *m = a.maps + 6 * b;
    const ph_warp_inverse v = ph_warp_invert(m, a);
    for (int x = (int)first; x < end; x += PH_LANES) {
        const int lanes = end - x < PH_LANES ? end - x : PH_LANES;
        for (int k0 = 0; k0 < a.channels; k0 += PH_WARP_GROUP) {
            const int group = a.channels - k0 < PH_WARP_GROUP ? a.channels - k0 : PH_WARP_GROUP;
            const float *from = a.input_gradient + (b * a.channels + k0) * window;
            float sum[PH_WARP_GROUP][PH_LANES] = {{0}};
            if (group == PH_WARP_GROUP)
                ph_warp_collect(sum, from, window, PH_WARP_GROUP, x, y, m, &v, a);
            else
                ph_warp_collect(sum, from, window, group, x, y, m, &v, a);
            for (int k = 0; k < group; k++) {
                float *to = a.picture_gradient + (b * a.channels + a.order[k0 + k]) * pixels + (int64_t)y * a.width + x;
                for (int l = 0; l < lanes; l++)
                    to[l] = sum[k][l] * a.gain[k0 + k];
            }
        }
    }
}

PH_SPAN_AT(warp_vjp)

#endif
