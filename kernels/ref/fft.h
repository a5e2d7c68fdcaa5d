/* The transforms of ref: sums over rows and columns, O(n^3) per plane, in double. */
#ifndef PH_REF_FFT_H
#define PH_REF_FFT_H

#include "host/engine/backend.h"

/* As the entries of ph_backend say. */
ph_status ph_ref_fft_new(ph_device *device, int width, int height, int planes, ph_fft **out, ph_error *err);
void ph_ref_fft_free(ph_fft *fft);
ph_status ph_ref_fft_c2r(ph_fft *fft, float *spectrum, float *planes, ph_error *err);
ph_status ph_ref_fft_r2c(ph_fft *fft, const float *planes, float *spectrum, ph_error *err);

#endif
