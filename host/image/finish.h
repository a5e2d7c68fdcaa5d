/* From the optimized planes to the finished 8-bit picture. */
#ifndef PH_IMAGE_FINISH_H
#define PH_IMAGE_FINISH_H

#include "phosphene.h"

typedef struct ph_finish {
    const float *planes; /* [channels, height, width], before the sigmoid */
    int channels, width, height;
    bool mix;        /* three channels through the colour matrix */
    double contrast; /* luminance standard deviation wanted, 0 … 0.5; 0 = leave as it is */
} ph_finish;

/* Channels of the 8-bit picture: 1 for one, else 3 (two channels: the third is mid-grey; more: the first three). */
int ph_finish_channels(int channels);

/* picture = sigmoid(m + k (matrix x planes - m)), m the mean of each channel, rounded to the nearest of 256 levels; k
 * in [1/8, 8] is found by bisection so that the luminance deviation is `contrast` (a flat picture stays as it is, and
 * what k cannot reach is approached). Around the mean and not around mid-grey: a unit that wants darkness keeps it.
 * pixels: [height, width, ph_finish_channels]. picture: [channels, height, width] in [0, 1], the same values after
 * rounding; may be NULL. PH_NOT_FINITE when a plane holds an infinity or NaN; PH_NO_MEMORY. */
ph_status ph_finish_run(const ph_finish *job, uint8_t *pixels, float *picture, ph_error *err);

#endif
