#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/edge_private.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static const char *status_name(dnnl_status_t status)
{
    switch (status) {
    case dnnl_success:
        return "success";
    case dnnl_out_of_memory:
        return "out of memory";
    case dnnl_invalid_arguments:
        return "invalid arguments";
    case dnnl_unimplemented:
        return "unimplemented";
    case dnnl_runtime_error:
        return "runtime error";
    default:
        return "failure";
    }
}

static ph_status fail(dnnl_status_t status, const char *what, const char *node, ph_error *err)
{
    const ph_status ours = status == dnnl_out_of_memory       ? PH_NO_MEMORY
                           : status == dnnl_unimplemented     ? PH_UNSUPPORTED
                           : status == dnnl_invalid_arguments ? PH_UNSUPPORTED
                                                              : PH_BACKEND;
    return ph_fail(err, ours, "%s: the cpu backend (oneDNN) cannot %s: %s (status %d)", node, what, status_name(status),
                   (int)status);
}

#define EDGE_TRY(expression, what, node)                                                                               \
    do {                                                                                                               \
        const dnnl_status_t edge_status = (expression);                                                                \
        if (edge_status != dnnl_success)                                                                               \
            return fail(edge_status, (what), (node), err);                                                             \
    } while (0)

void ph_edge_text(char *text, size_t size)
{
    static const struct {
        dnnl_cpu_isa_t isa;
        const char *name;
    } names[] = {
        {dnnl_cpu_isa_sse41, "sse4.1"},
        {dnnl_cpu_isa_avx, "avx"},
        {dnnl_cpu_isa_avx2, "avx2"},
        {dnnl_cpu_isa_avx2_vnni, "avx2_vnni"},
        {dnnl_cpu_isa_avx512_core, "avx512_core"},
        {dnnl_cpu_isa_avx512_core_vnni, "avx512_core_vnni"},
        {dnnl_cpu_isa_avx512_core_bf16, "avx512_core_bf16"},
        {dnnl_cpu_isa_avx512_core_amx, "avx512_core_amx"},
    };
    const dnnl_cpu_isa_t isa = dnnl_get_effective_cpu_isa();
    const char *name = "best instruction set of this processor";
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].isa == isa)
            name = names[i].name;
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, size, "oneDNN %d.%d.%d, %s", version->major, version->minor, version->patch, name);
}

ph_status ph_edge_new(ph_edge **out, ph_error *err)
{
    *out = ph_alloc(1, sizeof **out);
    if (!*out)
        return ph_fail_memory(err, sizeof **out, "the cpu backend");
    const dnnl_status_t status = dnnl_engine_create(&(*out)->engine, dnnl_cpu, 0);
    if (status == dnnl_success)
        return PH_OK;
    ph_edge_free(*out);
    *out = NULL;
    return fail(status, "start", "cpu", err);
}

void ph_edge_free(ph_edge *edge)
{
    if (!edge)
        return;
    if (edge->engine)
        dnnl_engine_destroy(edge->engine);
    ph_free(edge);
}

/* ---- Planning ---------------------------------------------------------------------------------------------------- */

ph_status ph_edge_conv_plan(ph_edge *edge, const ph_edge_spec *spec, int lanes, const char *node, ph_edge_conv **out,
                            ph_error *err)
{
    *out = NULL;
    ph_edge_conv *conv = ph_alloc(1, sizeof *conv);
    if (!conv)
        return ph_fail_memory(err, sizeof *conv, "the plan of a convolution");
    conv->edge = edge;
    conv->spec = *spec;
    conv->lane_count = lanes;
    snprintf(conv->node, sizeof conv->node, "%s", node);
    const dnnl_status_t status = ph_edge_choose(conv);
    if (status != dnnl_success) {
        ph_edge_conv_free(conv);
        return fail(status, "choose an implementation", node, err);
    }
    *out = conv;
    return PH_OK;
}

static const dnnl_memory_desc_t *query(const ph_edge_conv *conv, dnnl_query_t what)
{
    return dnnl_primitive_desc_query_md(conv->description, what, 0);
}

int64_t ph_edge_conv_weight_bytes(const ph_edge_conv *conv)
{
    const size_t bytes = dnnl_memory_desc_get_size(query(conv, dnnl_query_weights_md));
    return (int64_t)bytes + (conv->spec.bias ? conv->spec.out_channels * (int64_t)sizeof(float) : 0);
}

static int64_t own_scratch(const ph_edge_conv *conv)
{
    return ((int64_t)dnnl_memory_desc_get_size(query(conv, dnnl_query_scratchpad_md)) + 63) / 64 * 64;
}

static int64_t side_floats(const ph_edge_conv *conv, bool written)
{
    const ph_block_loop s = ph_edge_side(conv, written);
    return conv->blocked ? conv->spec.n * ph_block_floats(s.channels, s.area) : 0;
}

