/* The few functions that drawing needs, from additions, products, divisions and square roots alone: those are correctly
 * rounded everywhere, so every compiler and C library draws the same bytes. Angles are in turns: 1 is a full circle. */
#ifndef PH_PICTURES_MATHS_H
#define PH_PICTURES_MATHS_H

#include <math.h>
#include <stdint.h>

static inline float ph_min(float a, float b)
{
    return a < b ? a : b;
}

static inline float ph_max(float a, float b)
{
    return a > b ? a : b;
}

static inline float ph_clamp(float x, float low, float high)
{
    return ph_min(ph_max(x, low), high);
}

static inline float ph_mix(float a, float b, float t)
{
    return a + (b - a) * t;
}

/* 0 below `low`, 1 above `high`, the cubic 3t^2 - 2t^3 between; low > high turns it round. */
static inline float ph_smooth(float low, float high, float x)
{
    const float t = ph_clamp((x - low) / (high - low), 0, 1);
    return t * t * (3 - 2 * t);
}

/* For |x| < 2^31; unlike floorf no call where the instruction set lacks rounding. */
static inline float ph_floor(float x)
{
    const float whole = (float)(int32_t)x;
    return whole > x ? whole - 1 : whole;
}

static inline float ph_fract(float x)
{
    return x - ph_floor(x);
}

/* Distance to the nearest integer, 0 .. 1/2. */
static inline float ph_fold(float x)
{
    return fabsf(x - ph_floor(x + 0.5F));
}

/* sin(2 pi t): folded to a quarter turn, then the Taylor polynomial of degree 9 (error < 4e-6). */
static inline float ph_sin(float turns)
{
    float t = turns - ph_floor(turns + 0.5F);
    t = t > 0.25F ? 0.5F - t : t < -0.25F ? -0.5F - t : t;
    const float x = t * 6.2831853F, y = x * x;
    return x * (1 - y * (1.0F / 6 - y * (1.0F / 120 - y * (1.0F / 5040 - y * (1.0F / 362880)))));
}

static inline float ph_cos(float turns)
{
    return ph_sin(turns + 0.25F);
}

/* The angle of (x, y) in turns, -1/2 .. 1/2, 0 along +x; (0, 0) gives 0. Minimax polynomial of atan (error < 1e-4). */
static inline float ph_angle(float x, float y)
{
    const float ax = fabsf(x), ay = fabsf(y), big = ph_max(ax, ay);
    if (big <= 0)
        return 0;
    const float t = ph_min(ax, ay) / big, s = t * t;
    float a = t * (0.15914F + s * (-0.05246F + s * (0.02816F - s * 0.00985F)));
    a = ay > ax ? 0.25F - a : a;
    a = x < 0 ? 0.5F - a : a;
    return y < 0 ? -a : a;
}

/* x^(2^k) for x in 0 .. 1. */
static inline float ph_power2(float x, int k)
{
    for (int i = 0; i < k; i++)
        x *= x;
    return x;
}

/* Integer hash of a lattice point (finalizer after xxHash's avalanche). */
static inline uint32_t ph_hash(int32_t x, int32_t y, uint32_t seed)
{
    uint32_t h = (uint32_t)x * 0x9E3779B1U ^ (uint32_t)y * 0x85EBCA77U ^ seed * 0xC2B2AE3DU;
    h = (h ^ h >> 15) * 0x2C1B3C6DU;
    h = (h ^ h >> 12) * 0x297A2D39U;
    return h ^ h >> 15;
}

/* The same as a number in 0 .. 1. */
static inline float ph_hash01(int32_t x, int32_t y, uint32_t seed)
{
    return (float)(ph_hash(x, y, seed) >> 8) * (1.0F / 16777216);
}

/* Value noise, -1 .. 1, features of size 1. */
static inline float ph_noise(float x, float y, uint32_t seed)
{
    const float fx = ph_floor(x), fy = ph_floor(y);
    const int32_t ix = (int32_t)fx, iy = (int32_t)fy;
    float tx = x - fx, ty = y - fy;
    tx = tx * tx * (3 - 2 * tx);
    ty = ty * ty * (3 - 2 * ty);
    const float top = ph_mix(ph_hash01(ix, iy, seed), ph_hash01(ix + 1, iy, seed), tx);
    const float low = ph_mix(ph_hash01(ix, iy + 1, seed), ph_hash01(ix + 1, iy + 1, seed), tx);
    return 2 * ph_mix(top, low, ty) - 1;
}

/* Octaves of it, each half as large and half as strong: amplitude 1/f, as in natural pictures. About -1 .. 1. */
static inline float ph_clouds(float x, float y, int octaves, uint32_t seed)
{
    float sum = 0, weight = 0.6F;
    for (int i = 0; i < octaves; i++) {
        sum += weight * ph_noise(x, y, seed + (uint32_t)i);
        weight *= 0.5F;
        /* Twice as fine, and turned, so that the lattices of the octaves do not line up. */
        const float turned = 1.6F * x - 1.2F * y + 17.3F;
        y = 1.2F * x + 1.6F * y - 9.1F;
        x = turned;
    }
    return sum;
}

#endif
