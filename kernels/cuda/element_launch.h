/* The per-element kernels (kernels/element/element.def) and the spectrum's projection as typed functions that plain C
 * calls. They queue work on `stream` and return what the launch said. */
#ifndef PH_CUDA_ELEMENT_LAUNCH_H
#define PH_CUDA_ELEMENT_LAUNCH_H

#include "kernels/element/element.h"

#include <cuda_runtime_api.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PH_ELEMENT(name) cudaError_t ph_cuda_element_##name(int64_t count, ph_##name##_args args, cudaStream_t stream);
#include "kernels/element/element.def"
#undef PH_ELEMENT

/* Makes the columns 0 and (even width) width/2 of `planes` spectra Hermitian, in place, as numpy.fft.irfft2 reads them:
 * (z(k) + conj z(-k)) / 2. */
cudaError_t ph_cuda_project(float *spectrum, int64_t planes, int width, int height, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
