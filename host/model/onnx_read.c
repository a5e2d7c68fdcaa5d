#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/status.h"
#include "host/model/graph.h"
#include "host/model/name_table.h"
#include "host/model/onnx_node.h"
#include "host/model/onnx_scan.h"
#include "host/model/topology.h"

#include <sha256.h>
#include <stdio.h>
#include <string.h>

enum { OPSET_MAX = 99 };

/* Protocol buffers cannot be larger; weights beyond that are external data. */
static const size_t file_limit = ((size_t)1 << 31) - 1;
static const uint64_t external_limit = UINT64_C(1) << 33;

/* ---- Unpacking within bounds ------------------------------------------------------------------------------------ */

/* An empty message costs two bytes in a file and hundreds in memory. Real files unpack to little more than their own
 * size, so that this allowance stops baits only. */
typedef struct budget {
    size_t left;
    bool spent, failed;
} budget;

static void *budget_alloc(void *data, size_t size)
{
    budget *b = data;
    if (size > b->left) {
        b->spent = true;
        return NULL;
    }
    b->left -= size;
    void *pointer = ph_alloc(size, 1);
    b->failed |= !pointer;
    return pointer;
}

static void budget_free(void *data, void *pointer)
{
    (void)data;
    ph_free(pointer);
}

typedef struct reader {
    const Onnx__GraphProto *proto;
    ph_graph *graph;
    ph_onnx_source source;
    ph_name_table names;
    size_t value_capacity;
    ph_error *err;
} reader;

static ph_status fail_foreign(const char *name, const char *guess, ph_error *err)
{
    return ph_fail(err, PH_FORMAT, "'%.200s' is no ONNX model; it seems to be %s", name, guess);
}

static ph_status unpack(const uint8_t *bytes, size_t size, const char *name, ProtobufCAllocator *allocator,
                        Onnx__ModelProto **model, ph_error *err)
{
    if (size == 0)
        return ph_fail(err, PH_FORMAT, "'%.200s' is empty: its download or export did not finish", name);
    const char *guess = ph_onnx_guess(bytes, size, true);
    if (guess)
        return fail_foreign(name, guess, err);
    const ph_status status = ph_onnx_scan(bytes, size, name, err);
    *model = status == PH_OK ? onnx__model_proto__unpack(allocator, size, bytes) : NULL;
    if (*model && (*model)->graph)
        return PH_OK;
    const budget *b = allocator->allocator_data;
    if (b->failed)
        return ph_fail_memory(err, size, "the model");
    if (b->spent)
        return ph_fail(err, PH_FORMAT, "'%.200s' is built to exhaust the memory: %zu bytes unpack to a multiple", name,
                       size);
    guess = ph_onnx_guess(bytes, size, false);
    if (guess)
        return fail_foreign(name, guess, err);
    if (status != PH_OK)
        return status;
    return ph_fail(err, PH_FORMAT,
                   *model ? "'%.200s' is no ONNX model: it contains no graph"
                          : "'%.200s' is no ONNX model: its fields have other types",
                   name);
}

/* ---- Values ----------------------------------------------------------------------------------------------------- */

/* Appends a value with a name that is not taken yet; *index is it. */
static ph_status add_value(reader *r, const char *name, int *index)
{
    ph_graph *g = r->graph;
    void *values = g->values;
    if (ph_grow(&values, (size_t)g->value_count, &r->value_capacity, sizeof *g->values) != 0)
        return ph_fail_memory(r->err, 2 * r->value_capacity * sizeof *g->values, "the graph");
    g->values = values;
    char *copy = ph_strdup(name);
    if (!copy)
        return ph_fail_memory(r->err, strlen(name) + 1, "a name");
    *index = g->value_count++;
    g->values[*index] = (ph_value){.name = copy, .producer = -1, .declared = {.rank = -1}};
    if (ph_name_table_add(&r->names, copy, *index) != 0)
        return ph_fail_memory(r->err, 2 * r->names.capacity * sizeof(ph_name_slot), "the names of the graph");
    return PH_OK;
}

static ph_status fail_twice(const reader *r, const char *kind, const char *name)
{
    return ph_fail(r->err, PH_FORMAT, "'%.200s': %s '%.200s' is defined twice", r->source.name, kind, name);
}

/* -1 and 0 stand for a size left open in files of some exporters. */
static ph_status declare(const reader *r, const Onnx__ValueInfoProto *info, ph_value *value)
{
    const Onnx__TypeProto *type = info->type;
    if (!type || type->value_case != ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE || !type->tensor_type)
        return PH_OK;
    size_t width;
    if (!ph_onnx_dtype(type->tensor_type->elem_type, &value->declared_dtype, &width))
        return PH_OK;
    const Onnx__TensorShapeProto *shape = type->tensor_type->shape;
    if (!shape || shape->n_dim > PH_MAX_RANK)
        return PH_OK;
    int64_t product = 1;
    for (size_t i = 0; i < shape->n_dim; i++) {
        const Onnx__TensorShapeProto__Dimension *dim = shape->dim[i];
        const bool fixed =
            dim->value_case == ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE && dim->dim_value > 0;
        if (fixed && dim->dim_value > INT64_MAX / 16 / product)
            return ph_fail(r->err, PH_FORMAT, "'%.200s': the dimensions of input '%.200s' are absurdly large",
                           r->source.name, value->name);
        product *= fixed ? dim->dim_value : 1;
        value->declared.dim[i] = fixed ? dim->dim_value : -1;
    }
    value->declared.rank = (int)shape->n_dim;
    return PH_OK;
}

