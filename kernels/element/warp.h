/* One bilinear resample from the picture to the network's input, and its exact adjoint.
 *
 * Forward: input pixel p reads the picture at s = A p + t with weights (1 - |s - q|) per axis on the four pixels q
 * around s; a pixel outside the picture counts as `fill`. Adjoint by gather: picture pixel q visits the p with
 * |A p + t - q| < 1 on both axes, a small box around A^-1 (q - t), and adds max(0, 1-|.|) max(0, 1-|.|) dy, s recomputed
 * by the same expression so that both directions use the same bits. */
#ifndef PH_ELEMENT_WARP_H
#define PH_ELEMENT_WARP_H

#include "kernels/element/ph_fn.h"

/* warp, count = pictures x window_width x window_height:
 * input[b, k, y, x] = sample(picture[b, order[k]], s) x gain[k] + offset[k]. */
typedef struct ph_warp_args {
    const float *picture; /* [pictures, channels, height, width], in [0, 1] */
    const float *maps;    /* [pictures x 6], see schedule.h */
    float *input;         /* [pictures, channels, window_height, window_width] */
    const float *gain, *offset; /* [channels]: value range, mean and std */
    const int *order;           /* [channels]: picture channel of each network channel (BGR networks) */
    int channels, width, height, window_width, window_height;
    float fill;
} ph_warp_args;

/* warp_vjp, count = pictures x width x height: picture_gradient[b, order[k], q] = gain[k] sum_p weight(p, q) dinput. */
typedef struct ph_warp_vjp_args {
    const float *input_gradient; /* as input above */
    const float *maps;
    float *picture_gradient;     /* as picture above */
    const float *gain;
    const int *order;
    int channels, width, height, window_width, window_height;
} ph_warp_vjp_args;

#endif
