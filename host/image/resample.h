/* Resizing with the triangle filter. */
#ifndef PH_IMAGE_RESAMPLE_H
#define PH_IMAGE_RESAMPLE_H

#include "phosphene.h"

/* A window of a picture resized to full_width x full_height: columns left … left+width-1, rows top … top+height-1.
 * Bilinear, widened by the ratio when shrinking (antialiased); at the border the weights are those of the pixels that
 * exist, normalized. So do Pillow's BILINEAR and torchvision's antialiased Resize. Pixels [height, width, channels].
 * to: width x height x channels. PH_NO_MEMORY. */
typedef struct ph_resample {
    const float *from;
    int from_width, from_height, channels;
    int full_width, full_height;
    int left, top, width, height;
    float *to;
} ph_resample;

ph_status ph_resample_run(const ph_resample *job, ph_error *err);

#endif
