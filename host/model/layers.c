#include "host/model/layers.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "host/base/text.h"

#include <stdio.h>
#include <string.h>

enum { CANDIDATES = 5, SUGGESTIONS = 3, SHOWN_MAX = 96, QUERY_MAX = 128 };

/* ---- What the picture reaches ----------------------------------------------------------------------------------- */

static bool reads_size_only(const ph_node *node)
{
    return strcmp(node->op, "Shape") == 0 || strcmp(node->op, "Size") == 0;
}

/* `reached`: 0 or 1 for the nodes before `node`. */
static bool is_reached(const ph_graph *graph, const ph_node *node, int picture, const int *reached)
{
    if (reads_size_only(node))
        return false;
    for (int i = 0; i < node->input_count; i++) {
        const int value = node->inputs[i];
        if (value < 0)
            continue;
        const int producer = graph->values[value].producer;
        if (value == picture || (producer >= 0 && reached[producer]))
            return true;
    }
    return false;
}

int ph_layer_list(const ph_graph *graph, int *nodes)
{
    int picture;
    if (ph_graph_picture_input(graph, &picture, NULL) != PH_OK)
        return 0;
    /* First the array is a flag per node, then the indices move to its front. */
    for (int n = 0; n < graph->node_count; n++)
        nodes[n] = is_reached(graph, &graph->nodes[n], picture, nodes);
    int count = 0;
    for (int n = 0; n < graph->node_count; n++)
        if (nodes[n])
            nodes[count++] = n;
    return count;
}

/* ---- Search ----------------------------------------------------------------------------------------------------- */

typedef enum match { EXACT_NODE, EXACT_TENSOR, SUFFIX } match;

typedef struct search {
    const ph_graph *graph;
    const char *name;
    size_t length;
    int *layers; /* nodes that the picture reaches */
    int layer_count;
    match mode; /* how the candidates were found */
    int found;  /* candidates: different values */
    int candidates[CANDIDATES];
    int nodes[CANDIDATES]; /* their producers */
} search;

/* Output number of what a node's name means, or -1. */
static int first_output(const ph_node *node)
{
    for (int i = 0; i < node->output_count; i++)
        if (node->outputs[i] >= 0)
            return i;
    return -1;
}

static bool is_boundary(char c)
{
    return c == '/' || c == '.' || c == ':' || c == '_';
}

static bool matches(const search *s, const char *name)
{
    const size_t length = strlen(name);
    if (length < s->length || memcmp(name + length - s->length, s->name, s->length) != 0)
        return false;
    if (length == s->length)
        return true;
    return s->mode == SUFFIX && (is_boundary(*s->name) || is_boundary(name[length - s->length - 1]));
}

static void collect_from(search *s, int n)
{
    const ph_node *node = &s->graph->nodes[n];
    const int first = first_output(node);
    const bool by_name = s->mode != EXACT_TENSOR && matches(s, node->name);
    for (int i = 0; i < node->output_count; i++) {
        const int value = node->outputs[i];
        const bool by_tensor = s->mode != EXACT_NODE && value >= 0 && matches(s, s->graph->values[value].name);
        if (!(by_name && i == first) && !by_tensor)
            continue;
        if (s->found < CANDIDATES) {
            s->candidates[s->found] = value;
            s->nodes[s->found] = n;
        }
        s->found++;
    }
}

static void find_candidates(search *s)
{
    if (s->length == 0)
        return;
    for (s->mode = EXACT_NODE; s->mode <= EXACT_TENSOR; s->mode++) {
        for (int n = 0; n < s->graph->node_count; n++)
            collect_from(s, n);
        if (s->found)
            return;
    }
    for (int i = 0; i < s->layer_count; i++)
        collect_from(s, s->layers[i]);
}

/* Free s->layers afterwards, also on failure. */
static ph_status begin(search *s, const ph_graph *graph, const char *name, size_t length, ph_error *err)
{
    *s = (search){.graph = graph, .name = name, .length = length};
    s->layers = ph_alloc((size_t)graph->node_count, sizeof *s->layers);
    if (!s->layers)
        return ph_fail_memory(err, (size_t)graph->node_count * sizeof *s->layers, "the list of layers");
    s->layer_count = ph_layer_list(graph, s->layers);
    return PH_OK;
}

/* ---- What went wrong -------------------------------------------------------------------------------------------- */

static const char *name_of(const ph_graph *graph, int n)
{
    const ph_node *node = &graph->nodes[n];
    const int first = first_output(node);
    return *node->name || first < 0 ? node->name : graph->values[node->outputs[first]].name;
}

