#include "kernels/ref/ref_op.h"

const ph_ref_op *ph_ref_find_op(ph_op_kind kind)
{
    static const ph_ref_op *const table[PH_OP_COUNT] = {
        [PH_OP_CONV] = &ph_ref_conv,     [PH_OP_DECONV] = &ph_ref_deconv,   [PH_OP_DENSE] = &ph_ref_dense,
        [PH_OP_MATMUL] = &ph_ref_matmul, [PH_OP_POOL] = &ph_ref_pool,       [PH_OP_LRN] = &ph_ref_lrn,
        [PH_OP_AFFINE] = &ph_ref_affine, [PH_OP_ACT] = &ph_ref_act,         [PH_OP_BINARY] = &ph_ref_binary,
        [PH_OP_CONCAT] = &ph_ref_concat, [PH_OP_RESHAPE] = &ph_ref_reshape, [PH_OP_TRANSPOSE] = &ph_ref_transpose,
        [PH_OP_PAD] = &ph_ref_pad,       [PH_OP_SLICE] = &ph_ref_slice,     [PH_OP_SOFTMAX] = &ph_ref_softmax,
    };
    const int index = (int)kind;
    return index >= 0 && index < PH_OP_COUNT ? table[index] : NULL;
}

ph_ref_axis ph_ref_split(const ph_shape *shape, int axis)
{
    if (axis >= shape->rank)
        axis = shape->rank - 1;
    ph_ref_axis split = {1, 1, 1};
    for (int i = 0; i < shape->rank; i++) {
        int64_t *part = i < axis ? &split.outer : i == axis ? &split.length : &split.inner;
        *part *= shape->dim[i];
    }
    return split;
}

void ph_ref_strides(const ph_shape *shape, int64_t stride[PH_MAX_RANK])
{
    int64_t step = 1;
    for (int i = shape->rank - 1; i >= 0; i--) {
        stride[i] = step;
        step *= shape->dim[i];
    }
}

void ph_ref_next(const ph_shape *shape, int64_t index[PH_MAX_RANK])
{
    for (int i = shape->rank - 1; i >= 0; i--) {
        if (++index[i] < shape->dim[i])
            return;
        index[i] = 0;
    }
}
