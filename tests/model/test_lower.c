/* Lowering: which operators and shapes come out of nodes, what is refused and how, sizes. */
#include "host/model/lower.h"
#include "tests/base/fail_alloc.h"
#include "tests/model/build_model.h"
#include "tests/model/node_text.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Nodes that lower -------------------------------------------------------------------------------------------- */

typedef struct good_row {
    const char *nodes;
    int64_t opset;
    const char *input, *ops, *shape;
} good_row;

static const good_row good_rows[] = {
    /* convolutions */
    {"Conv(x, f4x3x3x3, f4)", 13, "1x3x8x8", "Conv", "1x4x6x6"},
    {"Conv(x, f4x3x3x3) pads=1,2,3,4 strides=2,3", 13, "1x3x8x8", "Conv", "1x4x5x4"},
    {"Conv(x, f4x3x3x3) auto_pad=SAME_UPPER strides=2,2", 13, "1x3x7x8", "Conv", "1x4x4x4"},
    {"Conv(x, f4x3x3x3) auto_pad=SAME_LOWER dilations=2,2", 13, "1x3x7x8", "Conv", "1x4x7x8"},
    {"Conv(x, f4x3x3x3) auto_pad=VALID dilations=2,1", 13, "1x3x7x8", "Conv", "1x4x3x6"},
    {"Conv(x, f6x1x3x3) group=3", 13, "1x3x8x8", "Conv", "1x6x6x6"},
    {"Conv(x, f4x3x5) strides=2,", 13, "1x3x9", "Reshape Conv Reshape", "1x4x3"},
    {"ConvTranspose(x, f3x4x3x3) strides=2,2", 13, "1x3x4x4", "ConvTranspose", "1x4x9x9"},
    {"ConvTranspose(x, f4x2x3x3) group=2 pads=1,1,1,1 output_padding=1,1 strides=2,2", 13, "1x4x4x4", "ConvTranspose",
     "1x4x8x8"},
    {"ConvTranspose(x, f3x4x3x3) strides=3,2 output_shape=10,8", 13, "1x3x3x3", "ConvTranspose", "1x4x10x8"},
    {"ConvTranspose(x, f3x4x3x3) strides=2,2 auto_pad=SAME_UPPER", 13, "1x3x4x4", "ConvTranspose", "1x4x8x8"},
    /* matrices */
    {"Gemm(x, f5x7, f7) alpha=0.5", 13, "1x5", "Gemm", "1x7"},
    {"Gemm(x, f7x5, s1.0) transB=1", 13, "1x5", "Gemm", "1x7"},
    {"Gemm(x, f1x7) transA=1", 13, "1x5", "Transpose Gemm", "5x7"},
    {"Gemm(x, f5x7, f2x1) beta=2.0", 13, "2x5", "Gemm Binary", "2x7"},
    {"MatMul(x, f5x7)", 13, "1x4x5", "Gemm", "1x4x7"},
    {"MatMul(x, f5)", 13, "4x5", "Gemm Reshape", "4"},
    {"MatMul(x, f5x7)", 13, "5", "Gemm", "7"},
    {"MatMul(f3x4, x)", 13, "1x4x5", "MatMul", "1x3x5"},
    {"Transpose(x) perm=0,2,1 > t; MatMul(x, t)", 13, "2x4x5", "Transpose MatMul", "2x4x4"},
    /* pooling */
    {"MaxPool(x) kernel_shape=3,3 strides=2,2", 13, "1x2x8x8", "Pool", "1x2x3x3"},
    {"MaxPool(x) kernel_shape=3,3 strides=2,2 ceil_mode=1", 13, "1x2x8x8", "Pool", "1x2x4x4"},
    /* the fourth window would start in the padding on the right: dropped */
    {"MaxPool(x) kernel_shape=2,2 strides=2,2 pads=0,0,1,1 ceil_mode=1", 13, "1x2x6x6", "Pool", "1x2x3x3"},
    {"MaxPool(x) kernel_shape=3, dilations=2,", 13, "1x2x9", "Reshape Pool Reshape", "1x2x5"},
    {"AveragePool(x) kernel_shape=3,3 auto_pad=SAME_UPPER strides=2,2", 13, "1x2x7x7", "Pool", "1x2x4x4"},
    {"GlobalAveragePool(x)", 13, "1x2x7x5", "Pool", "1x2x1x1"},
    {"GlobalMaxPool(x)", 13, "1x2x7", "Reshape Pool Reshape", "1x2x1"},
    {"ReduceMean(x) axes=2,3 keepdims=0", 13, "1x2x7x5", "Pool Reshape", "1x2"},
    {"ReduceMean(x, i-1:-2)", 18, "1x2x7x5", "Pool", "1x2x1x1"},
    {"ReduceMean(x) axes=1,2", 13, "1x4x5x2", "Reshape Pool", "1x1x1x2"},
    {"ReduceMean(x) keepdims=0", 13, "1x4x5x2", "Reshape Pool Reshape", "scalar"},
    {"ReduceMean(x) noop_with_empty_axes=1 > a; Relu(a)", 18, "1x4x5x2", "Activation", "1x4x5x2"},
    /* element-wise */
    {"BatchNormalization(x, f3, f3, f3, fp3)", 13, "1x3x4x4", "Affine", "1x3x4x4"},
    {"LRN(x) size=5", 13, "1x8x4x4", "LRN", "1x8x4x4"},
    {"Clip(x) min=0.0 max=6.0", 7, "1x3x4x4", "Activation", "1x3x4x4"},
    {"Clip(x, -, s6.0)", 11, "1x3x4x4", "Activation", "1x3x4x4"},
    {"PRelu(x, f3x1x1)", 9, "1x3x4x4", "Activation", "1x3x4x4"},
    {"Add(x, f3x1x1)", 13, "1x3x4x4", "Affine", "1x3x4x4"},
    {"Sub(s1.0, x)", 13, "1x3x4x4", "Affine", "1x3x4x4"},
    {"Div(x, s4.0)", 13, "1x3x4x4", "Affine", "1x3x4x4"},
    {"Div(x, s3.0)", 13, "1x3x4x4", "Binary", "1x3x4x4"},
    {"Div(s1.0, x)", 13, "1x3x4x4", "Binary", "1x3x4x4"},
    {"Mul(x, f4)", 13, "1x3x4x4", "Binary", "1x3x4x4"},
    {"Add(x, f2x1x1x1)", 13, "1x3x4x4", "Binary", "2x3x4x4"},
    {"Sigmoid(x) > a; Mul(x, a)", 13, "1x3x4x4", "Activation Binary", "1x3x4x4"},
    {"Sum(x, f3x1x1, x)", 13, "1x3x4x4", "Binary Affine", "1x3x4x4"},
    {"Max(x, s0.0)", 13, "1x3x4x4", "Activation", "1x3x4x4"},
    {"Neg(x)", 13, "5", "Reshape Affine Reshape", "5"},
    /* Softmax: everything from the axis on is one axis up to opset 12 */
    {"Softmax(x)", 7, "1x10x1x1", "Softmax", "1x10x1x1"},
    {"Softmax(x)", 7, "1x4x3", "Reshape Softmax Reshape", "1x4x3"},
    {"Softmax(x)", 13, "1x4x3", "Softmax", "1x4x3"},
    /* shapes */
    {"Reshape(x, i0:-1)", 13, "1x3x4x4", "Reshape", "1x48"},
    {"Flatten(x) axis=-1", 13, "1x3x4x4", "Reshape", "12x4"},
    {"Squeeze(x) axes=0,", 11, "1x3x1", "Reshape", "3x1"},
    {"Squeeze(x, i-1)", 13, "1x3x1", "Reshape", "1x3"},
    {"Squeeze(x)", 13, "1x3x1", "Reshape", "3"},
    {"Unsqueeze(x) axes=0,3", 11, "1x3", "Reshape", "1x1x3x1"},
    {"Unsqueeze(x, i-1)", 13, "1x3", "Reshape", "1x3x1"},
    {"Transpose(x)", 13, "1x3x4", "Transpose", "4x3x1"},
    {"Concat(x, f1x2x4x4, x) axis=-3", 13, "1x3x4x4", "Concat", "1x8x4x4"},
    {"Pad(x) pads=0,0,1,2,0,0,3,4 mode=reflect", 2, "1x3x5x5", "Pad", "1x3x9x11"},
    {"Pad(x, i0:0:-1:0:0:0:0:-2, s2.0)", 11, "1x3x5x5", "Pad", "1x3x4x3"},
    {"Pad(x, i1:2, -, i-1) mode=edge", 18, "1x3x5x5", "Pad", "1x3x5x8"},
    {"Slice(x) starts=1,-3 ends=100,-1 axes=1,3", 9, "1x3x5x5", "Slice", "1x2x5x2"},
    {"Slice(x, i-1, i-9, i2, i-2)", 13, "1x3x5x5", "Slice", "1x3x3x5"},
    {"Gather(x, n-1) axis=1", 13, "1x3x5", "Slice Reshape", "1x5"},
    {"Gather(x, i0:2) axis=1", 13, "1x3x5", "Slice", "1x2x5"},
    {"Split(x) axis=1 split=1,2 > a,y", 11, "1x3x5", "Slice", "1x2x5"},
    {"Split(x, i2:1) axis=1 > y,a", 13, "1x3x5", "Slice", "1x2x5"},
    {"Split(x) axis=1 num_outputs=2 > a,y", 18, "1x3x5", "Slice", "1x1x5"},
    {"SpaceToDepth(x) blocksize=2", 13, "1x3x4x6", "Reshape Transpose Reshape", "1x12x2x3"},
    {"DepthToSpace(x) blocksize=2 mode=CRD", 13, "1x8x2x3", "Reshape Transpose Reshape", "1x2x4x6"},
    {"Expand(x, i2:1:4)", 13, "3x1", "Binary", "2x3x4"},
    /* no operator at all around a ReLU */
    {"Dropout(x, s0.5) > a; Identity(a) > b; Cast(b) to=10 > c; Relu(c) > y", 13, "1x3", "Activation", "1x3"},
    /* shape arithmetic is folded */
    {"Shape(x) > s; Gather(s, n0) > n; Unsqueeze(n, i0) > u; Concat(u, i-1) axis=0 > t; Reshape(x, t)", 13, "1x3x4x4",
     "Reshape", "1x48"},
    {"Shape(x) start=2 > s; ReduceProd(s) keepdims=0 > p; Unsqueeze(p, i0) > u; Concat(i1, i3, u) axis=0 > t; "
     "Reshape(x, t)",
     15, "1x3x4x4", "Reshape", "1x3x16"},
    {"Size(x) > s; Div(s, n6) > d; Range(n4, d, n2) > r; Neg(r) > m; Add(m, i12:12) > t; Reshape(x, t)", 13, "1x3x4x4",
     "Reshape", "8x6"},
    {"ConstantOfShape(i8) > z; Cast(z) to=7 > p; Pad(x, p) > a; Relu(a)", 13, "1x3x4x4", "Activation", "1x3x4x4"},
    {"Shape(x) > s; Equal(s, i1:3:9:9) > e; Where(e, s, i2:2:2:2) > w; Slice(w, i1, i3) > v; Min(v, n3) > m; "
     "Concat(m, i-1) axis=0 > t; Reshape(x, t)",
     13, "1x3x4x4", "Reshape", "3x2x8"},
    {"Less(n3, n4) > e; Not(e) > d; Where(d, f4, fp4) > w; Transpose(f4x3) > v; MatMul(x, v) > a; Add(a, w)", 13, "1x3",
     "Gemm Affine", "1x4"},
};

