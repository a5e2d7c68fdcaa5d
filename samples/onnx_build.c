#include "samples/onnx_build.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *allocate(size_t bytes)
{
    void *memory = calloc(bytes ? bytes : 1, 1);
    if (!memory) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    return memory;
}

static char *copy_text(const char *text, size_t length)
{
    char *copy = allocate(length + 1);
    memcpy(copy, text, length);
    return copy;
}

static char *copy_string(const char *text)
{
    return copy_text(text, strlen(text));
}

/* Appends to a repeated field: *list has *count entries. */
static void append(void *list_field, size_t *count, void *entry)
{
    void **list;
    memcpy(&list, list_field, sizeof list);
    void **bigger = realloc(list, (*count + 1) * sizeof *bigger);
    if (!bigger) {
        fprintf(stderr, "out of memory\n");
        exit(1);
    }
    bigger[(*count)++] = entry;
    memcpy(list_field, &bigger, sizeof bigger);
}

Onnx__ModelProto *ph_onnx_model(const char *graph_name)
{
    Onnx__ModelProto *model = allocate(sizeof *model);
    onnx__model_proto__init(model);
    model->has_ir_version = 1;
    model->ir_version = 7;
    model->producer_name = copy_string("phosphene");
    Onnx__OperatorSetIdProto *opset = allocate(sizeof *opset);
    onnx__operator_set_id_proto__init(opset);
    opset->domain = copy_string("");
    opset->has_version = 1;
    opset->version = 13;
    append(&model->opset_import, &model->n_opset_import, opset);
    model->graph = allocate(sizeof *model->graph);
    onnx__graph_proto__init(model->graph);
    model->graph->name = copy_string(graph_name);
    return model;
}

void ph_onnx_metadata(Onnx__ModelProto *model, const char *key, const char *value)
{
    Onnx__StringStringEntryProto *entry = allocate(sizeof *entry);
    onnx__string_string_entry_proto__init(entry);
    entry->key = copy_string(key);
    entry->value = copy_string(value);
    append(&model->metadata_props, &model->n_metadata_props, entry);
}

static Onnx__ValueInfoProto *float_value(const char *name, const char *dims)
{
    Onnx__ValueInfoProto *value = allocate(sizeof *value);
    onnx__value_info_proto__init(value);
    value->name = copy_string(name);
    Onnx__TypeProto *type = value->type = allocate(sizeof *type);
    onnx__type_proto__init(type);
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    Onnx__TypeProto__Tensor *tensor = type->tensor_type = allocate(sizeof *tensor);
    onnx__type_proto__tensor__init(tensor);
    tensor->has_elem_type = 1;
    tensor->elem_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->shape = allocate(sizeof *tensor->shape);
    onnx__tensor_shape_proto__init(tensor->shape);
    for (const char *at = dims; *at; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        Onnx__TensorShapeProto__Dimension *dim = allocate(sizeof *dim);
        onnx__tensor_shape_proto__dimension__init(dim);
        char *end;
        const long long number = strtoll(at, &end, 10);
        if (end == at + length) {
            dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
            dim->dim_value = number;
        } else {
            dim->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
            dim->dim_param = copy_text(at, length);
        }
        append(&tensor->shape->dim, &tensor->shape->n_dim, dim);
        at += length;
    }
    return value;
}

void ph_onnx_input(Onnx__ModelProto *model, const char *name, const char *dims)
{
    append(&model->graph->input, &model->graph->n_input, float_value(name, dims));
}

void ph_onnx_output(Onnx__ModelProto *model, const char *name, const char *dims)
{
    append(&model->graph->output, &model->graph->n_output, float_value(name, dims));
}

void ph_onnx_weights(Onnx__ModelProto *model, const char *name, const int64_t *dims, size_t rank, const float *values)
{
    Onnx__TensorProto *tensor = allocate(sizeof *tensor);
    onnx__tensor_proto__init(tensor);
    tensor->name = copy_string(name);
    tensor->has_data_type = 1;
    tensor->data_type = ONNX__TENSOR_PROTO__DATA_TYPE__FLOAT;
    tensor->n_dims = rank;
    tensor->dims = allocate(rank * sizeof *dims);
    size_t count = 1;
    for (size_t i = 0; i < rank; i++) {
        tensor->dims[i] = dims[i];
        count *= (size_t)dims[i];
    }
    tensor->n_float_data = count;
    tensor->float_data = allocate(count * sizeof *values);
    memcpy(tensor->float_data, values, count * sizeof *values);
    append(&model->graph->initializer, &model->graph->n_initializer, tensor);
}

Onnx__NodeProto *ph_onnx_node(Onnx__ModelProto *model, const char *op, const char *name, const char *inputs)
{
    Onnx__NodeProto *node = allocate(sizeof *node);
    onnx__node_proto__init(node);
    node->op_type = copy_string(op);
    node->name = copy_string(name);
    for (const char *at = inputs; *at; at += strspn(at, " ")) {
        const size_t length = strcspn(at, " ");
        append(&node->input, &node->n_input, copy_text(at, length));
        at += length;
    }
    append(&node->output, &node->n_output, copy_string(name));
    append(&model->graph->node, &model->graph->n_node, node);
    return node;
}

static Onnx__AttributeProto *new_attribute(Onnx__NodeProto *node, const char *name,
                                           Onnx__AttributeProto__AttributeType type)
{
    Onnx__AttributeProto *attribute = allocate(sizeof *attribute);
    onnx__attribute_proto__init(attribute);
    attribute->name = copy_string(name);
    attribute->has_type = 1;
    attribute->type = type;
    append(&node->attribute, &node->n_attribute, attribute);
    return attribute;
}

void ph_onnx_int(Onnx__NodeProto *node, const char *attribute, int64_t value)
{
    Onnx__AttributeProto *made = new_attribute(node, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);
    made->has_i = 1;
    made->i = value;
}

void ph_onnx_ints(Onnx__NodeProto *node, const char *attribute, size_t count, int64_t value)
{
    Onnx__AttributeProto *made = new_attribute(node, attribute, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    made->n_ints = count;
    made->ints = allocate(count * sizeof value);
    for (size_t i = 0; i < count; i++)
        made->ints[i] = value;
}

int ph_onnx_save(const Onnx__ModelProto *model, const char *path)
{
    const size_t size = onnx__model_proto__get_packed_size(model);
    uint8_t *bytes = allocate(size);
    onnx__model_proto__pack(model, bytes);
    FILE *file = fopen(path, "wb");
    const size_t written = file ? fwrite(bytes, 1, size, file) : 0;
    const int closed = file ? fclose(file) : -1;
    free(bytes);
    if (written == size && closed == 0)
        return 0;
    fprintf(stderr, "%s: cannot write\n", path);
    return -1;
}
