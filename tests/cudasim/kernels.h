/* See kernels.cu. */
#ifndef CUDASIM_KERNELS_H
#define CUDASIM_KERNELS_H

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

cudaError_t test_fill(float *to, int64_t count, float value, cudaStream_t stream);      /* to[i] = value + i */
cudaError_t test_fill_half(void *to, unsigned count, float value, cudaStream_t stream); /* the same in halves */
cudaError_t test_copy(const float *from, float *to, int64_t count, cudaStream_t stream);
cudaError_t test_copy4(const float *from, float *to, cudaStream_t stream); /* as one float4 */
/* Blocks of 64: each turned around; without the barrier, or without filling the shared memory, wrong. */
cudaError_t test_reverse(const float *from, float *to, unsigned blocks, bool wait, bool load, cudaStream_t stream);
cudaError_t test_part_ways(float *to, cudaStream_t stream);           /* two threads at two barriers */
cudaError_t test_collide(float *to, float step, cudaStream_t stream); /* two blocks write 1, 1 + step to to[0] */
cudaError_t test_shift(float *to, cudaStream_t stream);               /* to[i] = to[i + 1], two threads */
cudaError_t test_block_sum(const float *from, float *to, unsigned blocks, cudaStream_t stream); /* of 256 each */
cudaError_t test_block_of(unsigned threads, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
