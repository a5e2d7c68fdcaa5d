/* The parameters that an optimization starts from, made on the host for one picture at a time. */
#ifndef PH_IMAGE_INIT_H
#define PH_IMAGE_INIT_H

#include "host/image/photo.h"
#include "phosphene.h"

/* values[i] ~ N(0, deviation), i = 0 … count-1: Fourier coefficients (re and im each) or pixels before the sigmoid,
 * picture by picture. A value depends on the seed, the attempt (0; 1, 2 … for new starts after one that gave no
 * gradient) and i alone: not on the batch. */
void ph_init_noise(uint64_t seed, uint32_t attempt, double deviation, float *values, size_t count);

/* A photo of any size as planes [channels, height, width] before the sigmoid: resized so that width x height is just
 * covered, centre cut out, and taken back through the sigmoid (values clipped to half a grey level from 0 and 1) and,
 * if `mix` (3 channels), the colour matrix. The photo's channels are those of the network: 1 or 3. These are the pixel
 * parameters. PH_MISUSE, PH_NO_MEMORY. */
ph_status ph_init_photo(const ph_photo *photo, int width, int height, bool mix, float *planes, ph_error *err);

/* Planes as Fourier coefficients [channels, bins, 2] whose synthesis (times scale[bins], unnormalized inverse
 * transform) gives the planes again. PH_NO_MEMORY. */
ph_status ph_init_spectrum(const float *planes, int channels, int width, int height, const float *scale,
                           float *coefficients, ph_error *err);

#endif
