#include "build_op.h"

#include <check.h>
#include <string.h>

static const ph_shape *shape_of(const ops_net *n, const ph_op *op, int input)
{
    return &n->net->tensors[op->in[input]].shape;
}

static void read_window(const ops_statement *s, int64_t kernel[2], int64_t stride[2], int64_t dilation[2],
                        int64_t pad_begin[2], int64_t pad_end[2])
{
    int64_t pad[4];
    ops_ints(s, "kernel", 1, kernel, 2);
    ops_ints(s, "stride", 1, stride, 2);
    ops_ints(s, "dil", 1, dilation, 2);
    ops_ints(s, "pad", 0, pad, 4);
    for (int i = 0; i < 2; i++) {
        pad_begin[i] = pad[i];
        pad_end[i] = pad[i + 2];
    }
}

static ph_shape build_conv(ops_net *n, const ops_statement *s, ph_op *op)
{
    ph_conv_params *p = &op->p.conv;
    const bool deconv = strcmp(s->words[2], "deconv") == 0;
    ph_shape shape = *shape_of(n, op, 0);
    const int64_t channels = shape.dim[1];
    op->kind = deconv ? PH_OP_DECONV : PH_OP_CONV;
    read_window(s, p->kernel, p->stride, p->dilation, p->pad_begin, p->pad_end);
    ops_ints(s, "out", channels, &p->out_channels, 1);
    ops_ints(s, "group", 1, &p->groups, 1);
    p->relu = ops_flag(s, "relu");
    int64_t out_pad[2];
    ops_ints(s, "outpad", 0, out_pad, 2);
    const int64_t terms = channels / p->groups * p->kernel[0] * p->kernel[1];
    p->weight = ops_weights(n, terms * p->out_channels, terms, false);
    p->bias = ops_flag(s, "nobias") ? NULL : ops_weights(n, p->out_channels, 1, true);
    shape.dim[1] = p->out_channels;
    for (int i = 0; i < 2; i++) {
        const int64_t reach = p->dilation[i] * (p->kernel[i] - 1) + 1, pad = p->pad_begin[i] + p->pad_end[i];
        int64_t *dim = &shape.dim[2 + i];
        *dim = deconv ? (*dim - 1) * p->stride[i] - pad + reach + out_pad[i] : (*dim + pad - reach) / p->stride[i] + 1;
        ck_assert_msg(*dim > 0, "the kernel does not fit in: %s", n->text);
    }
    n->linear &= !p->relu;
    n->kinked |= p->relu;
    return shape;
}

static ph_shape build_dense(ops_net *n, const ops_statement *s, ph_op *op)
{
    ph_dense_params *p = &op->p.dense;
    ph_shape shape = *shape_of(n, op, 0);
    op->kind = PH_OP_DENSE;
    p->in_features = shape.dim[shape.rank - 1];
    ops_ints(s, "out", 1, &p->out_features, 1);
    p->weight = ops_weights(n, p->in_features * p->out_features, p->in_features, false);
    p->bias = ops_flag(s, "nobias") ? NULL : ops_weights(n, p->out_features, 1, true);
    shape.dim[shape.rank - 1] = p->out_features;
    return shape;
}

static ph_shape build_pool(ops_net *n, const ops_statement *s, ph_op *op)
{
    ph_pool_params *p = &op->p.pool;
    ph_shape shape = *shape_of(n, op, 0);
    op->kind = PH_OP_POOL;
    p->average = strcmp(s->words[2], "avgpool") == 0;
    p->include_pad = ops_flag(s, "include_pad");
    read_window(s, p->kernel, p->stride, p->dilation, p->pad_begin, p->pad_end);
    for (int i = 0; i < 2; i++) {
        const int64_t in = shape.dim[2 + i], reach = p->dilation[i] * (p->kernel[i] - 1) + 1;
        const int64_t free = in + p->pad_begin[i] + p->pad_end[i] - reach;
        ck_assert_msg(free >= 0, "the window does not fit in: %s", n->text);
        shape.dim[2 + i] = (ops_flag(s, "ceil") ? free + p->stride[i] - 1 : free) / p->stride[i] + 1;
        /* No window may begin behind the image. */
        if ((shape.dim[2 + i] - 1) * p->stride[i] >= in + p->pad_begin[i])
            shape.dim[2 + i]--;
    }
    n->exact &= !p->average;
    n->linear &= p->average;
    n->kinked |= !p->average;
    n->maximum |= !p->average;
    return shape;
}