START_TEST(test_good)
{
    const good_row *row = &good_rows[_i];
    ph_graph *graph = node_text_graph(row->nodes, row->opset, row->input, "y");
    ph_net *net = NULL;
    ph_error err = {0};
    char ops[NODE_TEXT_OPS], shape[PH_SHAPE_TEXT];
    ck_assert_msg(node_text_lower(graph, row->input, "y", false, &net, &err) == PH_OK, "%s: %s", row->nodes,
                  err.message);
    ck_assert_str_eq(node_text_ops(net, ops), row->ops);
    ck_assert_str_eq(ph_shape_text(&net->tensors[net->outputs[0]].shape, shape), row->shape);
    /* The shapes of `info` are the same. */
    const ph_shape input = node_text_shape(row->input);
    ph_shape *shapes = calloc((size_t)graph->value_count, sizeof *shapes);
    bool *supported = calloc((size_t)graph->node_count, sizeof *supported);
    double *macs = calloc((size_t)graph->node_count, sizeof *macs);
    ck_assert_int_eq(ph_infer_shapes(graph, &input, shapes, macs, supported, &err), PH_OK);
    ck_assert_str_eq(ph_shape_text(&shapes[value_named(graph, "y")], shape), row->shape);
    for (int n = 0; n < graph->node_count; n++)
        ck_assert(supported[n] && macs[n] >= 0);
    free(shapes);
    free(supported);
    free(macs);
    ph_net_free(&net);
    ph_graph_free(&graph);
}
END_TEST

