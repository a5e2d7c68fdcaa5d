/* The floor of a network's time: its convolutions alone, as fast as oneDNN does them. */
#ifndef PH_BENCH_FLOOR_H
#define PH_BENCH_FLOOR_H

#include "host/engine/net.h"

typedef struct bench_floor {
    double forward, backward;         /* seconds */
    double forward_cpu, backward_cpu; /* the processor's, of all threads: on a busy machine, with one thread */
} bench_floor;

/* One CONV or DECONV in the layouts that oneDNN prefers, with buffers of its own: the best of `repeats` runs of its
 * forward pass (with bias and ReLU) and of its gradient with respect to the input. */
ph_status bench_floor_of(const ph_net *net, const ph_op *op, int repeats, bench_floor *floor, ph_error *err);

#endif
