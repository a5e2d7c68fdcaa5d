/* In which type the GPU keeps a network's values. Arithmetic is in float, whatever they are. */
#ifndef PH_CUDA_TYPE_H
#define PH_CUDA_TYPE_H

#include <stddef.h>

typedef enum ph_cuda_type { PH_CUDA_FLOAT, PH_CUDA_HALF, PH_CUDA_BFLOAT } ph_cuda_type;

static inline size_t ph_cuda_type_size(ph_cuda_type type)
{
    return type == PH_CUDA_FLOAT ? 4 : 2;
}

#endif
