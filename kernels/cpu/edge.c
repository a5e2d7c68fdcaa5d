#include "kernels/cpu/edge.h"
#include "host/base/alloc.h"
#include "host/base/status.h"

#include <dnnl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#if DNNL_VERSION_MAJOR != 2
#error "edge.c speaks the C API of oneDNN 2.x"
#endif

struct ph_edge {
    dnnl_engine_t engine;
};

/* What one lane changes from run to run. */
typedef struct lane {
    dnnl_stream_t stream;
    dnnl_memory_t from, to, scratch;
} lane;

struct ph_edge_conv {
    ph_edge *edge;
    ph_edge_spec spec;
    char node[PH_MESSAGE_MAX / 3];
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    dnnl_memory_t weight, bias;
    void *weight_memory;
    float *bias_memory;
    lane *lanes;
    int lane_count;
};

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

/* ---- Choosing ---------------------------------------------------------------------------------------------------- */

typedef struct shapes {
    dnnl_memory_desc_t in, weight, bias, out;
    dnnl_dims_t stride, dilation, pad_begin, pad_end;
} shapes;

/* [n, channels, size] channels-last, said by strides: the tag nhwc means the same. */
static dnnl_status_t activation(dnnl_memory_desc_t *desc, int64_t n, int64_t channels, const int64_t size[2])
{
    const dnnl_dims_t dims = {n, channels, size[0], size[1]};
    return dnnl_memory_desc_init_by_tag(desc, 4, dims, dnnl_f32, dnnl_nhwc);
}

/* Dimensions of the weights; returns how many. */
static int weight_dims(const ph_edge_spec *spec, dnnl_dims_t dims)
{
    const int64_t g = spec->groups;
    const dnnl_dims_t grouped = {g, spec->out_channels / g, spec->in_channels / g, spec->kernel[0], spec->kernel[1]};
    const int skip = g > 1 ? 0 : 1;
    memcpy(dims, grouped + skip, (size_t)(5 - skip) * sizeof *dims);
    return 5 - skip;
}

static dnnl_status_t describe(const ph_edge_spec *spec, shapes *s)
{
    dnnl_dims_t weight;
    const int weight_rank = weight_dims(spec, weight);
    const dnnl_dims_t bias = {spec->out_channels};
    for (int i = 0; i < 2; i++) {
        s->stride[i] = spec->stride[i];
        s->dilation[i] = spec->dilation[i] - 1;
        s->pad_begin[i] = spec->pad_begin[i];
        s->pad_end[i] = (spec->out_size[i] - 1) * spec->stride[i] + spec->dilation[i] * (spec->kernel[i] - 1) + 1 -
                        spec->in_size[i] - spec->pad_begin[i];
    }
    dnnl_status_t status = activation(&s->in, spec->n, spec->in_channels, spec->in_size);
    if (status == dnnl_success)
        status = activation(&s->out, spec->n, spec->out_channels, spec->out_size);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&s->weight, weight_rank, weight, dnnl_f32, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&s->bias, 1, bias, dnnl_f32, dnnl_a);
    return status;
}

/* Scratch memory is ours (a step must not allocate); ReLU or accumulation happen while the result is in registers. */
static dnnl_status_t attributes(const ph_edge_spec *spec, dnnl_primitive_attr_t *attr)
{
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(attr);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success && spec->add)
        status = dnnl_post_ops_append_sum(ops, 1);
    if (status == dnnl_success && spec->relu)
        status = dnnl_post_ops_append_eltwise(ops, 1, dnnl_eltwise_relu, 0, 0);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_post_ops(*attr, ops);
    dnnl_post_ops_destroy(ops);
    return status;
}

static dnnl_status_t choose_plain(const ph_edge_conv *conv, dnnl_primitive_attr_t attr, dnnl_primitive_desc_t *out)
{
    shapes s;
    dnnl_convolution_desc_t desc;
    dnnl_status_t status = describe(&conv->spec, &s);
    if (status == dnnl_success)
        status = dnnl_dilated_convolution_forward_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_direct,
                                                            &s.in, &s.weight, conv->spec.bias ? &s.bias : NULL, &s.out,
                                                            s.stride, s.dilation, s.pad_begin, s.pad_end);
    return status == dnnl_success ? dnnl_primitive_desc_create(out, &desc, attr, conv->edge->engine, NULL) : status;
}

static dnnl_status_t choose_transposed(const ph_edge_conv *conv, dnnl_primitive_attr_t attr, dnnl_primitive_desc_t *out)
{
    shapes s;
    dnnl_convolution_desc_t desc;
    dnnl_primitive_desc_t hint = NULL;
    dnnl_status_t status = choose_plain(conv, attr, &hint);
    if (status == dnnl_success)
        status = describe(&conv->spec, &s);
    if (status == dnnl_success)
        status = dnnl_dilated_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &s.in, &s.weight,
                                                                  &s.out, s.stride, s.dilation, s.pad_begin, s.pad_end);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(out, &desc, attr, conv->edge->engine, hint);
    dnnl_primitive_desc_destroy(hint);
    return status;
}

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
    dnnl_primitive_attr_t attr = NULL;
    dnnl_status_t status = attributes(spec, &attr);
    if (status == dnnl_success)
        status = spec->transposed ? choose_transposed(conv, attr, &conv->description)
                                  : choose_plain(conv, attr, &conv->description);
    dnnl_primitive_attr_destroy(attr);
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

int64_t ph_edge_conv_scratch_bytes(const ph_edge_conv *conv)
{
    return (int64_t)dnnl_memory_desc_get_size(query(conv, dnnl_query_scratchpad_md));
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
    const int rank = weight_dims(&conv->spec, dims);
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
        lane *l = &conv->lanes[i];
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

ph_status ph_edge_conv_run(const ph_edge_conv *conv, int lane_index, const float *from, float *to, void *scratch,
                           ph_error *err)
{
    const lane *l = &conv->lanes[lane_index];
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
