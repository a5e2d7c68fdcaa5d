/* A real Fourier transform on the host, in double, for any size. It serves once per render (a photo as the start), so
 * it is small rather than fast: O(n sum of n's prime factors) per line. */
#ifndef PH_IMAGE_DFT_H
#define PH_IMAGE_DFT_H

#include "phosphene.h"

/* spectrum[y, x] = sum_{v,u} plane[v, u] e^(-2 pi i (u x/width + v y/height)), x = 0 … width/2; unnormalized.
 * plane [height, width]; spectrum [height, width/2+1, 2]. PH_NO_MEMORY. */
ph_status ph_dft_r2c(const float *plane, int width, int height, float *spectrum, ph_error *err);

#endif
