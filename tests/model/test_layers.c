/* Layers by name and number, pre-activations, logits and probabilities. */
#include "host/base/alloc.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "tests/base/fail_alloc.h"
#include "tests/model/build_model.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const int64_t picture[] = {1, 3, 8, 8};

/* Names as PyTorch, Caffe and hand-made exports have them. */
static ph_graph *named_graph(void)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Relu", "/layer1/layer1.0/conv1/Conv", "x", "/layer1/layer1.0/conv1/Conv_output_0");
    build_node(m, "Relu", "/layer1/layer1.0/Relu", "/layer1/layer1.0/conv1/Conv_output_0", "r10");
    build_node(m, "Relu", "/layer1/layer1.1/conv1/Conv", "r10", "c11");
    build_node(m, "Shape", "size", "x", "size_of_x");
    build_node(m, "Cast", "cast", "size_of_x", "size_as_float");
    build_int(m, "to", 1);
    build_node(m, "Constant", "value", "", "k");
    build_float(m, "value_float", 1);
    build_node(m, "Relu", "caffe", "c11", "caffe_pre_relu"); /* the name of a node and of another's tensor */
    build_node(m, "Relu", "caffe_relu", "caffe_pre_relu", "caffe");
    build_node(m, "Relu", "", "caffe", "nameless:0");
    build_node(m, "Split", "two", "nameless:0", ",second,third");
    build_node(m, "Add", "twin", "second,k", "a");
    build_node(m, "Add", "twin", "third,size_as_float", "b");
    build_node(m, "Relu", "#2", "a", "hash");
    build_output(m, "b", -1, NULL);
    ph_graph *graph = build_graph(m);
    build_free(m);
    return graph;
}

static const struct {
    const char *query, *value; /* value NULL: not found */
    const char *message[3];
} queries[] = {
    {"/layer1/layer1.0/Relu", "r10", {0}},
    {"r10", "r10", {0}},
    {"layer1/layer1.0/Relu", "r10", {0}},
    {"layer1.0/Relu", "r10", {0}},
    {"/Relu", "r10", {0}},
    {"0/Relu", "r10", {0}},
    {"Relu", "r10", {0}},
    {"elu", NULL, {"no layer is called 'elu'", "nearest names are /layer1/layer1.0/Relu"}},
    {"conv1/Conv", NULL, {"may be any of 2", "/layer1/layer1.0/conv1/Conv, /layer1/layer1.1/conv1/Conv;"}},
    {"layer1.1/conv1/Conv", "c11", {0}},
    {"Conv_output_0", "/layer1/layer1.0/conv1/Conv_output_0", {0}},
    {"caffe", "caffe_pre_relu", {0}}, /* node names first */
    {"caffe_relu", "caffe", {0}},
    {"nameless:0", "nameless:0", {0}},
    {"two", "second", {0}},
    {"third", "third", {0}},
    {"twin", NULL, {"may be any of 2", "a, b;"}},
    {"size", "size_of_x", {0}}, /* exact: found though no layer */
    {"of_x", NULL, {"no layer is called"}},
    {"x", NULL, {"no layer is called"}}, /* the picture itself */
    {"/layer1/layer1.0/Rleu", NULL, {"nearest names are /layer1/layer1.0/Relu"}},
    {"zzzzzz", NULL, {"no layer is called 'zzzzzz' (phosphene info"}},
    {"", NULL, {"no layer is called ''"}},
    {"#0", "/layer1/layer1.0/conv1/Conv_output_0", {0}},
    {"#3", "caffe_pre_relu", {0}}, /* Shape, Cast and Constant have no number */
    {"#9", "hash", {0}},
    {"#2", "hash", {0}}, /* a true name wins */
    {"#10", NULL, {"from #0 to #9"}},
    {"#x", NULL, {"no layer has the number"}},
    {"#-1", NULL, {"no layer has the number"}},
    {"#", NULL, {"no layer is called '#'"}},
};

