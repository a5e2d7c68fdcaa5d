#include "host/model/topology.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

/* Node that makes input `i` of `node`, or -1. */
static int source_of(const ph_graph *graph, const ph_node *node, int i)
{
    return node->inputs[i] < 0 ? -1 : graph->values[node->inputs[i]].producer;
}

static bool in_order(const ph_graph *graph)
{
    for (int n = 0; n < graph->node_count; n++)
        for (int i = 0; i < graph->nodes[n].input_count; i++)
            if (source_of(graph, &graph->nodes[n], i) >= n)
                return false;
    return true;
}

/* Kahn's algorithm (1962). Readers of node n are readers[first[n]] … readers[first[n + 1] - 1]. */
typedef struct sorter {
    size_t *first;
    int *readers;
    int *waiting; /* inputs of a node not made yet */
    int *order;   /* the sorted nodes; also the queue */
    int done;
} sorter;

static bool allocate(sorter *s, const ph_graph *graph, size_t edges)
{
    const size_t nodes = (size_t)graph->node_count;
    s->first = ph_alloc(nodes + 1, sizeof *s->first);
    s->readers = ph_alloc(edges, sizeof *s->readers);
    s->waiting = ph_alloc(nodes, sizeof *s->waiting);
    s->order = ph_alloc(nodes, sizeof *s->order);
    return s->first && s->readers && s->waiting && s->order;
}

static void release(sorter *s)
{
    ph_free(s->first);
    ph_free(s->readers);
    ph_free(s->waiting);
    ph_free(s->order);
}

static void link_readers(sorter *s, const ph_graph *graph)
{
    for (int n = 0; n < graph->node_count; n++)
        for (int i = 0; i < graph->nodes[n].input_count; i++) {
            const int source = source_of(graph, &graph->nodes[n], i);
            if (source >= 0) {
                s->first[source]++;
                s->waiting[n]++;
            }
        }
    /* Counts to ends; filling from the back turns the ends into starts. */
    for (int n = 1; n <= graph->node_count; n++)
        s->first[n] += s->first[n - 1];
    for (int n = graph->node_count - 1; n >= 0; n--)
        for (int i = 0; i < graph->nodes[n].input_count; i++) {
            const int source = source_of(graph, &graph->nodes[n], i);
            if (source >= 0)
                s->readers[--s->first[source]] = n;
        }
}

static void walk(sorter *s, const ph_graph *graph)
{
    int queued = 0;
    for (int n = 0; n < graph->node_count; n++)
        if (s->waiting[n] == 0)
            s->order[queued++] = n;
    for (s->done = 0; s->done < queued; s->done++) {
        const int n = s->order[s->done];
        for (size_t r = s->first[n]; r < s->first[n + 1]; r++)
            if (--s->waiting[s->readers[r]] == 0)
                s->order[queued++] = s->readers[r];
    }
}

/* Walking back along inputs that are never made ends inside a circle, at the latest after all nodes. */
static int node_in_circle(const sorter *s, const ph_graph *graph)
{
    int n = 0;
    while (s->waiting[n] == 0)
        n++;
    for (int steps = 0; steps < graph->node_count; steps++) {
        const ph_node *node = &graph->nodes[n];
        for (int i = 0; i < node->input_count; i++) {
            const int source = source_of(graph, node, i);
            if (source >= 0 && s->waiting[source] > 0) {
                n = source;
                break;
            }
        }
    }
    return n;
}

static bool permute(const sorter *s, ph_graph *graph)
{
    ph_node *sorted = ph_alloc((size_t)graph->node_count, sizeof *sorted);
    if (!sorted)
        return false;
    for (int n = 0; n < graph->node_count; n++) {
        sorted[n] = graph->nodes[s->order[n]];
        for (int i = 0; i < sorted[n].output_count; i++)
            if (sorted[n].outputs[i] >= 0)
                graph->values[sorted[n].outputs[i]].producer = n;
    }
    ph_free(graph->nodes);
    graph->nodes = sorted;
    return true;
}

ph_status ph_graph_sort(ph_graph *graph, const char *name, ph_error *err)
{
    if (in_order(graph))
        return PH_OK;
    size_t edges = 0;
    for (int n = 0; n < graph->node_count; n++)
        edges += (size_t)graph->nodes[n].input_count;
    sorter s = {0};
    ph_status status = PH_OK;
    if (!allocate(&s, graph, edges)) {
        status = ph_fail_memory(err, edges * sizeof(int), "the order of the nodes");
        goto done;
    }
    link_readers(&s, graph);
    walk(&s, graph);
    if (s.done < graph->node_count) {
        char text[PH_NODE_TEXT];
        status = ph_fail(err, PH_FORMAT, "'%.200s': %s needs its own output: the graph goes round in a circle", name,
                         ph_node_text(graph, node_in_circle(&s, graph), text));
    } else if (!permute(&s, graph)) {
        status = ph_fail_memory(err, (size_t)graph->node_count * sizeof(ph_node), "the order of the nodes");
    }
done:
    release(&s);
    return status;
}
