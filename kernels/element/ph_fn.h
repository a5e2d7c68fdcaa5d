/* What gcc, clang and nvcc need to compile the same kernel bodies. Nothing here may redefine a maths function. */
#ifndef PH_FN_H
#define PH_FN_H

#include <math.h>
#include <stdint.h>

/* PH_FN qualifies every body. PH_SIMD stands before a loop whose turns are independent, even where inputs and outputs
 * are the same memory; within a turn no element is read after it was written (clang 14 moves such a load before the
 * store). PH_LANES is how many neighbours a body works on at once: one on the GPU, where a thread is a lane; on the CPU
 * as many as the widest vector holds. Every lane does the same operations in the same order for any PH_LANES, so the
 * results are the same bits. */
#ifdef __CUDACC__
#define PH_FN static __host__ __device__ __forceinline__
#define PH_SIMD
#define PH_LANES 1
#else
#define PH_FN static inline
#define PH_SIMD _Pragma("omp simd")
#define PH_LANES 16
#endif

/* a / b for 0 <= a, 0 < b: a 64-bit division only where it is needed. */
PH_FN int64_t ph_quotient(int64_t a, int64_t b)
{
    return (a | b) >> 32 ? a / b : (int64_t)((uint32_t)a / (uint32_t)b);
}

/* Most kernels are written over rows: the theme header gives
 *   int64_t ph_<name>_row(args)                          how many elements a row has (the last row may be cut short)
 *   void ph_<name>_span(row, first, count, args)         elements first … first+count-1 of a row
 * so that a CPU loop has contiguous neighbours and no division; this macro makes the one-element form of it. */
#define PH_SPAN_AT(name)                                                                                               \
    PH_FN void ph_##name##_at(int64_t i, ph_##name##_args a)                                                           \
    {                                                                                                                  \
        const int64_t length = ph_##name##_row(a);                                                                     \
        const int64_t row = ph_quotient(i, length);                                                                    \
        ph_##name##_span(row, i - row * length, 1, a);                                                                 \
    }

#endif
