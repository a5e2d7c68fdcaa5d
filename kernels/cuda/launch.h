/* The kernels of the network on the GPU, as typed functions that plain C calls: the .cu files of this folder define
 * them.
 *
 * Every function queues work on `stream`, never waits or allocates, and returns what the launch said. All data are on
 * the device, values of type `type` unless told otherwise, arithmetic in float. A value stands as ph_cuda_rows tell;
 * pointers are 16-byte aligned and pitches multiples of 8 elements unless a comment says otherwise, so that eight
 * neighbours are one vector. Whoever writes a value writes zeros into its pad (width <= k < pitch): filters have zeros
 * there too, and 0 x NaN would be NaN. `add`: add to what is there instead of overwriting; pads are left alone then, as
 * they hold zeros already. Each output element is written by one thread and sums run in one fixed order that depends on
 * the shape of one picture alone. No rows or no pictures: nothing is launched. A row has fewer than 2^31 values
 * (cudaErrorInvalidValue otherwise), the number of rows is not limited. */
#ifndef PH_CUDA_LAUNCH_H
#define PH_CUDA_LAUNCH_H

#include "host/engine/net.h"
#include "kernels/cuda/type.h"

#include <cuda_runtime_api.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* `rows` rows of `width` values, `pitch` apart. Channels last: rows = pictures x positions, width = channels, inner 1.
 * Row-major: rows = pictures, width = values of a picture. The channel of column k is (k / inner) % channels. */
typedef struct ph_cuda_rows {
    int64_t rows, width, pitch, inner, channels;
} ph_cuda_rows;

/* ---- copy.cu: between plain float tensors of the interface and values ------------------------------------------- */

/* plain [pictures, channels, area] float, scaled, to channels last [pictures x area, pitch]. */
cudaError_t ph_cuda_pack(ph_cuda_type type, const float *plain, void *last, int64_t pictures, int64_t channels,
                         int64_t area, int64_t pitch, float scale, bool add, cudaStream_t stream);
/* The other way. */
cudaError_t ph_cuda_unpack(ph_cuda_type type, const void *last, float *plain, int64_t pictures, int64_t channels,
                           int64_t area, int64_t pitch, float scale, cudaStream_t stream);
/* From and to row-major values: pictures `step` values apart, each [n, channels, area], against channels last with
 * pictures n x area x pitch apart. The pads behind a row-major picture are not touched (ph_cuda_clear_pad). */
cudaError_t ph_cuda_to_last(ph_cuda_type type, const void *plain, int64_t step, void *last, int64_t pictures, int64_t n,
                            int64_t channels, int64_t area, int64_t pitch, bool add, cudaStream_t stream);
cudaError_t ph_cuda_to_plain(ph_cuda_type type, const void *last, void *plain, int64_t step, int64_t pictures,
                             int64_t n, int64_t channels, int64_t area, int64_t pitch, bool add, cudaStream_t stream);
/* Rows of float to rows of values and back; the float rows are `width` apart and need not be aligned. */
cudaError_t ph_cuda_from_float(ph_cuda_type type, ph_cuda_rows r, const float *from, void *to, float scale, bool add,
                               cudaStream_t stream);
cudaError_t ph_cuda_to_float(ph_cuda_type type, ph_cuda_rows r, const void *from, float *to, float scale,
                             cudaStream_t stream);
/* `width` values of each row between rows of different pitch; neither pointer nor pitch need be aligned (a slice of
 * channels). Columns width … fill-1 of `to` become 0 (fill = width: none). */
cudaError_t ph_cuda_copy_rows(ph_cuda_type type, int64_t rows, int64_t width, const void *from, int64_t from_pitch,
                              void *to, int64_t to_pitch, int64_t fill, bool add, cudaStream_t stream);
/* The same for `rows` rows of each of `pictures` pictures, which are from_step (0: all read the same) and to_step
 * apart. */
cudaError_t ph_cuda_copy_pictures(ph_cuda_type type, int64_t pictures, int64_t from_step, int64_t to_step, int64_t rows,
                                  int64_t width, const void *from, int64_t from_pitch, void *to, int64_t to_pitch,
                                  int64_t fill, bool add, cudaStream_t stream);
/* Zeros in columns width … pitch-1 of each row; nothing when there are none. */
cudaError_t ph_cuda_clear_pad(ph_cuda_type type, int64_t rows, int64_t width, int64_t pitch, void *to,
                              cudaStream_t stream);

/* ---- table.cu: any rearrangement of a picture's values ----------------------------------------------------------- */