/* ---- Nodes that are refused -------------------------------------------------------------------------------------- */

typedef struct bad_row {
    const char *nodes;
    int64_t opset;
    const char *input;
    ph_status status;
    const char *reason;
} bad_row;

static const bad_row bad_rows[] = {
    {"Frobnicate(x)", 13, "1x3x8x8", PH_UNSUPPORTED, "operator Frobnicate (node 'y') is not supported"},
    {"MaxPool(x) kernel_shape=0,3", 13, "1x3x8x8", PH_FORMAT, "kernel_shape of 0"},
    {"MaxPool(x) kernel_shape=3,3 strides=0,1", 13, "1x3x8x8", PH_FORMAT, "strides of 0"},
    {"MaxPool(x)", 13, "1x3x8x8", PH_FORMAT, "lacks its kernel_shape"},
    {"MaxPool(x) kernel_shape=3,3 pads=-1,0,0,0", 13, "1x3x8x8", PH_FORMAT, "pads of -1"},
    {"MaxPool(x) kernel_shape=3,3 pads=1,1,1", 13, "1x3x8x8", PH_FORMAT, "3 pads instead of 4"},
    {"MaxPool(x) kernel_shape=2,2 pads=3,3,3,3", 13, "1x3x8x8", PH_FORMAT, "padding alone"},
    {"MaxPool(x) kernel_shape=2,2 pads=0,0,9,9", 13, "1x3x8x8", PH_FORMAT, "padding alone"},
    {"MaxPool(x) kernel_shape=2,2 dilations=9,9 pads=4,4,4,4", 13, "1x3x2x2", PH_FORMAT, "padding alone"},
    {"MaxPool(x) kernel_shape=2,2 auto_pad=SOMEHOW", 13, "1x3x8x8", PH_FORMAT, "auto_pad 'SOMEHOW'"},
    {"MaxPool(x) kernel_shape=2,2 > a,m; Relu(m)", 13, "1x3x8x8", PH_UNSUPPORTED, "reads 'm'"},
    {"MaxPool(x) kernel_shape=2,2,2", 13, "1x3x8x8x8", PH_UNSUPPORTED, "3 spatial dimensions"},
    {"Conv(x, f4x3x3x3) dilations=2147483647,1", 13, "1x3x8x8", PH_FORMAT, "dilations of 2147483647"},
    {"Conv(x, f4x3x3x3) kernel_shape=5,5", 13, "1x3x8x8", PH_FORMAT, "says kernel_shape 5 but has weights of 3"},
    {"Conv(x, f4x3x3x3) group=3", 13, "1x9x8x8", PH_FORMAT, "3 groups for weights of 4x3x3x3"},
    {"Conv(x, f4x3x3x3) group=0", 13, "1x3x8x8", PH_FORMAT, "0 groups"},
    {"Conv(x, f4x5x3x3)", 13, "1x3x8x8", PH_FORMAT, "needs 5 channels but gets 3"},
    {"Conv(x, f4x3x3x3, f5)", 13, "1x3x8x8", PH_FORMAT, "bias of 5 for 4 channels"},
    {"Conv(x, f4x3x3)", 13, "1x3x8x8", PH_FORMAT, "weights of 4x3x3"},
    {"Conv(x)", 13, "1x3x8x8", PH_FORMAT, "lacks its input 1"},
    {"Conv(x, x)", 13, "1x3x8x8", PH_UNSUPPORTED, "computed from the picture"},
    {"ConvTranspose(x, f3x4x3x3) output_padding=7,0", 13, "1x3x8x8", PH_FORMAT, "output_padding 7"},
    {"ConvTranspose(x, f3x4x3x3) output_shape=90,90", 13, "1x3x8x8", PH_FORMAT, "output of 90"},
    {"ConvTranspose(x, f3x4x1x1) pads=8,8,8,8", 13, "1x3x8x8", PH_FORMAT, "pads its output away"},
    {"Gemm(x, f5x7)", 13, "1x6", PH_FORMAT, "needs 5 inputs but gets 6"},
    {"Gemm(x, f5x7)", 13, "1x6x1x1", PH_FORMAT, "needs two matrices"},
    {"Gemm(x, f6x7, f3x7)", 13, "1x6", PH_FORMAT, "larger than its product"},
    {"MatMul(x, f5x7)", 13, "1x6", PH_FORMAT, "needs 5 inputs but gets 6"},
    {"Add(x, f4x1)", 13, "1x3x8x8", PH_FORMAT, "cannot combine 1x3x8x8 with 4x1"},
    {"BatchNormalization(x, f2, f2, f2, f2)", 13, "1x3x8x8", PH_FORMAT, "2 values as its input 1 for 3 channels"},
    {"BatchNormalization(x, f3, f3, f3, f3) training_mode=1", 14, "1x3x8x8", PH_UNSUPPORTED, "training mode"},
    {"LRN(x) size=0", 13, "1x3x8x8", PH_FORMAT, "size 0"},
    {"PRelu(x, f8)", 13, "1x3x8x8", PH_UNSUPPORTED, "one slope per channel"},
    {"Softmax(x) axis=4", 13, "1x3x8x8", PH_FORMAT, "axis 4 but an input of 4 dimensions"},
    {"Concat(x, f1x2x4x4) axis=2", 13, "1x3x8x8", PH_FORMAT, "cannot join 1x3x8x8 and 1x2x4x4"},
    {"Concat(x, x) axis=-5", 13, "1x3x8x8", PH_FORMAT, "axis -5"},
    {"Reshape(x, i5:-1)", 13, "1x3x8x8", PH_FORMAT, "cannot turn 1x3x8x8 into 5x1"},
    {"Reshape(x, i-1:-1)", 13, "1x3x8x8", PH_FORMAT, "impossible dimension -1"},
    {"Reshape(x, i-7)", 13, "1x3x8x8", PH_FORMAT, "impossible dimension -7"},
    {"Reshape(x, i4611686018427387904:4611686018427387904)", 13, "1x3x8x8", PH_FORMAT, "cannot turn"},
    {"Reshape(x, i1:1:1:1:1:1:1:1:192)", 13, "1x3x8x8", PH_UNSUPPORTED, "at most 8 dimensions"},
    {"Unsqueeze(x, i0:1:2:3:4:5)", 13, "1x3x8x8", PH_UNSUPPORTED, "at most 8 dimensions"},
    {"Unsqueeze(x, i9)", 13, "1x3x8x8", PH_FORMAT, "axis 9 of 5"},
    {"Squeeze(x, i1)", 13, "1x3x8x8", PH_FORMAT, "drops axis 1, which has 3"},
    {"Transpose(x) perm=0,1,1,2", 13, "1x3x8x8", PH_FORMAT, "names axis 1 twice"},
    {"Transpose(x) perm=0,1,2", 13, "1x3x8x8", PH_FORMAT, "orders 3 axes"},
    {"Transpose(x) perm=0,1,2,9", 13, "1x3x8x8", PH_FORMAT, "names axis 9"},
    {"Slice(x, i0, i1, i0, i0)", 13, "1x3x8x8", PH_FORMAT, "step 0"},
    {"Slice(x, i0:1, i1)", 13, "1x3x8x8", PH_FORMAT, "2 starts, 1 ends"},
    {"Slice(x, i3, i3, i1)", 13, "1x3x8x8", PH_UNSUPPORTED, "makes an empty tensor of 1x0x8x8"},
    {"Gather(x, i0:7) axis=1", 13, "1x3x8x8", PH_FORMAT, "takes entry 7 of 3"},
    {"Gather(x, i0:1:0) axis=1", 13, "1x3x8x8", PH_UNSUPPORTED, "equal steps"},
    {"Split(x) axis=1 split=1,1 > y,b", 11, "1x3x8x8", PH_FORMAT, "splits 2 of 3"},
    {"Pad(x, i0:0:8:0:0:0:0:0) mode=reflect", 13, "1x3x8x8", PH_FORMAT, "reflects 8"},
    {"Pad(x, i0:0:1099511627776:0:0:0:0:0)", 13, "1x3x8x8", PH_FORMAT, "more than a tensor can hold"},
    {"Pad(x, i0:0:65536:65536:0:0:65536:65536)", 13, "1x3x8x8", PH_FORMAT, "too large"},
    {"DepthToSpace(x) blocksize=2", 13, "1x3x8x8", PH_FORMAT, "from 3 channels"},
    {"SpaceToDepth(x) blocksize=3", 13, "1x3x8x8", PH_FORMAT, "blocks of 3"},
    {"SpaceToDepth(x) blocksize=0", 13, "1x3x8x8", PH_FORMAT, "blocksize 0"},
    {"Cast(x) to=7", 13, "1x3x8x8", PH_UNSUPPORTED, "floating-point"},
    {"Floor(x)", 13, "1x3x8x8", PH_UNSUPPORTED, "operator Floor (node 'y') is not supported"},
    {"Shape(x)", 13, "1x3x8x8", PH_MISUSE, "'y' does not depend on the picture"},
    {"Relu(f3)", 13, "1x3x8x8", PH_MISUSE, "does not depend on the picture"},
    {"Softmax(f3) > a; Add(x, a)", 13, "1x3x8x8", PH_UNSUPPORTED, "constants alone"},
    {"Dropout(x, s0.5, n1)", 13, "1x3x8x8", PH_UNSUPPORTED, "training mode"},
    {"Div(n3, n0) > a; Reshape(x, a)", 13, "1x3x8x8", PH_FORMAT, "by zero"},
    /* sizes that would fill the memory */
    {"ConstantOfShape(i65536:65536) > a; Add(x, a)", 13, "1x3x8x8", PH_FORMAT, "too large"},
    {"ConstantOfShape(i4611686018427387904:4) > a; Add(x, a)", 13, "1x3x8x8", PH_FORMAT, "too large"},
    {"ConstantOfShape(i-4) > a; Add(x, a)", 13, "1x3x8x8", PH_FORMAT, "too large"},
    {"Range(n0, n1000000000, n1) > a; Add(x, a)", 13, "1x3x8x8", PH_FORMAT, "too large"},
    {"Range(n0, n9223372036854775807, n1) > a; Add(x, a)", 13, "1x3x8x8", PH_FORMAT, "counts from 0"},
    {"Range(n0, n10, n0) > a; Add(x, a)", 13, "1x3x8x8", PH_FORMAT, "by 0"},
    {"Expand(f1, i1000000000) > a; Add(x, a)", 13, "1x3x8x8", PH_FORMAT, "too large"},
    {"Expand(x, i1000000000:1:1:1)", 13, "1x3x8x8", PH_FORMAT, "cannot repeat"},
    {"Expand(f1, i8000000) > a; Expand(f1, i8000000) > b; Expand(f1, i8000000) > c; Sum(x, a, b, c)", 13, "1x3x8x8",
     PH_FORMAT, "too large"},
};

