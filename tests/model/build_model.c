#include "tests/model/build_model.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct kept {
    struct kept *next;
    max_align_t bytes[];
} kept;

struct build_model {
    Onnx__ModelProto proto;
    Onnx__GraphProto graph;
    Onnx__NodeProto *node; /* the latest */
    kept *memory;
};

void *build_keep(build_model *model, size_t size)
{
    kept *block = calloc(1, sizeof *block + size);
    if (!block)
        abort();
    block->next = model->memory;
    model->memory = block;
    return block->bytes;
}

static void *copy(build_model *model, const void *bytes, size_t size)
{
    void *kept_bytes = build_keep(model, size);
    if (size)
        memcpy(kept_bytes, bytes, size);
    return kept_bytes;
}

static char *copy_text(build_model *model, const char *text)
{
    return copy(model, text, strlen(text) + 1);
}

/* Appends to a repeated field of pointers; room doubles at each power of two. */
static void push(build_model *model, void *field, size_t *count, void *item)
{
    void **array;
    memcpy(&array, field, sizeof array);
    if ((*count & (*count - 1)) == 0) {
        void **bigger = build_keep(model, (*count ? 2 * *count : 1) * sizeof *bigger);
        if (*count)
            memcpy(bigger, array, *count * sizeof *bigger);
        array = bigger;
        memcpy(field, &array, sizeof array);
    }
    array[(*count)++] = item;
}

build_model *build_new(int64_t opset)
{
    build_model *model = calloc(1, sizeof *model);
    if (!model)
        abort();
    onnx__model_proto__init(&model->proto);
    onnx__graph_proto__init(&model->graph);
    model->proto.has_ir_version = 1;
    model->proto.ir_version = 8;
    model->proto.graph = &model->graph;
    model->graph.name = copy_text(model, "test");
    if (opset)
        build_opset(model, "", opset);
    return model;
}

void build_free(build_model *model)
{
    while (model->memory) {
        kept *next = model->memory->next;
        free(model->memory);
        model->memory = next;
    }
    free(model);
}

void build_opset(build_model *model, const char *domain, int64_t version)
{
    Onnx__OperatorSetIdProto *set = build_keep(model, sizeof *set);
    onnx__operator_set_id_proto__init(set);
    set->domain = copy_text(model, domain);
    set->has_version = 1;
    set->version = version;
    push(model, &model->proto.opset_import, &model->proto.n_opset_import, set);
}

void build_metadata(build_model *model, const char *key, const char *value)
{
    Onnx__StringStringEntryProto *entry = build_keep(model, sizeof *entry);
    onnx__string_string_entry_proto__init(entry);
    entry->key = copy_text(model, key);
    entry->value = copy_text(model, value);
    push(model, &model->proto.metadata_props, &model->proto.n_metadata_props, entry);
}

static Onnx__TensorShapeProto *make_shape(build_model *model, int rank, const int64_t *dims)
{
    Onnx__TensorShapeProto *shape = build_keep(model, sizeof *shape);
    onnx__tensor_shape_proto__init(shape);
    for (int i = 0; i < rank; i++) {
        Onnx__TensorShapeProto__Dimension *dim = build_keep(model, sizeof *dim);
        onnx__tensor_shape_proto__dimension__init(dim);
        if (dims[i] == -1) {
            char symbol[16];
            snprintf(symbol, sizeof symbol, "N%d", i);
            dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            dim->dim_param = copy_text(model, symbol);
        } else {
            dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            dim->dim_value = dims[i];
        }
        push(model, &shape->dim, &shape->n_dim, dim);
    }
    return shape;
}

static Onnx__ValueInfoProto *make_value(build_model *model, const char *name, int rank, const int64_t *dims)
{
    Onnx__ValueInfoProto *value = build_keep(model, sizeof *value);
    Onnx__TypeProto *type = build_keep(model, sizeof *type);
    Onnx__TypeProto__Tensor *tensor = build_keep(model, sizeof *tensor);
    onnx__value_info_proto__init(value);
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(tensor);
    value->name = copy_text(model, name);
    value->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    tensor->has_elem_type = 1;
    tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    if (rank >= 0)
        tensor->shape = make_shape(model, rank, dims);
    return value;
}

