/* The sliding window that convolutions and poolings share. Private to lower_conv.c and lower_pool.c. */
#ifndef PH_MODEL_LOWER_WINDOW_H
#define PH_MODEL_LOWER_WINDOW_H

#include "host/model/lowering.h"

typedef enum ph_auto_pad { PH_AUTO_NOTSET, PH_AUTO_VALID, PH_AUTO_UPPER, PH_AUTO_LOWER } ph_auto_pad;

/* Always two axes; of a one-dimensional window the first has kernel 1, stride 1 and no padding. */
typedef struct ph_window {
    int64_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
    ph_auto_pad auto_pad;
    int first; /* 0: two axes, 1: the last alone */
} ph_window;

/* No kernel, stride, dilation or padding of a node may be larger. */
enum { PH_WINDOW_LIMIT = 1 << 16 };

/* Reads strides, dilations, pads, auto_pad and kernel_shape for `axes` (1 or 2) spatial axes. `kernel`: the sizes that
 * the weights have, or NULL when kernel_shape must tell. */
ph_status ph_window_read(ph_lowering *l, int axes, const int64_t *kernel, ph_window *window);

/* Extent of the dilated kernel along an axis. */
int64_t ph_window_extent(const ph_window *window, int axis);

/* Resolves auto_pad for an input of [N, C, H, W] and gives the output's H and W. ceil: pooling's ceil_mode. */
ph_status ph_window_slide(ph_lowering *l, ph_window *window, const ph_shape *in, bool ceil, int64_t out[2]);

#endif
