/* Floats to the 16-bit types on the host, rounded to nearest, ties to even. */
#include "kernels/cuda/plan.h"

#include "kernels/element/ph_math.h"

#include <string.h>

/* Shifts right, rounding to nearest even. */
static uint32_t round_shift(uint32_t x, int shift)
{
    const uint32_t half = 1u << (shift - 1), odd = x >> shift & 1u;
    return (x + half - 1u + odd) >> shift;
}

static uint16_t to_half(float x)
{
    const uint32_t bits = ph_bits_of_float(x), magnitude = bits & 0x7fffffffu;
    const uint32_t sign = bits >> 16 & 0x8000u;
    if (magnitude > 0x7f800000u)
        return (uint16_t)(sign | 0x7e00u); /* NaN */
    if (magnitude >= 0x47800000u)
        return (uint16_t)(sign | 0x7c00u); /* 65536 and beyond: infinite */
    if (magnitude >= 0x38800000u)          /* normal; rounding may carry into infinity */
        return (uint16_t)(sign | (round_shift(magnitude - 0x38000000u, 13)));
    const int shift = 126 - (int)(magnitude >> 23); /* below 2^-14: units of 2^-24 */
    if (shift > 24)
        return (uint16_t)sign;
    return (uint16_t)(sign | round_shift((magnitude & 0x7fffffu) | 0x800000u, shift));
}

static uint16_t to_bfloat(float x)
{
    const uint32_t bits = ph_bits_of_float(x);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return (uint16_t)(bits >> 16 | 0x40u); /* NaN stays NaN */
    return (uint16_t)round_shift(bits, 16);
}

void ph_cuda_encode(ph_cuda_type type, const float *from, void *to, int64_t count)
{
    if (type == PH_CUDA_FLOAT) {
        memcpy(to, from, (size_t)count * sizeof *from);
        return;
    }
    uint16_t *bits = to;
    for (int64_t i = 0; i < count; i++)
        bits[i] = type == PH_CUDA_HALF ? to_half(from[i]) : to_bfloat(from[i]);
}
