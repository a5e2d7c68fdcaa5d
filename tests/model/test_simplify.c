/* Simplification: fewer operators, the same values and input gradients; real networks. */
#include "host/model/lower.h"
#include "kernels/ref/ref.h"
#include "tests/model/build_model.h"
#include "tests/model/node_text.h"
#include "tests/ops/run_net.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* ---- Small nets -------------------------------------------------------------------------------------------------- */

/* Folding rounds each weight to float once or twice; sums here have at most a few hundred terms near 1. */
#define TOLERANCE 3e-6

typedef struct simple_row {
    const char *nodes;
    const char *input, *wanted, *ops;
} simple_row;

#define TO_LAST "perm=0,2,3,1"
#define TO_FIRST "perm=0,3,1,2"

static const simple_row simple_rows[] = {
    /* folding */
    {"Conv(x, f4x3x3x3) > c; BatchNormalization(c, f4, f4, f4, fp4) > b; Relu(b)", "1x3x8x8", "y", "Conv+Relu"},
    {"Conv(x, f6x2x3x3, f6) group=3 > c; BatchNormalization(c, f6, f6, f6, fp6)", "1x6x8x8", "y", "Conv"},
    {"ConvTranspose(x, f6x2x3x3, f6) group=3 strides=2,2 > c; BatchNormalization(c, f6, f6, f6, fp6) > b; Relu(b)",
     "1x6x5x5", "y", "ConvTranspose Activation"},
    {"Conv(x, f4x3x3) > c; BatchNormalization(c, f4, f4, f4, fp4) > b; Relu(b)", "1x3x8", "y",
     "Reshape Conv+Relu Reshape"},
    {"MatMul(x, f5x7) > m; Add(m, f7)", "1x5", "y", "Gemm"},
    {"MatMul(x, f5x7) > m; Add(f7, m)", "1x3x5", "y", "Gemm"},
    {"Gemm(x, f5x7, f7) > g; BatchNormalization(g, f7, f7, f7, fp7)", "1x5", "y", "Gemm"},
    {"Mul(x, s3.0) > a; Sub(f3x1x1, a) > b; BatchNormalization(b, f3, f3, f3, fp3)", "1x3x4x4", "y", "Affine"},
    {"Add(x, f3x1x1) > a; Conv(a, f4x3x3x3) pads=1,1,1,1 > c; Mul(c, s0.7) > d; Add(d, f4x1x1)", "1x3x6x6", "y",
     "Affine Conv"},
    /* never through a wanted tensor or one with another reader */
    {"Conv(x, f4x3x3x3) > c; BatchNormalization(c, f4, f4, f4, fp4) > b; Relu(b)", "1x3x8x8", "b,y", "Conv Activation"},
    {"Conv(x, f4x3x3x3) > c; BatchNormalization(c, f4, f4, f4, fp4) > b; Relu(b)", "1x3x8x8", "y,c",
     "Conv Affine Activation"},
    {"Conv(x, f4x3x3x3) > c; Relu(c) > r; Add(c, r)", "1x3x8x8", "y", "Conv Activation Binary"},
    {"Conv(x, f4x3x3) > c; Relu(c)", "1x3x8", "c,y", "Reshape Conv Reshape Activation"},
    {"MatMul(x, f5x7) > m; Add(m, f7)", "1x3x5", "m,y", "Gemm Binary"},
    {"Mul(x, s3.0) > a; Add(a, s1.0)", "1x3x4x4", "a,y", "Affine Affine"},
    /* not the same thing: a bias along another axis, a larger shape */
    {"MatMul(x, f5x3) > m; Add(m, f3x1)", "1x3x5", "y", "Gemm Affine"},
    {"MatMul(x, f5x7) > m; Add(m, f3x7)", "1x3x5", "y", "Gemm Binary"},
    {"MatMul(x, f5x7) > m; Add(m, f4x1x7)", "1x5", "y", "Gemm Binary"},
    /* Reshapes */
    {"Reshape(x, i1:-1) > a; Reshape(a, i1:6:8) > b; Relu(b)", "1x3x4x4", "y", "Reshape Activation"},
    {"Reshape(x, i1:-1) > a; Reshape(a, i1:3:4:4) > b; Relu(b)", "1x3x4x4", "y", "Activation"},
    {"Reshape(x, i1:-1) > a; Reshape(a, i1:3:4:4) > b; Relu(b)", "1x3x4x4", "y,b", "Activation"},
    {"Relu(x) > r; Reshape(r, i1:-1) > a; Reshape(a, i6:8)", "1x3x4x4", "a,y", "Activation Reshape Reshape"},
    /* Transposes */
    {"Transpose(x) perm=0,2,1 > a; Transpose(a) perm=0,2,1 > b; Relu(b)", "1x3x4", "y", "Activation"},
    {"Transpose(x) perm=1,2,0 > a; Transpose(a) perm=1,2,0 > b; Tanh(b)", "2x3x4", "y", "Activation Transpose"},
    {"Transpose(x) " TO_LAST " > a; Flatten(a) > f; Gemm(f, f48x5)", "1x3x4x4", "y", "Transpose Reshape Gemm"},
    {"Transpose(x) " TO_LAST " > a; Flatten(a) > f; Gemm(f, f3x5)", "1x3x1x1", "y", "Reshape Gemm"},
    /* a network in [N, H, W, C] around convolutions in [N, C, H, W] */
    {"Transpose(x) " TO_FIRST " > a; Conv(a, f4x3x3x3) > c; Transpose(c) " TO_LAST " > d; Add(d, f4) > e; Relu(e) > f; "
     "Transpose(f) " TO_FIRST " > g; Conv(g, f5x4x1x1) > h; Transpose(h) " TO_LAST,
     "1x8x8x3", "y", "Transpose Conv+Relu Conv Transpose"},
    {"Transpose(x) " TO_FIRST " > a; Conv(a, f4x3x3x3) > c; Transpose(c) " TO_LAST " > d; Add(d, f4) > e; Relu(e) > f; "
     "Transpose(f) " TO_FIRST " > g; Conv(g, f5x4x1x1) > h; Transpose(h) " TO_LAST,
     "1x8x8x3", "e,y,d", "Transpose Conv Affine Activation Conv Transpose Transpose Transpose"},
    {"Transpose(x) " TO_LAST " > a; Transpose(a) " TO_FIRST
     " > b; Conv(b, f3x3x3x3) pads=1,1,1,1 > c; Transpose(c) " TO_LAST " > d; Add(a, d) > e; Transpose(e) " TO_FIRST,
     "1x3x6x6", "y", "Conv Binary"},
    {"Transpose(x) " TO_LAST " > a; Relu(a) > b; Concat(b, a, f1x4x4x2) axis=3 > c; Transpose(c) " TO_FIRST, "1x3x4x4",
     "y", "Activation Concat"},
    {"Transpose(x) " TO_LAST
     " > a; Pad(a, i0:1:2:3:0:0:1:0) > b; Slice(b, i1, i-1, i2, i2) > c; Softmax(c) axis=3 > d; "
     "Transpose(d) " TO_FIRST,
     "1x3x5x5", "y", "Pad Slice Softmax"},
    {"Transpose(x) " TO_LAST " > a; Sub(f4x1x3, a) > b; Mul(b, f1x5x1) > c; Transpose(c) " TO_FIRST, "1x3x4x5", "y",
     "Binary Binary"},
    {"Transpose(x) " TO_LAST " > a; GlobalAveragePool(x) > p; Reshape(p, i1:1:1:3) > g; Sigmoid(g) > s; Mul(a, s) > m; "
     "Transpose(m) " TO_FIRST,
     "1x3x4x5", "y", "Pool Reshape Activation Reshape Binary"},
    /* channels that move: the affine map stays behind its Transpose */
    {"Transpose(x) " TO_LAST " > a; BatchNormalization(a, f4, f4, f4, fp4) > b; Transpose(b) " TO_FIRST, "1x3x4x5", "y",
     "Transpose Affine Transpose"},
    {"Transpose(x) perm=0,1,3,2 > a; BatchNormalization(a, f3, f3, f3, fp3) > b; Transpose(b) perm=0,1,3,2", "1x3x4x5",
     "y", "Affine"},
    /* one input in another layout */
    {"Transpose(x) perm=0,1,3,2 > a; Add(a, x) > b; Transpose(b) perm=0,1,3,2", "1x3x4x4", "y",
     "Transpose Binary Transpose"},
};

