#include "host/model/onnx_node.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <stdio.h>
#include <string.h>

#define TYPE(name) ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__##name

/* Files of the first ONNX version do not say the type: the field in use tells. */
static int type_of(const Onnx__AttributeProto *a)
{
    if (a->has_type && a->type != TYPE(UNDEFINED))
        return (int)a->type;
    if (a->has_f)
        return TYPE(FLOAT);
    if (a->has_i)
        return TYPE(INT);
    if (a->has_s)
        return TYPE(STRING);
    if (a->t)
        return TYPE(TENSOR);
    if (a->n_floats)
        return TYPE(FLOATS);
    return a->n_ints ? TYPE(INTS) : TYPE(UNDEFINED);
}

static void *copy(const void *from, size_t count, size_t size)
{
    void *to = ph_alloc(count, size);
    if (to && count)
        memcpy(to, from, count * size);
    return to;
}

static ph_status read_tensor(const Onnx__AttributeProto *a, ph_onnx_source *source, ph_attribute *attribute,
                             ph_error *err)
{
    char what[160];
    snprintf(what, sizeof what, "the tensor in attribute '%.120s'", attribute->name);
    attribute->kind = PH_ATTR_ARRAY;
    if (!a->t)
        return ph_fail(err, PH_FORMAT, "'%.200s': %s is missing", source->name, what);
    return ph_onnx_array(a->t, source, what, &attribute->array, err);
}

/* The value by its kind; arrays of numbers may be empty. */
static ph_status read_value(const Onnx__AttributeProto *a, ph_onnx_source *source, ph_attribute *attribute,
                            ph_error *err)
{
    bool good = true;
    switch (type_of(a)) {
    case TYPE(FLOAT):
        attribute->kind = PH_ATTR_FLOAT;
        attribute->f = a->f;
        break;
    case TYPE(INT):
        attribute->kind = PH_ATTR_INT;
        attribute->i = a->i;
        break;
    case TYPE(STRING):
        attribute->kind = PH_ATTR_STRING;
        attribute->s = ph_strndup(a->s.len ? (const char *)a->s.data : "", a->s.len);
        good = attribute->s != NULL;
        break;
    case TYPE(FLOATS):
        attribute->kind = PH_ATTR_FLOATS;
        attribute->count = a->n_floats;
        attribute->floats = copy(a->floats, a->n_floats, sizeof *a->floats);
        good = attribute->floats != NULL;
        break;
    case TYPE(INTS):
        attribute->kind = PH_ATTR_INTS;
        attribute->count = a->n_ints;
        attribute->ints = copy(a->ints, a->n_ints, sizeof *a->ints);
        good = attribute->ints != NULL;
        break;
    case TYPE(TENSOR):
        return read_tensor(a, source, attribute, err);
    default:
        break;
    }
    return good ? PH_OK : ph_fail_memory(err, a->n_ints * sizeof *a->ints, "an attribute");
}

/* value_float, value_floats, value_int, value_ints of a Constant: rank 0 or 1. */
static ph_status make_constant(ph_attribute *attribute, ph_error *err)
{
    const bool integer = attribute->kind == PH_ATTR_INT || attribute->kind == PH_ATTR_INTS;
    const bool list = attribute->kind == PH_ATTR_INTS || attribute->kind == PH_ATTR_FLOATS;
    if (!integer && !list && attribute->kind != PH_ATTR_FLOAT)
        return PH_OK;
    const size_t count = list ? attribute->count : 1;
    const ph_shape shape = {.rank = list, .dim = {(int64_t)count}};
    attribute->array = ph_array_new(integer ? PH_DTYPE_INT64 : PH_DTYPE_FLOAT, &shape, count);
    if (!attribute->array)
        return ph_fail_memory(err, count * sizeof(int64_t), "a constant");
    if (integer)
        memcpy(attribute->array->data, list ? attribute->ints : &attribute->i, count * sizeof(int64_t));
    else
        memcpy(attribute->array->data, list ? attribute->floats : &attribute->f, count * sizeof(float));
    return PH_OK;
}

static ph_status read_attribute(const Onnx__AttributeProto *a, ph_onnx_source *source, bool constant,
                                ph_attribute *attribute, ph_error *err)
{
    attribute->kind = PH_ATTR_OTHER;
    attribute->name = ph_strdup(a->name ? a->name : "");
    if (!attribute->name)
        return ph_fail_memory(err, strlen(a->name ? a->name : "") + 1, "the name of an attribute");
    PH_TRY(read_value(a, source, attribute, err));
    return constant && strncmp(attribute->name, "value_", 6) == 0 ? make_constant(attribute, err) : PH_OK;
}

/* Indices of values, -1 until they are known. */
static int *make_links(size_t count)
{
    int *links = ph_alloc(count, sizeof *links);
    for (size_t i = 0; links && i < count; i++)
        links[i] = -1;
    return links;
}

ph_status ph_onnx_node(const Onnx__NodeProto *proto, ph_onnx_source *source, ph_node *node, ph_error *err)
{
    if (!proto->op_type || !*proto->op_type)
        return ph_fail(err, PH_FORMAT, "'%.200s': node '%.200s' has no operator", source->name,
                       proto->name ? proto->name : "");
    const bool standard = !proto->domain || strcmp(proto->domain, "ai.onnx") == 0;
    node->name = ph_strdup(proto->name ? proto->name : "");
    node->op = ph_strdup(proto->op_type);
    node->domain = ph_strdup(standard ? "" : proto->domain);
    node->inputs = make_links(proto->n_input);
    node->outputs = make_links(proto->n_output);
    node->attributes = ph_alloc(proto->n_attribute, sizeof *node->attributes);
    if (!node->name || !node->op || !node->domain || !node->inputs || !node->outputs || !node->attributes)
        return ph_fail_memory(err, sizeof *node, "a node");
    node->input_count = (int)proto->n_input;
    node->output_count = (int)proto->n_output;
    const bool constant = strcmp(node->op, "Constant") == 0;
    for (size_t i = 0; i < proto->n_attribute; i++) {
        /* Counted first: what read_attribute leaves behind when it fails is freed with the node. */
        ph_attribute *attribute = &node->attributes[node->attribute_count++];
        PH_TRY(read_attribute(proto->attribute[i], source, constant, attribute, err));
    }
    return PH_OK;
}