static ph_shape build_lrn(ops_net *n, const ops_statement *s, ph_op *op)
{
    op->kind = PH_OP_LRN;
    ops_ints(s, "size", 5, &op->p.lrn.size, 1);
    op->p.lrn.alpha = (float)ops_real(s, "alpha", 1e-4);
    op->p.lrn.beta = (float)ops_real(s, "beta", 0.75);
    op->p.lrn.bias = (float)ops_real(s, "bias", 1);
    n->exact = n->linear = false;
    return *shape_of(n, op, 0);
}

static ph_shape build_affine(ops_net *n, const ops_statement *s, ph_op *op)
{
    (void)s;
    const ph_shape *shape = shape_of(n, op, 0);
    op->kind = PH_OP_AFFINE;
    op->p.affine.scale = ops_weights(n, shape->dim[1], 1, false);
    op->p.affine.shift = ops_weights(n, shape->dim[1], 1, true);
    return *shape;
}

static ph_shape build_act(ops_net *n, const ops_statement *s, ph_op *op)
{
    static const char *const names[PH_ACT_COUNT] = {
        [PH_ACT_RELU] = "relu",
        [PH_ACT_LEAKY_RELU] = "leaky",
        [PH_ACT_PRELU] = "prelu",
        [PH_ACT_CLIP] = "clip",
        [PH_ACT_ELU] = "elu",
        [PH_ACT_SIGMOID] = "sigmoid",
        [PH_ACT_TANH] = "tanh",
        [PH_ACT_HARD_SIGMOID] = "hardsigmoid",
        [PH_ACT_HARD_SWISH] = "hardswish",
    };
    const ph_shape *shape = shape_of(n, op, 0);
    ph_act_params *p = &op->p.act;
    op->kind = PH_OP_ACT;
    while (p->kind < PH_ACT_COUNT && strcmp(names[p->kind], s->words[2]) != 0)
        p->kind++;
    ck_assert_msg(p->kind < PH_ACT_COUNT, "no operator '%s' in: %s", s->words[2], n->text);
    p->a = (float)ops_real(s, "a", 0);
    p->b = (float)ops_real(s, "b", 0);
    if (p->kind == PH_ACT_PRELU)
        p->slope = ops_weights(n, shape->dim[1], 1, false);
    n->exact &= p->kind == PH_ACT_RELU || p->kind == PH_ACT_CLIP || p->kind == PH_ACT_PRELU;
    n->linear = false;
    n->kinked |= p->kind != PH_ACT_SIGMOID && p->kind != PH_ACT_TANH;
    return *shape;
}

static int64_t broadcast_dim(const ph_shape *shape, int from_end)
{
    return from_end < shape->rank ? shape->dim[shape->rank - 1 - from_end] : 1;
}

static ph_shape build_binary(ops_net *n, const ops_statement *s, ph_op *op)
{
    static const char *const names[] = {"add", "sub", "mul", "div"};
    ck_assert_msg(op->in_count == 2, "%s needs two tensors in: %s", s->words[2], n->text);
    const ph_shape *a = shape_of(n, op, 0), *b = shape_of(n, op, 1);
    ph_shape shape = {.rank = a->rank > b->rank ? a->rank : b->rank};
    op->kind = PH_OP_BINARY;
    for (int k = 0; k < 4; k++)
        if (strcmp(names[k], s->words[2]) == 0)
            op->p.binary = (ph_binary_kind)k;
    for (int i = 0; i < shape.rank; i++) {
        const int64_t da = broadcast_dim(a, i), db = broadcast_dim(b, i);
        ck_assert_msg(da == db || da == 1 || db == 1, "shapes do not broadcast in: %s", n->text);
        shape.dim[shape.rank - 1 - i] = da == 1 ? db : da;
    }
    const bool constant_b = n->net->tensors[op->in[1]].constant != NULL;
    const bool constant = constant_b || n->net->tensors[op->in[0]].constant;
    n->exact &= op->p.binary != PH_BINARY_DIV;
    if (op->p.binary == PH_BINARY_MUL || op->p.binary == PH_BINARY_DIV)
        n->linear &= op->p.binary == PH_BINARY_MUL ? constant : constant_b;
    return shape;
}

