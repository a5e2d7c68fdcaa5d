/* Conv, ConvTranspose. */
#include "host/model/lower_window.h"

#include <string.h>

/* The weights and the input as a picture, checked against each other. */
typedef struct ph_filter {
    ph_conv_params conv;
    int in;   /* tensor of rank 4 */
    int rank; /* of the node's own input */
} ph_filter;

static ph_status read_bias(ph_lowering *l, ph_filter *f)
{
    ph_shape shape;
    if (!ph_has_input(l, 2))
        return PH_OK;
    PH_TRY(ph_input_floats(l, 2, &f->conv.bias, &shape));
    if (shape.rank == 1 && shape.dim[0] == f->conv.out_channels)
        return PH_OK;
    char text[PH_SHAPE_TEXT];
    return ph_lowering_fail(l, PH_FORMAT, "has a bias of %s for %lld channels", ph_shape_text(&shape, text),
                            (long long)f->conv.out_channels);
}

/* Conv weights are [K, C/groups, …], ConvTranspose weights [C, K/groups, …]. */
static ph_status read_filter(ph_lowering *l, bool transposed, ph_filter *f, ph_window *window)
{
    *f = (ph_filter){0};
    ph_shape weight;
    char text[PH_SHAPE_TEXT];
    PH_TRY(ph_input_tensor(l, 0, &f->in));
    f->rank = ph_tensor_shape(l, f->in)->rank;
    PH_TRY(ph_emit_as_picture(l, f->in, &f->in));
    PH_TRY(ph_input_floats(l, 1, &f->conv.weight, &weight));
    if (weight.rank != f->rank || ph_shape_count_within(&weight, PH_TENSOR_LIMIT) < 1)
        return ph_lowering_fail(l, PH_FORMAT, "has weights of %s for an input of %d dimensions",
                                ph_shape_text(&weight, text), f->rank);
    const int64_t groups = ph_node_int(l->node, "group", 1);
    const int64_t channels = ph_tensor_shape(l, f->in)->dim[1];
    if (groups < 1 || weight.dim[0] % groups || groups > weight.dim[0])
        return ph_lowering_fail(l, PH_FORMAT, "has %lld groups for weights of %s", (long long)groups,
                                ph_shape_text(&weight, text));
    const int64_t wanted = transposed ? weight.dim[0] : weight.dim[1] * groups;
    if (wanted != channels)
        return ph_lowering_misfit(l, "needs %lld channels but gets %lld", (long long)wanted, (long long)channels);
    f->conv.groups = groups;
    f->conv.out_channels = transposed ? weight.dim[1] * groups : weight.dim[0];
    PH_TRY(read_bias(l, f));
    return ph_window_read(l, f->rank - 2, weight.dim + 2, window);
}

static ph_status emit_filter(ph_lowering *l, ph_filter *f, const ph_window *window, ph_op_kind kind,
                             const int64_t out_size[2])
{
    for (int i = 0; i < 2; i++) {
        f->conv.kernel[i] = window->kernel[i];
        f->conv.stride[i] = window->stride[i];
        f->conv.dilation[i] = window->dilation[i];
        f->conv.pad_begin[i] = window->pad_begin[i];
        f->conv.pad_end[i] = window->pad_end[i];
    }
    const ph_shape shape = {
        .rank = 4,
        .dim = {ph_tensor_shape(l, f->in)->dim[0], f->conv.out_channels, out_size[0], out_size[1]},
    };
    int out;
    PH_TRY(ph_emit(l, (ph_op){.kind = kind, .p.conv = f->conv}, &f->in, 1, &shape, &out));
    PH_TRY(ph_emit_as_rank(l, out, f->rank, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_conv(ph_lowering *l)
{
    ph_filter f;
    ph_window window;
    int64_t out[2];
    PH_TRY(read_filter(l, false, &f, &window));
    const ph_shape in = *ph_tensor_shape(l, f.in);
    PH_TRY(ph_window_slide(l, &window, &in, false, out));
    return emit_filter(l, &f, &window, PH_OP_CONV, out);
}

/* Where output_shape or auto_pad fix the output, the padding follows; what is missing to it is output padding. */
static void pads_for(ph_window *window, int i, int64_t natural, int64_t out)
{
    const int64_t total = natural > out ? natural - out : 0;
    window->pad_begin[i] = window->auto_pad == PH_AUTO_UPPER ? total / 2 : total - total / 2;
    window->pad_end[i] = total - window->pad_begin[i];
}

ph_status ph_rule_conv_transpose(ph_lowering *l)
{
    ph_filter f;
    ph_window window;
    ph_ints wanted;
    PH_TRY(read_filter(l, true, &f, &window));
    const int axes = f.rank - 2, first = window.first;
    int64_t out[2] = {1, 1}, more[2] = {0, 0};
    PH_TRY(ph_attribute_ints(l, "output_padding", more + first, axes, 0, 0, PH_WINDOW_LIMIT));
    PH_TRY(ph_input_ints(l, -1, "output_shape", &wanted));
    /* Some exporters list all dimensions, some the spatial ones alone. */
    const int skip = wanted.count == f.rank ? 2 : 0;
    if (wanted.present && wanted.count != axes + skip)
        return ph_lowering_fail(l, PH_FORMAT, "has an output_shape of %d numbers", wanted.count);
    for (int i = first; i < 2; i++) {
        const int64_t size = ph_tensor_shape(l, f.in)->dim[2 + i], stride = window.stride[i];
        const int64_t largest = stride > window.dilation[i] ? stride : window.dilation[i];
        if (more[i] && more[i] >= largest)
            return ph_lowering_fail(l, PH_FORMAT, "has output_padding %lld, not below its stride or dilation",
                                    (long long)more[i]);
        const int64_t natural = stride * (size - 1) + ph_window_extent(&window, i) + more[i];
        const bool same = window.auto_pad == PH_AUTO_UPPER || window.auto_pad == PH_AUTO_LOWER;
        if (wanted.present || same) {
            out[i] = wanted.present ? wanted.v[skip + i - first] : size * stride;
            if (out[i] < 1 || out[i] > PH_TENSOR_LIMIT || out[i] >= natural + largest)
                return ph_lowering_misfit(l, "cannot make an output of %lld from an input of %lld", (long long)out[i],
                                          (long long)size);
            pads_for(&window, i, natural, out[i]);
        } else {
            out[i] = natural - window.pad_begin[i] - window.pad_end[i];
        }
        if (out[i] < 1)
            return ph_lowering_misfit(l, "pads its output away");
    }
    return emit_filter(l, &f, &window, PH_OP_DECONV, out);
}