Onnx__ValueInfoProto *build_input(build_model *model, const char *name, int rank, const int64_t *dims)
{
    Onnx__ValueInfoProto *value = make_value(model, name, rank, dims);
    push(model, &model->graph.input, &model->graph.n_input, value);
    return value;
}

Onnx__ValueInfoProto *build_output(build_model *model, const char *name, int rank, const int64_t *dims)
{
    Onnx__ValueInfoProto *value = make_value(model, name, rank, dims);
    push(model, &model->graph.output, &model->graph.n_output, value);
    return value;
}

static Onnx__TensorProto *make_tensor(build_model *model, const char *name, int data_type, int rank,
                                      const int64_t *dims)
{
    Onnx__TensorProto *tensor = build_keep(model, sizeof *tensor);
    onnx__tensor_proto__init(tensor);
    if (name)
        tensor->name = copy_text(model, name);
    tensor->has_data_type = 1;
    tensor->data_type = data_type;
    tensor->n_dims = (size_t)rank;
    tensor->dims = copy(model, dims, (size_t)rank * sizeof *dims);
    return tensor;
}

static size_t count_of(int rank, const int64_t *dims)
{
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    return count;
}

static void set_floats(build_model *model, Onnx__TensorProto *tensor, const float *values)
{
    const size_t count = count_of((int)tensor->n_dims, tensor->dims);
    float *data = build_keep(model, count * sizeof *data);
    for (size_t i = 0; i < count; i++)
        data[i] = values ? values[i] : (float)i;
    tensor->has_raw_data = 1;
    tensor->raw_data.data = (uint8_t *)data;
    tensor->raw_data.len = count * sizeof *data;
}

static void set_int64s(build_model *model, Onnx__TensorProto *tensor, const int64_t *values)
{
    const size_t count = count_of((int)tensor->n_dims, tensor->dims);
    tensor->n_int64_data = count;
    tensor->int64_data = build_keep(model, count * sizeof *tensor->int64_data);
    for (size_t i = 0; i < count; i++)
        tensor->int64_data[i] = values ? values[i] : (int64_t)i;
}

static Onnx__TensorProto *add_initializer(build_model *model, Onnx__TensorProto *tensor)
{
    push(model, &model->graph.initializer, &model->graph.n_initializer, tensor);
    return tensor;
}

void build_floats(build_model *model, const char *name, int rank, const int64_t *dims, const float *values)
{
    Onnx__TensorProto *tensor = make_tensor(model, name, ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT, rank, dims);
    set_floats(model, add_initializer(model, tensor), values);
}

void build_int64s(build_model *model, const char *name, int rank, const int64_t *dims, const int64_t *values)
{
    Onnx__TensorProto *tensor = make_tensor(model, name, ONNX__TENSOR_PROTO__DATA_TYPE__INT64, rank, dims);
    set_int64s(model, add_initializer(model, tensor), values);
}

Onnx__TensorProto *build_raw(build_model *model, const char *name, int data_type, int rank, const int64_t *dims,
                             const void *bytes, size_t size)
{
    Onnx__TensorProto *tensor = make_tensor(model, name, data_type, rank, dims);
    if (bytes) {
        tensor->has_raw_data = 1;
        tensor->raw_data.data = copy(model, bytes, size);
        tensor->raw_data.len = size;
    }
    return add_initializer(model, tensor);
}

static void push_names(build_model *model, const char *names, char ***field, size_t *count)
{
    if (!*names)
        return;
    for (;; names++) {
        const size_t length = strcspn(names, ",");
        char *name = build_keep(model, length + 1);
        memcpy(name, names, length);
        push(model, field, count, name);
        names += length;
        if (!*names)
            return;
    }
}

