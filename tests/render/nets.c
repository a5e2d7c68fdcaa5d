#include "tests/render/nets.h"

#include "tests/model/build_model.h"

#include <check.h>
#include <stdlib.h>
#include <unistd.h>

enum { WIDTH = 8, CLASSES = 5, MAX_WEIGHTS = 16 * 16 * 9 };

static void add_weights(build_model *m, const char *name, int64_t out, int64_t in, int64_t side, uint32_t seed,
                        float gain)
{
    float values[MAX_WEIGHTS];
    const int64_t count = out * in * side * side;
    ck_assert_int_le(count, MAX_WEIGHTS);
    for (int64_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = gain * ((float)(seed >> 8) / 8388608.0f - 1.0f);
    }
    build_floats(m, name, 4, (int64_t[]){out, in, side, side}, values);
}

static void add_bias(build_model *m, const char *name, int64_t count, float value)
{
    float values[MAX_WEIGHTS];
    for (int64_t i = 0; i < count; i++)
        values[i] = value;
    build_floats(m, name, 1, &count, values);
}

static void add_conv(build_model *m, const char *name, const char *inputs, const char *output, int64_t pad)
{
    build_node(m, "Conv", name, inputs, output);
    build_ints(m, "pads", 4, (int64_t[]){pad, pad, pad, pad});
}

static build_model *build(net_kind kind)
{
    const char *act = kind == NET_SMOOTH ? "Tanh" : "Relu";
    const int64_t channels = kind == NET_GREY ? 1 : 3;
    build_model *m = build_new(13);
    const int64_t side = kind == NET_FIXED ? NET_FIXED_SIZE : -1;
    build_input(m, "picture", 4, (int64_t[]){-1, channels, side, side});
    add_weights(m, "w1", WIDTH, channels, 3, 1, kind == NET_INFINITE ? 1e38f : 1.0f);
    add_bias(m, "b1", WIDTH, kind == NET_DEAD ? -1000.0f : kind == NET_SLEEPING ? -2.5f : 0.1f);
    add_conv(m, "conv1", "picture,w1,b1", "conv1_out", 1);
    build_node(m, act, "relu1", "conv1_out", "relu1_out");
    add_weights(m, "w2", WIDTH, WIDTH, 3, 2, 0.4f);
    add_conv(m, "conv2", "relu1_out,w2", "conv2_out", 1);
    build_node(m, act, "relu2", "conv2_out", "relu2_out");
    build_node(m, "AveragePool", "pool1", "relu1_out", "pool1_out");
    build_ints(m, "kernel_shape", 2, (int64_t[]){3, 3});
    build_ints(m, "pads", 4, (int64_t[]){1, 1, 1, 1});
    add_weights(m, "w3", WIDTH, WIDTH, 1, 3, 0.6f);
    add_conv(m, "conv3", "pool1_out,w3", "conv3_out", 0);
    build_node(m, act, "relu3", "conv3_out", "relu3_out");
    build_node(m, "Concat", "joined", "relu2_out,relu3_out", "joined_out");
    build_int(m, "axis", 1);
    build_node(m, "GlobalAveragePool", "gap", "joined_out", "gap_out");
    build_node(m, "Flatten", "flat", kind == NET_FIXED ? "joined_out" : "gap_out", "flat_out");
    const int64_t features = 2 * WIDTH * (kind == NET_FIXED ? NET_FIXED_SIZE * NET_FIXED_SIZE : 1);
    float dense[CLASSES * 2 * WIDTH * NET_FIXED_SIZE * NET_FIXED_SIZE];
    for (int i = 0; i < CLASSES * features; i++)
        dense[i] = (float)((i * 37) % 19 - 9) / 9.0f;
    build_floats(m, "wd", 2, (int64_t[]){CLASSES, features}, dense);
    build_node(m, "Gemm", "dense", "flat_out,wd", "logits");
    build_int(m, "transB", 1);
    build_node(m, "Softmax", "softmax", "logits", "probabilities");
    build_output(m, "probabilities", 2, (int64_t[]){-1, CLASSES});
    return m;
}

ph_model *net_load(net_kind kind)
{
    build_model *m = build(kind);
    uint8_t *bytes = NULL;
    const size_t size = build_pack(m, &bytes);
    char path[] = "/tmp/ph-test-XXXXXX";
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, bytes, size), (ssize_t)size);
    close(file);
    free(bytes);
    build_free(m);
    ph_model *model = NULL;
    ph_error err = {0};
    const ph_model_options options = {.preprocess = "unit"};
    const ph_status status = ph_model_load(path, &options, &model, &err);
    unlink(path);
    ck_assert_msg(status == PH_OK, "%s", err.message);
    return model;
}
