/* The FFT of ph_backend on cuFFT. */
#ifndef PH_CUDA_FFT_H
#define PH_CUDA_FFT_H

#include "host/engine/backend.h"

ph_status ph_cuda_fft_new(ph_device *device, int width, int height, int planes, ph_fft **out, ph_error *err);
void ph_cuda_fft_free(ph_fft *fft);
ph_status ph_cuda_fft_c2r(ph_fft *fft, float *spectrum, float *planes, ph_error *err);
ph_status ph_cuda_fft_r2c(ph_fft *fft, const float *planes, float *spectrum, ph_error *err);

#endif