static ph_status fail_ambiguous(const search *s, ph_error *err)
{
    char list[CANDIDATES * (SHOWN_MAX + 4)] = "";
    const int shown = s->found < CANDIDATES ? s->found : CANDIDATES;
    for (int i = 0; i < shown; i++) {
        const size_t used = strlen(list);
        const char *name = s->mode == SUFFIX ? name_of(s->graph, s->nodes[i]) : s->graph->values[s->candidates[i]].name;
        snprintf(list + used, sizeof list - used, "%s%.*s", i ? ", " : "", SHOWN_MAX, name);
    }
    return ph_fail(err, PH_MISUSE, "layer '%.*s' may be any of %d: %s%s; give more of its name",
                   (int)(s->length < SHOWN_MAX ? s->length : SHOWN_MAX), s->name, s->found, list,
                   s->found > shown ? ", …" : "");
}

/* Distance to the nearest of the name itself and its suffixes at boundaries. */
static size_t distance_to(const char *query, const char *name, size_t cap)
{
    size_t best = ph_edit_distance(query, name, cap);
    for (const char *c = name; *c; c++)
        if (is_boundary(*c)) {
            const size_t distance = ph_edit_distance(query, c + 1, cap);
            best = distance < best ? distance : best;
        }
    return best;
}

static ph_status fail_unknown(const search *s, ph_error *err)
{
    if (!err)
        return PH_MISUSE;
    char query[QUERY_MAX];
    snprintf(query, sizeof query, "%.*s", (int)(s->length < QUERY_MAX ? s->length : QUERY_MAX - 1), s->name);
    const char *names[SUGGESTIONS + 1] = {0};
    size_t distances[SUGGESTIONS + 1];
    int count = 0;
    for (int i = 0; i < s->layer_count; i++) {
        const char *name = name_of(s->graph, s->layers[i]);
        const size_t distance = strlen(name) < 2 * QUERY_MAX ? distance_to(query, name, s->length) : s->length;
        if (distance >= s->length) /* no letter in common */
            continue;
        int at = count;
        for (; at > 0 && distances[at - 1] > distance; at--) {
            distances[at] = distances[at - 1];
            names[at] = names[at - 1];
        }
        distances[at] = distance;
        names[at] = name;
        count = count < SUGGESTIONS ? count + 1 : SUGGESTIONS;
    }
    char list[SUGGESTIONS * (SHOWN_MAX + 4)] = "";
    for (int i = 0; i < count; i++) {
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%.*s", i ? ", " : "", SHOWN_MAX, names[i]);
    }
    return ph_fail(err, PH_MISUSE, "no layer is called '%.*s'%s%s (phosphene info MODEL lists all)", SHOWN_MAX, query,
                   count ? "; the nearest names are " : "", list);
}

/* "#N" */
static ph_status find_number(const search *s, int *value, ph_error *err)
{
    char digits[QUERY_MAX];
    int64_t number;
    snprintf(digits, sizeof digits, "%.*s", (int)(s->length < QUERY_MAX ? s->length - 1 : QUERY_MAX - 1), s->name + 1);
    if (!ph_parse_int(digits, 0, s->layer_count - 1, &number))
        return ph_fail(err, PH_MISUSE, "no layer has the number '#%.*s': they go from #0 to #%d", SHOWN_MAX, digits,
                       s->layer_count - 1);
    const ph_node *node = &s->graph->nodes[s->layers[number]];
    const int first = first_output(node);
    if (first < 0)
        return ph_fail(err, PH_MISUSE, "layer '#%.*s' has no output", SHOWN_MAX, digits);
    *value = node->outputs[first];
    return PH_OK;
}

ph_status ph_layer_find(const ph_graph *graph, const char *name, size_t length, int *value, ph_error *err)
{
    search s;
    ph_status status = begin(&s, graph, name, length, err);
    if (status == PH_OK) {
        find_candidates(&s);
        if (s.found == 1)
            *value = s.candidates[0];
        else if (s.found > 1)
            status = fail_ambiguous(&s, err);
        else if (length > 1 && *name == '#')
            status = find_number(&s, value, err);
        else
            status = fail_unknown(&s, err);
    }
    ph_free(s.layers);
    return status;
}

bool ph_layer_exists(const ph_graph *graph, const char *name, size_t length)
{
    int value;
    return ph_layer_find(graph, name, length, &value, NULL) == PH_OK;
}
