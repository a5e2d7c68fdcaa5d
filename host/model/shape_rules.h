/* Arithmetic on shapes that the operators' rules share: bounded products, broadcasting, strides, walking. */
#ifndef PH_MODEL_SHAPE_RULES_H
#define PH_MODEL_SHAPE_RULES_H

#include "host/engine/net.h"

/* No tensor of a net has more elements. */
#define PH_TENSOR_LIMIT (INT64_C(1) << 31)

/* Product of the dimensions, -1 when a dimension is negative or the product exceeds `limit`. */
int64_t ph_shape_count_within(const ph_shape *shape, int64_t limit);

/* NumPy broadcasting; false when the shapes do not fit each other. `out` may be one of them. */
bool ph_shape_broadcast(const ph_shape *a, const ph_shape *b, ph_shape *out);

/* axis in [-rank, rank) to [0, rank); -1 when outside. */
int ph_shape_axis(int64_t axis, int rank);

/* Row-major strides in elements. */
void ph_shape_strides(const ph_shape *shape, int64_t stride[PH_MAX_RANK]);

/* Strides with which `shape` is read at the positions of `out`, a shape that it broadcasts to: 0 along repeated axes.
 */
void ph_shape_broadcast_strides(const ph_shape *shape, const ph_shape *out, int64_t stride[PH_MAX_RANK]);

/* out.dim[i] = shape.dim[perm[i]]; `out` must not be `shape`. */
void ph_shape_permute(const ph_shape *shape, const int *perm, ph_shape *out);

/* True when `constant`, broadcast to `x` without changing its shape, varies along axis 1 at most. */
bool ph_shape_per_channel(const ph_shape *constant, const ph_shape *x);

/* All positions of a shape in row-major order, with the offset that strides give them. */
typedef struct ph_walk {
    ph_shape shape;
    int64_t stride[PH_MAX_RANK], index[PH_MAX_RANK];
    int64_t offset;
} ph_walk;

ph_walk ph_walk_start(const ph_shape *shape, const int64_t *stride, int64_t offset);
void ph_walk_next(ph_walk *walk);

#endif
