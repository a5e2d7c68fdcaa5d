/* Writes the sample network: a small classifier of patterns, fully convolutional up to conv3, whose weights are drawn
 * by hand (edge_kernels.h). Usage: make-edge-net OUT.onnx */
#include "samples/edge_kernels.h"
#include "samples/onnx_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct layer {
    const char *name;
    int64_t outputs, inputs, side, stride;
    void (*draw)(float *weights);
    float bias; /* of every output */
} layer;

static void add_conv(Onnx__ModelProto *model, const layer *l, const char *input)
{
    char weight[32], bias[32], inputs[96];
    snprintf(weight, sizeof weight, "%s.weight", l->name);
    snprintf(bias, sizeof bias, "%s.bias", l->name);
    snprintf(inputs, sizeof inputs, "%s %s %s", input, weight, bias);
    const int64_t dims[] = {l->outputs, l->inputs, l->side, l->side};
    float *values = calloc((size_t)(dims[0] * dims[1] * dims[2] * dims[3]), sizeof *values);
    float *shifts = calloc((size_t)l->outputs, sizeof *shifts);
    if (!values || !shifts) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    l->draw(values);
    for (int64_t i = 0; i < l->outputs; i++)
        shifts[i] = l->bias;
    ph_onnx_weights(model, weight, dims, 4, values);
    ph_onnx_weights(model, bias, dims, 1, shifts);
    free(values);
    free(shifts);
    Onnx__NodeProto *node = ph_onnx_node(model, "Conv", l->name, inputs);
    ph_onnx_ints(node, "kernel_shape", 2, l->side);
    ph_onnx_ints(node, "strides", 2, l->stride);
    ph_onnx_ints(node, "pads", 4, l->side / 2);
}

static void add_pool(Onnx__ModelProto *model, const char *op, const char *name, const char *input)
{
    Onnx__NodeProto *node = ph_onnx_node(model, op, name, input);
    ph_onnx_ints(node, "kernel_shape", 2, 3);
    ph_onnx_ints(node, "strides", 2, 2);
    ph_onnx_ints(node, "pads", 4, 1);
}

/* One class for each output of conv3, told apart by the mean over the picture. */
static void add_classes(Onnx__ModelProto *model)
{
    enum { CLASSES = PH_EDGE_FEATURES3 };
    const int64_t dims[] = {CLASSES, CLASSES};
    float weights[CLASSES * CLASSES], bias[CLASSES] = {0};
    char labels[64 * CLASSES] = "";
    for (int i = 0; i < CLASSES * CLASSES; i++)
        weights[i] = i / CLASSES == i % CLASSES ? 2.0F : -2.0F / (CLASSES - 1);
    for (int i = 0; i < CLASSES; i++) {
        strncat(labels, ph_edge_label(i), 60);
        strncat(labels, i + 1 < CLASSES ? "\n" : "", 2);
    }
    ph_onnx_weights(model, "classes.weight", dims, 2, weights);
    ph_onnx_weights(model, "classes.bias", dims, 1, bias);
    ph_onnx_node(model, "GlobalAveragePool", "mean", "relu3");
    ph_onnx_int(ph_onnx_node(model, "Flatten", "flat", "mean"), "axis", 1);
    ph_onnx_int(ph_onnx_node(model, "Gemm", "logits", "flat classes.weight classes.bias"), "transB", 1);
    ph_onnx_int(ph_onnx_node(model, "Softmax", "prob", "logits"), "axis", 1);
    ph_onnx_metadata(model, "phosphene.labels", labels);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: make-edge-net OUT.onnx\n");
        return 2;
    }
    static const layer layers[] = {
        {"conv1", PH_EDGE_FEATURES1, 3, PH_EDGE_SIDE1, 2, ph_edge_conv1, 0},
        {"conv2", PH_EDGE_FEATURES2, PH_EDGE_FEATURES1, PH_EDGE_SIDE2, 1, ph_edge_conv2, 0},
        {"conv3", PH_EDGE_FEATURES3, PH_EDGE_FEATURES2, PH_EDGE_SIDE3, 1, ph_edge_conv3, 0},
    };
    Onnx__ModelProto *model = ph_onnx_model("edge-net");
    ph_onnx_input(model, "picture", "N 3 H W");
    add_conv(model, &layers[0], "picture");
    ph_onnx_node(model, "Relu", "relu1", "conv1");
    add_pool(model, "MaxPool", "pool1", "relu1");
    add_conv(model, &layers[1], "pool1");
    ph_onnx_node(model, "Relu", "relu2", "conv2");
    add_pool(model, "AveragePool", "pool2", "relu2");
    add_conv(model, &layers[2], "pool2");
    ph_onnx_node(model, "Relu", "relu3", "conv3");
    add_classes(model);
    ph_onnx_output(model, "prob", "N 12");
    ph_onnx_metadata(model, "phosphene.preprocess", "tf");
    const int failed = ph_onnx_save(model, argv[1]);
    onnx__model_proto__free_unpacked(model, NULL);
    return failed ? 1 : 0;
}