Onnx__NodeProto *build_node(build_model *model, const char *op, const char *name, const char *inputs,
                            const char *outputs)
{
    Onnx__NodeProto *node = build_keep(model, sizeof *node);
    onnx__node_proto__init(node);
    node->op_type = copy_text(model, op);
    node->name = copy_text(model, name);
    push_names(model, inputs, &node->input, &node->n_input);
    push_names(model, outputs, &node->output, &node->n_output);
    push(model, &model->graph.node, &model->graph.n_node, node);
    model->node = node;
    return node;
}

Onnx__AttributeProto *build_attribute(build_model *model, const char *name, int type)
{
    Onnx__AttributeProto *attribute = build_keep(model, sizeof *attribute);
    onnx__attribute_proto__init(attribute);
    attribute->name = copy_text(model, name);
    attribute->has_type = 1;
    attribute->type = (Onnx__AttributeProto__AttributeType)type;
    push(model, &model->node->attribute, &model->node->n_attribute, attribute);
    return attribute;
}

void build_int(build_model *model, const char *name, int64_t value)
{
    Onnx__AttributeProto *attribute = build_attribute(model, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    attribute->has_i = 1;
    attribute->i = value;
}

void build_float(build_model *model, const char *name, float value)
{
    Onnx__AttributeProto *attribute = build_attribute(model, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);
    attribute->has_f = 1;
    attribute->f = value;
}

void build_string(build_model *model, const char *name, const char *value)
{
    Onnx__AttributeProto *attribute = build_attribute(model, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
    attribute->has_s = 1;
    attribute->s.data = (uint8_t *)copy_text(model, value);
    attribute->s.len = strlen(value);
}

void build_ints(build_model *model, const char *name, size_t count, const int64_t *values)
{
    Onnx__AttributeProto *attribute = build_attribute(model, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    attribute->n_ints = count;
    attribute->ints = copy(model, values, count * sizeof *values);
}

void build_reals(build_model *model, const char *name, size_t count, const float *values)
{
    Onnx__AttributeProto *attribute = build_attribute(model, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOATS);
    attribute->n_floats = count;
    attribute->floats = copy(model, values, count * sizeof *values);
}

void build_tensor(build_model *model, const char *name, int rank, const int64_t *dims, const float *floats,
                  const int64_t *integers)
{
    Onnx__AttributeProto *attribute = build_attribute(model, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__TENSOR);
    const int type = integers ? ONNX__TENSOR_PROTO__DATA_TYPE__INT64 : ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    attribute->t = make_tensor(model, NULL, type, rank, dims);
    if (integers)
        set_int64s(model, attribute->t, integers);
    else
        set_floats(model, attribute->t, floats);
}

Onnx__ModelProto *build_proto(build_model *model)
{
    return &model->proto;
}

size_t build_pack(build_model *model, uint8_t **bytes)
{
    const size_t size = onnx__model_proto__get_packed_size(&model->proto);
    *bytes = malloc(size ? size : 1);
    if (!*bytes)
        abort();
    return onnx__model_proto__pack(&model->proto, *bytes);
}

ph_graph *build_graph(build_model *model)
{
    uint8_t *bytes;
    const size_t size = build_pack(model, &bytes);
    ph_graph *graph = NULL;
    ph_error err = {0};
    const ph_status status = ph_graph_parse(bytes, size, "test model", NULL, &graph, &err);
    free(bytes);
    ck_assert_msg(status == PH_OK, "%s", err.message);
    return graph;
}

int value_named(const ph_graph *graph, const char *name)
{
    for (int i = 0; i < graph->value_count; i++)
        if (strcmp(graph->values[i].name, name) == 0)
            return i;
    ck_abort_msg("no value '%s'", name);
    return -1;
}

int node_named(const ph_graph *graph, const char *name)
{
    for (int i = 0; i < graph->node_count; i++)
        if (strcmp(graph->nodes[i].name, name) == 0)
            return i;
    ck_abort_msg("no node '%s'", name);
    return -1;
}
