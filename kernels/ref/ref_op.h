/* What one operator of ref sees: one picture, every tensor in double and row-major as host/engine/net.h defines it. */
#ifndef PH_REF_REF_OP_H
#define PH_REF_REF_OP_H

#include "host/engine/backend.h"

typedef struct ph_ref_call {
    const ph_op *op;
    const ph_tensor *tensors;   /* of the net: op->in and op->out index it */
    const double *const *in;    /* values, one pointer per input */
    double *const *in_gradient; /* added to; NULL entries: no gradient wanted */
    double *out;
    double *out_gradient; /* complete when backward runs, free to be overwritten by it */
    ph_relu_mode mode;
} ph_ref_call;

typedef struct ph_ref_op {
    void (*forward)(const ph_ref_call *call);  /* in -> out */
    void (*backward)(const ph_ref_call *call); /* out_gradient, in, out -> in_gradient */
} ph_ref_op;

extern const ph_ref_op ph_ref_conv, ph_ref_deconv;                      /* conv.c */
extern const ph_ref_op ph_ref_dense, ph_ref_matmul;                     /* matmul.c */
extern const ph_ref_op ph_ref_pool;                                     /* pool.c */
extern const ph_ref_op ph_ref_lrn, ph_ref_affine, ph_ref_softmax;       /* norm.c */
extern const ph_ref_op ph_ref_act;                                      /* act.c */
extern const ph_ref_op ph_ref_binary;                                   /* binary.c */
extern const ph_ref_op ph_ref_concat, ph_ref_reshape, ph_ref_transpose; /* shape.c */
extern const ph_ref_op ph_ref_pad, ph_ref_slice;                        /* pad.c */

/* The operators of a kind; NULL for a kind that net.h does not list. */
const ph_ref_op *ph_ref_find_op(ph_op_kind kind);

static inline const ph_shape *ph_ref_in_shape(const ph_ref_call *call, int input)
{
    return &call->tensors[call->op->in[input]].shape;
}

static inline const ph_shape *ph_ref_out_shape(const ph_ref_call *call)
{
    return &call->tensors[call->op->out].shape;
}

/* A shape seen as [outer, length, inner] around one axis. An axis beyond the last dimension means the last one. */
typedef struct ph_ref_axis {
    int64_t outer, length, inner;
} ph_ref_axis;
ph_ref_axis ph_ref_split(const ph_shape *shape, int axis);

/* Row-major strides in elements. */
void ph_ref_strides(const ph_shape *shape, int64_t stride[PH_MAX_RANK]);
/* Steps a row-major multi-index; the last dimension runs fastest. */
void ph_ref_next(const ph_shape *shape, int64_t index[PH_MAX_RANK]);

/* Gradient through a ReLU or (upper finite) ReLU6 with values y, in place; see ph_relu_mode. `x` is what the ReLU read;
 * when it is not kept (fused) pass y: both are positive together, and below `upper` they are equal. */
void ph_ref_relu_gradient(int64_t count, const double *x, const double *y, double upper, ph_relu_mode mode,
                          double *gradient);

#endif