START_TEST(test_bad)
{
    const bad_row *row = &bad_rows[_i];
    ph_graph *graph = node_text_graph(row->nodes, row->opset, row->input, "y");
    ph_net *net = NULL;
    ph_error err = {0};
    const ph_status status = node_text_lower(graph, row->input, "y", true, &net, &err);
    ck_assert_msg(status == row->status && strstr(err.message, row->reason), "%s: status %d: %s", row->nodes, status,
                  err.message);
    ck_assert_ptr_null(net);
    ck_assert_int_eq(node_text_lower(graph, row->input, "y", true, &net, NULL), row->status);
    /* `info` marks the node and goes on. */
    const ph_shape input = node_text_shape(row->input);
    ph_shape *shapes = calloc((size_t)graph->value_count, sizeof *shapes);
    bool *supported = calloc((size_t)graph->node_count, sizeof *supported);
    ck_assert_int_eq(ph_infer_shapes(graph, &input, shapes, NULL, supported, &err), PH_OK);
    if (status != PH_MISUSE)
        ck_assert(!supported[graph->node_count - 1]);
    free(shapes);
    free(supported);
    ph_graph_free(&graph);
}
END_TEST

/* An operator that is not supported counts only on the way to what is wanted. */
START_TEST(test_cut)
{
    ph_graph *graph = node_text_graph("Relu(x) > a; Frobnicate(a) > b; Relu(b)", 13, "1x3x8x8", "y");
    ph_net *net = NULL;
    ph_error err = {0};
    ck_assert_int_eq(node_text_lower(graph, "1x3x8x8", "a", true, &net, &err), PH_OK);
    ck_assert_int_eq(net->op_count, 1);
    ph_net_free(&net);
    ck_assert_int_eq(node_text_lower(graph, "1x3x8x8", "y", true, &net, &err), PH_UNSUPPORTED);
    ph_graph_free(&graph);
}
END_TEST

