/* Convolutions that cuDNN has no good engine for: depthwise ones with a vector of eight channels per thread, any other
 * grouping with one channel per thread. Both directions are gathers, over the taps in row-major order. */
#include "kernels/cuda/index.cuh"

struct direct_args {
    uint32_t items;
    ph_divisor channels, columns, rows; /* vectors or channels of a position; positions of a row; rows of a plane */
    ph_divisor stride[2];
    int kernel[2], dilation[2], pad[2], size[2], out_size[2];
    int64_t pitch, out_pitch;          /* of the convolution's input and output */
    int group_channels, group_filters; /* of each group */
    ph_divisor group;                  /* channels of a group on the side that is made */
    int64_t made;                      /* channels on that side, without pads */
    bool relu, add;
};

struct direct_spot {
    uint32_t position; /* of all planes */
    int64_t plane;
    int at[2];
    uint32_t channel; /* number of the vector or of the channel */
};

static __device__ __forceinline__ direct_spot direct_spot_of(const direct_args &a, uint32_t item)
{
    direct_spot s;
    s.position = ph_divide(a.channels, item);
    const uint32_t row = ph_divide(a.columns, s.position), plane = ph_divide(a.rows, row);
    s.plane = plane;
    s.at[0] = (int)(row - plane * a.rows.by);
    s.at[1] = (int)(s.position - row * a.columns.by);
    s.channel = item - s.position * a.channels.by;
    return s;
}

/* Input index under tap t of window `out`; -1 in the padding. */
static __device__ __forceinline__ int input_of(const direct_args &a, int axis, int out, int t)
{
    const int at = out * (int)a.stride[axis].by - a.pad[axis] + t * a.dilation[axis];
    return at >= 0 && at < a.size[axis] ? at : -1;
}

/* The window whose tap t lies on input index `in`; -1 for none. */
static __device__ __forceinline__ int window_of(const direct_args &a, int axis, int in, int t)
{
    const int shifted = in + a.pad[axis] - t * a.dilation[axis];
    if (shifted < 0)
        return -1;
    const uint32_t out = ph_divide(a.stride[axis], (uint32_t)shifted);
    return out * a.stride[axis].by == (uint32_t)shifted && (int)out < a.out_size[axis] ? (int)out : -1;
}

/* Index on the read side for tap t of what is made at `at`. */
template <bool BACK> static __device__ __forceinline__ int source_of(const direct_args &a, int axis, int at, int t)
{
    return BACK ? window_of(a, axis, at, t) : input_of(a, axis, at, t);
}

/* Value number `position` of a plane on the read side. */
template <bool BACK>
static __device__ __forceinline__ int64_t source_at(const direct_args &a, int64_t plane, int y, int x)
{
    const int rows = BACK ? a.out_size[0] : a.size[0], columns = BACK ? a.out_size[1] : a.size[1];
    return ((plane * rows + y) * columns + x) * (BACK ? a.out_pitch : a.pitch);
}

/* As many channels on both sides as groups. */
template <typename T, bool BACK>
static __global__ void __launch_bounds__(PH_BLOCK)
    depthwise(direct_args a, const T *from, const T *weight, const T *bias, T *to)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const direct_spot s = direct_spot_of(a, item);
    const int64_t channel = s.channel * (int64_t)PH_VECTOR;
    T *place = to + s.position * a.pitch + channel;
    float sum[PH_VECTOR] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    for (int r = 0; r < a.kernel[0]; r++) {
        const int y = source_of<BACK>(a, 0, s.at[0], r);
        for (int q = 0; y >= 0 && q < a.kernel[1]; q++) {
            const int x = source_of<BACK>(a, 1, s.at[1], q);
            if (x < 0)
                continue;
            float value[PH_VECTOR], filter[PH_VECTOR];
            ph_load8(value, from + source_at<BACK>(a, s.plane, y, x) + channel);
            ph_load8(filter, weight + (r * a.kernel[1] + q) * a.out_pitch + channel);
#pragma unroll
            for (int i = 0; i < PH_VECTOR; i++)
                sum[i] += value[i] * filter[i];
        }
    }
    float more[PH_VECTOR];
    if (bias)
        ph_load8(more, bias + channel);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++) {
        sum[i] = bias ? sum[i] + more[i] : sum[i];
        sum[i] = a.relu && 0.0f > sum[i] ? 0.0f : sum[i];
        sum[i] = channel + i < a.made ? sum[i] : 0.0f;
    }
    if (a.add) {
        ph_load8(more, place);
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            sum[i] += more[i];
    }
    ph_store8(place, sum);
}

/* What the channels of a group give to one value through one tap; from: the group's first channel at the source,
 * weight: that tap. Forward, filter k of the output reads all channels of its group; backward, channel k of the input
 * is read by all filters of its group. */
template <typename T, bool BACK>
static __device__ __forceinline__ float through_tap(const direct_args &a, const T *from, const T *weight,
                                                    uint32_t group, uint32_t k)
{
    float sum = 0.0f;
    if (BACK) {
        const T *filters = weight + (k - group * a.group.by) * a.out_pitch + group * (int64_t)a.group_filters;
        for (int f = 0; f < a.group_filters; f++)
            sum += ph_load(from + f) * ph_load(filters + f);
    } else {
        for (int c = 0; c < a.group_channels; c++)
            sum += ph_load(from + c) * ph_load(weight + c * a.out_pitch + k);
    }
    return sum;
}

