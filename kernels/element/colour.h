/* Decorrelated colour planes to a picture in [0, 1] and back. */
#ifndef PH_ELEMENT_COLOUR_H
#define PH_ELEMENT_COLOUR_H

#include "kernels/element/ph_fn.h"

/* colour, count = pictures x pixels: picture[c] = sigmoid(sum_j matrix[c][j] planes[j]) for three channels with `mix`,
 * else picture[c] = sigmoid(planes[c]) for any number. Both [pictures, channels, pixels]. In and out may be the same. */
typedef struct ph_colour_args {
    const float *planes;
    float *picture;
    int64_t pixels;
    int channels;
    int mix;         /* 1: three channels through the matrix */
    float matrix[9]; /* row-major; Lucid color.py, normalized */
} ph_colour_args;

/* colour_vjp, count = pictures x pixels: from picture and d/dpicture to d/dplanes = matrix^T (d p (1-p)). */
typedef struct ph_colour_vjp_args {
    const float *picture;
    const float *picture_gradient;
    float *planes_gradient; /* may be picture_gradient */
    int64_t pixels;
    int channels;
    int mix;
    float matrix[9];
} ph_colour_vjp_args;

#endif