int64_t ph_edge_conv_scratch_bytes(const ph_edge_conv *conv)
{
    return own_scratch(conv) + (side_floats(conv, false) + side_floats(conv, true)) * (int64_t)sizeof(float);
}

bool ph_edge_conv_takes_gate(const ph_edge_conv *conv)
{
    return conv->blocked;
}

/* ---- Making ------------------------------------------------------------------------------------------------------ */

static dnnl_status_t reorder(const ph_edge_conv *conv, dnnl_memory_t from, dnnl_memory_t to)
{
    const dnnl_memory_desc_t *from_desc, *to_desc;
    dnnl_primitive_desc_t description = NULL;
    dnnl_primitive_t primitive = NULL;
    dnnl_status_t status = dnnl_memory_get_memory_desc(from, &from_desc);
    if (status == dnnl_success)
        status = dnnl_memory_get_memory_desc(to, &to_desc);
    if (status == dnnl_success)
        status = dnnl_reorder_primitive_desc_create(&description, from_desc, conv->edge->engine, to_desc,
                                                    conv->edge->engine, NULL);
    if (status == dnnl_success)
        status = dnnl_primitive_create(&primitive, description);
    const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
    if (status == dnnl_success)
        status = dnnl_primitive_execute(primitive, conv->lanes[0].stream, 2, args);
    if (status == dnnl_success)
        status = dnnl_stream_wait(conv->lanes[0].stream);
    dnnl_primitive_destroy(primitive);
    dnnl_primitive_desc_destroy(description);
    return status;
}

static ph_status pack_weight(ph_edge_conv *conv, const float *weight, ph_error *err)
{
    const dnnl_memory_desc_t *packed = query(conv, dnnl_query_weights_md);
    const size_t bytes = dnnl_memory_desc_get_size(packed);
    conv->weight_memory = ph_alloc_aligned(bytes, 1);
    if (!conv->weight_memory)
        return ph_fail_memory(err, bytes, "the weights of a convolution");
    dnnl_memory_desc_t plain;
    dnnl_dims_t dims;
    const int rank = ph_edge_weight_dims(&conv->spec, dims);
    EDGE_TRY(dnnl_memory_desc_init_by_tag(&plain, rank, dims, dnnl_f32, rank == 5 ? dnnl_goihw : dnnl_oihw),
             "describe the weights", conv->node);
    EDGE_TRY(dnnl_memory_create(&conv->weight, packed, conv->edge->engine, conv->weight_memory), "take the weights",
             conv->node);
    dnnl_memory_t source = NULL;
    /* oneDNN's handles are not const, but a reorder only reads its source. */
    union {
        const float *read;
        void *handle;
    } values = {weight};
    dnnl_status_t status = dnnl_memory_create(&source, &plain, conv->edge->engine, values.handle);
    if (status == dnnl_success)
        status = reorder(conv, source, conv->weight);
    dnnl_memory_destroy(source);
    EDGE_TRY(status, "reorder the weights", conv->node);
    return PH_OK;
}

static ph_status copy_bias(ph_edge_conv *conv, const float *bias, ph_error *err)
{
    const size_t count = (size_t)conv->spec.out_channels;
    conv->bias_memory = ph_alloc_aligned(count, sizeof *conv->bias_memory);
    if (!conv->bias_memory)
        return ph_fail_memory(err, count * sizeof(float), "the bias of a convolution");
    memcpy(conv->bias_memory, bias, count * sizeof *bias);
    dnnl_memory_desc_t desc;
    const dnnl_dims_t dims = {conv->spec.out_channels};
    EDGE_TRY(dnnl_memory_desc_init_by_tag(&desc, 1, dims, dnnl_f32, dnnl_a), "describe the bias", conv->node);
    EDGE_TRY(dnnl_memory_create(&conv->bias, &desc, conv->edge->engine, conv->bias_memory), "take the bias",
             conv->node);
    return PH_OK;
}

static ph_status make_lanes(ph_edge_conv *conv, ph_error *err)
{
    const bool transposed = conv->spec.transposed;
    const dnnl_engine_t engine = conv->edge->engine;
    conv->lanes = ph_alloc((size_t)conv->lane_count, sizeof *conv->lanes);
    if (!conv->lanes)
        return ph_fail_memory(err, (size_t)conv->lane_count * sizeof *conv->lanes, "a convolution");
    for (int i = 0; i < conv->lane_count; i++) {
        ph_edge_lane *l = &conv->lanes[i];
        EDGE_TRY(dnnl_stream_create(&l->stream, engine, dnnl_stream_default_flags), "make a stream", conv->node);
        EDGE_TRY(dnnl_memory_create(&l->from, query(conv, transposed ? dnnl_query_diff_dst_md : dnnl_query_src_md),
                                    engine, DNNL_MEMORY_NONE),
                 "take its input", conv->node);
        EDGE_TRY(dnnl_memory_create(&l->to, query(conv, transposed ? dnnl_query_diff_src_md : dnnl_query_dst_md),
                                    engine, DNNL_MEMORY_NONE),
                 "take its output", conv->node);
        EDGE_TRY(dnnl_memory_create(&l->scratch, query(conv, dnnl_query_scratchpad_md), engine, DNNL_MEMORY_NONE),
                 "take scratch memory", conv->node);
    }
    return PH_OK;
}