template <typename T, bool BACK>
static __global__ void __launch_bounds__(PH_BLOCK)
    grouped(direct_args a, const T *from, const T *weight, const T *bias, T *to)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const direct_spot s = direct_spot_of(a, item);
    T *place = to + s.position * (BACK ? a.pitch : a.out_pitch) + s.channel;
    if (s.channel >= a.made) {
        if (!a.add)
            ph_store(place, 0.0f);
        return;
    }
    const uint32_t group = ph_divide(a.group, s.channel);
    const int64_t first = group * (int64_t)(BACK ? a.group_filters : a.group_channels);
    float sum = 0.0f;
    for (int r = 0; r < a.kernel[0]; r++) {
        const int y = source_of<BACK>(a, 0, s.at[0], r);
        for (int q = 0; y >= 0 && q < a.kernel[1]; q++) {
            const int x = source_of<BACK>(a, 1, s.at[1], q);
            if (x < 0)
                continue;
            const T *tap = weight + (r * a.kernel[1] + q) * (a.group_channels * a.out_pitch);
            sum += through_tap<T, BACK>(a, from + source_at<BACK>(a, s.plane, y, x) + first, tap, group, s.channel);
        }
    }
    if (bias)
        sum += ph_load(bias + s.channel);
    sum = a.relu && 0.0f > sum ? 0.0f : sum;
    ph_store(place, a.add ? ph_load(place) + sum : sum);
}

/* ---- Launching --------------------------------------------------------------------------------------------------- */

/* What of ph_cuda_direct depends on the direction: the side that is made. */
struct side {
    int rows, columns;
    int64_t pitch, channels, per_group;
    bool vectors;
};

static bool is_depthwise(const ph_cuda_direct &c)
{
    return c.channels == c.groups && c.out_channels == c.groups && c.pitch == c.out_pitch;
}

static side side_of(const ph_cuda_direct &c, bool back)
{
    const side made = {back ? c.height : c.out_height,
                       back ? c.width : c.out_width,
                       back ? c.pitch : c.out_pitch,
                       back ? c.channels : c.out_channels,
                       (back ? c.channels : c.out_channels) / c.groups,
                       is_depthwise(c)};
    return made;
}

/* Items of a plane. */
static int64_t plane_items(const side &made)
{
    return (int64_t)made.rows * made.columns * (made.vectors ? made.pitch / PH_VECTOR : made.pitch);
}

static direct_args direct_part(const ph_cuda_direct &c, const side &made, int64_t planes)
{
    direct_args a;
    a.items = (uint32_t)(planes * plane_items(made));
    a.channels = ph_divisor_of(made.vectors ? made.pitch / PH_VECTOR : made.pitch);
    a.columns = ph_divisor_of(made.columns);
    a.rows = ph_divisor_of(made.rows);
    for (int i = 0; i < 2; i++) {
        a.stride[i] = ph_divisor_of(c.stride[i]);
        a.kernel[i] = c.kernel[i];
        a.dilation[i] = c.dilation[i];
        a.pad[i] = c.pad_begin[i];
    }
    a.size[0] = c.height;
    a.size[1] = c.width;
    a.out_size[0] = c.out_height;
    a.out_size[1] = c.out_width;
    a.pitch = c.pitch;
    a.out_pitch = c.out_pitch;
    a.group_channels = (int)(c.channels / c.groups);
    a.group_filters = (int)(c.out_channels / c.groups);
    a.group = ph_divisor_of(made.per_group);
    a.made = made.channels;
    a.relu = a.add = false;
    return a;
}

/* Values of a plane of the convolution's input and of its output. */
static int64_t in_plane(const ph_cuda_direct &c)
{
    return (int64_t)c.height * c.width * c.pitch;
}
static int64_t out_plane(const ph_cuda_direct &c)
{
    return (int64_t)c.out_height * c.out_width * c.out_pitch;
}

template <typename T>
static cudaError_t forward(const ph_cuda_direct &c, const void *x, const void *weight, const void *bias, bool relu,
                           void *y, bool add, cudaStream_t stream)
{
    const side made = side_of(c, false);
    const auto kernel = made.vectors ? depthwise<T, false> : grouped<T, false>;
    return ph_by_rows(c.planes, plane_items(made), [=](int64_t first, int64_t planes) {
        direct_args a = direct_part(c, made, planes);
        a.relu = relu;
        a.add = add;
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const T *)x + first * in_plane(c),
                         (const T *)weight, (const T *)bias, (T *)y + first * out_plane(c));
    });
}

cudaError_t ph_cuda_direct_forward(ph_cuda_type type, ph_cuda_direct conv, const void *x, const void *weight,
                                   const void *bias, bool relu, void *y, bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, forward, conv, x, weight, bias, relu, y, add, stream);
}

template <typename T>
static cudaError_t backward(const ph_cuda_direct &c, const void *dy, const void *weight, void *dx, bool add,
                            cudaStream_t stream)
{
    const side made = side_of(c, true);
    const auto kernel = made.vectors ? depthwise<T, true> : grouped<T, true>;
    return ph_by_rows(c.planes, plane_items(made), [=](int64_t first, int64_t planes) {
        direct_args a = direct_part(c, made, planes);
        a.add = add;
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const T *)dy + first * out_plane(c),
                         (const T *)weight, (const T *)nullptr, (T *)dx + first * in_plane(c));
    });
}

cudaError_t ph_cuda_direct_backward(ph_cuda_type type, ph_cuda_direct conv, const void *dy, const void *weight,
                                    void *dx, bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, backward, conv, dy, weight, dx, add, stream);
}
