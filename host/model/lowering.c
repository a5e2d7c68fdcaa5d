#include "host/model/lowering.h"

#include "host/base/alloc.h"
#include "host/model/constant.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* ---- Errors ------------------------------------------------------------------------------------------------------ */

const char *ph_lowering_name(const ph_lowering *l)
{
    if (l->node->name && l->node->name[0])
        return l->node->name;
    for (int k = 0; k < l->node->output_count; k++)
        if (l->node->outputs[k] >= 0)
            return l->graph->values[l->node->outputs[k]].name;
    return "";
}

static ph_status fail_with(ph_lowering *l, ph_status status, const char *format, va_list arguments)
{
    char text[PH_MESSAGE_MAX / 2];
    vsnprintf(text, sizeof text, format, arguments);
    return ph_fail(l->err, status, "layer '%.120s' (%.60s) %s", ph_lowering_name(l), l->node->op, text);
}

ph_status ph_lowering_fail(ph_lowering *l, ph_status status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_with(l, status, format, arguments);
    va_end(arguments);
    return status;
}

ph_status ph_lowering_misfit(ph_lowering *l, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fail_with(l, PH_FORMAT, format, arguments);
    va_end(arguments);
    l->size_matters = true;
    return PH_FORMAT;
}

ph_status ph_lowering_unsupported(ph_lowering *l)
{
    const bool foreign = l->node->domain && l->node->domain[0];
    return ph_fail(l->err, PH_UNSUPPORTED, "operator %.60s%s%.60s (node '%.120s') is not supported",
                   foreign ? l->node->domain : "", foreign ? "." : "", l->node->op, ph_lowering_name(l));
}

ph_status ph_lowering_memory(ph_lowering *l)
{
    return ph_fail(l->err, PH_NO_MEMORY, "out of memory preparing layer '%.120s'", ph_lowering_name(l));
}

/* ---- Reading the node -------------------------------------------------------------------------------------------- */

bool ph_has_input(const ph_lowering *l, int k)
{
    return k >= 0 && k < l->node->input_count && l->node->inputs[k] >= 0;
}

ph_status ph_input(ph_lowering *l, int k, ph_known *known)
{
    if (!ph_has_input(l, k))
        return ph_lowering_fail(l, PH_FORMAT, "lacks its input %d", k);
    *known = l->known[l->node->inputs[k]];
    return PH_OK;
}

ph_status ph_input_tensor(ph_lowering *l, int k, int *tensor)
{
    ph_known known;
    PH_TRY(ph_input(l, k, &known));
    if (known.tensor >= 0) {
        *tensor = known.tensor;
        return PH_OK;
    }
    const float *values;
    PH_TRY(ph_constant_floats(l, known.array, &values));
    PH_TRY(ph_constant_tensor(l, values, &known.shape, tensor));
    l->net->tensors[*tensor].name = known.name;
    l->known[l->node->inputs[k]].tensor = *tensor;
    return PH_OK;
}

ph_status ph_input_constant(ph_lowering *l, int k, const ph_array **array)
{
    *array = NULL;
    if (!ph_has_input(l, k))
        return PH_OK;
    *array = l->known[l->node->inputs[k]].array;
    if (*array)
        return PH_OK;
    return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported with an input %d that is computed from the picture",
                            k);
}

ph_status ph_input_floats(ph_lowering *l, int k, const float **values, ph_shape *shape)
{
    const ph_array *array;
    PH_TRY(ph_input_constant(l, k, &array));
    if (!array)
        return ph_lowering_fail(l, PH_FORMAT, "lacks its input %d", k);
    *shape = array->shape;
    return ph_constant_floats(l, array, values);
}

ph_status ph_input_scalar(ph_lowering *l, int k, const char *attribute, float fallback, float *value)
{
    const ph_array *array;
    PH_TRY(ph_input_constant(l, k, &array));
    *value = attribute ? ph_node_float(l->node, attribute, fallback) : fallback;
    if (!array)
        return PH_OK;
    if (ph_shape_count(&array->shape) != 1)
        return ph_lowering_fail(l, PH_FORMAT, "needs one number as its input %d", k);
    *value = (float)ph_constant_real(array, 0);
    return PH_OK;
}

