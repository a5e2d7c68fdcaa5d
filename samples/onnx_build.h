/* Writes small ONNX models. Everything is copied; a program without memory ends with a message. */
#ifndef PH_SAMPLES_ONNX_BUILD_H
#define PH_SAMPLES_ONNX_BUILD_H

#include "onnx.pb-c.h"

#include <stdint.h>

/* An empty model of opset 13. Free with onnx__model_proto__free_unpacked(model, NULL). */
Onnx__ModelProto *ph_onnx_model(const char *graph_name);
void ph_onnx_metadata(Onnx__ModelProto *model, const char *key, const char *value);

/* A float input or output of the graph; dims: "N 3 H W", numbers or names. */
void ph_onnx_input(Onnx__ModelProto *model, const char *name, const char *dims);
void ph_onnx_output(Onnx__ModelProto *model, const char *name, const char *dims);
/* A float constant, row-major. */
void ph_onnx_weights(Onnx__ModelProto *model, const char *name, const int64_t *dims, size_t rank, const float *values);

/* A node called `name` whose only output is called so too; inputs: names separated by blanks. */
Onnx__NodeProto *ph_onnx_node(Onnx__ModelProto *model, const char *op, const char *name, const char *inputs);
void ph_onnx_int(Onnx__NodeProto *node, const char *attribute, int64_t value);
/* The same value `count` times: kernel_shape, strides, pads of square windows. */
void ph_onnx_ints(Onnx__NodeProto *node, const char *attribute, size_t count, int64_t value);

/* 0, or -1 with a line on stderr. */
int ph_onnx_save(const Onnx__ModelProto *model, const char *path);

#endif
