/* Qualifier of code that gcc, clang and nvcc all compile. Nothing here may redefine a maths function. */
#ifndef PH_FN_H
#define PH_FN_H

#include <math.h>
#include <stdint.h>

#ifdef __CUDACC__
#define PH_FN static __host__ __device__ __forceinline__
#else
#define PH_FN static inline
#endif

#endif