static void compare(const ops_session *raw, const ops_session *simple, const char *what)
{
    float *input = ops_floats(raw->input_count), *gradient = ops_floats(raw->output_count);
    float *raw_out = ops_floats(raw->output_count), *simple_out = ops_floats(simple->output_count);
    float *raw_in = ops_floats(raw->input_count), *simple_in = ops_floats(simple->input_count);
    ck_assert_int_eq(raw->output_count, simple->output_count);
    for (int64_t i = 0; i < raw->input_count; i++)
        input[i] = (float)((double)((i * 37 + 11) % 101) / 50 - 1);
    for (int64_t i = 0; i < raw->output_count; i++)
        gradient[i] = (float)((double)((i * 29 + 5) % 31) / 15 - 1);
    ops_session a = *raw, b = *simple;
    ops_forward(&a, input, raw_out);
    ops_forward(&b, input, simple_out);
    ops_expect(&b, what, simple_out, raw_out, raw->output_count, TOLERANCE);
    ops_backward(&a, PH_RELU_NORMAL, gradient, raw_in);
    ops_backward(&b, PH_RELU_NORMAL, gradient, simple_in);
    ops_expect(&b, what, simple_in, raw_in, raw->input_count, TOLERANCE);
    float *all[] = {input, gradient, raw_out, simple_out, raw_in, simple_in};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

START_TEST(test_simple)
{
    const simple_row *row = &simple_rows[_i];
    ph_graph *graph = node_text_graph(row->nodes, 13, row->input, "y");
    ph_net *raw = NULL, *simple = NULL;
    ph_error err = {0};
    char ops[NODE_TEXT_OPS];
    ck_assert_msg(node_text_lower(graph, row->input, row->wanted, false, &raw, &err) == PH_OK, "%s: %s", row->nodes,
                  err.message);
    ck_assert_msg(node_text_lower(graph, row->input, row->wanted, true, &simple, &err) == PH_OK, "%s: %s", row->nodes,
                  err.message);
    ck_assert_msg(!strcmp(node_text_ops(simple, ops), row->ops), "%s: %s instead of %s", row->nodes, ops, row->ops);
    ck_assert_int_eq(raw->output_count, simple->output_count);
    for (int i = 0; i < raw->output_count; i++) {
        ck_assert(simple->tensors[simple->outputs[i]].wanted);
        ck_assert(ph_shape_equal(&raw->tensors[raw->outputs[i]].shape, &simple->tensors[simple->outputs[i]].shape));
    }
    ops_session a = ops_open(&test_ref, 1, raw, 1, row->nodes);
    ops_session b = ops_open(&test_ref, 1, simple, 1, row->nodes);
    compare(&a, &b, row->nodes);
    ops_close(&a);
    ops_close(&b);
    ph_net_free(&raw);
    ph_net_free(&simple);
    ph_graph_free(&graph);
}
END_TEST

/* A network for [N, H, W, C] gets pictures of [N, C, H, W]: the Transpose that turns them meets the network's own. */
START_TEST(test_channels_last)
{
    ph_graph *graph =
        node_text_graph("Transpose(x) " TO_FIRST " > a; Conv(a, f4x3x3x3) > c; Relu(c)", 13, "-1x-1x-1x3", "y");
    const int wanted[] = {value_named(graph, "y"), value_named(graph, "x")};
    ph_net *net = NULL;
    ph_error err = {0};
    char ops[NODE_TEXT_OPS], shape[PH_SHAPE_TEXT];
    ph_lower_options options = {.input = node_text_shape("1x8x6x3"),
                                .channels_last = true,
                                .wanted = wanted,
                                .wanted_count = 1,
                                .simplify = true};
    ck_assert_int_eq(ph_lower(graph, &options, &net, &err), PH_OK);
    ck_assert_str_eq(ph_shape_text(&net->tensors[net->input].shape, shape), "1x3x8x6");
    ck_assert_str_eq(ph_shape_text(&net->tensors[net->outputs[0]].shape, shape), "1x4x6x4");
    ck_assert_str_eq(node_text_ops(net, ops), "Conv+Relu");
    ph_net_free(&net);
    /* The model's own input stays what the model calls so. */
    options.wanted_count = 2;
    ck_assert_int_eq(ph_lower(graph, &options, &net, &err), PH_OK);
    ck_assert_str_eq(ph_shape_text(&net->tensors[net->outputs[1]].shape, shape), "1x8x6x3");
    ph_net_free(&net);
    options.input = node_text_shape("1x2x2x3");
    ck_assert_int_eq(ph_lower(graph, &options, &net, &err), PH_MISUSE);
    ck_assert_msg(strstr(err.message, "at 2x2: the smallest size that works is 3x3") != NULL, "%s", err.message);
    ph_graph_free(&graph);
}
END_TEST

/* ---- Real networks ----------------------------------------------------------------------------------------------- */

#define MODELS "../shared/models/"

typedef struct real_row {
    const char *file;
    int convs, fused, affines, activations, transposes;
} real_row;

static const real_row real_rows[] = {
    {"inceptionv1/inceptionv1_caffe2.onnx", 57, 57, 0, 0, 0},
    {"googlenet/bvlc_googlenet.onnx", 57, 57, 0, 0, 0},
    {"squeezenet/squeezenet_v1.1.onnx", 26, 26, 0, 0, 0},
    {"mobilenet/mobilenet_v1_trunc.onnx", 26, 0, 0, 26, 0},
    {"onnx_zoo/squeezenet_fp16_winml/model.onnx", 26, 26, 0, 0, 0},
    {"onnx_zoo/cifar10_resnet20/model.onnx", 19, 10, 0, 9, 0},
    {"onnx_zoo/cifar10_resnet56/model.onnx", 55, 28, 0, 27, 0},
    {"onnx_zoo/mnist_cntk_opset7/model.onnx", 2, 2, 0, 0, 0},
    {"onnx_zoo/cifar10_tutorial_pytorch/model.onnx", 4, 4, 0, 0, 0},
    {"onnx_zoo/rul_cnn_matlab/model.onnx", 6, 5, 0, 0, 0},
    {"onnx_zoo/super_resolution_core/model.onnx", 4, 3, 0, 0, 1},
    {"onnx_zoo/cifar10_vit_pgd/model.onnx", 1, 0, 7, 2, 16},
    {"small/doodlenet.onnx", 6, 6, 0, 1, 1},
    {"small/tiny_vgg_cnnexplainer.onnx", 4, 4, 0, 0, 1},
    {"denoisers/cdncnn_b_color_blind.onnx", 20, 19, 0, 0, 0},
};

static int count_ops(const ph_net *net, ph_op_kind kind)
{
    int count = 0;
    for (int i = 0; i < net->op_count; i++)
        count += net->ops[i].kind == kind;
    return count;
}

static ph_status lower_values(const ph_graph *graph, const ph_shape *input, const int *wanted, int count, ph_net **net,
                              ph_error *err)
{
    const ph_lower_options options = {.input = *input, .wanted = wanted, .wanted_count = count, .simplify = true};
    return ph_lower(graph, &options, net, err);
}

static void check_counts(const real_row *row, const ph_graph *graph, const ph_shape *input, int *wanted)
{
    int count = 0, fused = 0;
    ph_net *net = NULL;
    ph_error err = {0};
    for (int v = 0; v < graph->value_count; v++)
        if (graph->values[v].is_output)
            wanted[count++] = v;
    ck_assert_msg(lower_values(graph, input, wanted, 1, &net, &err) == PH_OK, "%s: %s", row->file, err.message);
    for (int i = 0; i < net->op_count; i++)
        fused += net->ops[i].kind == PH_OP_CONV && net->ops[i].p.conv.relu;
    ck_assert_int_eq(count_ops(net, PH_OP_CONV), row->convs);
    ck_assert_int_eq(fused, row->fused);
    ck_assert_int_eq(count_ops(net, PH_OP_AFFINE), row->affines);
    ck_assert_int_eq(count_ops(net, PH_OP_ACT), row->activations);
    ck_assert_int_eq(count_ops(net, PH_OP_TRANSPOSE), row->transposes);
    ph_net_free(&net);
}

/* Every tensor that the picture reaches, wanted at once: nothing fused, the shapes that `info` shows. */
static void check_everything(const real_row *row, const ph_graph *graph, const ph_shape *input, int *wanted)
{
    ph_net *net = NULL;
    ph_error err = {0};
    ph_shape *shapes = calloc((size_t)graph->value_count, sizeof *shapes);
    double *macs = calloc((size_t)graph->node_count, sizeof *macs);
    bool *supported = calloc((size_t)graph->node_count, sizeof *supported),
         *reached = calloc((size_t)graph->value_count, 1);
    int picture, count = 0;
    ck_assert_int_eq(ph_graph_picture_input(graph, &picture, &err), PH_OK);
    ck_assert_int_eq(ph_infer_shapes(graph, input, shapes, macs, supported, &err), PH_OK);
    reached[picture] = true;
    for (int n = 0; n < graph->node_count; n++) {
        const ph_node *node = &graph->nodes[n];
        bool from_picture = false;
        ck_assert(supported[n]);
        for (int k = 0; k < node->input_count; k++)
            from_picture = from_picture || (node->inputs[k] >= 0 && reached[node->inputs[k]]);
        if (!from_picture || !strcmp(node->op, "Shape") || node->outputs[0] < 0)
            continue;
        reached[node->outputs[0]] = true;
        wanted[count++] = node->outputs[0];
    }
    ck_assert_msg(lower_values(graph, input, wanted, count, &net, &err) == PH_OK, "%s: %s", row->file, err.message);
    for (int i = 0; i < count; i++)
        ck_assert(ph_shape_equal(&net->tensors[net->outputs[i]].shape, &shapes[wanted[i]]));
    for (int i = 0; i < net->op_count; i++)
        ck_assert(net->ops[i].kind != PH_OP_CONV || !net->ops[i].p.conv.relu);
    free(shapes);
    free(macs);
    free(supported);
    free(reached);
    ph_net_free(&net);
}

START_TEST(test_real)
{
    const real_row *row = &real_rows[_i];
    char path[512];
    snprintf(path, sizeof path, MODELS "%s", row->file);
    if (access(path, R_OK) != 0) {
        printf("SKIP: %s is not here\n", path);
        return;
    }
    ph_graph *graph = NULL;
    ph_error err = {0};
    ph_shape input;
    bool channels_last;
    ck_assert_msg(ph_graph_read(path, &graph, &err) == PH_OK, "%s", err.message);
    ck_assert_int_eq(ph_picture_shape(graph, 0, 0, &input, &channels_last, &err), PH_OK);
    ck_assert(!channels_last);
    int *wanted = calloc((size_t)graph->value_count, sizeof *wanted);
    check_counts(row, graph, &input, wanted);
    check_everything(row, graph, &input, wanted);
    free(wanted);
    ph_graph_free(&graph);
}
END_TEST

/* A network built for 224 x 224 says so at another size. */
START_TEST(test_real_size)
{
    static const char path[] = MODELS "googlenet/bvlc_googlenet.onnx";
    if (access(path, R_OK) != 0) {
        printf("SKIP: %s is not here\n", path);
        return;
    }
    ph_graph *graph = NULL;
    ph_net *net = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_graph_read(path, &graph, &err), PH_OK);
    const int prob = value_named(graph, "prob"), pool = value_named(graph, "inception_4d/output");
    const ph_shape input = node_text_shape("1x3x448x448");
    ck_assert_int_eq(lower_values(graph, &input, &prob, 1, &net, &err), PH_MISUSE);
    ck_assert_msg(strstr(err.message, "'loss3/classifier' (Gemm) needs 1024 inputs but gets ") &&
                      strstr(err.message, "at 448x448: this target works at 224x224 only"),
                  "%s", err.message);
    ck_assert_int_eq(lower_values(graph, &input, &pool, 1, &net, &err), PH_OK);
    ph_net_free(&net);
    const ph_shape tiny = node_text_shape("1x3x3x3");
    const ph_status status = lower_values(graph, &tiny, &pool, 1, &net, &err);
    ck_assert_msg(status == PH_MISUSE && strstr(err.message, "the smallest size that works is "), "%d: %s", status,
                  err.message);
    ph_graph_free(&graph);
}
END_TEST