START_TEST(test_find)
{
    ph_graph *graph = named_graph();
    /* Not terminated where the name ends. */
    char query[64];
    snprintf(query, sizeof query, "%s/tail", queries[_i].query);
    const size_t length = strlen(queries[_i].query);
    int value = -7;
    ph_error err = {0};
    const ph_status status = ph_layer_find(graph, query, length, &value, &err);
    if (queries[_i].value) {
        ck_assert_msg(status == PH_OK, "%s", err.message);
        ck_assert_str_eq(graph->values[value].name, queries[_i].value);
    } else {
        ck_assert_int_eq(status, PH_MISUSE);
        ck_assert_int_eq(value, -7);
        for (int i = 0; i < 3 && queries[_i].message[i]; i++)
            ck_assert_msg(strstr(err.message, queries[_i].message[i]) != NULL, "'%s' lacks '%s'", err.message,
                          queries[_i].message[i]);
    }
    ck_assert_int_eq(ph_layer_exists(graph, query, length), queries[_i].value != NULL);
    ph_graph_free(&graph);
}
END_TEST

START_TEST(test_list)
{
    static const char *const expected[] = {"/layer1/layer1.0/conv1/Conv",
                                           "/layer1/layer1.0/Relu",
                                           "/layer1/layer1.1/conv1/Conv",
                                           "caffe",
                                           "caffe_relu",
                                           "",
                                           "two",
                                           "twin",
                                           "twin",
                                           "#2"};
    ph_graph *graph = named_graph();
    int nodes[16];
    const int count = ph_layer_list(graph, nodes);
    ck_assert_int_eq(count, 10);
    for (int i = 0; i < count; i++)
        ck_assert_str_eq(graph->nodes[nodes[i]].name, expected[i]);
    ph_graph_free(&graph);
}
END_TEST

START_TEST(test_find_without_memory)
{
    ph_graph *graph = named_graph();
    int value;
    long n = 0;
    for (bool hit = true; hit;) {
        ph_error err = {0};
        fail_alloc_at(++n);
        const ph_status status = ph_layer_find(graph, "r10", 3, &value, &err);
        hit = fail_alloc_stop();
        ck_assert_int_eq(status, hit ? PH_NO_MEMORY : PH_OK);
    }
    ck_assert_int_gt(n, 1);
    ph_graph_free(&graph);
}
END_TEST

/* Many layers with long names: the messages stay one line that fits. */
START_TEST(test_long_candidates)
{
    enum { LENGTH = 5000 };
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    for (int i = 0; i < 9; i++) {
        char name[LENGTH + 16], output[16];
        snprintf(output, sizeof output, "o%d", i);
        snprintf(name, sizeof name, "%0*d/relu", LENGTH, i);
        build_node(m, "Relu", name, "x", output);
    }
    ph_graph *graph = build_graph(m);
    int value;
    ph_error err = {0};
    ck_assert_int_eq(ph_layer_find(graph, "relu", 4, &value, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "may be any of 9"));
    char *query = build_keep(m, LENGTH + 1);
    memset(query, 'q', LENGTH);
    ck_assert_int_eq(ph_layer_find(graph, query, LENGTH, &value, &err), PH_MISUSE);
    ck_assert_ptr_nonnull(strstr(err.message, "phosphene info MODEL lists all"));
    ph_graph_free(&graph);
    build_free(m);
}
END_TEST

/* ---- Pre-activations -------------------------------------------------------------------------------------------- */

static ph_shape *shapes_of(const ph_graph *graph, int64_t height, int64_t width)
{
    ph_shape *shapes = ph_alloc((size_t)graph->value_count, sizeof *shapes);
    int value;
    ph_error err = {0};
    ck_assert_int_eq(ph_graph_picture_input(graph, &value, &err), PH_OK);
    const ph_shape input = {4, {1, graph->values[value].declared.dim[1], height, width}};
    ck_assert_msg(ph_infer_shapes(graph, &input, shapes, NULL, NULL, &err) == PH_OK, "%s", err.message);
    return shapes;
}

