/* The transposed convolution: the way back of CONV, the way forward of DECONV. oneDNN has it as "backward data", but
 * its forward kernels are faster and can add to their destination, so it is turned into a forward convolution where
 * that is possible: flipped   stride 1: the kernel turned round, channels exchanged, padding dilation (kernel-1) -
 * padding. phases    few input channels, strided (a network's first convolution): output pixels of one phase modulo the
 * stride see only every stride-th kernel element; all phases together are one stride-1 convolution with stride^2 x
 * channels outputs, whose result is then interleaved. Saves padding 3 channels to a vector of 16 for every kernel
 * element: 4.2 ms become 1.3 ms for 64 x 112 x 112, 7x7 / 2. backward  oneDNN's own, everything else. */
#ifndef PH_CPU_TRANSPOSED_H
#define PH_CPU_TRANSPOSED_H

#include "kernels/cpu/edge.h"

typedef struct ph_transposed ph_transposed;

/* `spec` describes the plain convolution (transposed, bias, relu are ignored); `add`: to the destination. */
ph_status ph_transposed_plan(ph_edge *edge, const ph_edge_spec *spec, bool add, int lanes, const char *node,
                             ph_transposed **out, ph_error *err);
int64_t ph_transposed_weight_bytes(const ph_transposed *t);
int64_t ph_transposed_packing_bytes(const ph_transposed *t);
int64_t ph_transposed_scratch_bytes(const ph_transposed *t);
/* weight: of the plain convolution, [out_channels, in_channels/groups, kernel]; copied. */
ph_status ph_transposed_make(ph_transposed *t, const float *weight, ph_error *err);
bool ph_transposed_takes_gate(const ph_transposed *t);
/* from [n, out_size, out_channels] to [n, in_size, in_channels]; gate: NULL, or see edge.h. */
ph_status ph_transposed_run(const ph_transposed *t, int lane, const float *from, const float *gate, float *to,
                            void *scratch, ph_error *err);
void ph_transposed_free(ph_transposed *t);

#endif