ph_status ph_input_ints(ph_lowering *l, int k, const char *attribute, ph_ints *ints)
{
    *ints = (ph_ints){0};
    const ph_array *array = NULL;
    if (k >= 0)
        PH_TRY(ph_input_constant(l, k, &array));
    const ph_attribute *a = array || !attribute ? NULL : ph_node_attribute(l->node, attribute);
    if (!array && !a)
        return PH_OK;
    if (array ? array->dtype != PH_DTYPE_INT64 || array->shape.rank > 1 : a->kind != PH_ATTR_INTS)
        return ph_lowering_fail(l, PH_FORMAT, "needs a list of integers as its %s", attribute ? attribute : "input");
    const int64_t count = array ? ph_shape_count(&array->shape) : (int64_t)a->count;
    if (count > PH_MAX_INTS)
        return ph_lowering_fail(l, PH_FORMAT, "has %lld numbers as its %s, too many", (long long)count,
                                attribute ? attribute : "input");
    ints->present = true;
    ints->count = (int)count;
    if (count)
        memcpy(ints->v, array ? array->data : a->ints, (size_t)count * sizeof *ints->v);
    return PH_OK;
}

ph_status ph_attribute_ints(ph_lowering *l, const char *name, int64_t *values, int count, int64_t fallback, int64_t min,
                            int64_t max)
{
    ph_ints ints;
    PH_TRY(ph_input_ints(l, -1, name, &ints));
    if (ints.present && ints.count != count)
        return ph_lowering_fail(l, PH_FORMAT, "has %d %s instead of %d", ints.count, name, count);
    for (int i = 0; i < count; i++) {
        values[i] = ints.present ? ints.v[i] : fallback;
        if (values[i] < min || values[i] > max)
            return ph_lowering_fail(l, PH_FORMAT, "has %s of %lld, outside %lld to %lld", name, (long long)values[i],
                                    (long long)min, (long long)max);
    }
    return PH_OK;
}

ph_status ph_attribute_axis(ph_lowering *l, const char *name, int64_t fallback, int rank, int *axis)
{
    const int64_t given = ph_node_int(l->node, name, fallback);
    *axis = ph_shape_axis(given, rank);
    if (*axis >= 0)
        return PH_OK;
    return ph_lowering_fail(l, PH_FORMAT, "has %s %lld but an input of %d dimensions", name, (long long)given, rank);
}

ph_status ph_mark_axes(ph_lowering *l, const ph_ints *axes, int rank, bool otherwise, bool marked[PH_MAX_RANK])
{
    const bool all = axes->count == 0 && otherwise;
    for (int axis = 0; axis < PH_MAX_RANK; axis++)
        marked[axis] = all && axis < rank;
    for (int i = 0; i < axes->count; i++) {
        const int axis = ph_shape_axis(axes->v[i], rank);
        if (axis < 0)
            return ph_lowering_fail(l, PH_FORMAT, "names axis %lld of %d dimensions", (long long)axes->v[i], rank);
        if (marked[axis])
            return ph_lowering_fail(l, PH_FORMAT, "names axis %d twice", axis);
        marked[axis] = true;
    }
    return PH_OK;
}

const char *ph_attribute_text(const ph_lowering *l, const char *name, const char *fallback)
{
    const ph_attribute *a = ph_node_attribute(l->node, name);
    return a && a->kind == PH_ATTR_STRING && a->s ? a->s : fallback;
}

/* ---- Results ----------------------------------------------------------------------------------------------------- */

const ph_shape *ph_tensor_shape(const ph_lowering *l, int tensor)
{
    return &l->net->tensors[tensor].shape;
}

void ph_give(ph_lowering *l, int k, const ph_known *known)
{
    if (k >= l->node->output_count || l->node->outputs[k] < 0)
        return;
    ph_known *to = &l->known[l->node->outputs[k]];
    const char *name = to->name;
    *to = *known;
    to->name = name;
    if (known->tensor < 0)
        return;
    /* A tensor that this node made carries its output's name; an alias keeps the name of what it equals. */
    ph_tensor *tensor = &l->net->tensors[known->tensor];
    if (tensor->producer >= 0 && l->net->ops[tensor->producer].name == ph_lowering_name(l))
        tensor->name = name;
}

void ph_give_tensor(ph_lowering *l, int k, int tensor)
{
    ph_give(l, k, &(ph_known){.shape = *ph_tensor_shape(l, tensor), .tensor = tensor});
}

void ph_give_array(ph_lowering *l, int k, const ph_array *array)
{
    ph_give(l, k, &(ph_known){.shape = array->shape, .array = array, .tensor = -1});
}
