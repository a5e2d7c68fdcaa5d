/* What every kernel file uses: launching, loops over elements, and values of any type as eight floats. */
#ifndef PH_CUDA_LAUNCH_CUH
#define PH_CUDA_LAUNCH_CUH

#include "kernels/cuda/launch.h"

#include <cuda_bf16.h>
#include <cuda_fp16.h>

/* The one place where kernels are launched: PH_LAUNCH(kernel, grid, block, stream, arguments…). The value is what
 * the launch said. A simulation of the device puts its own in this place. */
#ifndef PH_LAUNCH
#define PH_LAUNCH(kernel, grid, block, stream, ...)                                                                    \
    (kernel<<<(grid), (block), 0, (stream)>>>(__VA_ARGS__), cudaGetLastError())
#endif

enum { PH_BLOCK = 256 };

/* Blocks of PH_BLOCK threads for `count` elements, in a grid-stride loop; at least 1. */
static inline unsigned ph_grid(int64_t count)
{
    const int64_t most = 1 << 16, blocks = (count + PH_BLOCK - 1) / PH_BLOCK;
    return (unsigned)(blocks < 1 ? 1 : blocks < most ? blocks : most);
}

#define PH_GRID_STRIDE(i, count)                                                                                       \
    for (int64_t i = (int64_t)blockIdx.x * blockDim.x + threadIdx.x; i < (count); i += (int64_t)gridDim.x * blockDim.x)

static __device__ __forceinline__ float ph_load(const float *p)
{
    return *p;
}
static __device__ __forceinline__ float ph_load(const __half *p)
{
    return __half2float(*p);
}
static __device__ __forceinline__ float ph_load(const __nv_bfloat16 *p)
{
    return __bfloat162float(*p);
}
static __device__ __forceinline__ void ph_store(float *p, float x)
{
    *p = x;
}
static __device__ __forceinline__ void ph_store(__half *p, float x)
{
    *p = __float2half_rn(x);
}
static __device__ __forceinline__ void ph_store(__nv_bfloat16 *p, float x)
{
    *p = __float2bfloat16_rn(x);
}

/* Eight neighbours at a 16-byte aligned place: two vector loads of floats, one of 16-bit values. */
enum { PH_VECTOR = 8 };

static __device__ __forceinline__ void ph_load8(float to[PH_VECTOR], const float *p)
{
    const float4 a = *reinterpret_cast<const float4 *>(p), b = *reinterpret_cast<const float4 *>(p + 4);
    to[0] = a.x, to[1] = a.y, to[2] = a.z, to[3] = a.w, to[4] = b.x, to[5] = b.y, to[6] = b.z, to[7] = b.w;
}
static __device__ __forceinline__ void ph_store8(float *p, const float from[PH_VECTOR])
{
    *reinterpret_cast<float4 *>(p) = make_float4(from[0], from[1], from[2], from[3]);
    *reinterpret_cast<float4 *>(p + 4) = make_float4(from[4], from[5], from[6], from[7]);
}

template <typename T> struct alignas(16) ph_eight {
    T value[PH_VECTOR];
};

template <typename T> static __device__ __forceinline__ void ph_load8(float to[PH_VECTOR], const T *p)
{
    const ph_eight<T> v = *reinterpret_cast<const ph_eight<T> *>(p);
#pragma unroll
    for (int k = 0; k < PH_VECTOR; k++)
        to[k] = ph_load(&v.value[k]);
}
template <typename T> static __device__ __forceinline__ void ph_store8(T *p, const float from[PH_VECTOR])
{
    ph_eight<T> v;
#pragma unroll
    for (int k = 0; k < PH_VECTOR; k++)
        ph_store(&v.value[k], from[k]);
    *reinterpret_cast<ph_eight<T> *>(p) = v;
}

/* Writes eight sums, or adds them to what is there. */
template <typename T> static __device__ __forceinline__ void ph_give8(T *place, const float sum[PH_VECTOR], bool add)
{
    float old[PH_VECTOR];
    if (add)
        ph_load8(old, place);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        old[i] = add ? old[i] + sum[i] : sum[i];
    ph_store8(place, old);
}

/* Calls F<T>(…) for the type; F is a static function template that launches. */
#define PH_FOR_TYPE(type, F, ...)                                                                                      \
    ((type) == PH_CUDA_FLOAT  ? F<float>(__VA_ARGS__)                                                                  \
     : (type) == PH_CUDA_HALF ? F<__half>(__VA_ARGS__)                                                                 \
                              : F<__nv_bfloat16>(__VA_ARGS__))

#endif
