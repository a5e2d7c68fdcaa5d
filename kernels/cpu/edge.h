/* oneDNN's convolutions behind an interface of ours. Only edge.c and edge_choose.c see dnnl.h, through edge_private.h,
 * and know which version of its API is spoken. All activations are channels-last. */
#ifndef PH_CPU_EDGE_H
#define PH_CPU_EDGE_H

#include "phosphene.h"

typedef struct ph_edge ph_edge;
typedef struct ph_edge_conv ph_edge_conv;

/* "oneDNN 2.6.3, avx512_core" */
void ph_edge_text(char *text, size_t size);
ph_status ph_edge_new(ph_edge **out, ph_error *err);
void ph_edge_free(ph_edge *edge);

/* A convolution as net.h defines it, or the transposed one (its gradient with respect to the input, which reads
 * [n, out_size, out_channels] and writes [n, in_size, in_channels]). Dilation 1 = none. */
typedef struct ph_edge_spec {
    bool transposed;
    bool bias, relu; /* of the plain one: y = max(conv + bias, 0) */
    bool add;        /* to what the destination holds; of the plain one */
    int64_t n, in_channels, out_channels, groups;
    int64_t in_size[2], out_size[2], kernel[2], stride[2], dilation[2], pad_begin[2];
} ph_edge_spec;

/* Chooses an implementation for the number of threads that OpenMP has now, for up to `lanes` runs at the same time.
 * `node` is for messages. */
ph_status ph_edge_conv_plan(ph_edge *edge, const ph_edge_spec *spec, int lanes, const char *node, ph_edge_conv **out,
                            ph_error *err);
int64_t ph_edge_conv_weight_bytes(const ph_edge_conv *conv);
int64_t ph_edge_conv_scratch_bytes(const ph_edge_conv *conv);
/* weight: [out_channels, in_channels/groups, kernel] row-major, copied; bias: out_channels entries, copied. */
ph_status ph_edge_conv_make(ph_edge_conv *conv, const float *weight, const float *bias, ph_error *err);
/* Whether a run can take a gate: `from` counts as 0 where the gate, of the same form, is not positive. */
bool ph_edge_conv_takes_gate(const ph_edge_conv *conv);
/* gate: NULL for none. */
ph_status ph_edge_conv_run(const ph_edge_conv *conv, int lane, const float *from, const float *gate, float *to,
                           void *scratch, ph_error *err);
void ph_edge_conv_free(ph_edge_conv *conv);

#endif
