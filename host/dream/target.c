#include "host/dream/target.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/model/layers.h"

#include <math.h>
#include <string.h>

/* How far a layer's map is from a sixteenth of the input, as a factor's logarithm; infinite when it has no map. */
static double distance(const ph_shape *input, bool channels_last, const ph_shape *shape)
{
    const int64_t height = input->dim[channels_last ? 1 : 2], width = input->dim[channels_last ? 2 : 3];
    if (shape->rank != 4 || shape->dim[2] < 2 || shape->dim[3] < 2)
        return HUGE_VAL;
    const double ratio = sqrt((double)(height * width) / (double)(shape->dim[2] * shape->dim[3]));
    return fabs(log2(ratio / 16));
}

/* A layer is called by its node, and read at its first output. */
static int value_of(const ph_node *node)
{
    return node->output_count > 0 ? node->outputs[0] : -1;
}

static bool joins(const ph_node *node)
{
    return strcmp(node->op, "Concat") == 0 || strcmp(node->op, "Add") == 0;
}

ph_status ph_dream_default_target(const ph_model *model, const ph_shape *input, bool channels_last,
                                  const ph_shape *shapes, const char **name, ph_error *err)
{
    const ph_graph *graph = model->graph;
    int *order = ph_alloc((size_t)graph->node_count, sizeof *order);
    if (!order)
        return ph_fail_memory(err, (size_t)graph->node_count * sizeof *order, "the list of layers");
    const int count = ph_layer_list(graph, order);
    double nearest = HUGE_VAL;
    for (int i = 0; i < count; i++) {
        const int value = value_of(&graph->nodes[order[i]]);
        if (value >= 0)
            nearest = fmin(nearest, distance(input, channels_last, &shapes[value]));
    }
    /* Maps of one stage differ by a rounding only. */
    int kept = 0, joining = 0;
    for (int i = 0; i < count && !isinf(nearest); i++) {
        const ph_node *node = &graph->nodes[order[i]];
        const int value = value_of(node);
        if (value < 0 || distance(input, channels_last, &shapes[value]) > nearest + 0.25)
            continue;
        if (joins(node) && !joining)
            kept = 0;
        joining += joins(node);
        if (joins(node) || !joining)
            order[kept++] = order[i];
    }
    const int middle = kept ? order[kept / 2] : -1;
    ph_free(order);
    if (middle < 0)
        return ph_fail(err, PH_MISUSE, "no layer of the network has a map to dream of: name a target, e.g. class:0");
    const ph_node *node = &graph->nodes[middle];
    *name = node->name[0] ? node->name : graph->values[value_of(node)].name;
    return PH_OK;
}