static ph_status read_inputs(reader *r)
{
    for (size_t i = 0; i < r->proto->n_input; i++) {
        const Onnx__ValueInfoProto *info = r->proto->input[i];
        if (!info->name || !*info->name)
            return ph_fail(r->err, PH_FORMAT, "'%.200s': input %zu has no name", r->source.name, i);
        if (ph_name_table_find(&r->names, info->name) >= 0)
            return fail_twice(r, "input", info->name);
        int index;
        PH_TRY(add_value(r, info->name, &index));
        r->graph->values[index].is_input = true;
        PH_TRY(declare(r, info, &r->graph->values[index]));
    }
    return PH_OK;
}

/* Up to IR version 3 every initializer is declared as an input too. Raw data is freed as soon as it is converted. */
static ph_status read_initializers(reader *r, ProtobufCAllocator *allocator)
{
    for (size_t i = 0; i < r->proto->n_initializer; i++) {
        Onnx__TensorProto *tensor = r->proto->initializer[i];
        if (!tensor->name || !*tensor->name)
            return ph_fail(r->err, PH_FORMAT, "'%.200s': initializer %zu has no name", r->source.name, i);
        int index = ph_name_table_find(&r->names, tensor->name);
        if (index < 0)
            PH_TRY(add_value(r, tensor->name, &index));
        else if (!r->graph->values[index].is_input)
            return fail_twice(r, "initializer", tensor->name);
        ph_value *value = &r->graph->values[index];
        value->is_input = false;
        char what[160];
        snprintf(what, sizeof what, "initializer '%.130s'", tensor->name);
        PH_TRY(ph_onnx_array(tensor, &r->source, what, &value->constant, r->err));
        if (tensor->raw_data.data) {
            allocator->free(allocator->allocator_data, tensor->raw_data.data);
            tensor->raw_data = (ProtobufCBinaryData){0};
        }
    }
    return PH_OK;
}

/* ---- Nodes ------------------------------------------------------------------------------------------------------ */

static ph_status read_outputs_of(reader *r, const Onnx__NodeProto *proto, int n)
{
    for (size_t i = 0; i < proto->n_output; i++) {
        if (!*proto->output[i])
            continue;
        if (ph_name_table_find(&r->names, proto->output[i]) >= 0)
            return fail_twice(r, "tensor", proto->output[i]);
        int index;
        PH_TRY(add_value(r, proto->output[i], &index));
        r->graph->values[index].producer = n;
        r->graph->nodes[n].outputs[i] = index;
    }
    return PH_OK;
}

static ph_status read_nodes(reader *r)
{
    r->graph->nodes = ph_alloc(r->proto->n_node, sizeof *r->graph->nodes);
    if (!r->graph->nodes)
        return ph_fail_memory(r->err, r->proto->n_node * sizeof *r->graph->nodes, "the graph");
    for (size_t n = 0; n < r->proto->n_node; n++) {
        r->graph->node_count++;
        PH_TRY(ph_onnx_node(r->proto->node[n], &r->source, &r->graph->nodes[n], r->err));
        PH_TRY(read_outputs_of(r, r->proto->node[n], (int)n));
    }
    return PH_OK;
}

/* After all outputs are known, since files may be out of order. */
static ph_status link_inputs(const reader *r)
{
    for (int n = 0; n < r->graph->node_count; n++)
        for (int i = 0; i < r->graph->nodes[n].input_count; i++) {
            const char *name = r->proto->node[n]->input[i];
            if (!*name)
                continue;
            const int index = ph_name_table_find(&r->names, name);
            char text[PH_NODE_TEXT];
            if (index < 0)
                return ph_fail(r->err, PH_FORMAT, "'%.200s': %s reads '%.150s', which nothing produces", r->source.name,
                               ph_node_text(r->graph, n, text), name);
            r->graph->nodes[n].inputs[i] = index;
        }
    return PH_OK;
}

static ph_status link_outputs(const reader *r)
{
    ph_graph *g = r->graph;
    g->outputs = ph_alloc(r->proto->n_output, sizeof *g->outputs);
    if (!g->outputs)
        return ph_fail_memory(r->err, r->proto->n_output * sizeof *g->outputs, "the outputs");
    for (size_t i = 0; i < r->proto->n_output; i++) {
        const char *name = r->proto->output[i]->name;
        const int index = name ? ph_name_table_find(&r->names, name) : -1;
        if (index < 0)
            return ph_fail(r->err, PH_FORMAT, "'%.200s': the output '%.200s' of the model is never produced",
                           r->source.name, name ? name : "");
        if (!g->values[index].is_output)
            g->outputs[g->output_count++] = index;
        g->values[index].is_output = true;
    }
    return PH_OK;
}