ph_status ph_edge_conv_make(ph_edge_conv *conv, const float *weight, const float *bias, ph_error *err)
{
    PH_TRY(make_lanes(conv, err));
    PH_TRY(pack_weight(conv, weight, err));
    if (conv->spec.bias)
        PH_TRY(copy_bias(conv, bias, err));
    EDGE_TRY(dnnl_primitive_create(&conv->primitive, conv->description), "create the convolution", conv->node);
    return PH_OK;
}

/* ---- Running ----------------------------------------------------------------------------------------------------- */

static void run_blocks(ph_cpu_range range, const ph_edge_conv *conv, const ph_block_loop *loop)
{
    ph_cpu_parallel(range, loop, conv->spec.n * ph_block_tiles(loop->area), PH_BLOCK_TILE * loop->channels);
}

static ph_status execute(const ph_edge_conv *conv, int lane_index, const float *from, float *to, void *scratch,
                         ph_error *err)
{
    const ph_edge_lane *l = &conv->lanes[lane_index];
    union {
        const float *read;
        void *handle;
    } source = {from};
    EDGE_TRY(dnnl_memory_set_data_handle_v2(l->from, source.handle, l->stream), "read its input", conv->node);
    EDGE_TRY(dnnl_memory_set_data_handle_v2(l->to, to, l->stream), "write its output", conv->node);
    EDGE_TRY(dnnl_memory_set_data_handle_v2(l->scratch, scratch, l->stream), "use its scratch memory", conv->node);
    const bool transposed = conv->spec.transposed;
    const dnnl_exec_arg_t args[] = {{transposed ? DNNL_ARG_DIFF_DST : DNNL_ARG_SRC, l->from},
                                    {DNNL_ARG_WEIGHTS, conv->weight},
                                    {transposed ? DNNL_ARG_DIFF_SRC : DNNL_ARG_DST, l->to},
                                    {DNNL_ARG_SCRATCHPAD, l->scratch},
                                    {DNNL_ARG_BIAS, conv->bias}};
    EDGE_TRY(dnnl_primitive_execute(conv->primitive, l->stream, conv->spec.bias ? 5 : 4, args), "run", conv->node);
    EDGE_TRY(dnnl_stream_wait(l->stream), "run", conv->node);
    return PH_OK;
}

ph_status ph_edge_conv_run(const ph_edge_conv *conv, int lane_index, const float *from, const float *gate, float *to,
                           void *scratch, ph_error *err)
{
    if (conv->alone) {
        const int before = ph_cpu_threads_set(1);
        const ph_status status = execute(conv, lane_index, from, to, scratch, err);
        ph_cpu_threads_set(before);
        return status;
    }
    if (!conv->blocked)
        return execute(conv, lane_index, from, to, scratch, err);
    float *const blocks = (float *)(void *)((char *)scratch + own_scratch(conv));
    ph_block_loop in = ph_edge_side(conv, false), out = ph_edge_side(conv, true);
    in.from = from;
    in.gate = gate;
    in.to = blocks;
    out.from = blocks + side_floats(conv, false);
    out.to = to;
    out.add = conv->spec.add;
    run_blocks(ph_cpu_best_loops()->block, conv, &in);
    PH_TRY(execute(conv, lane_index, blocks, blocks + side_floats(conv, false), scratch, err));
    run_blocks(ph_cpu_best_loops()->unblock, conv, &out);
    return PH_OK;
}

void ph_edge_conv_free(ph_edge_conv *conv)
{
    if (!conv)
        return;
    for (int i = 0; conv->lanes && i < conv->lane_count; i++) {
        dnnl_memory_destroy(conv->lanes[i].from);
        dnnl_memory_destroy(conv->lanes[i].to);
        dnnl_memory_destroy(conv->lanes[i].scratch);
        dnnl_stream_destroy(conv->lanes[i].stream);
    }
    ph_free(conv->lanes);
    dnnl_memory_destroy(conv->weight);
    dnnl_memory_destroy(conv->bias);
    dnnl_primitive_destroy(conv->primitive);
    dnnl_primitive_desc_destroy(conv->description);
    ph_free_aligned(conv->weight_memory);
    ph_free_aligned(conv->bias_memory);
    ph_free(conv);
}
