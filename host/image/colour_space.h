/* The colour space that pictures are optimized in, and what brightness means. */
#ifndef PH_IMAGE_COLOUR_SPACE_H
#define PH_IMAGE_COLOUR_SPACE_H

#include "phosphene.h"

/* rgb[c] = sum_j matrix[3 c + j] planes[j] before the sigmoid; the planes are nearly uncorrelated in photos. */
extern const float ph_colour_matrix[9];
extern const float ph_colour_inverse[9];

/* Rec. 601 luma: what PIL, stb and television call the grey of an RGB colour. */
extern const float ph_luma[3];

/* Standard deviation of the luminance of a picture, planes [channels, pixels]: of the luma of the first three channels,
 * of the only one, or of the mean of two. */
double ph_luminance_deviation(const float *picture, int channels, size_t pixels);

#endif