/* ---- Broken files ------------------------------------------------------------------------------------------------ */

static void lower_broken(const ph_graph *graph, int *read)
{
    ph_shape input;
    bool channels_last;
    ph_net *net = NULL;
    ph_error err = {0};
    if (ph_picture_shape(graph, 0, 0, &input, &channels_last, &err) != PH_OK)
        return;
    int *wanted = calloc((size_t)graph->value_count + 1, sizeof *wanted), count = 0;
    for (int v = 0; v < graph->value_count; v++)
        if (graph->values[v].is_output)
            wanted[count++] = v;
    const ph_status status = lower_values(graph, &input, wanted, count, &net, &err);
    ck_assert((status == PH_OK) == (net != NULL));
    ck_assert(status == PH_OK || err.message[0] != '\0');
    *read += 1;
    free(wanted);
    ph_net_free(&net);
}

START_TEST(test_malformed)
{
    DIR *folder = opendir(MODELS "malformed_onnx");
    if (!folder) {
        printf("SKIP: %s is not here\n", MODELS "malformed_onnx");
        return;
    }
    int read = 0;
    for (const struct dirent *entry; (entry = readdir(folder));) {
        char path[512];
        ph_graph *graph = NULL;
        ph_error err = {0};
        snprintf(path, sizeof path, MODELS "malformed_onnx/%.200s", entry->d_name);
        if (!strstr(entry->d_name, ".onnx") || ph_graph_read(path, &graph, &err) != PH_OK)
            continue;
        const clock_t start = clock();
        lower_broken(graph, &read);
        /* One second is what a person notices; the slowest, 5000 nodes in a row, takes 20 ms. */
        ck_assert_msg(clock() - start < CLOCKS_PER_SEC, "%s takes too long", path);
        ph_graph_free(&graph);
    }
    closedir(folder);
    ck_assert_int_gt(read, 10);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("simplify");
    TCase *cases = tcase_create("all");
    tcase_set_timeout(cases, 60);
    tcase_add_loop_test(cases, test_simple, 0, sizeof simple_rows / sizeof simple_rows[0]);
    tcase_add_test(cases, test_channels_last);
    tcase_add_loop_test(cases, test_real, 0, sizeof real_rows / sizeof real_rows[0]);
    tcase_add_test(cases, test_real_size);
    tcase_add_test(cases, test_malformed);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
