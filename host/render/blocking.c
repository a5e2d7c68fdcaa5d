#include "host/render/blocking.h"

#include "host/base/alloc.h"
#include "host/engine/backend.h"
#include "host/model/lower.h"

#include <string.h>

static bool is_rectifier(const char *op)
{
    return strcmp(op, "Relu") == 0 || strcmp(op, "Clip") == 0;
}

/* Outputs of the rectifiers among the ancestors of `value`, the last one first; returns how many. */
static int rectifiers_before(const ph_graph *graph, int value, bool *needed, int *found)
{
    needed[value] = true;
    int count = 0;
    for (int n = graph->node_count - 1; n >= 0; n--) {
        const ph_node *node = &graph->nodes[n];
        bool wanted = false;
        for (int i = 0; i < node->output_count; i++)
            wanted = wanted || (node->outputs[i] >= 0 && needed[node->outputs[i]]);
        if (!wanted)
            continue;
        for (int i = 0; i < node->input_count; i++)
            if (node->inputs[i] >= 0)
                needed[node->inputs[i]] = true;
        if (is_rectifier(node->op) && node->outputs[0] >= 0)
            found[count++] = node->outputs[0];
    }
    return count;
}

static bool all_zero(ph_device *device, const float *memory, int64_t count)
{
    float *values = ph_alloc((size_t)count, sizeof *values);
    bool zero = values != NULL &&
                ph_device_backend(device)->read(device, values, memory, (size_t)count * sizeof *values, NULL) == PH_OK;
    for (int64_t i = 0; zero && i < count; i++)
        zero = values[i] == 0;
    ph_free(values);
    return zero;
}

static ph_status write_grey(const ph_model *model, ph_device *device, ph_engine *engine, const ph_shape *input)
{
    const ph_preprocess *p = model->preprocess;
    const ph_backend *backend = ph_device_backend(device);
    const int64_t pixels = input->dim[2] * input->dim[3];
    const int64_t count = ph_shape_count(input);
    float *values = ph_alloc((size_t)count, sizeof *values);
    if (!values)
        return PH_NO_MEMORY;
    for (int64_t i = 0; i < count; i++) {
        const int64_t k = i / pixels;
        values[i] = ((p->lo + p->hi) / 2 - p->mean[k]) / p->std[k];
    }
    const ph_status status =
        backend->write(device, backend->engine_input(engine), values, (size_t)count * sizeof *values, NULL);
    ph_free(values);
    return status;
}

const char *ph_blocking_layer(const ph_model *model, ph_device *device, const ph_shape *input, bool channels_last,
                              int value)
{
    const ph_graph *graph = model->graph;
    const ph_backend *backend = ph_device_backend(device);
    const char *name = "";
    ph_net *net = NULL;
    ph_engine *engine = NULL;
    bool *needed = ph_alloc((size_t)graph->value_count, sizeof *needed);
    int *found = ph_alloc((size_t)graph->node_count, sizeof *found);
    if (!needed || !found)
        goto done;
    const int count = rectifiers_before(graph, value, needed, found);
    const ph_lower_options lower = {
        .input = *input, .channels_last = channels_last, .simplify = true, .wanted = found, .wanted_count = count};
    if (!count || ph_lower(graph, &lower, &net, NULL) != PH_OK ||
        backend->engine_new(device, net, 1, false, &engine, NULL) != PH_OK)
        goto done;
    const ph_shape planar = net->tensors[net->input].shape;
    if (write_grey(model, device, engine, &planar) != PH_OK || backend->forward(engine, NULL) != PH_OK)
        goto done;
    for (int i = 0; i < count; i++) {
        const int64_t values = ph_shape_count(&net->tensors[net->outputs[i]].shape);
        if (!all_zero(device, backend->engine_output(engine, i), values))
            break;
        name = graph->values[found[i]].name;
    }
done:
    if (engine)
        backend->engine_free(engine);
    ph_net_free(&net);
    ph_free(needed);
    ph_free(found);
    return name;
}
