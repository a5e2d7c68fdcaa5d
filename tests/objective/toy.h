/* A small graph with awkward names, to resolve targets on:
 *
 *     x [1,3,9,8] ─ a/conv ─ a_pre [1,4,9,8] ─ a/relu ─ a_out ┐
 *                └─ b/conv ─ b_pre [1,6,9,8] ─ b/relu ─ b_out ┴ mixed ─ mixed_out [1,10,9,8] ┬ odd ─ odd:3
 *        odd-1 ─ odd-1:0, "two words" ─ tw+x, all Sigmoid, [1,10,9,8], in a row behind odd ──┘
 *        pool ─ pooled [1,10,1,1] ─ flat ─ flattened [1,10] ─ fc ─ logits [1,6] ─ softmax ─ probabilities [1,6] */
#ifndef TESTS_OBJECTIVE_TOY_H
#define TESTS_OBJECTIVE_TOY_H

#include "host/model/graph.h"
#include "host/model/preprocess.h"

typedef struct toy {
    ph_graph *graph;
    ph_shape *shapes;         /* [value_count] */
    ph_preprocess preprocess; /* six labels */
} toy;

/* softmax false: the graph ends at the logits. */
void toy_make(toy *made, bool softmax);
void toy_free(toy *made);

#endif