/* to[p, i] = map[i] < 0 ? value : from[p, map[i]], i < count; pictures are `from_step`, `to_step` values apart. A map
 * entry of -1 is `fill`, -2 is 0 (a pad). */
cudaError_t ph_cuda_gather(ph_cuda_type type, int64_t pictures, int64_t count, const int32_t *map, const void *from,
                           int64_t from_step, void *to, int64_t to_step, float fill, cudaStream_t stream);
/* Its adjoint: gradient[p, i] (+)= sum over j in [begin[i], begin[i+1]) of from[p, list[j]], in that order; `begin` has
 * count + 1 entries. */
cudaError_t ph_cuda_gather_vjp(ph_cuda_type type, int64_t pictures, int64_t count, const int32_t *begin,
                               const int32_t *list, const void *from, int64_t from_step, void *gradient,
                               int64_t gradient_step, bool add, cudaStream_t stream);

/* ---- act.cu: activations and per-channel maps ---------------------------------------------------------------------*/

/* act.slope: on the device. */
cudaError_t ph_cuda_act_forward(ph_cuda_type type, ph_cuda_rows r, ph_act_params act, const void *x, void *y,
                                cudaStream_t stream);
/* dx (+)= dy f'. x: the input, or for RELU, SIGMOID, TANH the output (`x_is_output`). */
cudaError_t ph_cuda_act_backward(ph_cuda_type type, ph_cuda_rows r, ph_act_params act, const void *x, bool x_is_output,
                                 const void *dy, void *dx, bool add, cudaStream_t stream);
/* Through y = min(max(x, 0), upper): dx (+)= 0 < x <= upper ? dy : 0; dx may be dy. x is the input, or the output when
 * upper is infinite. dead NULL: normal. Else [pictures] ints, rows_per_picture rows each: where dead[p] is not 0 the
 * redirected rule (x > 0 || dy > 0) && !(x >= upper && dy > 0) decides (backend.h). */
cudaError_t ph_cuda_relu_backward(ph_cuda_type type, ph_cuda_rows r, float upper, const void *x, const void *dy,
                                  void *dx, bool add, const int *dead, int64_t rows_per_picture, cudaStream_t stream);
/* dead[p] = 1 when the normal rule gives zero everywhere in picture p, else 0. Sets all `pictures` entries. dy has its
 * own pitch and need not be aligned (a slice of a concatenation's gradient). */
cudaError_t ph_cuda_relu_dead(ph_cuda_type type, ph_cuda_rows r, float upper, const void *x, const void *dy,
                              int64_t dy_pitch, int *dead, int64_t pictures, int64_t rows_per_picture,
                              cudaStream_t stream);
/* y = x scale[c] + shift[c], then max(y, 0) if relu; scale or shift may be NULL (1, 0). y may be x. */
cudaError_t ph_cuda_affine(ph_cuda_type type, ph_cuda_rows r, const float *scale, const float *shift, bool relu,
                           const void *x, void *y, bool add, cudaStream_t stream);

/* ---- lrn.cu ------------------------------------------------------------------------------------------------------ */

/* y = x / (bias + alpha/size sum x^2)^beta over channels c-(size-1)/2 … c+size/2; inner must be 1 (channels last). */
typedef struct ph_cuda_lrn {
    int size;
    float alpha, beta, bias;
    bool rectify; /* way back: x is what a ReLU gave, and the gradient passes through that too */
} ph_cuda_lrn;

/* False: the window holds so many channels (4096) that the kernels refuse it. */
bool ph_cuda_lrn_fits(ph_cuda_rows r, ph_cuda_lrn lrn);
cudaError_t ph_cuda_lrn_forward(ph_cuda_type type, ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, void *y,
                                cudaStream_t stream);
cudaError_t ph_cuda_lrn_backward(ph_cuda_type type, ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, const void *dy,
                                 void *dx, bool add, cudaStream_t stream);

/* ---- softmax.cu -------------------------------------------------------------------------------------------------- */

/* Softmax along one axis: lines of `length` values `step` apart. Line (o, m, i) of outer x middle x inner starts at
 * o outer_step + m middle_step + i: so neighbours along `inner` are neighbours in memory. Pads are not touched
 * (ph_cuda_clear_pad). */
typedef struct ph_cuda_lines {
    int64_t outer, outer_step, middle, middle_step, inner, length, step;
} ph_cuda_lines;

