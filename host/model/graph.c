#include "host/model/graph.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/model/onnx_array.h"

#include <stdio.h>
#include <string.h>

static void free_attribute(ph_attribute *attribute)
{
    ph_free(attribute->name);
    ph_free(attribute->s);
    ph_free(attribute->ints);
    ph_free(attribute->floats);
    ph_array_free(&attribute->array);
}

static void free_node(ph_node *node)
{
    ph_free(node->name);
    ph_free(node->op);
    ph_free(node->domain);
    ph_free(node->inputs);
    ph_free(node->outputs);
    for (size_t i = 0; i < node->attribute_count; i++)
        free_attribute(&node->attributes[i]);
    ph_free(node->attributes);
}

void ph_graph_free(ph_graph **graph)
{
    if (!graph || !*graph)
        return;
    ph_graph *g = *graph;
    for (int i = 0; i < g->value_count; i++) {
        ph_free(g->values[i].name);
        ph_array_free(&g->values[i].constant);
    }
    for (int i = 0; i < g->node_count; i++)
        free_node(&g->nodes[i]);
    for (size_t i = 0; i < g->metadata_count; i++) {
        ph_free(g->metadata[i].key);
        ph_free(g->metadata[i].value);
    }
    ph_free(g->values);
    ph_free(g->nodes);
    ph_free(g->outputs);
    ph_free(g->metadata);
    ph_free(g->directory);
    ph_free(g);
    *graph = NULL;
}

const ph_attribute *ph_node_attribute(const ph_node *node, const char *name)
{
    for (size_t i = 0; i < node->attribute_count; i++)
        if (strcmp(node->attributes[i].name, name) == 0)
            return &node->attributes[i];
    return NULL;
}

int64_t ph_node_int(const ph_node *node, const char *name, int64_t fallback)
{
    const ph_attribute *attribute = ph_node_attribute(node, name);
    return attribute && attribute->kind == PH_ATTR_INT ? attribute->i : fallback;
}

float ph_node_float(const ph_node *node, const char *name, float fallback)
{
    const ph_attribute *attribute = ph_node_attribute(node, name);
    return attribute && attribute->kind == PH_ATTR_FLOAT ? attribute->f : fallback;
}

const char *ph_node_text(const ph_graph *graph, int node, char text[PH_NODE_TEXT])
{
    const ph_node *n = &graph->nodes[node];
    if (*n->name) {
        snprintf(text, PH_NODE_TEXT, "node '%.120s' (%.40s)", n->name, n->op);
        return text;
    }
    for (int i = 0; i < n->output_count; i++)
        if (n->outputs[i] >= 0) {
            snprintf(text, PH_NODE_TEXT, "node producing '%.120s' (%.40s)", graph->values[n->outputs[i]].name, n->op);
            return text;
        }
    snprintf(text, PH_NODE_TEXT, "node %d (%.40s)", node, n->op);
    return text;
}

ph_status ph_graph_picture_input(const ph_graph *graph, int *value, ph_error *err)
{
    static const int ranks[] = {4, 3, 2, 1};
    int count = 0, only = -1;
    for (int i = 0; i < graph->value_count; i++)
        if (graph->values[i].is_input) {
            count++;
            only = i;
        }
    if (count == 1) {
        *value = only;
        return PH_OK;
    }
    for (size_t r = 0; r < sizeof ranks / sizeof *ranks; r++)
        for (int i = 0; i < graph->value_count; i++)
            if (graph->values[i].is_input && graph->values[i].declared.rank == ranks[r]) {
                *value = i;
                return PH_OK;
            }
    if (count == 0)
        return ph_fail(err, PH_UNSUPPORTED, "the model has no input that could be a picture");
    return ph_fail(err, PH_UNSUPPORTED, "none of the model's %d inputs says that it could be a picture", count);
}
