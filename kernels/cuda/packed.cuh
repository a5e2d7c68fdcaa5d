/* Eight neighbours as what one instruction works on: a float, or two 16-bit values at once. */
#ifndef PH_CUDA_PACKED_CUH
#define PH_CUDA_PACKED_CUH

#include "kernels/cuda/launch.cuh"

#include <string.h>

/* NATIVE: there are instructions for all that is done here. BASE: bits of the number from which on whole numbers (fewer
 * than 128 are needed) are written into the low byte. */
template <typename T> struct ph_pair;
template <> struct ph_pair<float> {
    typedef float type;
    static constexpr bool NATIVE = true;
    static constexpr uint32_t BASE = 0x4b000000u, ONE = 1u; /* 2^23 */
};
template <> struct ph_pair<__half> {
    typedef __half2 type;
    static constexpr bool NATIVE = true;
    static constexpr uint32_t BASE = 0x64006400u, ONE = 0x10001u; /* 2^10 */
};
template <> struct ph_pair<__nv_bfloat16> {
    typedef __nv_bfloat162 type;
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ < 900
    static constexpr bool NATIVE = false;
#else
    static constexpr bool NATIVE = true;
#endif
    static constexpr uint32_t BASE = 0x43004300u, ONE = 0x10001u; /* 2^7 */
};

/* How many it takes for eight values. */
template <typename T> static constexpr int ph_pairs = PH_VECTOR * sizeof(T) / sizeof(uint32_t);

template <typename T> struct alignas(16) ph_packed {
    typename ph_pair<T>::type value[ph_pairs<T>];
};

template <typename To, typename From> static __device__ __forceinline__ To ph_bits(From from)
{
    static_assert(sizeof(To) == sizeof(From), "the same bits");
    To to;
    memcpy(&to, &from, sizeof to);
    return to;
}

/* Eight neighbours at a 16-byte aligned place, by vector accesses. */
template <typename T> static __device__ __forceinline__ ph_packed<T> ph_load_packed(const T *p)
{
    enum { PIECES = sizeof(ph_packed<T>) / sizeof(uint4) };
    ph_packed<T> to;
    uint4 piece[PIECES];
#pragma unroll
    for (int i = 0; i < PIECES; i++)
        piece[i] = reinterpret_cast<const uint4 *>(p)[i];
    memcpy(&to, piece, sizeof to);
    return to;
}
template <typename T> static __device__ __forceinline__ void ph_store_packed(T *p, const ph_packed<T> &from)
{
    enum { PIECES = sizeof(ph_packed<T>) / sizeof(uint4) };
    uint4 piece[PIECES];
    memcpy(piece, &from, sizeof from);
#pragma unroll
    for (int i = 0; i < PIECES; i++)
        reinterpret_cast<uint4 *>(p)[i] = piece[i];
}

/* The larger; NaN if either is. Of a positive and a negative zero either one. */
static __device__ __forceinline__ float ph_larger(float a, float b)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    float c;
    asm("max.NaN.f32 %0, %1, %2;" : "=f"(c) : "f"(a), "f"(b));
    return c;
#else
    return a > b || a != a ? a : b;
#endif
}
static __device__ __forceinline__ __half2 ph_larger(__half2 a, __half2 b)
{
    return __hmax2_nan(a, b);
}
static __device__ __forceinline__ __nv_bfloat162 ph_larger(__nv_bfloat162 a, __nv_bfloat162 b)
{
    return __hmax2_nan(a, b);
}

static __device__ __forceinline__ float ph_smaller_or_nan(float a, float b)
{
    return -ph_larger(-a, -b);
}

/* The smaller of numbers. */
static __device__ __forceinline__ float ph_smaller(float a, float b)
{
    return fminf(a, b);
}
static __device__ __forceinline__ __half2 ph_smaller(__half2 a, __half2 b)
{
    return __hmin2(a, b);
}
static __device__ __forceinline__ __nv_bfloat162 ph_smaller(__nv_bfloat162 a, __nv_bfloat162 b)
{
    return __hmin2(a, b);
}

