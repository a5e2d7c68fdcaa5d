/* The tables that the Fourier parametrization reads: frequencies and the 1/f scale. */
#ifndef PH_IMAGE_SPECTRUM_SCALE_H
#define PH_IMAGE_SPECTRUM_SCALE_H

#include "phosphene.h"

/* height x (width/2+1), integer division: the bins of a real transform. */
int64_t ph_spectrum_bins(int width, int height);

/* frequency[bin] in cycles/pixel: sqrt(fx^2 + fy^2), row y standing for fy = y/height or, beyond the middle,
 * y/height - 1. */
void ph_spectrum_frequencies(int width, int height, float *frequency);

/* scale[bin] = max(f, 1/max(w,h))^-decay sqrt(w h) / 4 / (w h): Lucid, optvis/param/spatial.py (fft_image), and the
 * 1/(w h) of the inverse transform, which the backends leave out. */
void ph_spectrum_scale(int width, int height, double decay, float *scale);

#endif
