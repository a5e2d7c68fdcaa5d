/* Models written as text: nodes separated by ';'.
 *
 *     Conv(x, f4x3x3x3, -) pads=1,1,1,1 > a; Relu(a) > y
 *
 *   inputs    a name; '-' left out; f4x3 a float constant of that shape, fp4x3 of positive numbers; i1:-1 an int64 list
 *             (i alone an empty one); s0.5 one float; n7 one int64
 *   outputs   names separated by ','; missing: y
 *   attributes   name=1 int, name=1.5 float, name=1,2 or name=1, ints, name=TEXT string */
#ifndef TESTS_MODEL_NODE_TEXT_H
#define TESTS_MODEL_NODE_TEXT_H

#include "host/model/lower.h"

/* x: the picture, of this shape ("1x3x8x8", -1 = open). outputs: the graph outputs, "y" or "a,y". */
ph_graph *node_text_graph(const char *text, int64_t opset, const char *input, const char *outputs);

/* "1x3x8x8" */
ph_shape node_text_shape(const char *text);

/* Lowers for the named values at the input's shape. */
ph_status node_text_lower(const ph_graph *graph, const char *input, const char *wanted, bool simplify, ph_net **net,
                          ph_error *err);

/* "Conv Reshape Pool": the operators in order; "Conv+Relu" for a fused one. */
enum { NODE_TEXT_OPS = 1024 };
const char *node_text_ops(const ph_net *net, char text[NODE_TEXT_OPS]);

#endif