/* Relu6 with constants as operator set 13 wants them; a Concat of Concats; a branch without activation. */
static ph_graph *branchy_graph(void)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_floats(m, "zero", 0, NULL, (float[]){0});
    build_floats(m, "six", 0, NULL, (float[]){6});
    build_node(m, "Constant", "", "", "nought");
    build_float(m, "value_float", 0);
    build_floats(m, "w", 4, (int64_t[]){5, 3, 1, 1}, NULL);
    build_node(m, "Conv", "conv", "x,w", "a");
    build_node(m, "Relu", "", "a", "relu");
    build_node(m, "Clip", "", "x,zero,six", "relu6");
    build_node(m, "Clip", "", "x,nought", "relu_by_node");
    build_node(m, "Clip", "", "x,six", "clip6");
    build_node(m, "Clip", "", "x,,six", "clip_above");
    build_node(m, "Identity", "", "relu", "same");
    build_node(m, "Dropout", "", "same", "dropped,mask");
    build_node(m, "Concat", "", "dropped,relu6", "inner"); /* 5 + 3 */
    build_int(m, "axis", 1);
    build_node(m, "Concat", "", "x,inner,relu_by_node", "outer"); /* 3 + 8 + 3 */
    build_int(m, "axis", -3);
    build_node(m, "Concat", "", "relu6,relu6", "tall");
    build_int(m, "axis", 2);
    build_node(m, "Relu", "foreign", "x", "foreign")->domain = "com.example";
    ph_graph *graph = build_graph(m);
    build_free(m);
    return graph;
}

static const struct {
    const char *value;
    int64_t channel;
    const char *expected; /* NULL: there is none */
    int64_t expected_channel;
} walks[] = {
    {"relu", 2, "a", 2},    {"relu", -1, "a", -1},      {"relu6", 1, "x", 1},   {"relu_by_node", 0, "x", 0},
    {"clip6", 0, NULL, 0},  {"clip_above", 0, NULL, 0}, {"dropped", 4, "a", 4}, {"mask", 4, NULL, 0},
    {"inner", 4, "a", 4},   {"inner", 5, "x", 0},       {"inner", 7, "x", 2},   {"inner", 8, NULL, 0},
    {"inner", -1, NULL, 0}, {"outer", 2, NULL, 0},      {"outer", 3, "a", 0},   {"outer", 7, "a", 4},
    {"outer", 8, "x", 0},   {"outer", 11, "x", 0},      {"outer", 13, "x", 2},  {"outer", 14, NULL, 0},
    {"tall", 0, NULL, 0},   {"a", 0, NULL, 0},          {"x", 0, NULL, 0},      {"foreign", 0, NULL, 0},
};

START_TEST(test_pre_activation)
{
    ph_graph *graph = branchy_graph();
    ph_shape *shapes = shapes_of(graph, 8, 8);
    const int start = value_named(graph, walks[_i].value);
    int value = start;
    int64_t channel = walks[_i].channel;
    const bool found = ph_layer_pre_activation(graph, shapes, &value, &channel);
    ck_assert_int_eq(found, walks[_i].expected != NULL);
    ck_assert_int_eq(value, found ? value_named(graph, walks[_i].expected) : start);
    ck_assert_int_eq(channel, found ? walks[_i].expected_channel : walks[_i].channel);
    if (strcmp(walks[_i].value, "inner") == 0)
        ck_assert(!ph_layer_pre_activation(graph, NULL, &(int){start}, &(int64_t){4}));
    ph_free(shapes);
    ph_graph_free(&graph);
}
END_TEST

/* ---- Classes ---------------------------------------------------------------------------------------------------- */

