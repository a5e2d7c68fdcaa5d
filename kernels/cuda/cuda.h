/* The GPU backend. */
#ifndef PH_CUDA_CUDA_H
#define PH_CUDA_CUDA_H

#include "host/engine/backend.h"

extern const ph_backend ph_backend_cuda;

#endif
