/* The planned 2-D real transform of the CPU backends: conventions, sizes and Hermitian rule are those of ph_backend in
 * host/engine/backend.h, whose four entries these functions are. Any number of threads gives the same bits. */
#ifndef PH_FFT_CPU_H
#define PH_FFT_CPU_H

#include "host/engine/backend.h"

/* `device` must start with ph_cpu_device_head (element_cpu.h). All memory, per-thread scratch included, is allocated
 * here. PH_MISUSE for sizes below 1 or beyond what fits in memory arithmetic, PH_NO_MEMORY. */
ph_status ph_fft_cpu_new(ph_device *device, int width, int height, int planes, ph_fft **out, ph_error *err);
void ph_fft_cpu_free(ph_fft *fft); /* NULL is fine */
/* Unnormalized inverse, [planes, height, width/2+1, 2] -> [planes, height, width]; may destroy the spectrum. */
ph_status ph_fft_cpu_c2r(ph_fft *fft, float *spectrum, float *planes, ph_error *err);
/* Forward, [planes, height, width] -> [planes, height, width/2+1, 2]. */
ph_status ph_fft_cpu_r2c(ph_fft *fft, const float *planes, float *spectrum, ph_error *err);

#endif
