/* ph_graph: an ONNX file as read, checked but not yet tied to an input size. Names stay as the file has them. */
#ifndef PH_MODEL_GRAPH_H
#define PH_MODEL_GRAPH_H

#include "host/engine/net.h"
#include "phosphene.h"

typedef enum ph_dtype { PH_DTYPE_FLOAT, PH_DTYPE_INT64 } ph_dtype;

/* A constant of the file, converted on reading: float, double, float16, bfloat16 become float; all integers and bool
 * become int64. */
typedef struct ph_array {
    ph_dtype dtype;
    ph_shape shape;
    void *data; /* float or int64_t, row-major; owned */
} ph_array;

typedef struct ph_attribute {
    char *name;
    enum {
        PH_ATTR_INT,
        PH_ATTR_FLOAT,
        PH_ATTR_STRING,
        PH_ATTR_INTS,
        PH_ATTR_FLOATS,
        PH_ATTR_ARRAY,
        PH_ATTR_OTHER
    } kind;
    int64_t i;
    float f;
    char *s;
    int64_t *ints;
    float *floats;
    size_t count;    /* of ints, floats */
    ph_array *array; /* PH_ATTR_ARRAY (NULL if its type is strings or complex numbers). A Constant's value_float(s) and
                      * value_int(s), whatever their kind, have their value here too. Owned. */
} ph_attribute;

/* A named tensor of the graph. One that is neither produced, constant nor input is an initializer whose type or rank
 * cannot be represented (strings, complex numbers, more than PH_MAX_RANK dimensions). */
typedef struct ph_value {
    char *name;
    int producer;            /* node index, -1 for graph inputs and initializers */
    ph_array *constant;      /* initializer, or NULL; owned */
    bool is_input;           /* a graph input without initializer */
    bool is_output;          /* a graph output */
    ph_shape declared;       /* of graph inputs: -1 = not fixed; rank -1 = unknown */
    ph_dtype declared_dtype; /* of graph inputs */
} ph_value;

typedef struct ph_node {
    char *name; /* may be "" */
    char *op;
    char *domain; /* "" = ai.onnx */
    int *inputs;  /* value indices; -1 = optional input left out */
    int input_count;
    int *outputs; /* value indices; -1 = left out */
    int output_count;
    ph_attribute *attributes;
    size_t attribute_count;
} ph_node;

typedef struct ph_metadata {
    char *key, *value;
} ph_metadata;

typedef struct ph_graph {
    ph_value *values;
    int value_count;
    ph_node *nodes; /* topologically sorted */
    int node_count;
    int *outputs; /* value indices of the graph outputs in the file's order; all exist */
    int output_count;
    int64_t opset; /* of ai.onnx, 1 … 99 */
    ph_metadata *metadata;
    size_t metadata_count;
    char *directory; /* of the file: external data */
    char sha256[65];
} ph_graph;

/* Reads and checks an ONNX file (onnx_read.c). Bounded by the file's real size: no count in the file is trusted.
 * PH_IO (missing, unreadable), PH_FORMAT (empty, truncated, not ONNX, inconsistent), PH_UNSUPPORTED (operator domains
 * and types that cannot be represented are kept as nodes and refused only when a target needs them), PH_NO_MEMORY. */
ph_status ph_graph_read(const char *path, ph_graph **out, ph_error *err);
/* The same from memory; `name` is used in messages, `directory` for external data (may be NULL: none allowed). */
ph_status ph_graph_parse(const void *bytes, size_t size, const char *name, const char *directory, ph_graph **out,
                         ph_error *err);
void ph_graph_free(ph_graph **graph);

const ph_attribute *ph_node_attribute(const ph_node *node, const char *name); /* NULL if absent */
int64_t ph_node_int(const ph_node *node, const char *name, int64_t fallback);
float ph_node_float(const ph_node *node, const char *name, float fallback);
/* "node 'NAME' (Op)" or, nameless, "node producing 'OUTPUT' (Op)", into a caller's buffer. */
enum { PH_NODE_TEXT = 200 };
const char *ph_node_text(const ph_graph *graph, int node, char text[PH_NODE_TEXT]);

/* The value that is the picture: the only graph input without initializer, or the first of rank 4 (or rank 3/2/1 when
 * there is none of rank 4). PH_UNSUPPORTED when there is none. */
ph_status ph_graph_picture_input(const ph_graph *graph, int *value, ph_error *err);

#endif