/* Wanted tensors may be equal, asked for twice, or the picture itself. */
START_TEST(test_aliases)
{
    ph_graph *graph = node_text_graph("Relu(x) > a; Identity(a) > b; Dropout(b)", 13, "1x3x8x8", "y");
    ph_net *net = NULL;
    ph_error err = {0};
    ck_assert_int_eq(node_text_lower(graph, "1x3x8x8", "y,x,a,y", true, &net, &err), PH_OK);
    ck_assert_int_eq(net->output_count, 4);
    ck_assert_int_eq(net->outputs[0], net->outputs[2]);
    ck_assert_int_eq(net->outputs[0], net->outputs[3]);
    ck_assert_int_eq(net->outputs[1], net->input);
    ck_assert_str_eq(net->tensors[net->outputs[0]].name, "a");
    ck_assert(net->tensors[net->input].wanted);
    ph_net_free(&net);
    ph_graph_free(&graph);
}
END_TEST

/* Values of further inputs are given as constants. */
START_TEST(test_fixed)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, (int64_t[]){1, 3, 4, 4});
    build_input(m, "level", 1, (int64_t[]){1});
    build_node(m, "Add", "", "x,level", "y");
    build_output(m, "y", -1, NULL);
    ph_graph *graph = build_graph(m);
    build_free(m);
    ph_net *net = NULL;
    ph_error err = {0};
    ck_assert_int_eq(node_text_lower(graph, "1x3x4x4", "y", true, &net, &err), PH_UNSUPPORTED);
    ck_assert(strstr(err.message, "second input 'level'"));
    float value = 2;
    const ph_array array = {.dtype = PH_DTYPE_FLOAT, .shape = {.rank = 1, .dim = {1}}, .data = &value};
    const ph_array *arrays[] = {&array};
    const int fixed[] = {value_named(graph, "level")}, wanted[] = {value_named(graph, "y")};
    const ph_lower_options options = {.input = node_text_shape("1x3x4x4"),
                                      .wanted = wanted,
                                      .wanted_count = 1,
                                      .fixed = fixed,
                                      .arrays = arrays,
                                      .fixed_count = 1};
    ck_assert_int_eq(ph_lower(graph, &options, &net, &err), PH_OK);
    ck_assert_int_eq(net->ops[0].kind, PH_OP_AFFINE);
    ck_assert(net->ops[0].p.affine.shift[2] == 2.0f);
    ph_net_free(&net);
    ph_graph_free(&graph);
}
END_TEST

