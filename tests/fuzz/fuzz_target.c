/* Target expressions, on a network whose names contain what the grammar uses: / . : */
#include "tests/fuzz/fuzz.h"

#include "host/base/alloc.h"
#include "host/model/lower.h"
#include "host/objective/target.h"

#include <string.h>

static void parse(const ph_graph *graph, const ph_shape *shapes, const char *text)
{
    const ph_preprocess none = {.channels = 3};
    char notice[256];
    ph_error err;
    ph_target *target = NULL;
    for (int negative = 0; negative < 2; negative++)
        if (ph_target_parse(graph, shapes, &none, text, negative, &target, notice, sizeof notice, &err) == PH_OK)
            ph_target_free(&target);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* A direction file may be any file of the machine: not for a fuzzer to open. */
    if (size > 300 || (size >= 4 && memmem(data, size, "dir(", 4)))
        return 0;
    char *text = ph_strndup((const char *)data, size);
    ph_graph *graph = NULL;
    ph_shape *shapes = NULL, input;
    bool channels_last;
    if (text && ph_graph_read("tests/golden/net.onnx", &graph, NULL) == PH_OK)
        shapes = ph_alloc((size_t)graph->value_count, sizeof *shapes);
    if (shapes && ph_picture_shape(graph, 0, 0, &input, &channels_last, NULL) == PH_OK &&
        ph_infer_shapes(graph, &input, shapes, NULL, NULL, NULL) == PH_OK)
        parse(graph, shapes, text);
    ph_free(shapes);
    ph_graph_free(&graph);
    ph_free(text);
    return 0;
}
