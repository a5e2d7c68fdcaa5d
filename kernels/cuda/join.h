/* Concatenations of channels, channels last, in one launch each way: a network of branches has so many that their
 * number counts. Conventions of launch.h. */
#ifndef PH_CUDA_JOIN_H
#define PH_CUDA_JOIN_H

#include "kernels/cuda/type.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { PH_CUDA_PARTS = 8 };

/* Channels at … at + width - 1 of the whole, which also stand by themselves: rows of `pitch` values. */
typedef struct ph_cuda_part {
    const void *values; /* way back: NULL, or the part as a ReLU gave it */
    void *gradient;     /* way back: where its gradient goes; NULL: it has none */
    int64_t at, width, pitch;
} ph_cuda_part;

typedef struct ph_cuda_parts {
    int count;
    int64_t rows, pitch; /* of the whole */
    ph_cuda_part part[PH_CUDA_PARTS];
} ph_cuda_parts;

/* whole <- the parts' values, pads zero. */
cudaError_t ph_cuda_join(ph_cuda_type type, const ph_cuda_parts *parts, void *whole, cudaStream_t stream);
/* The parts' gradients <- their channels of the whole's, through the ReLU of those that have values. dead NULL: normal;
 * else [parts, pictures]: where it is not 0 the redirected rule decides (backend.h). */
cudaError_t ph_cuda_cut(ph_cuda_type type, const ph_cuda_parts *parts, const void *whole, const int *dead,
                        int64_t rows_per_picture, cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
