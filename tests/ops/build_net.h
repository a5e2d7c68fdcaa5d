/* Networks for tests, written as text: statements separated by ';', tensors of earlier statements by name.
 *
 *     x = input 1x3x8x8; c = const 3x1x1; a = conv x out=16 kernel=3x3 pad=1 relu; y = mul a c; want a y
 *
 *   conv, deconv    out= kernel= stride= dil= pad=top,left,bottom,right group= outpad= (deconv) nobias relu (conv)
 *   dense           out= nobias
 *   matmul, add, sub, mul, div    two tensors
 *   maxpool, avgpool              kernel= stride= dil= pad= ceil include_pad (avgpool)
 *   lrn size= alpha= beta= bias=  affine          softmax axis=
 *   relu leaky prelu clip elu sigmoid tanh hardsigmoid hardswish    a= b=
 *   concat a b … axis=            reshape to=     transpose perm=
 *   pad begin= end= mode=constant|reflect|edge value=               slice start= step= to=
 *
 * Lists are separated by 'x' or ','; one number stands for all. Without `want` the last tensor is wanted. */
#ifndef TESTS_OPS_BUILD_NET_H
#define TESTS_OPS_BUILD_NET_H

#include "host/engine/net.h"

typedef enum ops_values {
    OPS_INTEGER, /* small whole numbers: every sum is exact in float */
    OPS_DYADIC,  /* weights whole, biases whole + 1/64, inputs odd multiples of 1/32: exact, and never near a kink */
    OPS_REAL     /* weights scaled to the number of terms, inputs in [-2, 2] */
} ops_values;

typedef struct ops_net {
    ph_net *net;
    char text[2048];
    ops_values values;
    uint64_t random;
    /* What follows from the operators used: */
    bool exact;   /* whole numbers in give whole numbers (or such multiples of powers of two) in every intermediate */
    bool linear;  /* up to constant terms */
    bool kinked;  /* some derivative jumps */
    bool maximum; /* has a max-pool: tests that differentiate need distinct inputs */
} ops_net;

/* A mistake in the text fails the running test. */
ops_net *ops_net_build(const char *text, ops_values values, uint64_t seed);
void ops_net_free(ops_net *net);

/* count numbers of one kind. distinct (DYADIC only): no value twice, the range grows with count. */
void ops_fill(float *out, int64_t count, ops_values values, bool distinct, uint64_t seed);

uint64_t ops_random(uint64_t *state);
/* Uniform in [low, high). */
double ops_uniform(uint64_t *state, double low, double high);

#endif
