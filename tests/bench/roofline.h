/* The least that a step of a network costs on any machine: arithmetic and memory traffic, counted from the shapes. */
#ifndef TESTS_BENCH_ROOFLINE_H
#define TESTS_BENCH_ROOFLINE_H

#include "host/engine/net.h"

typedef struct bench_count {
    double operations; /* of convolutions and products, forward and to the input, one picture; a multiply-add is two */
    double elements; /* moved per picture: every operator reads its inputs and writes its output once, forward, and the
                      * gradients likewise; a ReLU on the way back reads and writes the gradient and reads its sign */
    double weights;  /* elements, read once forward and once backward by all pictures together */
} bench_count;

bench_count bench_count_of(const ph_net *net);

#endif
