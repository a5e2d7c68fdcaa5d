#include "tests/objective/toy.h"

#include "tests/model/build_model.h"

#include <stdlib.h>
#include <string.h>

static char *labels[] = {"tench, Tinca tinca", "crane",
                         "crane, whooper",     "n01443537 goldfish, Carassius auratus",
                         "3-toed sloth, ai",   "jack-o'-lantern"};

static void shape_of(toy *made, const char *name, ph_shape shape)
{
    made->shapes[value_named(made->graph, name)] = shape;
}

void toy_make(toy *made, bool softmax)
{
    build_model *m = build_new(13);
    build_input(m, "x", 4, (int64_t[]){1, 3, 9, 8});
    build_floats(m, "wa", 4, (int64_t[]){4, 3, 1, 1}, NULL);
    build_floats(m, "wb", 4, (int64_t[]){6, 3, 1, 1}, NULL);
    build_floats(m, "wf", 2, (int64_t[]){6, 10}, NULL);
    build_node(m, "Conv", "a/conv", "x,wa", "a_pre");
    build_node(m, "Relu", "a/relu", "a_pre", "a_out");
    build_node(m, "Conv", "b/conv", "x,wb", "b_pre");
    build_node(m, "Relu", "b/relu", "b_pre", "b_out");
    build_node(m, "Concat", "mixed", "a_out,b_out", "mixed_out");
    build_int(m, "axis", 1);
    build_node(m, "Sigmoid", "odd", "mixed_out", "odd:3");
    build_node(m, "Sigmoid", "odd-1", "odd:3", "odd-1:0");
    build_node(m, "Sigmoid", "two words", "odd-1:0", "tw+x");
    build_node(m, "GlobalAveragePool", "pool", "tw+x", "pooled");
    build_node(m, "Flatten", "flat", "pooled", "flattened");
    build_node(m, "Gemm", "fc", "flattened,wf", "logits");
    build_int(m, "transB", 1);
    if (softmax)
        build_node(m, "Softmax", "softmax", "logits", "probabilities");
    build_output(m, softmax ? "probabilities" : "logits", 2, (int64_t[]){1, 6});
    *made = (toy){.graph = build_graph(m)};
    build_free(m);
    made->shapes = calloc((size_t)made->graph->value_count, sizeof *made->shapes);
    for (int i = 0; i < made->graph->value_count; i++)
        made->shapes[i].rank = -1;
    static const char *const maps[] = {"mixed_out", "odd:3", "odd-1:0", "tw+x"};
    for (int i = 0; i < 4; i++)
        shape_of(made, maps[i], (ph_shape){4, {1, 10, 9, 8}});
    shape_of(made, "x", (ph_shape){4, {1, 3, 9, 8}});
    shape_of(made, "a_pre", (ph_shape){4, {1, 4, 9, 8}});
    shape_of(made, "a_out", (ph_shape){4, {1, 4, 9, 8}});
    shape_of(made, "b_pre", (ph_shape){4, {1, 6, 9, 8}});
    shape_of(made, "b_out", (ph_shape){4, {1, 6, 9, 8}});
    shape_of(made, "pooled", (ph_shape){4, {1, 10, 1, 1}});
    shape_of(made, "flattened", (ph_shape){2, {1, 10}});
    shape_of(made, "logits", (ph_shape){2, {1, 6}});
    if (softmax)
        shape_of(made, "probabilities", (ph_shape){2, {1, 6}});
    made->preprocess.labels = labels;
    made->preprocess.label_count = sizeof labels / sizeof labels[0];
}

void toy_free(toy *made)
{
    ph_graph_free(&made->graph);
    free(made->shapes);
    made->shapes = NULL;
}
