#include "host/model/layers.h"

#include "host/base/status.h"

#include <string.h>

static const ph_node *producer_of(const ph_graph *graph, int value)
{
    const int producer = graph->values[value].producer;
    return producer < 0 ? NULL : &graph->nodes[producer];
}

static bool is(const ph_node *node, const char *op)
{
    return node && !*node->domain && strcmp(node->op, op) == 0;
}

static bool is_any(const ph_node *node, const char *const *ops)
{
    for (; *ops; ops++)
        if (is(node, *ops))
            return true;
    return false;
}

static bool has_input(const ph_node *node)
{
    return node->input_count > 0 && node->inputs[0] >= 0;
}

/* ---- Pre-activation --------------------------------------------------------------------------------------------- */

/* The number in a constant of one element: an initializer or the output of a Constant node. */
static bool constant_number(const ph_graph *graph, int value, double *number)
{
    const ph_array *array = graph->values[value].constant;
    const ph_node *node = producer_of(graph, value);
    if (is(node, "Constant") && node->attribute_count > 0)
        array = node->attributes[0].array;
    if (!array)
        return false;
    for (int i = 0; i < array->shape.rank; i++)
        if (array->shape.dim[i] != 1)
            return false;
    *number =
        array->dtype == PH_DTYPE_FLOAT ? (double)*(const float *)array->data : (double)*(const int64_t *)array->data;
    return true;
}

/* Until operator set 10 the bound of a Clip is an attribute, then an input. */
static bool clips_at_zero(const ph_graph *graph, const ph_node *node)
{
    const ph_attribute *attribute = ph_node_attribute(node, "min");
    if (attribute)
        return attribute->kind == PH_ATTR_FLOAT && attribute->f == 0.0f;
    double min;
    return node->input_count > 1 && node->inputs[1] >= 0 && constant_number(graph, node->inputs[1], &min) && min == 0.0;
}

/* Moves to the branch of a Concat along the channels that holds *channel; false if that cannot be told. */
static bool enter_branch(const ph_node *node, const ph_shape *shapes, int *value, int64_t *channel)
{
    int64_t axis = ph_node_int(node, "axis", 1);
    if (axis < 0)
        axis += shapes[*value].rank;
    if (axis != 1)
        return false;
    int64_t left = *channel;
    for (int i = 0; i < node->input_count; i++) {
        const int branch = node->inputs[i];
        if (branch < 0 || shapes[branch].rank < 2 || shapes[branch].dim[1] < 0)
            return false;
        if (left < shapes[branch].dim[1]) {
            *value = branch;
            *channel = left;
            return true;
        }
        left -= shapes[branch].dim[1];
    }
    return false;
}

bool ph_layer_pre_activation(const ph_graph *graph, const ph_shape *shapes, int *value, int64_t *channel)
{
    static const char *const passing[] = {"Identity", "Dropout", NULL};
    int at = *value;
    int64_t unit = *channel;
    for (;;) {
        const ph_node *node = producer_of(graph, at);
        if (!node || !has_input(node) || node->outputs[0] != at)
            return false;
        if (is(node, "Relu") || (is(node, "Clip") && clips_at_zero(graph, node))) {
            *value = node->inputs[0];
            *channel = unit;
            return true;
        }
        if (is_any(node, passing))
            at = node->inputs[0];
        else if (!is(node, "Concat") || unit < 0 || !shapes || !enter_branch(node, shapes, &at, &unit))
            return false;
    }
}

bool ph_layer_branch(const ph_graph *graph, const ph_shape *shapes, int *value, int64_t *channel)
{
    bool moved = false;
    for (;;) {
        const ph_node *node = producer_of(graph, *value);
        if (!is(node, "Concat") || !enter_branch(node, shapes, value, channel))
            return moved;
        moved = true;
    }
}

/* ---- Classes ---------------------------------------------------------------------------------------------------- */

/* K of a shape [1, K] or [1, K, 1, 1], else 0. */
static int64_t class_count(const ph_shape *shape)
{
    if ((shape->rank != 2 && shape->rank != 4) || shape->dim[0] != 1)
        return 0;
    for (int i = 2; i < shape->rank; i++)
        if (shape->dim[i] != 1)
            return 0;
    return shape->dim[1];
}

/* Back through everything that gives its numbers on unchanged. */
static int behind_views(const ph_graph *graph, int value)
{
    static const char *const views[] = {"Identity", "Dropout",   "Flatten", "Reshape",
                                        "Squeeze",  "Unsqueeze", "Cast",    NULL};
    for (;;) {
        const ph_node *node = producer_of(graph, value);
        if (!node || !is_any(node, views) || !has_input(node) || node->outputs[0] != value)
            return value;
        value = node->inputs[0];
    }
}

/* The logits behind an output; *softmax tells whether a Softmax stands between them. */
static int logits_of(const ph_graph *graph, int output, bool *softmax)
{
    const ph_node *node = producer_of(graph, behind_views(graph, output));
    *softmax = is(node, "Softmax");
    return (*softmax || is(node, "LogSoftmax")) && has_input(node) ? node->inputs[0] : output;
}

/* A LogSoftmax that cannot be run, whose shape is not known therefore, does not hide the logits in front of it. */
static int64_t classes_of(const ph_graph *graph, const ph_shape *shapes, int output)
{
    bool softmax;
    const int64_t count = class_count(&shapes[output]);
    return count ? count : class_count(&shapes[logits_of(graph, output, &softmax)]);
}

static ph_status find_output(const ph_graph *graph, const ph_shape *shapes, int *value, ph_error *err)
{
    for (int64_t least = 2; least >= 1; least--)
        for (int i = 0; i < graph->output_count; i++)
            if (classes_of(graph, shapes, graph->outputs[i]) >= least) {
                *value = graph->outputs[i];
                return PH_OK;
            }
    return ph_fail(err, PH_MISUSE,
                   "the network has no classes: none of its %d outputs has the shape [1, K] at this "
                   "picture size; name a layer instead",
                   graph->output_count);
}

ph_status ph_layer_logits(const ph_graph *graph, const ph_shape *shapes, int *value, ph_error *err)
{
    int output;
    bool softmax;
    PH_TRY(find_output(graph, shapes, &output, err));
    *value = logits_of(graph, output, &softmax);
    return PH_OK;
}

ph_status ph_layer_probabilities(const ph_graph *graph, const ph_shape *shapes, int *value, bool *softmax_missing,
                                 ph_error *err)
{
    int output;
    bool softmax;
    PH_TRY(find_output(graph, shapes, &output, err));
    const int logits = logits_of(graph, output, &softmax);
    *softmax_missing = false;
    *value = output;
    if (softmax)
        return PH_OK;
    const int base = behind_views(graph, logits);
    for (int n = 0; n < graph->node_count; n++) {
        const ph_node *node = &graph->nodes[n];
        if (is(node, "Softmax") && has_input(node) && node->output_count > 0 && node->outputs[0] >= 0 &&
            behind_views(graph, node->inputs[0]) == base) {
            *value = node->outputs[0];
            return PH_OK;
        }
    }
    *softmax_missing = true;
    *value = logits;
    return PH_OK;
}