/* Builds: x [1,3,8,8] -> pool [1,3,1,1] -> the operators of `chain` (initial letters) -> outputs named in `outputs`. */
static ph_graph *chain_graph(const char *chain, const char *outputs)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_int64s(m, "flat", 1, (int64_t[]){2}, (int64_t[]){1, 3});
    build_node(m, "GlobalAveragePool", "", "x", "v0");
    for (int i = 0; chain[i]; i++) {
        char in[16], out[16];
        snprintf(in, sizeof in, chain[i] == 'R' ? "v%d,flat" : "v%d", i);
        snprintf(out, sizeof out, "v%d", i + 1);
        const char *op = chain[i] == 'S'   ? "Softmax"
                         : chain[i] == 'L' ? "LogSoftmax"
                         : chain[i] == 'F' ? "Flatten"
                         : chain[i] == 'R' ? "Reshape"
                         : chain[i] == 'I' ? "Identity"
                                           : "Sigmoid";
        build_node(m, op, "", in, out);
        if (chain[i] == 'S' || chain[i] == 'L')
            build_int(m, "axis", 1);
    }
    for (; *outputs; outputs += outputs[2] ? 3 : 2)
        build_output(m, (char[]){outputs[0], outputs[1], 0}, -1, NULL);
    ph_graph *graph = build_graph(m);
    build_free(m);
    return graph;
}

static const struct {
    const char *chain, *outputs;
    const char *logits, *probabilities; /* NULL: no classes */
    bool missing;
} heads[] = {
    {"FS", "v2", "v1", "v2", false},    {"S", "v1", "v0", "v1", false},     {"SF", "v2", "v0", "v2", false},
    {"SRI", "v3", "v0", "v3", false},   {"F", "v1", "v1", "v1", true},      {"FL", "v2", "v1", "v1", true},
    {"FS", "v1,v2", "v1", "v2", false}, {"FS", "v2,v1", "v1", "v2", false}, {"FIS", "v1", "v1", "v3", false},
    {"FG", "v2", "v2", "v2", true},     {"F", "", NULL, NULL, false},
};

START_TEST(test_classes)
{
    ph_graph *graph = chain_graph(heads[_i].chain, heads[_i].outputs);
    ph_shape *shapes = shapes_of(graph, 8, 8);
    int logits = -1, probabilities = -1;
    bool missing = false;
    ph_error err = {0};
    const ph_status expected = heads[_i].logits ? PH_OK : PH_MISUSE;
    ck_assert_int_eq(ph_layer_logits(graph, shapes, &logits, &err), expected);
    ck_assert_int_eq(ph_layer_probabilities(graph, shapes, &probabilities, &missing, &err), expected);
    if (expected == PH_OK) {
        ck_assert_str_eq(graph->values[logits].name, heads[_i].logits);
        ck_assert_str_eq(graph->values[probabilities].name, heads[_i].probabilities);
    } else {
        ck_assert_ptr_nonnull(strstr(err.message, "no classes"));
    }
    ck_assert_int_eq(missing, heads[_i].missing);
    ph_free(shapes);
    ph_graph_free(&graph);
}
END_TEST

START_TEST(test_first_output_with_classes)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, picture);
    build_node(m, "Relu", "", "x", "map");
    build_node(m, "GlobalAveragePool", "", "x", "classes");
    build_node(m, "ReduceMean", "", "classes", "score");
    build_ints(m, "axes", 1, (int64_t[]){1});
    build_output(m, "map", -1, NULL);
    build_output(m, "score", -1, NULL); /* K = 1 */
    build_output(m, "classes", -1, NULL);
    ph_graph *graph = build_graph(m);
    ph_shape shapes[8] = {{0}};
    shapes[value_named(graph, "map")] = (ph_shape){4, {1, 3, 8, 8}};
    shapes[value_named(graph, "score")] = (ph_shape){4, {1, 1, 1, 1}};
    shapes[value_named(graph, "classes")] = (ph_shape){4, {1, 3, 1, 1}};
    int value;
    ck_assert_int_eq(ph_layer_logits(graph, shapes, &value, NULL), PH_OK);
    ck_assert_int_eq(value, value_named(graph, "classes"));
    shapes[value_named(graph, "classes")] = (ph_shape){.rank = -1};
    ck_assert_int_eq(ph_layer_logits(graph, shapes, &value, NULL), PH_OK);
    ck_assert_int_eq(value, value_named(graph, "score"));
    ph_graph_free(&graph);
    build_free(m);
}
END_TEST

