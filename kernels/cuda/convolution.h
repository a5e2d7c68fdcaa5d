/* One convolution of a network as a finished plan of cuDNN's graph API.
 *
 * Two operation graphs only: y = [max(0,] conv(x, w) [+ z] + bias[)] and dx (+)= conv's input gradient of dy. Tensors
 * are channels last, filters [K, R, S, C/groups], everything 16-byte aligned, sums in float. */
#ifndef PH_CUDA_CONVOLUTION_H
#define PH_CUDA_CONVOLUTION_H

#include "kernels/cuda/device.h"

typedef enum ph_conv_task {
    PH_CONV_FORWARD,      /* y = conv(x, w) + bias */
    PH_CONV_FORWARD_RELU, /* the same, negative values to 0 */
    PH_CONV_RESIDUAL,     /* y = conv(x, w) + z + bias, rounded once; z of y's shape */
    PH_CONV_RESIDUAL_RELU,
    PH_CONV_BACKWARD,    /* dx = adjoint of conv, of dy */
    PH_CONV_BACKWARD_ADD /* dx += … */
} ph_conv_task;

static inline bool ph_conv_is_forward(ph_conv_task task)
{
    return task <= PH_CONV_RESIDUAL_RELU;
}
static inline bool ph_conv_is_residual(ph_conv_task task)
{
    return task == PH_CONV_RESIDUAL || task == PH_CONV_RESIDUAL_RELU;
}
static inline bool ph_conv_has_relu(ph_conv_task task)
{
    return task == PH_CONV_FORWARD_RELU || task == PH_CONV_RESIDUAL_RELU;
}

/* What decides about the engine: everything but the number of pictures, so that a picture's bits do not depend on how
 * many neighbours it has. Channels count their pad. */
typedef struct ph_conv_shape {
    ph_conv_task task;
    int64_t channels, out_channels, groups;
    int64_t height, width, out_height, out_width;
    int64_t kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
} ph_conv_shape;

typedef struct ph_conv_knob {
    cudnnBackendKnobType_t type;
    int64_t value;
} ph_conv_knob;

/* An engine of cuDNN and how it is set. */
enum { PH_CONV_KNOBS = 40 };
typedef struct ph_conv_choice {
    ph_conv_shape shape; /* what it is for */
    int64_t engine;
    int knob_count;
    ph_conv_knob knobs[PH_CONV_KNOBS];
} ph_conv_choice;

typedef struct ph_conv ph_conv;

/* The number of pictures for which cuDNN is asked: 128, or the largest power of two with which no tensor has 2^31
 * values. Measured on an H200, InceptionV1 in fp16: the first engines in the order for 128 take 2.12 ms for all
 * convolutions of a step at 64 pictures, those in the order for 32 2.42 ms; for a single picture 1.19 and 1.21 ms. */
int64_t ph_conv_canonical(const ph_conv_shape *shape);

/* The engine for a shape is cuDNN's first suggestion at ph_conv_canonical pictures that passes: deterministic,
 * precompiled, no sums in half precision, no split sums; for strict fp32 also no tensor cores, Winograd or FFT. With a
 * residual it is the engine of the same shape without one, set alike, if that can add: what was measured of it holds,
 * and whether a sum is fused is the same for any number of pictures. It is then built for `pictures` pictures. The
 * device need not have a cuDNN handle: plans are then made for its `properties` alone and cannot run. PH_UNSUPPORTED:
 * no engine passes. */
ph_status ph_conv_new(ph_device *device, const ph_conv_shape *shape, int64_t pictures, ph_conv **out, ph_error *err);
void ph_conv_free(ph_conv *conv);
/* Only finds the engine: PH_OK, or PH_UNSUPPORTED as above. */
ph_status ph_conv_find(ph_device *device, const ph_conv_shape *shape, ph_error *err);

/* For measurements: all engines that pass for a shape, in cuDNN's order for `pictures` pictures, at most `most`;
 * returns how many. And one of them made ready: PH_BACKEND when it cannot. */
int ph_conv_candidates(ph_device *device, const ph_conv_shape *shape, int64_t pictures, ph_conv_choice *choices,
                       int most);
ph_status ph_conv_build(ph_device *device, const ph_conv_choice *choice, int64_t pictures, ph_conv **out,
                        ph_error *err);

int64_t ph_conv_workspace(const ph_conv *conv); /* bytes */
/* Engine and knobs, "37:2=8,17=1": the same for any number of pictures. */
const char *ph_conv_engine(const ph_conv *conv);

/* Forward reads x, w, bias (in the value type), the residual tasks also z, and writes y, which stands apart from all of
 * them; backward reads y as dy, w, and writes x as dx. */
ph_status ph_conv_run(const ph_conv *conv, void *x, void *w, void *bias, void *z, void *y, void *workspace,
                      ph_error *err);

#endif