/* 1 where two numbers differ, else 0. */
static __device__ __forceinline__ float ph_differ(float a, float b)
{
    return a != b ? 1.0f : 0.0f;
}
static __device__ __forceinline__ __half2 ph_differ(__half2 a, __half2 b)
{
    return __hne2(a, b);
}
static __device__ __forceinline__ __nv_bfloat162 ph_differ(__nv_bfloat162 a, __nv_bfloat162 b)
{
    return __hne2(a, b);
}

/* a b + c; whether the product is rounded is left open. */
static __device__ __forceinline__ float ph_multiply_add(float a, float b, float c)
{
    return fmaf(a, b, c);
}
template <typename P> static __device__ __forceinline__ P ph_multiply_add(P a, P b, P c)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    return __hfma2(a, b, c);
#else
    return __hadd2(__hmul2(a, b), c);
#endif
}

static __device__ __forceinline__ float ph_minus(float a, float b)
{
    return a - b;
}
static __device__ __forceinline__ __half2 ph_minus(__half2 a, __half2 b)
{
    return __hsub2(a, b);
}
static __device__ __forceinline__ __nv_bfloat162 ph_minus(__nv_bfloat162 a, __nv_bfloat162 b)
{
    return __hsub2(a, b);
}

/* Whether one of them is NaN. */
static __device__ __forceinline__ bool ph_any_nan(float a)
{
    return a != a;
}
static __device__ __forceinline__ bool ph_any_nan(__half2 a)
{
    return a.x != a.x || a.y != a.y;
}
static __device__ __forceinline__ bool ph_any_nan(__nv_bfloat162 a)
{
    return a.x != a.x || a.y != a.y;
}

/* base + n in each half, of which the low byte is n; n < 128. */
template <typename T> static __device__ __forceinline__ typename ph_pair<T>::type ph_coded(int n)
{
    return ph_bits<typename ph_pair<T>::type>(ph_pair<T>::BASE + (uint32_t)n * ph_pair<T>::ONE);
}
/* n in each half. */
template <typename T> static __device__ __forceinline__ typename ph_pair<T>::type ph_number(int n)
{
    return ph_minus(ph_coded<T>(n), ph_coded<T>(0));
}

/* Four bytes of eight, numbered as __byte_perm does. */
static __device__ __forceinline__ uint32_t ph_pick(uint32_t low, uint32_t high, uint32_t which)
{
#ifdef __CUDA_ARCH__
    return __byte_perm(low, high, which);
#else
    const uint64_t all = (uint64_t)high << 32 | low;
    uint32_t result = 0;
    for (int i = 0; i < 4; i++)
        result |= (uint32_t)(all >> (8 * (which >> (4 * i) & 7)) & 0xff) << (8 * i);
    return result;
#endif
}

/* a ^ b, kept apart from what is done with it: a test of a byte of it is one instruction then. */
static __device__ __forceinline__ uint32_t ph_difference(uint32_t a, uint32_t b)
{
#ifdef __CUDA_ARCH__
    uint32_t c;
    asm("xor.b32 %0, %1, %2;" : "=r"(c) : "r"(a), "r"(b));
    return c;
#else
    return a ^ b;
#endif
}

/* The eight numbers of coded pairs as bytes. */
static __device__ __forceinline__ uint2 ph_decode(const float coded[PH_VECTOR])
{
    uint32_t half[4];
#pragma unroll
    for (int i = 0; i < 4; i++)
        half[i] = ph_pick(ph_bits<uint32_t>(coded[2 * i]), ph_bits<uint32_t>(coded[2 * i + 1]), 0x4040);
    return make_uint2(ph_pick(half[0], half[1], 0x5410), ph_pick(half[2], half[3], 0x5410));
}
template <typename P> static __device__ __forceinline__ uint2 ph_decode(const P coded[PH_VECTOR / 2])
{
    return make_uint2(ph_pick(ph_bits<uint32_t>(coded[0]), ph_bits<uint32_t>(coded[1]), 0x6420),
                      ph_pick(ph_bits<uint32_t>(coded[2]), ph_bits<uint32_t>(coded[3]), 0x6420));
}

#endif
