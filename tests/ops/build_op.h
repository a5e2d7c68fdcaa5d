/* The operators of build_net's language: parameters and output shapes. */
#ifndef TESTS_OPS_BUILD_OP_H
#define TESTS_OPS_BUILD_OP_H

#include "build_net.h"
#include "statement.h"

#include <math.h>

/* Fills kind and parameters of an op whose inputs are known; returns the output's shape; notes in `n` what the operator
 * does to exactness, linearity and smoothness. */
ph_shape ops_build_op(ops_net *n, const ops_statement *s, ph_op *op);

int ops_add_tensor(ops_net *n, const ph_shape *shape, const char *name);
int ops_find_tensor(const ops_net *n, const char *name);
/* New weights, owned by the net; `terms`: how many of them one output sums. */
float *ops_weights(ops_net *n, int64_t count, int64_t terms, bool bias);

#endif
