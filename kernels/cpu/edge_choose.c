#include "kernels/cpu/edge_private.h"

#include <string.h>

typedef struct shapes {
    dnnl_memory_desc_t in, weight, bias, out;
    dnnl_dims_t stride, dilation, pad_begin, pad_end;
} shapes;

static dnnl_status_t activation(dnnl_memory_desc_t *desc, const ph_edge_conv *conv, int64_t channels,
                                const int64_t size[2])
{
    const dnnl_dims_t dims = {conv->spec.n, channels, size[0], size[1]};
    return dnnl_memory_desc_init_by_tag(desc, 4, dims, dnnl_f32, conv->blocked ? dnnl_nChw8c : dnnl_nhwc);
}

static dnnl_status_t describe(const ph_edge_conv *conv, shapes *s)
{
    const ph_edge_spec *spec = &conv->spec;
    dnnl_dims_t weight;
    const int weight_rank = ph_edge_weight_dims(spec, weight);
    const dnnl_dims_t bias = {spec->out_channels};
    for (int i = 0; i < 2; i++) {
        s->stride[i] = spec->stride[i];
        s->dilation[i] = spec->dilation[i] - 1;
        s->pad_begin[i] = spec->pad_begin[i];
        s->pad_end[i] = (spec->out_size[i] - 1) * spec->stride[i] + spec->dilation[i] * (spec->kernel[i] - 1) + 1 -
                        spec->in_size[i] - spec->pad_begin[i];
    }
    dnnl_status_t status = activation(&s->in, conv, spec->in_channels, spec->in_size);
    if (status == dnnl_success)
        status = activation(&s->out, conv, spec->out_channels, spec->out_size);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&s->weight, weight_rank, weight, dnnl_f32, dnnl_format_tag_any);
    if (status == dnnl_success)
        status = dnnl_memory_desc_init_by_tag(&s->bias, 1, bias, dnnl_f32, dnnl_a);
    return status;
}

/* Scratch memory is ours (a step must not allocate); ReLU or accumulation happen while the result is in registers. */
static dnnl_status_t attributes(const ph_edge_conv *conv, dnnl_primitive_attr_t *attr)
{
    const ph_edge_spec *spec = &conv->spec;
    dnnl_post_ops_t ops = NULL;
    dnnl_status_t status = dnnl_primitive_attr_create(attr);
    if (status == dnnl_success)
        status = dnnl_primitive_attr_set_scratchpad_mode(*attr, dnnl_scratchpad_mode_user);
    if (status == dnnl_success)
        status = dnnl_post_ops_create(&ops);
    if (status == dnnl_success && spec->add && !conv->blocked)
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
    dnnl_status_t status = describe(conv, &s);
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
        status = describe(conv, &s);
    if (status == dnnl_success)
        status = dnnl_dilated_convolution_backward_data_desc_init(&desc, dnnl_convolution_direct, &s.in, &s.weight,
                                                                  &s.out, s.stride, s.dilation, s.pad_begin, s.pad_end);
    if (status == dnnl_success)
        status = dnnl_primitive_desc_create(out, &desc, attr, conv->edge->engine, hint);
    dnnl_primitive_desc_destroy(hint);
    return status;
}

static dnnl_status_t choose(const ph_edge_conv *conv, dnnl_primitive_desc_t *out)
{
    dnnl_primitive_attr_t attr = NULL;
    dnnl_status_t status = attributes(conv, &attr);
    if (status == dnnl_success)
        status = conv->spec.transposed ? choose_transposed(conv, attr, out) : choose_plain(conv, attr, out);
    dnnl_primitive_attr_destroy(attr);
    return status;
}

static const char *implementation(const ph_edge_conv *conv)
{
    const char *name = NULL;
    return dnnl_primitive_desc_query(conv->description, dnnl_query_impl_info_str, 0, &name) == dnnl_success ? name : "";
}

static bool is_direct_avx2(const ph_edge_conv *conv)
{
    return strcmp(implementation(conv), "jit:avx2") == 0;
}

/* With AVX2 oneDNN's direct convolution takes 8 channels at a time. In channels-last images its reads and writes stride
 * over all the others and fall into few sets of the caches: for 64 to 192 channels, 3x3, it was measured to take as
 * much as 1.2 (92x92) and 1.7 (173x173) times as long as in blocks of 8 channels, where changing to and fro costs 5 %.
 * That pays where there are many channels and many products to each number moved. (AVX-512 has kernels made for
 * channels-last.) */
static bool prefers_blocks(const ph_edge_conv *conv)
{
    enum { CHANNELS = 64, PRODUCTS = 300 };
    const ph_edge_spec *s = &conv->spec;
    const ph_block_loop from = ph_edge_side(conv, false), to = ph_edge_side(conv, true);
    const double taps = (double)(s->kernel[0] * s->kernel[1]), positions = (double)(s->out_size[0] * s->out_size[1]);
    const double products = taps * positions * (double)(s->in_channels * s->out_channels);
    const double moved = (double)(from.channels * from.area + to.channels * to.area);
    return is_direct_avx2(conv) && s->groups == 1 && !(s->add && s->relu) &&
           (from.channels > CHANNELS || to.channels > CHANNELS) && products > PRODUCTS * moved;
}

static dnnl_status_t choose_again(ph_edge_conv *conv, bool blocked)
{
    dnnl_primitive_desc_destroy(conv->description);
    conv->description = NULL;
    conv->blocked = blocked;
    return choose(conv, &conv->description);
}

dnnl_status_t ph_edge_choose(ph_edge_conv *conv)
{
    dnnl_status_t status = choose_again(conv, false);
    if (status == dnnl_success && prefers_blocks(conv)) {
        status = choose_again(conv, true);
        if (!is_direct_avx2(conv))
            status = choose_again(conv, false);
    }
    /* oneDNN's last resort, matrix products (small groups of channels, paddings as wide as the kernel), cuts its sums
     * according to the number of threads (of 249 random shapes with groups 109 gave other bits with 2 to 24 of them):
     * planned and run for one thread they are the same for any. */
    conv->alone = strstr(implementation(conv), "gemm") != NULL;
    if (status == dnnl_success && conv->alone) {
        const int before = ph_cpu_threads_set(1);
        status = choose_again(conv, false);
        ph_cpu_threads_set(before);
    }
    return status;
}
