/* Functions whose bits must not depend on a libm: only + - * / and bit patterns, so that every instruction set and the
 * GPU agree, and loops over them vectorize. */
#ifndef PH_ELEMENT_MATH_H
#define PH_ELEMENT_MATH_H

#include <stdbool.h>
#include <string.h>

#include "kernels/element/ph_fn.h"

PH_FN uint32_t ph_bits_of_float(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

PH_FN float ph_float_of_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* x where `keep`, else 0. Not a choice but a mask, which compilers vectorize with AVX2 as well, where the condition
 * comes from other memory than x. */
PH_FN float ph_masked(float x, bool keep)
{
    return ph_float_of_bits(ph_bits_of_float(x) & (keep ? UINT32_MAX : 0));
}

/* e^x for x in [-87, 88]; outside it stays at the value of the nearer end (1.6e-38, 1.7e38); NaN stays NaN.
 * x = n ln 2 + r with |r| <= ln 2 / 2, e^x = 2^n (1 + r + r^2 g(r)); g interpolates (e^r - 1 - r) / r^2 in the five
 * Chebyshev nodes of the interval. ln 2 is split into 355/512, whose product with n is exact, and the rest; adding
 * 1.5 x 2^23 rounds to a whole number, whose low bits are then those of the sum.
 * Measured over all floats of the interval: within 1.03 ulp of exp in double, and monotone. */
PH_FN float ph_exp(float x)
{
    const float magic = 12582912.0f;
    x = x > 88.0f ? 88.0f : x;
    x = x < -87.0f ? -87.0f : x;
    const float shifted = x * 1.44269502f + magic;
    const float n = shifted - magic;
    const float r = (x - n * 0.693359375f) - n * -2.12194440e-4f;
    float g = 0.00139269268f;
    g = g * r + 0.00836377405f;
    g = g * r + 0.0416665487f;
    g = g * r + 0.166665733f;
    g = g * r + 0.5f;
    const float y = (g * (r * r) + r) + 1.0f;
    return y * ph_float_of_bits((ph_bits_of_float(shifted) - ph_bits_of_float(magic) + 127u) << 23);
}

/* 1 / (1 + e^-x), in (0, 1]: 0.5 at 0; never 0. */
PH_FN float ph_sigmoid(float x)
{
    return 1.0f / (1.0f + ph_exp(-x));
}

/* 1 / sqrt(s) for normal positive s: the bit pattern of a float is nearly its logarithm, which gives 3 % accuracy; each
 * Newton step r (3 - s r^2) / 2 squares the error. Within 2 ulp after three, and faster than division and root. */
PH_FN float ph_inverse_root(float s)
{
    const float half = 0.5f * s;
    float r = ph_float_of_bits(0x5f375a86u - (ph_bits_of_float(s) >> 1));
    r = r * (1.5f - half * r * r);
    r = r * (1.5f - half * r * r);
    return r * (1.5f - half * r * r);
}

/* Long sums run in PH_PARTIAL interleaved accumulators, added up as a fixed tree: one vector of doubles, the same bits
 * everywhere. */
enum { PH_PARTIAL = 8 };

PH_FN double ph_partial_sum(const double partial[])
{
    return ((partial[0] + partial[4]) + (partial[2] + partial[6])) +
           ((partial[1] + partial[5]) + (partial[3] + partial[7]));
}

#endif
