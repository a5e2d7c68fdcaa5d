/* The picture as the first convolution reads it when that strides by s: blocks of s x s pixels become channels.
 *
 * A convolution of stride s over C channels is one of stride 1 over C s s: fewer products are spent on pads (3 channels
 * of 8), and its input gradient is an ordinary one. Conventions of launch.h. */
#ifndef PH_CUDA_BLOCK_H
#define PH_CUDA_BLOCK_H

#include "kernels/cuda/type.h"

#include <cuda_runtime_api.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Pixel (y, x) of channel c stands in block ((y + origin_y) / side, (x + origin_x) / side), at channel
 * (c side + (y + origin_y) % side) side + (x + origin_x) % side. The origins are multiples of `side`. What is outside
 * the picture is 0: the convolution's pads stand in the blocks. */
typedef struct ph_cuda_block {
    int side; /* 0: the picture is not read in blocks */
    int channels, height, width;
    int rows, columns, origin_y, origin_x;
    int64_t pitch; /* of a block: channels side side, padded */
} ph_cuda_block;

/* plain float [pictures, channels, height, width] to [pictures, rows, columns, pitch]. */
cudaError_t ph_cuda_block_pack(ph_cuda_type type, const ph_cuda_block *block, int64_t pictures, const float *plain,
                               void *blocks, cudaStream_t stream);
/* The other way: plain = scale x what stands in the blocks; 0 for pixels beyond the last block. */
cudaError_t ph_cuda_block_unpack(ph_cuda_type type, const ph_cuda_block *block, int64_t pictures, const void *blocks,
                                 float *plain, float scale, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