/* ---- The model -------------------------------------------------------------------------------------------------- */

/* Operator sets were introduced with IR version 3. */
static ph_status read_opset(const reader *r, const Onnx__ModelProto *model)
{
    int64_t opset = model->ir_version < 3 ? 1 : 0;
    bool declared = false;
    for (size_t i = 0; i < model->n_opset_import; i++) {
        const Onnx__OperatorSetIdProto *set = model->opset_import[i];
        if (set->domain && *set->domain && strcmp(set->domain, "ai.onnx") != 0)
            continue;
        opset = set->version;
        declared = true;
    }
    if (!declared && model->n_opset_import > 0 && opset == 0)
        opset = 1; /* a model of foreign operators alone */
    if (opset > OPSET_MAX)
        return ph_fail(r->err, PH_UNSUPPORTED,
                       "'%.200s' needs operator set %lld; %d is the highest that can be read: "
                       "export it again with opset_version=17",
                       r->source.name, (long long)opset, OPSET_MAX);
    if (opset < 1)
        return ph_fail(r->err, PH_FORMAT, "'%.200s' %s: export it again", r->source.name,
                       declared ? "declares an impossible operator set" : "does not say which operator set it uses");
    r->graph->opset = opset;
    return PH_OK;
}

static ph_status read_metadata(const reader *r, const Onnx__ModelProto *model)
{
    ph_graph *g = r->graph;
    g->metadata = ph_alloc(model->n_metadata_props, sizeof *g->metadata);
    if (!g->metadata)
        return ph_fail_memory(r->err, model->n_metadata_props * sizeof *g->metadata, "the metadata");
    for (size_t i = 0; i < model->n_metadata_props; i++) {
        const Onnx__StringStringEntryProto *entry = model->metadata_props[i];
        ph_metadata *copy = &g->metadata[g->metadata_count++];
        copy->key = ph_strdup(entry->key ? entry->key : "");
        copy->value = ph_strdup(entry->value ? entry->value : "");
        if (!copy->key || !copy->value)
            return ph_fail_memory(r->err, sizeof *copy, "the metadata");
    }
    return PH_OK;
}

static ph_status read_model(reader *r, const Onnx__ModelProto *model, ProtobufCAllocator *allocator)
{
    if (r->proto->n_sparse_initializer > 0)
        return ph_fail(r->err, PH_UNSUPPORTED,
                       "'%.200s' has sparse initializers, which are not supported: export it "
                       "with dense weights",
                       r->source.name);
    PH_TRY(read_opset(r, model));
    PH_TRY(read_metadata(r, model));
    PH_TRY(read_inputs(r));
    PH_TRY(read_initializers(r, allocator));
    PH_TRY(read_nodes(r));
    PH_TRY(link_inputs(r));
    PH_TRY(link_outputs(r));
    return ph_graph_sort(r->graph, r->source.name, r->err);
}

static ph_status new_graph(const char *directory, const void *bytes, size_t size, ph_graph **out, ph_error *err)
{
    ph_graph *graph = ph_alloc(1, sizeof *graph);
    if (!graph)
        return ph_fail_memory(err, sizeof *graph, "a model");
    SHA256_Data(bytes, size, graph->sha256);
    graph->directory = directory ? ph_strdup(directory) : NULL;
    *out = graph;
    return directory && !graph->directory ? ph_fail_memory(err, strlen(directory) + 1, "a file name") : PH_OK;
}

ph_status ph_graph_parse(const void *bytes, size_t size, const char *name, const char *directory, ph_graph **out,
                         ph_error *err)
{
    *out = NULL;
    budget b = {.left = ((size_t)1 << 28) + 4 * size};
    ProtobufCAllocator allocator = {budget_alloc, budget_free, &b};
    Onnx__ModelProto *model = NULL;
    reader r = {.source = {name, directory, external_limit}, .err = err};
    ph_status status;
    PH_TRY_GOTO(status, done, unpack(bytes, size, name, &allocator, &model, err));
    PH_TRY_GOTO(status, done, new_graph(directory, bytes, size, &r.graph, err));
    r.proto = model->graph;
    PH_TRY_GOTO(status, done, read_model(&r, model, &allocator));
    *out = r.graph;
    r.graph = NULL;
done:
    ph_graph_free(&r.graph);
    ph_name_table_free(&r.names);
    onnx__model_proto__free_unpacked(model, &allocator);
    return status;
}

ph_status ph_graph_read(const char *path, ph_graph **out, ph_error *err)
{
    *out = NULL;
    void *bytes;
    size_t size;
    PH_TRY(ph_file_read(path, file_limit, &bytes, &size, err));
    const char *slash = strrchr(path, '/');
    char *directory = slash ? ph_strndup(path, slash == path ? 1 : (size_t)(slash - path)) : ph_strdup(".");
    const ph_status status = directory ? ph_graph_parse(bytes, size, path, directory, out, err)
                                       : ph_fail_memory(err, strlen(path), "a file name");
    ph_free(directory);
    ph_free(bytes);
    return status;
}