static ph_shape build_matmul(ops_net *n, const ops_statement *s, ph_op *op)
{
    ck_assert_msg(op->in_count == 2, "%s needs two tensors in: %s", s->words[2], n->text);
    const ph_shape *a = shape_of(n, op, 0), *b = shape_of(n, op, 1);
    op->kind = PH_OP_MATMUL;
    ph_shape shape = {0};
    const int lead = (a->rank > b->rank ? a->rank : b->rank) - 2;
    for (int i = 0; i < lead; i++) {
        const int64_t da = broadcast_dim(a, lead + 1 - i), db = broadcast_dim(b, lead + 1 - i);
        shape.dim[shape.rank++] = da == 1 ? db : da;
    }
    if (a->rank > 1)
        shape.dim[shape.rank++] = a->dim[a->rank - 2];
    if (b->rank > 1)
        shape.dim[shape.rank++] = b->dim[b->rank - 1];
    n->linear &= n->net->tensors[op->in[0]].constant || n->net->tensors[op->in[1]].constant;
    return shape;
}

static ph_shape build_concat(ops_net *n, const ops_statement *s, ph_op *op)
{
    int64_t axis;
    ops_ints(s, "axis", 1, &axis, 1);
    op->kind = PH_OP_CONCAT;
    op->p.concat_axis = (int)axis;
    ph_shape shape = *shape_of(n, op, 0);
    for (int i = 1; i < op->in_count; i++)
        shape.dim[axis] += shape_of(n, op, i)->dim[axis];
    return shape;
}

static ph_shape build_reshape(ops_net *n, const ops_statement *s, ph_op *op)
{
    op->kind = PH_OP_RESHAPE;
    const ph_shape shape = ops_shape(s, ops_word(s, "to"));
    ck_assert_msg(ph_shape_count(&shape) == ph_shape_count(shape_of(n, op, 0)), "a wrong reshape in: %s", n->text);
    return shape;
}

static ph_shape build_transpose(ops_net *n, const ops_statement *s, ph_op *op)
{
    const ph_shape *in = shape_of(n, op, 0);
    ph_shape shape = *in;
    int64_t perm[PH_MAX_RANK];
    op->kind = PH_OP_TRANSPOSE;
    ops_ints(s, "perm", 0, perm, in->rank);
    for (int i = 0; i < in->rank; i++) {
        op->p.perm[i] = (int)perm[i];
        shape.dim[i] = in->dim[perm[i]];
    }
    return shape;
}

static ph_shape build_pad(ops_net *n, const ops_statement *s, ph_op *op)
{
    ph_shape shape = *shape_of(n, op, 0);
    int64_t end[PH_MAX_RANK];
    const char *mode = ops_word(s, "mode");
    op->kind = PH_OP_PAD;
    op->p.pad.value = (float)ops_real(s, "value", 0);
    if (mode && strcmp(mode, "constant") != 0)
        op->p.pad.mode = strcmp(mode, "edge") == 0 ? PH_PAD_EDGE : PH_PAD_REFLECT;
    ops_ints(s, "begin", 0, op->p.pad.begin, shape.rank);
    ops_ints(s, "end", 0, end, shape.rank);
    for (int i = 0; i < shape.rank; i++)
        shape.dim[i] += op->p.pad.begin[i] + end[i];
    return shape;
}

static ph_shape build_slice(ops_net *n, const ops_statement *s, ph_op *op)
{
    const int rank = shape_of(n, op, 0)->rank;
    op->kind = PH_OP_SLICE;
    ops_ints(s, "start", 0, op->p.slice.start, rank);
    ops_ints(s, "step", 1, op->p.slice.step, rank);
    return ops_shape(s, ops_word(s, "to"));
}

static ph_shape build_softmax(ops_net *n, const ops_statement *s, ph_op *op)
{
    int64_t axis;
    ops_ints(s, "axis", 1, &axis, 1);
    op->kind = PH_OP_SOFTMAX;
    op->p.softmax_axis = (int)axis;
    n->exact = n->linear = false;
    return *shape_of(n, op, 0);
}

ph_shape ops_build_op(ops_net *n, const ops_statement *s, ph_op *op)
{
    static const struct {
        const char *word;
        ph_shape (*build)(ops_net *n, const ops_statement *s, ph_op *op);
    } table[] = {
        {"conv", build_conv},     {"deconv", build_conv},     {"dense", build_dense},
        {"matmul", build_matmul}, {"maxpool", build_pool},    {"avgpool", build_pool},
        {"lrn", build_lrn},       {"affine", build_affine},   {"add", build_binary},
        {"sub", build_binary},    {"mul", build_binary},      {"div", build_binary},
        {"concat", build_concat}, {"reshape", build_reshape}, {"transpose", build_transpose},
        {"pad", build_pad},       {"slice", build_slice},     {"softmax", build_softmax},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].word, s->words[2]) == 0)
            return table[i].build(n, s, op);
    return build_act(n, s, op);
}