/* ---- Sizes ------------------------------------------------------------------------------------------------------- */

typedef struct size_row {
    const char *nodes, *declared, *input, *message;
} size_row;

static const size_row size_rows[] = {
    {"Conv(x, f2x3x3x3) strides=2,2 > a; Flatten(a) > f; Gemm(f, f450x4) > y", "1x3x-1x-1", "1x3x64x48",
     "layer 'y' (Gemm) needs 450 inputs but gets 1426 at 48x64: this target works at 32x32 only"},
    {"MaxPool(x) kernel_shape=5,5 strides=4,4 > a; MaxPool(a) kernel_shape=3,3 > b; GlobalAveragePool(b)", "1x3x-1x-1",
     "1x3x12x12",
     "layer 'b' (MaxPool) has a window of 3 that does not fit into its padded input of 2 at 12x12: the smallest "
     "size that works is 13x13"},
    {"SpaceToDepth(x) blocksize=2", "1x3x-1x-1", "1x3x13x12", "at 12x13: 224x224 works"},
    /* a declared size is tried first */
    {"Reshape(x, i1:300)", "1x3x10x10", "1x3x20x20", "at 20x20: this target works at 10x10 only"},
    /* [N, H, W, C] */
    {"Transpose(x) perm=0,3,1,2 > t; Flatten(t) > f; Gemm(f, f3072x2) > y", "1x-1x-1x3", "1x64x64x3",
     "needs 3072 inputs but gets 12288 at 64x64: this target works at 32x32 only"},
};