cudaError_t ph_cuda_softmax_forward(ph_cuda_type type, ph_cuda_lines l, const void *x, void *y, cudaStream_t stream);
/* dx (+)= y (dy - sum_k y_k dy_k) */
cudaError_t ph_cuda_softmax_backward(ph_cuda_type type, ph_cuda_lines l, const void *y, const void *dy, void *dx,
                                     bool add, cudaStream_t stream);

/* ---- pool.cu: channels last ---------------------------------------------------------------------------------------*/

typedef struct ph_cuda_pool {
    bool average, include_pad;
    int kernel[2], stride[2], dilation[2], pad_begin[2], pad_end[2];
    int height, width, out_height, out_width;
    int64_t planes; /* pictures x outermost dimension */
    int64_t channels, pitch;
} ph_cuda_pool;

/* Bytes of `index` per output value (pitch included): the place in the window of the maximum, row-major; 1 when the
 * window has at most 255 places, else 4 (255 or -1: nothing inside the image). */
int ph_cuda_pool_index_bytes(ph_cuda_pool pool);
/* Rules of net.h: averages divide by window ∩ padded image or window ∩ image; of equal maxima the first in row-major
 * order, a NaN wins. `index` is written for maxima; NULL when no gradient is wanted. */
cudaError_t ph_cuda_pool_forward(ph_cuda_type type, ph_cuda_pool pool, const void *x, void *y, void *index,
                                 cudaStream_t stream);
/* A gather: each input position visits the windows that cover it, in row-major order. dx may not be dy. */
cudaError_t ph_cuda_pool_backward(ph_cuda_type type, ph_cuda_pool pool, const void *index, const void *dy, void *dx,
                                  bool add, cudaStream_t stream);

/* ---- direct.cu: convolutions that cuDNN has no good engine for (depthwise, odd groups), channels last ------------ */

typedef struct ph_cuda_direct {
    int64_t planes; /* pictures x outermost dimension */
    int64_t channels, out_channels, groups;
    int64_t pitch, out_pitch;
    int height, width, out_height, out_width;
    int kernel[2], stride[2], dilation[2], pad_begin[2];
} ph_cuda_direct;

/* weight: [kernel_y, kernel_x, channels/groups, out_pitch] values, so that neighbouring filters are neighbours in
 * memory; bias: [out_pitch] values or NULL. Pads of both are zero. */
cudaError_t ph_cuda_direct_forward(ph_cuda_type type, ph_cuda_direct conv, const void *x, const void *weight,
                                   const void *bias, bool relu, void *y, bool add, cudaStream_t stream);
/* dx (+)= the adjoint of forward without bias and relu. */
cudaError_t ph_cuda_direct_backward(ph_cuda_type type, ph_cuda_direct conv, const void *dy, const void *weight,
                                    void *dx, bool add, cudaStream_t stream);

/* ---- binary.cu: NumPy broadcasting ------------------------------------------------------------------------------ */

enum { PH_CUDA_RANK = 9 }; /* PH_MAX_RANK and the pictures */

/* Loop over `size`, outermost first; element e of operand k stands at sum_i index_i stride[k][i] (0: broadcast). Axis 0
 * are the pictures, and there is at least one more. Where operand 0 moves by 1 along the innermost axis and by
 * multiples of 8 along all others, what stands between the lines is pad: up to the next multiple of 8 it may be read
 * and is written with zeros. */
typedef struct ph_cuda_loop {
    int rank;
    int64_t size[PH_CUDA_RANK];
    int64_t stride[4][PH_CUDA_RANK];
} ph_cuda_loop;

/* y = a op b, `kind` a ph_binary_kind; operands 0 y, 1 a, 2 b. */
cudaError_t ph_cuda_binary_forward(ph_cuda_type type, ph_cuda_loop loop, ph_binary_kind kind, const void *a,
                                   const void *b, void *y, cudaStream_t stream);
/* Gradient of one input: `kept` runs over its elements, `summed` over the axes along which it was broadcast (rank 0:
 * none). Operands 0 this gradient, 1 dy, 2 a, 3 b; a and b are NULL where the kind does not
 * need them (both for sums, the own one for products, a for a's quotient). second: the gradient is b's. It may stand in
 * dy's memory when nothing is summed. */
cudaError_t ph_cuda_binary_backward(ph_cuda_type type, ph_cuda_loop kept, ph_cuda_loop summed, ph_binary_kind kind,
                                    bool second, const void *dy, const void *a, const void *b, void *gradient, bool add,
                                    cudaStream_t stream);

#ifdef __cplusplus
}
#endif
#endif
