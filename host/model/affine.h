/* Arithmetic with a per-channel constant as an AFFINE operator. Shared by lowering and simplification. */
#ifndef PH_MODEL_AFFINE_H
#define PH_MODEL_AFFINE_H

#include "host/engine/net.h"

/* True when x OP c (constant_first: c OP x) is exactly x scale + shift in floats, for each of the `count` constants:
 * sums, differences, products, and quotients by powers of two. */
bool ph_affine_exact(ph_binary_kind kind, bool constant_first, const float *c, int64_t count);

/* Scale and shift of `channels` channels from 1 or `channels` constants, in the net's memory. False: out of memory. */
bool ph_affine_from(ph_net *net, ph_binary_kind kind, bool constant_first, const float *c, int64_t count,
                    int64_t channels, ph_affine_params *affine);

#endif
