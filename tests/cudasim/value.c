/* The formats by their bits: IEEE 754 binary32 and binary16, bfloat16 (the upper half of a binary32), and tf32 (a
 * binary32 with 10 bits of fraction). */
#include "sim.h"

#include <math.h>
#include <string.h>

static uint32_t bits_of(float x)
{
    uint32_t u;
    memcpy(&u, &x, sizeof u);
    return u;
}

static float of_bits(uint32_t u)
{
    float x;
    memcpy(&x, &u, sizeof x);
    return x;
}

/* To nearest, ties to even, at the place where `drop` low bits go. */
static uint32_t round_bits(uint32_t u, int drop)
{
    return u + (1U << (drop - 1)) - 1 + ((u >> drop) & 1);
}

static uint16_t half_of(float x)
{
    const uint32_t u = bits_of(x), sign = (u >> 16) & 0x8000, magnitude = u & 0x7fffffff;
    if (magnitude > 0x7f800000)
        return 0x7fff;
    if (magnitude >= 0x47800000) /* 65536 */
        return (uint16_t)(sign | 0x7c00);
    if (magnitude < 0x38800000) /* below 2^-14: whole multiples of 2^-24 */
        return (uint16_t)(sign | (uint32_t)rintf(of_bits(magnitude) * 16777216.0f));
    return (uint16_t)(sign | ((round_bits(magnitude, 13) - (112U << 23)) >> 13));
}

static float of_half(uint16_t h)
{
    const uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = (h >> 10) & 31, fraction = h & 1023U;
    if (exponent == 31)
        return of_bits(sign | 0x7f800000 | fraction << 13);
    if (exponent == 0)
        return of_bits(sign | bits_of((float)fraction * 5.9604644775390625e-8f));
    return of_bits(sign | (exponent + 112) << 23 | fraction << 13);
}

size_t sim_type_size(sim_type type)
{
    return type == SIM_FLOAT ? 4 : 2;
}

double sim_load(sim_type type, const void *array, int64_t index)
{
    if (type == SIM_FLOAT)
        return (double)((const float *)array)[index];
    const uint16_t h = ((const uint16_t *)array)[index];
    return (double)(type == SIM_HALF ? of_half(h) : of_bits((uint32_t)h << 16));
}

void sim_store(sim_type type, void *array, int64_t index, double x)
{
    const float value = (float)x;
    if (type == SIM_FLOAT)
        ((float *)array)[index] = value;
    else if (type == SIM_HALF)
        ((uint16_t *)array)[index] = half_of(value);
    else
        ((uint16_t *)array)[index] = isnan(value) ? 0x7fff : (uint16_t)(round_bits(bits_of(value), 16) >> 16);
}

double sim_round_tf32(double x)
{
    const float value = (float)x;
    return isfinite(value) ? (double)of_bits(round_bits(bits_of(value), 13) & ~0x1fffU) : x;
}
