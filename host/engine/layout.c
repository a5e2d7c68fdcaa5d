#include "host/engine/layout.h"

ph_layout ph_layout_canonical(const ph_shape *shape, ph_layout wish)
{
    return shape->rank < 3 ? PH_PLAIN : wish;
}

ph_extent ph_layout_extent(const ph_shape *shape)
{
    ph_extent extent = {1, ph_shape_count(shape), 1};
    if (shape->rank < 2)
        return extent;
    extent.n = shape->dim[0];
    extent.c = shape->dim[1];
    for (int i = 2; i < shape->rank; i++)
        extent.area *= shape->dim[i];
    return extent;
}

int ph_layout_order(const ph_shape *shape, ph_layout layout, int64_t dim[PH_MAX_RANK], int axis_at[PH_MAX_RANK])
{
    for (int i = 0; i < shape->rank; i++) {
        axis_at[i] = i;
        if (layout == PH_LAST && i > 0)
            axis_at[i] = i == shape->rank - 1 ? 1 : i + 1;
        dim[i] = shape->dim[axis_at[i]];
    }
    return shape->rank;
}

void ph_layout_strides(const ph_shape *shape, ph_layout layout, int64_t pitch, int64_t stride[PH_MAX_RANK])
{
    int64_t dim[PH_MAX_RANK], step = 1;
    int axis_at[PH_MAX_RANK];
    const int rank = ph_layout_order(shape, layout, dim, axis_at);
    for (int i = rank - 1; i >= 0; i--) {
        stride[axis_at[i]] = step;
        step *= layout == PH_LAST && i == rank - 1 ? pitch : dim[i];
    }
}

typedef enum demand {
    WANTS_LAST,
    WANTS_PLAIN,
    FOLLOWS,    /* all in the layout of the first computed input of the output's rank */
    TAKES_ANY,  /* reads any, gives as FOLLOWS */
    GIVES_PLAIN /* reads any */
} demand;

static const demand demands[PH_OP_COUNT] = {
    [PH_OP_CONV] = WANTS_LAST,    [PH_OP_DECONV] = WANTS_LAST,   [PH_OP_DENSE] = WANTS_PLAIN,
    [PH_OP_MATMUL] = WANTS_PLAIN, [PH_OP_POOL] = WANTS_LAST,     [PH_OP_LRN] = WANTS_LAST,
    [PH_OP_AFFINE] = FOLLOWS,     [PH_OP_ACT] = FOLLOWS,         [PH_OP_BINARY] = TAKES_ANY,
    [PH_OP_CONCAT] = FOLLOWS,     [PH_OP_RESHAPE] = WANTS_PLAIN, [PH_OP_TRANSPOSE] = GIVES_PLAIN,
    [PH_OP_PAD] = TAKES_ANY,      [PH_OP_SLICE] = TAKES_ANY,     [PH_OP_SOFTMAX] = FOLLOWS,
};

static ph_layout followed(const ph_net *net, const ph_op *op, const int *last)
{
    const int rank = net->tensors[op->out].shape.rank;
    for (int i = 0; i < op->in_count; i++) {
        const ph_tensor *in = &net->tensors[op->in[i]];
        if (!in->constant && in->shape.rank == rank)
            return last[op->in[i]] >= 0 ? PH_LAST : PH_PLAIN;
    }
    return PH_PLAIN;
}

ph_layout_choice ph_layout_of_op(const ph_net *net, const ph_op *op, const int *last)
{
    const demand want = demands[op->kind];
    const bool follows = want == FOLLOWS || want == TAKES_ANY;
    const ph_layout own = want == WANTS_LAST ? PH_LAST : PH_PLAIN;
    return (ph_layout_choice){.layout = follows ? followed(net, op, last) : own,
                              .any = want == TAKES_ANY || want == GIVES_PLAIN};
}