START_TEST(test_advice)
{
    const size_row *row = &size_rows[_i];
    ph_graph *graph = node_text_graph(row->nodes, 13, row->declared, "y");
    ph_net *net = NULL;
    ph_error err = {0};
    ck_assert_int_eq(node_text_lower(graph, row->input, "y", true, &net, &err), PH_MISUSE);
    ck_assert_msg(strstr(err.message, row->message) != NULL, "'%s'", err.message);
    ph_graph_free(&graph);
}
END_TEST

typedef struct picture_row {
    const char *nodes, *declared;
    int width, height;
    const char *shape; /* NULL: PH_MISUSE */
    bool channels_last;
} picture_row;

static const picture_row picture_rows[] = {
    {"Relu(x)", "1x3x32x32", 0, 0, "1x3x32x32", false},
    {"Relu(x)", "4x3x32x32", 32, 32, "1x3x32x32", false},
    {"Relu(x)", "1x3x32x32", 64, 64, "1x3x64x64", false}, /* fixed is only the default */
    {"Relu(x)", "-1x3x-1x-1", 0, 0, "1x3x224x224", false},
    {"Relu(x)", "-1x3x-1x-1", 40, 30, "1x3x30x40", false},
    {"Relu(x)", "-1x3x50x-1", 40, 0, "1x3x50x40", false},
    {"Relu(x)", "-1x-1x-1x3", 40, 30, "1x30x40x3", true},
    {"Relu(x)", "-1x64x64x1", 0, 0, "1x64x64x1", true},
    {"Relu(x)", "-1x1x28x28", 0, 0, "1x1x28x28", false},
    {"Transpose(x) perm=0,3,1,2 > t; Conv(t, f4x5x3x3)", "-1x-1x-1x-1", 0, 0, "1x224x224x5", true},
    {"Conv(x, f4x5x3x3)", "-1x-1x-1x-1", 0, 0, "1x5x224x224", false},
    {"Relu(x)", "-1x784", 0, 0, "1x784", false},
    {"Relu(x)", "-1x784", 28, 28, NULL, false},
    {"Relu(x)", "1x3x-1x-1", -5, 0, NULL, false},
};

