/* How backends that compute channels-last keep tensors in memory: two layouts, and which operator wants which. */
#ifndef PH_ENGINE_LAYOUT_H
#define PH_ENGINE_LAYOUT_H

#include "host/engine/net.h"

typedef enum ph_layout {
    PH_PLAIN, /* row-major */
    PH_LAST   /* axis 1 moved to the end: [N, spatial …, C] */
} ph_layout;

/* The layout that a tensor wished in `wish` has: PLAIN below rank 3, where the channel axis is the last anyway. */
ph_layout ph_layout_canonical(const ph_shape *shape, ph_layout wish);

/* A shape as [n, c, area]: dimensions 0, 1 and the product of the rest; rank 1 is [1, c, 1]. */
typedef struct ph_extent {
    int64_t n, c, area;
} ph_extent;
ph_extent ph_layout_extent(const ph_shape *shape);

/* Dimensions in the order in which they stand in memory; axis_at[i] = which axis of the tensor stands i-th. Returns the
 * rank. */
int ph_layout_order(const ph_shape *shape, ph_layout layout, int64_t dim[PH_MAX_RANK], int axis_at[PH_MAX_RANK]);
/* Distance in memory between neighbours along each axis of the tensor; of LAST the channels of neighbouring places are
 * `pitch` apart. */
void ph_layout_strides(const ph_shape *shape, ph_layout layout, int64_t pitch, int64_t stride[PH_MAX_RANK]);

/* How an operator works: `any`: it reads its inputs in whichever layout they have, else in `layout`; its output comes
 * in `layout` (before ph_layout_canonical). */
typedef struct ph_layout_choice {
    ph_layout layout;
    bool any;
} ph_layout_choice;
/* last[t] >= 0: tensor t stands channels-last already. */
ph_layout_choice ph_layout_of_op(const ph_net *net, const ph_op *op, const int *last);

#endif
