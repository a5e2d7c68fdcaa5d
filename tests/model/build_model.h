/* Small ONNX models made in the test itself:
 *
 *     build_model *m = build_new(13);
 *     build_input(m, "x", 4, (int64_t[]){1, 3, 8, 8});
 *     build_floats(m, "w", 4, (int64_t[]){4, 3, 3, 3}, weights);
 *     build_node(m, "Conv", "conv1", "x,w", "y");
 *     build_ints(m, "pads", 4, (int64_t[]){1, 1, 1, 1});
 *     build_output(m, "y", 4, (int64_t[]){1, 4, 8, 8});
 *     ph_graph *graph = build_graph(m);
 *     …
 *     ph_graph_free(&graph);
 *     build_free(m);
 *
 * Everything is copied. A heap that is really full aborts: the tests of full heaps arm fail_alloc after building. */
#ifndef TESTS_MODEL_BUILD_MODEL_H
#define TESTS_MODEL_BUILD_MODEL_H

#include "host/model/graph.h"
#include "onnx.pb-c.h"

typedef struct build_model build_model;

/* opset of ai.onnx; 0 = no opset_import at all. IR version 8, graph name "test". */
build_model *build_new(int64_t opset);
void build_free(build_model *model);

/* A further operator set. */
void build_opset(build_model *model, const char *domain, int64_t version);
void build_metadata(build_model *model, const char *key, const char *value);

/* Float graph input or output. dims: -1 = a symbol ("N0", "N1" …); rank -1 = no shape. Returns the declaration, to be
 * changed at will (data type, for example). */
Onnx__ValueInfoProto *build_input(build_model *model, const char *name, int rank, const int64_t *dims);
Onnx__ValueInfoProto *build_output(build_model *model, const char *name, int rank, const int64_t *dims);

/* Initializers: float (raw_data), int64 (int64_data). `values` NULL = 0, 1, 2 … */
void build_floats(build_model *model, const char *name, int rank, const int64_t *dims, const float *values);
void build_int64s(build_model *model, const char *name, int rank, const int64_t *dims, const int64_t *values);
/* An initializer with `size` raw bytes (NULL, 0 = no data field at all), to be changed at will. */
Onnx__TensorProto *build_raw(build_model *model, const char *name, int data_type, int rank, const int64_t *dims,
                             const void *bytes, size_t size);

/* A node. inputs, outputs: names separated by commas; an empty one is an optional input left out ("x,,b"), "" none at
 * all. name may be "". The attribute functions that follow belong to it. */
Onnx__NodeProto *build_node(build_model *model, const char *op, const char *name, const char *inputs,
                            const char *outputs);
void build_int(build_model *model, const char *name, int64_t value);
void build_float(build_model *model, const char *name, float value);
void build_string(build_model *model, const char *name, const char *value);
void build_ints(build_model *model, const char *name, size_t count, const int64_t *values);
void build_reals(build_model *model, const char *name, size_t count, const float *values);
/* A tensor attribute: float values, or int64 when `integers` is given instead. */
void build_tensor(build_model *model, const char *name, int rank, const int64_t *dims, const float *floats,
                  const int64_t *integers);
/* An attribute without value, to be filled at will. */
Onnx__AttributeProto *build_attribute(build_model *model, const char *name, int type);

/* The whole message, to be changed at will before packing. */
Onnx__ModelProto *build_proto(build_model *model);
/* Zeroed memory that lives as long as the model. */
void *build_keep(build_model *model, size_t size);

/* Serializes; *bytes is malloc'ed. */
size_t build_pack(build_model *model, uint8_t **bytes);
/* Serializes and reads back with ph_graph_parse; fails the test with the message when that fails. */
ph_graph *build_graph(build_model *model);
/* Index of the value or node of this name; fails the test when there is none. */
int value_named(const ph_graph *graph, const char *name);
int node_named(const ph_graph *graph, const char *name);

#endif