/* ---- Real networks ---------------------------------------------------------------------------------------------- */

static const struct {
    const char *file;
    int64_t size;
    const char *value;
    int64_t channel;
    const char *pre;
    int64_t pre_channel;
    const char *logits, *probabilities;
    bool missing;
} real[] = {
    {"inceptionv1/inceptionv1_caffe2.onnx", 224, "mixed4d", 484, "mixed4d_pool_reduce_pre_relu", 20,
     "softmax2_pre_activation", "softmax2", false},
    {"googlenet/bvlc_googlenet.onnx", 224, "inception_4c/output", 0, "inception_4c/1x1_pre_relu", 0, "loss3/classifier",
     "prob", false},
    {"squeezenet/squeezenet_v1.1.onnx", 224, NULL, 0, NULL, 0, NULL, "prob", false},
    {"mobilenet/mobilenet_v1_trunc.onnx", 224, "conv1_relu", 31, "conv1_bn", 31, NULL, NULL, false},
    {"onnx_zoo/cifar10_resnet20/model.onnx", 32, "/Relu_output_0", 3, "/conv1/Conv_output_0", 3, "logits", "logits",
     true},
    {"onnx_zoo/squeezenet_fp16_winml/model.onnx", 224, "fire9/concat_2", 256, "fire9/expand3x3_1", 0, "pool10_1",
     "softmaxout_1", false},
};

START_TEST(test_real)
{
    char path[256];
    struct stat info;
    snprintf(path, sizeof path, "../shared/models/%s", real[_i].file);
    if (stat(path, &info) != 0) {
        printf("SKIP: %s is not there\n", path);
        return;
    }
    ph_graph *graph = NULL;
    ck_assert_int_eq(ph_graph_read(path, &graph, NULL), PH_OK);
    ph_shape *shapes = shapes_of(graph, real[_i].size, real[_i].size);
    if (real[_i].value) {
        int value = value_named(graph, real[_i].value);
        int64_t channel = real[_i].channel;
        ck_assert(ph_layer_pre_activation(graph, shapes, &value, &channel));
        ck_assert_str_eq(graph->values[value].name, real[_i].pre);
        ck_assert_int_eq(channel, real[_i].pre_channel);
    }
    int value;
    bool missing;
    if (real[_i].logits) {
        ck_assert_int_eq(ph_layer_logits(graph, shapes, &value, NULL), PH_OK);
        ck_assert_str_eq(graph->values[value].name, real[_i].logits);
    }
    const ph_status status = ph_layer_probabilities(graph, shapes, &value, &missing, NULL);
    ck_assert_int_eq(status, real[_i].probabilities ? PH_OK : PH_MISUSE);
    if (status == PH_OK) {
        ck_assert_str_eq(graph->values[value].name, real[_i].probabilities);
        ck_assert_int_eq(missing, real[_i].missing);
    }
    ph_free(shapes);
    ph_graph_free(&graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("layers");
    TCase *layers = tcase_create("layers");
    tcase_set_timeout(layers, 60);
    tcase_add_loop_test(layers, test_find, 0, sizeof queries / sizeof *queries);
    tcase_add_test(layers, test_list);
    tcase_add_test(layers, test_find_without_memory);
    tcase_add_test(layers, test_long_candidates);
    tcase_add_loop_test(layers, test_pre_activation, 0, sizeof walks / sizeof *walks);
    tcase_add_loop_test(layers, test_classes, 0, sizeof heads / sizeof *heads);
    tcase_add_test(layers, test_first_output_with_classes);
    tcase_add_loop_test(layers, test_real, 0, sizeof real / sizeof *real);
    suite_add_tcase(suite, layers);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