START_TEST(test_picture_shape)
{
    const picture_row *row = &picture_rows[_i];
    ph_graph *graph = node_text_graph(row->nodes, 13, row->declared, "y");
    ph_shape shape;
    bool channels_last = !row->channels_last;
    ph_error err = {0};
    char text[PH_SHAPE_TEXT];
    const ph_status status = ph_picture_shape(graph, row->width, row->height, &shape, &channels_last, &err);
    ck_assert_msg(status == (row->shape ? PH_OK : PH_MISUSE), "%s", err.message);
    if (row->shape) {
        ck_assert_str_eq(ph_shape_text(&shape, text), row->shape);
        ck_assert_int_eq(channels_last, row->channels_last);
    }
    ph_graph_free(&graph);
}
END_TEST

/* ---- Full heap --------------------------------------------------------------------------------------------------- */

/* Every kind of memory that lowering takes: folding, new weights, moved constants, size advice. */
static const char heap_nodes[] =
    "Shape(x) > s; Gather(s, n0) > n; Unsqueeze(n, i0) > u; Concat(u, i-1) axis=0 > t; Conv(x, f4x3x3x3) > c; "
    "BatchNormalization(c, f4, f4, f4, fp4) > b; Relu(b) > r; Transpose(r) perm=0,2,3,1 > p; Add(p, f4) > q; "
    "Mul(q, f6x4) > m; Concat(m, m) axis=3 > k; Transpose(k) perm=0,3,1,2 > v; Reshape(v, t) > f; MatMul(f, f288x5) > "
    "g; "
    "Add(g, f5) > h; Softmax(h) > y";

START_TEST(test_full_heap)
{
    ph_graph *graph = node_text_graph(heap_nodes, 13, "1x3x-1x-1", "y");
    const int wanted[] = {value_named(graph, "y")};
    const ph_lower_options options = {
        .input = node_text_shape(_i ? "1x3x9x9" : "1x3x8x8"), .wanted = wanted, .wanted_count = 1, .simplify = true};
    bool hit = true;
    for (long n = 1; hit; n++) {
        ph_net *net = NULL;
        ph_error err = {0};
        fail_alloc_at(n);
        const ph_status status = ph_lower(graph, &options, &net, &err);
        hit = fail_alloc_stop();
        /* While it looks for a size to advise, a failure only costs the advice. */
        const ph_status unhit = _i ? PH_MISUSE : PH_OK;
        ck_assert_msg(hit ? status == PH_NO_MEMORY || (_i && (status == PH_MISUSE || status == PH_FORMAT))
                          : status == unhit || (_i && status == PH_FORMAT),
                      "allocation %ld: status %d: %s", n, status, err.message);
        ck_assert(status == PH_OK || net == NULL);
        ph_net_free(&net);
    }
    ph_graph_free(&graph);
}
END_TEST

START_TEST(test_full_heap_shapes)
{
    ph_graph *graph = node_text_graph(heap_nodes, 13, "1x3x-1x-1", "y");
    const ph_shape input = node_text_shape("1x3x8x8");
    ph_shape *shapes = calloc((size_t)graph->value_count, sizeof *shapes);
    bool *supported = calloc((size_t)graph->node_count, sizeof *supported);
    bool hit = true;
    for (long n = 1; hit; n++) {
        ph_error err = {0};
        fail_alloc_at(n);
        const ph_status status = ph_infer_shapes(graph, &input, shapes, NULL, supported, &err);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
    }
    free(shapes);
    free(supported);
    ph_graph_free(&graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lower");
    TCase *cases = tcase_create("all");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_good, 0, sizeof good_rows / sizeof good_rows[0]);
    tcase_add_loop_test(cases, test_bad, 0, sizeof bad_rows / sizeof bad_rows[0]);
    tcase_add_test(cases, test_cut);
    tcase_add_test(cases, test_aliases);
    tcase_add_test(cases, test_fixed);
    tcase_add_loop_test(cases, test_advice, 0, sizeof size_rows / sizeof size_rows[0]);
    tcase_add_loop_test(cases, test_picture_shape, 0, sizeof picture_rows / sizeof picture_rows[0]);
    tcase_add_loop_test(cases, test_full_heap, 0, 2);
    tcase_add_test(cases, test_full_heap_shapes);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
