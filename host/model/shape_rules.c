#include "host/model/shape_rules.h"

#include <string.h>

int64_t ph_shape_count_within(const ph_shape *shape, int64_t limit)
{
    int64_t count = 1;
    bool empty = false;
    for (int axis = 0; axis < shape->rank; axis++) {
        const int64_t dim = shape->dim[axis];
        if (dim < 0)
            return -1;
        empty = empty || dim == 0;
        if (dim > 0 && count > limit / dim)
            return -1;
        count *= dim > 0 ? dim : 1;
    }
    return empty ? 0 : count;
}

static int64_t aligned_dim(const ph_shape *shape, int rank, int axis)
{
    const int own = axis - (rank - shape->rank);
    return own < 0 ? 1 : shape->dim[own];
}

bool ph_shape_broadcast(const ph_shape *a, const ph_shape *b, ph_shape *out)
{
    ph_shape both = {.rank = a->rank > b->rank ? a->rank : b->rank};
    for (int axis = 0; axis < both.rank; axis++) {
        const int64_t x = aligned_dim(a, both.rank, axis), y = aligned_dim(b, both.rank, axis);
        if (x != y && x != 1 && y != 1)
            return false;
        both.dim[axis] = x == 1 ? y : x;
    }
    *out = both;
    return true;
}

int ph_shape_axis(int64_t axis, int rank)
{
    if (axis < -rank || axis >= rank)
        return -1;
    return (int)(axis < 0 ? axis + rank : axis);
}

void ph_shape_strides(const ph_shape *shape, int64_t stride[PH_MAX_RANK])
{
    int64_t step = 1;
    for (int axis = shape->rank - 1; axis >= 0; axis--) {
        stride[axis] = step;
        step *= shape->dim[axis];
    }
}

void ph_shape_broadcast_strides(const ph_shape *shape, const ph_shape *out, int64_t stride[PH_MAX_RANK])
{
    int64_t own[PH_MAX_RANK] = {0};
    ph_shape_strides(shape, own);
    for (int axis = 0; axis < out->rank; axis++) {
        const int from = axis - (out->rank - shape->rank);
        stride[axis] = from < 0 || shape->dim[from] == 1 ? 0 : own[from];
    }
}

void ph_shape_permute(const ph_shape *shape, const int *perm, ph_shape *out)
{
    *out = (ph_shape){.rank = shape->rank};
    for (int axis = 0; axis < shape->rank; axis++)
        out->dim[axis] = shape->dim[perm[axis]];
}

bool ph_shape_per_channel(const ph_shape *constant, const ph_shape *x)
{
    if (x->rank < 2 || constant->rank > x->rank)
        return false;
    for (int axis = 0; axis < x->rank; axis++) {
        const int64_t dim = aligned_dim(constant, x->rank, axis);
        if (dim != 1 && (axis != 1 || dim != x->dim[1]))
            return false;
    }
    return true;
}

ph_walk ph_walk_start(const ph_shape *shape, const int64_t *stride, int64_t offset)
{
    ph_walk walk = {.shape = *shape, .offset = offset};
    for (int axis = 0; axis < shape->rank; axis++)
        walk.stride[axis] = stride[axis];
    return walk;
}

void ph_walk_next(ph_walk *walk)
{
    for (int axis = walk->shape.rank - 1; axis >= 0; axis--) {
        walk->offset += walk->stride[axis];
        if (++walk->index[axis] < walk->shape.dim[axis])
            return;
        walk->offset -= walk->shape.dim[axis] * walk->stride[axis];
        walk->index[axis] = 0;
    }
}
