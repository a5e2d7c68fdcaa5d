/* The fast CPU backend: convolutions by oneDNN, everything else by loops of ours, threads by OpenMP.
 *
 * Activations with a channel axis stand channels-last (nhwc), which oneDNN's fastest convolutions want, which needs no
 * padding of channels, and where every operator of ours has long contiguous inner loops. Only the engine's input, its
 * outputs and operators that change shapes see the row-major layout; conversions are operators of the plan.
 *
 * Every picture of a batch runs through the same single-picture primitives, so that its bits cannot depend on the
 * batch. With at least as many pictures as threads each thread takes whole pictures; otherwise threads share one. */
#ifndef PH_CPU_CPU_H
#define PH_CPU_CPU_H

#include "host/engine/backend.h"

extern const ph_backend ph_backend_cpu;

#endif
