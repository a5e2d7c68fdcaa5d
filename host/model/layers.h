/* Finding layers by name. A LAYER is a node's name, one of its output tensors' names, a unique suffix of either (at a
 * '/', '.', ':' or '_' boundary or the whole), or "#N", the N-th line of `phosphene info`, counted from 0. */
#ifndef PH_MODEL_LAYERS_H
#define PH_MODEL_LAYERS_H

#include "host/model/graph.h"

/* Resolves a name to a graph value. A node's name means its first output. An exact name wins over a suffix, a node's
 * name over a tensor's; suffixes are looked for among the layers of ph_layer_list only. PH_MISUSE: ambiguous (lists up
 * to five candidates) or unknown (suggests the three nearest names by edit distance); PH_NO_MEMORY. */
ph_status ph_layer_find(const ph_graph *graph, const char *name, size_t length, int *value, ph_error *err);
/* True if some layer is called exactly or by unique suffix so; no message. */
bool ph_layer_exists(const ph_graph *graph, const char *name, size_t length);
/* The layers in the order of `info`: nodes that produce something computed from the picture (its size alone does not
 * count), one line each. Fills node indices (capacity node_count) and returns how many. */
int ph_layer_list(const ph_graph *graph, int *nodes);

/* The pre-activation behind a value: walks back through Identity, Dropout, Relu, Clip (as ReLU6) and, given a channel,
 * through Concat on axis 1 to the branch that holds it. Sets *value and *channel (in place) to where the unit is before
 * its ReLU. Returns false (nothing changed) when there is no such ReLU. channel -1 = all: no walk through Concat.
 * shapes: of all values, from ph_infer_shapes; NULL = unknown: no walk through Concat either. */
bool ph_layer_pre_activation(const ph_graph *graph, const ph_shape *shapes, int *value, int64_t *channel);

/* The branch of a Concat (or Concat of Concats) that holds the channel: moves *value and *channel there. The same
 * numbers, but the other branches need not be computed. Returns false when the value is no such Concat. */
bool ph_layer_branch(const ph_graph *graph, const ph_shape *shapes, int *value, int64_t *channel);

/* The value holding the logits / the probabilities of the classes: the graph's output (the first of shape [1, K] or
 * [1, K, 1, 1] with K > 1), before or behind its final Softmax, which may be followed by Flatten, Reshape, Squeeze ….
 * A Softmax beside the output counts (two outputs: logits and probabilities). PH_MISUSE if the network has no such
 * output. No Softmax to be seen is no failure: *softmax_missing is set and *value is the logits. */
ph_status ph_layer_logits(const ph_graph *graph, const ph_shape *shapes, int *value, ph_error *err);
ph_status ph_layer_probabilities(const ph_graph *graph, const ph_shape *shapes, int *value, bool *softmax_missing,
                                 ph_error *err);

#endif
