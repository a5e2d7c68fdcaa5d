/* ONNX reader, shapes, lowering. */
#include "tests/fuzz/fuzz.h"

#include "host/base/alloc.h"
#include "host/model/graph.h"
#include "host/model/lower.h"

/* Shapes that a small file may well ask for, but that only cost time. */
static bool all_small(const ph_graph *graph, const ph_shape *shapes)
{
    double sum = 0;
    for (int i = 0; i < graph->value_count; i++)
        if (shapes[i].rank >= 0)
            sum += (double)ph_shape_count(&shapes[i]);
    return sum < 1e7;
}

static void lower_all(const ph_graph *graph)
{
    ph_shape *shapes = ph_alloc((size_t)graph->value_count, sizeof *shapes);
    bool *supported = ph_alloc((size_t)graph->node_count, sizeof *supported);
    double *macs = ph_alloc((size_t)graph->node_count, sizeof *macs);
    ph_shape input;
    bool channels_last;
    if (shapes && supported && macs && ph_picture_shape(graph, 0, 0, &input, &channels_last, NULL) == PH_OK &&
        ph_infer_shapes(graph, &input, shapes, macs, supported, NULL) == PH_OK && all_small(graph, shapes))
        for (int value = 0; value < graph->value_count; value++) {
            const ph_lower_options options = {.input = input, .wanted = &value, .wanted_count = 1, .simplify = true};
            ph_net *net = NULL;
            ph_error err;
            if (graph->values[value].is_output && ph_lower(graph, &options, &net, &err) == PH_OK)
                ph_net_free(&net);
        }
    ph_free(shapes);
    ph_free(supported);
    ph_free(macs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ph_graph *graph = NULL;
    ph_error err;
    if (size > 4 << 20 || ph_graph_parse(data, size, "fuzz", NULL, &graph, &err) != PH_OK)
        return 0;
    lower_all(graph);
    ph_graph_free(&graph);
    return 0;
}
