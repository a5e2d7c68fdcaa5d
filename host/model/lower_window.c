#include "host/model/lower_window.h"

#include <string.h>

static ph_status read_auto_pad(ph_lowering *l, ph_auto_pad *auto_pad)
{
    static const char *const names[] = {"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
    const char *given = ph_attribute_text(l, "auto_pad", "NOTSET");
    for (int i = 0; i < 4; i++) {
        if (!strcmp(given, names[i])) {
            *auto_pad = (ph_auto_pad)i;
            return PH_OK;
        }
    }
    return ph_lowering_fail(l, PH_FORMAT, "has auto_pad '%.40s', which does not exist", given);
}

ph_status ph_window_read(ph_lowering *l, int axes, const int64_t *kernel, ph_window *window)
{
    *window = (ph_window){.kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1}, .first = 2 - axes};
    const int first = window->first;
    if (!kernel && !ph_node_attribute(l->node, "kernel_shape"))
        return ph_lowering_fail(l, PH_FORMAT, "lacks its kernel_shape");
    PH_TRY(ph_attribute_ints(l, "kernel_shape", window->kernel + first, axes, 0, kernel ? 0 : 1, PH_WINDOW_LIMIT));
    for (int i = 0; kernel && i < axes; i++) {
        if (ph_node_attribute(l->node, "kernel_shape") && window->kernel[first + i] != kernel[i])
            return ph_lowering_fail(l, PH_FORMAT, "says kernel_shape %lld but has weights of %lld",
                                    (long long)window->kernel[first + i], (long long)kernel[i]);
        if (kernel[i] < 1 || kernel[i] > PH_WINDOW_LIMIT)
            return ph_lowering_fail(l, PH_FORMAT, "has a kernel of size %lld", (long long)kernel[i]);
        window->kernel[first + i] = kernel[i];
    }
    PH_TRY(ph_attribute_ints(l, "strides", window->stride + first, axes, 1, 1, PH_WINDOW_LIMIT));
    PH_TRY(ph_attribute_ints(l, "dilations", window->dilation + first, axes, 1, 1, PH_WINDOW_LIMIT));
    PH_TRY(read_auto_pad(l, &window->auto_pad));
    int64_t pads[4] = {0};
    if (window->auto_pad == PH_AUTO_NOTSET)
        PH_TRY(ph_attribute_ints(l, "pads", pads, 2 * axes, 0, 0, PH_WINDOW_LIMIT));
    for (int i = 0; i < axes; i++) {
        window->pad_begin[first + i] = pads[i];
        window->pad_end[first + i] = pads[axes + i];
    }
    return PH_OK;
}

int64_t ph_window_extent(const ph_window *window, int axis)
{
    return window->dilation[axis] * (window->kernel[axis] - 1) + 1;
}

ph_status ph_window_slide(ph_lowering *l, ph_window *window, const ph_shape *in, bool ceil, int64_t out[2])
{
    out[0] = 1;
    for (int i = window->first; i < 2; i++) {
        const int64_t size = in->dim[2 + i], extent = ph_window_extent(window, i), stride = window->stride[i];
        if (window->auto_pad == PH_AUTO_UPPER || window->auto_pad == PH_AUTO_LOWER) {
            out[i] = (size + stride - 1) / stride;
            const int64_t missing = (out[i] - 1) * stride + extent - size, total = missing > 0 ? missing : 0;
            window->pad_begin[i] = window->auto_pad == PH_AUTO_UPPER ? total / 2 : total - total / 2;
            window->pad_end[i] = total - window->pad_begin[i];
            continue;
        }
        const int64_t padded = size + window->pad_begin[i] + window->pad_end[i], room = padded - extent;
        if (room < 0)
            return ph_lowering_misfit(l, "has a window of %lld that does not fit into its padded input of %lld",
                                      (long long)extent, (long long)padded);
        const bool up = ceil && window->auto_pad == PH_AUTO_NOTSET;
        out[i] = (room + (up ? stride - 1 : 0)) / stride + 1;
        /* A window that ceil_mode adds must start inside the input or the padding before it. */
        if (up && (out[i] - 1) * stride >= size + window->pad_begin[i])
            out[i]--;
    }
    return PH_OK;
}
