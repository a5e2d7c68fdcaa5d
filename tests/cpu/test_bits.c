/* Real networks: a picture gets the same bits alone, in any batch, at any place in it, and from any of the usual
 * numbers of threads. */
#include "host/model/graph.h"
#include "host/model/layers.h"
#include "host/model/lower.h"
#include "kernels/cpu/cpu.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *model, *layer;
    int size;
} cases[] = {{"../shared/models/inceptionv1/inceptionv1_caffe2.onnx", "mixed5b", 128},
             {"../shared/models/googlenet/bvlc_googlenet.onnx", "loss3/classifier", 224},
             {"../shared/models/squeezenet/squeezenet_v1.1.onnx", "pool10", 160},
             {"../shared/models/mobilenet/mobilenet_v1_trunc.onnx", "conv_dw_13_relu", 160}};
enum { CASES = sizeof cases / sizeof *cases, SETUPS = 6, PICTURES = 7 };

/* threads, and how many of the pictures go in one batch. */
static const int setups[SETUPS][2] = {{1, 1}, {2, 1}, {2, 7}, {1, 7}, {3, 4}, {4, 7}};

typedef struct results {
    float *y, *dx; /* [PICTURES, …] */
} results;

static void fill(float *to, int64_t count, uint32_t state, float scale)
{
    for (int64_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        to[i] = ((float)(state >> 8) / 8388608.0f - 1.0f) * scale;
    }
}

static ph_net *load(const ph_graph *graph, int which)
{
    int value;
    bool channels_last;
    ph_shape shape;
    ph_error err = {0};
    ck_assert_msg(ph_layer_find(graph, cases[which].layer, strlen(cases[which].layer), &value, &err) == PH_OK, "%s",
                  err.message);
    ck_assert_int_eq(ph_picture_shape(graph, cases[which].size, cases[which].size, &shape, &channels_last, NULL),
                     PH_OK);
    const ph_lower_options options = {.input = shape, .wanted = &value, .wanted_count = 1, .simplify = true};
    ph_net *net = NULL;
    ck_assert_msg(ph_lower(graph, &options, &net, &err) == PH_OK, "%s", err.message);
    return net;
}

static results compute(const ph_net *net, int threads, int batch)
{
    const int64_t in = ph_shape_count(&net->tensors[net->input].shape);
    const int64_t out = ph_shape_count(&net->tensors[net->outputs[0]].shape);
    results r = {calloc((size_t)(out * PICTURES), 4), calloc((size_t)(in * PICTURES), 4)};
    ck_assert(r.y && r.dx);
    const ph_device_options options = {.threads = threads};
    ph_device *device = NULL;
    ph_error err = {0};
    ck_assert_int_eq(ph_backend_cpu.open(&options, &device, NULL), PH_OK);
    for (int first = 0; first < PICTURES; first += batch) {
        const int count = PICTURES - first < batch ? PICTURES - first : batch;
        ph_engine *engine = NULL;
        ck_assert_msg(ph_backend_cpu.engine_new(device, net, count, true, &engine, &err) == PH_OK, "%s", err.message);
        for (int k = 0; k < count; k++) {
            fill(ph_backend_cpu.engine_input(engine) + k * in, in, (uint32_t)(first + k), 100.0f);
            fill(ph_backend_cpu.engine_output_gradient(engine, 0) + k * out, out, (uint32_t)(first + k + 99), 1.0f);
        }
        ck_assert_int_eq(ph_backend_cpu.forward(engine, &err), PH_OK);
        ck_assert_int_eq(ph_backend_cpu.backward(engine, PH_RELU_REDIRECTED, &err), PH_OK);
        memcpy(r.y + first * out, ph_backend_cpu.engine_output(engine, 0), (size_t)(count * out) * sizeof(float));
        memcpy(r.dx + first * in, ph_backend_cpu.engine_input_gradient(engine), (size_t)(count * in) * sizeof(float));
        ph_backend_cpu.engine_free(engine);
    }
    ph_backend_cpu.close(device);
    return r;
}

static bool all_zero(const float *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        if (values[i] != 0.0f)
            return false;
    return true;
}

START_TEST(same_bits_in_any_company)
{
    ph_graph *graph = NULL;
    ph_error err = {0};
    if (access(cases[_i].model, R_OK) != 0) {
        printf("SKIP: %s is not there\n", cases[_i].model);
        return;
    }
    ck_assert_msg(ph_graph_read(cases[_i].model, &graph, &err) == PH_OK, "%s", err.message);
    ph_net *net = load(graph, _i);
    const int64_t in = ph_shape_count(&net->tensors[net->input].shape) * PICTURES;
    const int64_t out = ph_shape_count(&net->tensors[net->outputs[0]].shape) * PICTURES;
    const results want = compute(net, setups[0][0], setups[0][1]);
    ck_assert(!all_zero(want.y, out) && !all_zero(want.dx, in));
    for (int k = 1; k < SETUPS; k++) {
        const results got = compute(net, setups[k][0], setups[k][1]);
        ck_assert_msg(memcmp(want.y, got.y, (size_t)out * sizeof(float)) == 0, "output: %d threads, batch %d",
                      setups[k][0], setups[k][1]);
        ck_assert_msg(memcmp(want.dx, got.dx, (size_t)in * sizeof(float)) == 0, "gradient: %d threads, batch %d",
                      setups[k][0], setups[k][1]);
        free(got.y), free(got.dx);
    }
    free(want.y), free(want.dx);
    ph_net_free(&net);
    ph_graph_free(&graph);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cpu bits");
    TCase *tcase = tcase_create("bits");
    tcase_set_timeout(tcase, 300);
    tcase_add_loop_test(tcase, same_bits_in_any_company, 0, CASES);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
