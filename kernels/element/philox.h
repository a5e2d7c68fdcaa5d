/* Random numbers as a function of a counter: Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as
 * easy as 1, 2, 3", SC 2011). The same numbers on every backend, in any order, for any number of threads. */
#ifndef PH_ELEMENT_PHILOX_H
#define PH_ELEMENT_PHILOX_H

#include "kernels/element/ph_fn.h"

/* What a number is drawn for; part of the counter, so that no two uses ever see the same number. */
typedef enum ph_purpose {
    PH_PURPOSE_INIT,      /* the noise a picture starts from */
    PH_PURPOSE_WARP,      /* the random affine map of a step */
    PH_PURPOSE_DIRECTION, /* a random direction over channels */
    PH_PURPOSE_REDRAW,    /* a new start after one that gave no gradient */
    PH_PURPOSE_ROLL       /* how far a dream's tiles are moved in a step */
} ph_purpose;

typedef struct ph_random {
    uint32_t x[4];
} ph_random;

/* The bare function of the paper. */
PH_FN ph_random ph_philox_4x32(ph_random counter, uint32_t key0, uint32_t key1)
{
    for (int round = 0; round < 10; round++) {
        const uint64_t product0 = (uint64_t)0xD2511F53u * counter.x[0];
        const uint64_t product1 = (uint64_t)0xCD9E8D57u * counter.x[2];
        ph_random next;
        next.x[0] = (uint32_t)(product1 >> 32) ^ counter.x[1] ^ key0;
        next.x[1] = (uint32_t)product1;
        next.x[2] = (uint32_t)(product0 >> 32) ^ counter.x[3] ^ key1;
        next.x[3] = (uint32_t)product0;
        counter = next;
        key0 += 0x9E3779B9u;
        key1 += 0xBB67AE85u;
    }
    return counter;
}

/* Four numbers for (seed of the picture, purpose, step, index): index counts within one use at one step. */
PH_FN ph_random ph_philox(uint64_t seed, ph_purpose purpose, uint32_t step, uint64_t index)
{
    ph_random counter;
    counter.x[0] = (uint32_t)index;
    counter.x[1] = (uint32_t)(index >> 32);
    counter.x[2] = step;
    counter.x[3] = (uint32_t)purpose;
    return ph_philox_4x32(counter, (uint32_t)seed, (uint32_t)(seed >> 32));
}

/* A whole number in 0 … n-1. Some values are more likely than others by at most n / 2^32 of their probability. */
PH_FN int ph_random_below(uint32_t x, int n)
{
    return (int)(((uint64_t)x * (uint64_t)n) >> 32);
}

/* A number in [0, 1), a multiple of 2^-24: exact in float. */
PH_FN float ph_random_uniform(uint32_t x)
{
    return (float)(x >> 8) * 0x1p-24f;
}

/* Two independent numbers from N(0, 1) out of two uniform ones, in double (Box & Muller 1958). For the host: libm's log
 * and cos decide the last bits. The radius is at most sqrt(66 ln 2) = 6.77, at u = 2^-33. */
static inline void ph_random_normal(uint32_t x0, uint32_t x1, double normal[2])
{
    const double u = ((double)x0 + 0.5) * 0x1p-32; /* never 0 */
    const double radius = sqrt(-2 * log(u));
    const double angle = 6.283185307179586477 * 0x1p-32 * (double)x1;
    normal[0] = radius * cos(angle);
    normal[1] = radius * sin(angle);
}

#endif
