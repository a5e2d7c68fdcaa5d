#include "tests/bench/roofline.h"

static double count_of(const ph_net *net, int tensor)
{
    return net->tensors[tensor].constant ? 0 : (double)ph_shape_count(&net->tensors[tensor].shape);
}

static double weights_of(const ph_net *net, const ph_op *op)
{
    switch (op->kind) {
    case PH_OP_CONV:
        return (double)(net->tensors[op->in[0]].shape.dim[1] / op->p.conv.groups * op->p.conv.out_channels *
                        op->p.conv.kernel[0] * op->p.conv.kernel[1]);
    case PH_OP_DECONV:
        return (double)(net->tensors[op->in[0]].shape.dim[1] * (op->p.conv.out_channels / op->p.conv.groups) *
                        op->p.conv.kernel[0] * op->p.conv.kernel[1]);
    case PH_OP_DENSE:
        return (double)(op->p.dense.in_features * op->p.dense.out_features);
    default:
        return 0;
    }
}

static bool multiplies(ph_op_kind kind)
{
    return kind == PH_OP_CONV || kind == PH_OP_DECONV || kind == PH_OP_DENSE || kind == PH_OP_MATMUL;
}

bench_count bench_count_of(const ph_net *net)
{
    bench_count total = {0};
    for (int i = 0; i < net->op_count; i++) {
        const ph_op *op = &net->ops[i];
        if (op->kind == PH_OP_RESHAPE)
            continue;
        const double out = count_of(net, op->out);
        const bool relu = op->kind == PH_OP_CONV && op->p.conv.relu;
        double in = 0;
        for (int k = 0; k < op->in_count; k++)
            in += count_of(net, op->in[k]);
        total.elements += 2 * (in + out) + (relu ? 3 * out : 0);
        total.operations += multiplies(op->kind) ? 2 * 2 * ph_op_macs(net, op) : 0;
        total.weights += 2 * weights_of(net, op);
    }
    return total;
}
