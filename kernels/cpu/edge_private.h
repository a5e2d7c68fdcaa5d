/* What edge.c, which makes and runs convolutions, shares with edge_choose.c, which says what oneDNN is to do. */
#ifndef PH_CPU_EDGE_PRIVATE_H
#define PH_CPU_EDGE_PRIVATE_H

#include "kernels/cpu/edge.h"
#include "kernels/cpu/loops.h"

#include <dnnl.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2
#error "the edge speaks the C API of oneDNN 2.x"
#endif

struct ph_edge {
    dnnl_engine_t engine;
};

/* What one lane changes from run to run. */
typedef struct ph_edge_lane {
    dnnl_stream_t stream;
    dnnl_memory_t from, to, scratch;
} ph_edge_lane;

struct ph_edge_conv {
    ph_edge *edge;
    ph_edge_spec spec;
    char node[PH_MESSAGE_MAX / 3];
    bool blocked; /* oneDNN sees blocks of channels, see prefers_blocks */
    bool alone;   /* one thread does it, see ph_edge_choose */
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    dnnl_memory_t weight, bias;
    void *weight_memory;
    float *bias_memory;
    ph_edge_lane *lanes;
    int lane_count;
};

/* Dimensions of the weights; returns how many. */
static inline int ph_edge_weight_dims(const ph_edge_spec *spec, dnnl_dims_t dims)
{
    const int64_t g = spec->groups;
    const dnnl_dims_t grouped = {g, spec->out_channels / g, spec->in_channels / g, spec->kernel[0], spec->kernel[1]};
    const int skip = g > 1 ? 0 : 1;
    memcpy(dims, grouped + skip, (size_t)(5 - skip) * sizeof *dims);
    return 5 - skip;
}

/* One side of the convolution as the loops between channels-last and blocks want it. */
static inline ph_block_loop ph_edge_side(const ph_edge_conv *conv, bool written)
{
    const ph_edge_spec *s = &conv->spec;
    const bool out = written != s->transposed;
    const int64_t *size = out ? s->out_size : s->in_size;
    return (ph_block_loop){.channels = out ? s->out_channels : s->in_channels, .area = size[0] * size[1]};
}

/* Sets description, blocked, alone. (edge_choose.c) */
dnnl_status_t ph_edge_choose(ph_edge_conv *conv);

#endif
