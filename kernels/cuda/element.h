/* The table of per-element kernels on the GPU. */
#ifndef PH_CUDA_ELEMENT_H
#define PH_CUDA_ELEMENT_H

#include "host/engine/backend.h"

extern const ph_element_kernels ph_cuda_element_kernels;

#endif
