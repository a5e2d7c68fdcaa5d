/* Maxima over the small square windows of most networks (pool.cu does all others): several windows in one thread, so
 * that a value is read, compared and decoded once for all windows that share it. Inside of ph_cuda_pool_forward and
 * ph_cuda_pool_backward, with their rules. */
#ifndef PH_CUDA_MAXIMA_CUH
#define PH_CUDA_MAXIMA_CUH

#include "kernels/cuda/launch.h"

extern "C" {

/* Windows of 3 x 3 by 1 or 2, or of 2 x 2 by 2, without dilation, each with some place inside the image; planes of
 * fewer than 2^31 values. */
bool ph_cuda_maxima_fit(const ph_cuda_pool &pool);
/* index: NULL or a byte per output value. */
cudaError_t ph_cuda_maxima_forward(ph_cuda_type type, const ph_cuda_pool &pool, const void *x, void *y, uint8_t *index,
                                   cudaStream_t stream);
cudaError_t ph_cuda_maxima_backward(ph_cuda_type type, const ph_cuda_pool &pool, const uint8_t *index, const void *dy,
                                    void *dx, bool add, cudaStream_t stream);
}

#endif
