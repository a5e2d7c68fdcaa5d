/* Writes a network for the tests of the command line. Unlike the sample network it cannot run at every size: its
 * convolutions have no padding, and its classes hang on 64 x 64 pixels. Usage: make-tiny-net OUT.onnx */
#include "samples/onnx_build.h"

#include <stdio.h>
#include <stdlib.h>

enum { CLASSES = 5, WIDTH1 = 8, WIDTH2 = 8, SPOTS = 14 * 14 };

/* Even and odd multiples of 1/64 around 0: the same on every machine (Knuth's MMIX generator). */
static void draw(float *values, size_t count, float size)
{
    static const uint64_t factor = 6364136223846793005U, shift = 1442695040888963407U;
    uint64_t state = count;
    for (size_t i = 0; i < count; i++) {
        state = state * factor + shift;
        values[i] = size * ((float)(state >> 57) - 63.5F) / 64;
    }
}

static void add_weights(Onnx__ModelProto *model, const char *name, size_t rank, const int64_t *dims, float size)
{
    size_t count = 1;
    for (size_t i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    float *values = malloc(count * sizeof *values);
    if (!values) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    draw(values, count, size);
    ph_onnx_weights(model, name, dims, rank, values);
    free(values);
}

static void add_conv(Onnx__ModelProto *model, const char *name, const char *inputs, int64_t side)
{
    ph_onnx_ints(ph_onnx_node(model, "Conv", name, inputs), "kernel_shape", 2, side);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make-tiny-net OUT.onnx\n");
        return 2;
    }
    Onnx__ModelProto *model = ph_onnx_model("tiny-net");
    ph_onnx_input(model, "picture", "1 3 64 64");
    ph_onnx_metadata(model, "phosphene.preprocess", "tf");
    ph_onnx_metadata(model, "phosphene.labels", "disc\nring\nstripe\nsquare\nnothing at all");
    add_weights(model, "w1", 4, (const int64_t[]){WIDTH1, 3, 5, 5}, 0.2F);
    add_weights(model, "w2", 4, (const int64_t[]){WIDTH2, WIDTH1, 3, 3}, 0.3F);
    add_weights(model, "w3", 2, (const int64_t[]){CLASSES, (WIDTH1 + WIDTH2) * SPOTS}, 0.05F);
    add_conv(model, "conv1", "picture w1", 5); /* 60 x 60 */
    ph_onnx_node(model, "Relu", "relu1", "conv1");
    Onnx__NodeProto *pool = ph_onnx_node(model, "MaxPool", "pool1", "relu1"); /* 30 x 30 */
    ph_onnx_ints(pool, "kernel_shape", 2, 2);
    ph_onnx_ints(pool, "strides", 2, 2);
    add_conv(model, "conv2", "pool1 w2", 3); /* 28 x 28 */
    ph_onnx_node(model, "Relu", "block/relu2", "conv2");
    Onnx__NodeProto *left = ph_onnx_node(model, "MaxPool", "left", "block/relu2"); /* 14 x 14 */
    ph_onnx_ints(left, "kernel_shape", 2, 2);
    ph_onnx_ints(left, "strides", 2, 2);
    Onnx__NodeProto *right = ph_onnx_node(model, "AveragePool", "right", "block/relu2");
    ph_onnx_ints(right, "kernel_shape", 2, 2);
    ph_onnx_ints(right, "strides", 2, 2);
    ph_onnx_int(ph_onnx_node(model, "Concat", "block/join", "left right"), "axis", 1);
    ph_onnx_int(ph_onnx_node(model, "Flatten", "flat", "block/join"), "axis", 1);
    ph_onnx_int(ph_onnx_node(model, "Gemm", "logits", "flat w3"), "transB", 1);
    ph_onnx_int(ph_onnx_node(model, "Softmax", "prob", "logits"), "axis", 1);
    ph_onnx_output(model, "prob", "1 5");
    const int failed = ph_onnx_save(model, argv[1]);
    onnx__model_proto__free_unpacked(model, NULL);
    return failed ? 1 : 0;
}
