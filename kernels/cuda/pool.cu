/* Pooling, channels last: one thread makes eight channels of one position, of the output on the way forward and of the
 * input on the way back. */
#include "kernels/cuda/index.cuh"
#include "kernels/cuda/maxima.cuh"

#include <math.h>

enum { BYTE_WINDOW = 255 };

struct pool_args {
    uint32_t items;
    ph_divisor vectors, columns, rows; /* of a position; positions of a row; rows of a plane */
    ph_divisor stride[2], dilation[2];
    int kernel[2], pad_begin[2], pad_end[2], size[2], out_size[2];
    int64_t pitch;
    bool include_pad;
};

struct pool_spot {
    uint32_t plane;
    int at[2];
    int64_t channel;
};

static __device__ __forceinline__ pool_spot pool_spot_of(const pool_args &a, uint32_t item)
{
    const uint32_t position = ph_divide(a.vectors, item), row = ph_divide(a.columns, position);
    pool_spot s;
    s.plane = ph_divide(a.rows, row);
    s.at[0] = (int)(row - s.plane * a.rows.by);
    s.at[1] = (int)(position - row * a.columns.by);
    s.channel = (item - position * a.vectors.by) * (int64_t)PH_VECTOR;
    return s;
}

/* Taps t of an axis with low <= start + t dilation < high lie in [first, end). */
struct taps {
    int first, end;
};

static __device__ __forceinline__ taps taps_between(const pool_args &a, int axis, int start, int low, int high)
{
    const ph_divisor d = a.dilation[axis];
    const int step = (int)d.by;
    taps t;
    t.first = start >= low ? 0 : (int)ph_divide(d, (uint32_t)(low - start + step - 1));
    t.end = start >= high ? 0 : (int)ph_divide(d, (uint32_t)(high - start + step - 1));
    t.end = t.end < a.kernel[axis] ? t.end : a.kernel[axis];
    return t;
}

static __device__ __forceinline__ int window_start(const pool_args &a, int axis, int out)
{
    return out * (int)a.stride[axis].by - a.pad_begin[axis];
}

/* What an average along one axis divides by. */
static __device__ __forceinline__ int counted(const pool_args &a, int axis, int start)
{
    const int before = a.include_pad ? a.pad_begin[axis] : 0, after = a.include_pad ? a.pad_end[axis] : 0;
    const taps t = taps_between(a, axis, start, -before, a.size[axis] + after);
    return t.end > t.first ? t.end - t.first : 0;
}

/* value / divisor, correctly rounded (Markstein 1990), one division for many values; what is not finite stays so. */
static __device__ __forceinline__ float quotient(float value, float divisor, float inverse)
{
    const float q = value * inverse;
    return q - q == 0.0f ? fmaf(fmaf(-q, divisor, value), inverse, q) : q;
}

/* ---- Forward ----------------------------------------------------------------------------------------------------- */

/* The maximum starts at -inf at the first place inside the image, and is replaced by what is not <= it, unless it is
 * NaN: so the first of equal ones stays and the first NaN wins. I: type of an index: bytes, whose 255 is none, or 32
 * bits with -1. */
template <typename T, typename I>
static __global__ void __launch_bounds__(PH_BLOCK) max_forward(pool_args a, const T *x, T *y, I *index)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const pool_spot s = pool_spot_of(a, item);
    const int start[2] = {window_start(a, 0, s.at[0]), window_start(a, 1, s.at[1])};
    const taps down = taps_between(a, 0, start[0], 0, a.size[0]), across = taps_between(a, 1, start[1], 0, a.size[1]);
    const bool inside = down.first < down.end && across.first < across.end;
    const T *plane = x + s.plane * (a.size[0] * (a.size[1] * a.pitch)) + s.channel;
    const int first = inside ? down.first * a.kernel[1] + across.first : -1;
    float best[PH_VECTOR];
    int where[PH_VECTOR];
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++) {
        best[i] = inside ? -INFINITY : 0.0f;
        where[i] = first;
    }
    for (int r = down.first; r < down.end; r++) {
        const T *row = plane + (start[0] + r * (int)a.dilation[0].by) * (a.size[1] * a.pitch);
#pragma unroll 3
        for (int q = across.first; q < across.end; q++) {
            float value[PH_VECTOR];
            ph_load8(value, row + (start[1] + q * (int)a.dilation[1].by) * a.pitch);
            const int tap = r * a.kernel[1] + q;
#pragma unroll
            for (int i = 0; i < PH_VECTOR; i++)
                if (!(value[i] <= best[i]) && best[i] == best[i]) {
                    best[i] = value[i];
                    where[i] = tap;
                }
        }
    }
    const int64_t at = ph_divide(a.vectors, item) * a.pitch + s.channel;
    ph_store8(y + at, best);
    if (!index)
        return;
    ph_piece<I, PH_VECTOR> piece;
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        piece.value[i] = (I)where[i];
    *reinterpret_cast<ph_piece<I, PH_VECTOR> *>(index + at) = piece;
}

/* Adds the taps of a window whose number, row by row, is `part` modulo PARTS. */
template <typename T, int PARTS>
static __device__ __forceinline__ void mean_taps(const pool_args &a, const pool_spot &s, const int start[2],
                                                 const T *plane, int part, float sum[PH_VECTOR])
{
    const taps down = taps_between(a, 0, start[0], 0, a.size[0]), across = taps_between(a, 1, start[1], 0, a.size[1]);
    const int columns = across.end - across.first;
    int skip = part;
    for (int r = down.first; r < down.end && columns > 0; r++) {
        const T *row = plane + (start[0] + r * (int)a.dilation[0].by) * (a.size[1] * a.pitch) + s.channel;
        int q = skip;
#pragma unroll 2
        for (; q < columns; q += PARTS) {
            float value[PH_VECTOR];
            ph_load8(value, row + (start[1] + (across.first + q) * (int)a.dilation[1].by) * a.pitch);
#pragma unroll
            for (int i = 0; i < PH_VECTOR; i++)
                sum[i] += value[i];
        }
        skip = q - columns;
    }
}

/* Divides the sum of a window, which is 0 when nothing counts, and stores it. */
template <typename T>
static __device__ __forceinline__ void mean_store(const pool_args &a, const pool_spot &s, uint32_t item,
                                                  const int start[2], const float sum[PH_VECTOR], T *y)
{
    const int count = counted(a, 0, start[0]) * counted(a, 1, start[1]);
    const float divisor = (float)(count ? count : 1), inverse = 1.0f / divisor;
    float mean[PH_VECTOR];
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        mean[i] = quotient(sum[i], divisor, inverse);
    ph_store8(y + ph_divide(a.vectors, item) * a.pitch + s.channel, mean);
}

template <typename T> static __global__ void __launch_bounds__(PH_BLOCK) mean_forward(pool_args a, const T *x, T *y)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const pool_spot s = pool_spot_of(a, item);
    const int start[2] = {window_start(a, 0, s.at[0]), window_start(a, 1, s.at[1])};
    float sum[PH_VECTOR] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    mean_taps<T, 1>(a, s, start, x + s.plane * (a.size[0] * (a.size[1] * a.pitch)), 0, sum);
    mean_store(a, s, item, start, sum, y);
}

/* Windows of many taps, as of a mean over a whole picture: MEAN_PARTS threads share one and add up as a fixed tree. */
enum { MEAN_PARTS = 8, MEAN_ITEMS = PH_BLOCK / MEAN_PARTS, MEAN_LONG = 64 };

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK) long_mean_forward(pool_args a, const T *x, T *y)
{
    __shared__ ph_eight<float> parts[MEAN_PARTS][MEAN_ITEMS];
    const uint32_t own = threadIdx.x % MEAN_ITEMS, part = threadIdx.x / MEAN_ITEMS;
    const uint32_t item = blockIdx.x * (uint32_t)MEAN_ITEMS + own;
    const bool exists = item < a.items;
    const pool_spot s = pool_spot_of(a, exists ? item : 0);
    const int start[2] = {window_start(a, 0, s.at[0]), window_start(a, 1, s.at[1])};
    float sum[PH_VECTOR] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f}, more[PH_VECTOR];
    if (exists)
        mean_taps<T, MEAN_PARTS>(a, s, start, x + s.plane * (a.size[0] * (a.size[1] * a.pitch)), (int)part, sum);
    ph_store8(parts[part][own].value, sum);
    for (uint32_t half = MEAN_PARTS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (part < half) {
            ph_load8(more, parts[part + half][own].value);
#pragma unroll
            for (int i = 0; i < PH_VECTOR; i++)
                sum[i] += more[i];
            ph_store8(parts[part][own].value, sum);
        }
    }
    if (exists && part == 0)
        mean_store(a, s, item, start, sum, y);
}

/* ---- Backward ---------------------------------------------------------------------------------------------------- */

/* Windows along an axis that may cover input index `at`: out stride + t dilation = at + pad, 0 <= t < kernel. */
struct windows {
    int first, end;
};

static __device__ __forceinline__ windows windows_over(const pool_args &a, int axis, int at)
{
    const ph_divisor stride = a.stride[axis];
    const int reach = (a.kernel[axis] - 1) * (int)a.dilation[axis].by, shifted = at + a.pad_begin[axis];
    windows w;
    w.first = shifted <= reach ? 0 : (int)ph_divide(stride, (uint32_t)(shifted - reach + (int)stride.by - 1));
    w.end = (int)ph_divide(stride, (uint32_t)shifted) + 1;
    w.end = w.end < a.out_size[axis] ? w.end : a.out_size[axis];
    return w;
}

/* The tap of window `out` that falls on `at`, -1 for none (dilation). */
static __device__ __forceinline__ int tap_on(const pool_args &a, int axis, int out, int at)
{
    const uint32_t distance = (uint32_t)(at - window_start(a, axis, out));
    const uint32_t tap = ph_divide(a.dilation[axis], distance);
    return tap * a.dilation[axis].by == distance ? (int)tap : -1;
}

template <typename T, typename I>
static __global__ void __launch_bounds__(PH_BLOCK)
    max_backward(pool_args a, const I *index, const T *dy, T *dx, bool add)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const pool_spot s = pool_spot_of(a, item);
    const windows down = windows_over(a, 0, s.at[0]), across = windows_over(a, 1, s.at[1]);
    float sum[PH_VECTOR] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    for (int r = down.first; r < down.end; r++) {
        const int row_tap = tap_on(a, 0, r, s.at[0]);
        const int64_t row = (s.plane * (int64_t)a.out_size[0] + r) * a.out_size[1];
        const I *chosen_row = index + row * a.pitch + s.channel;
        const T *dy_row = dy + row * a.pitch + s.channel;
        for (int q = across.first; row_tap >= 0 && q < across.end; q++) {
            const int column_tap = tap_on(a, 1, q, s.at[1]);
            if (column_tap < 0)
                continue;
            const ph_piece<I, PH_VECTOR> chosen =
                *reinterpret_cast<const ph_piece<I, PH_VECTOR> *>(chosen_row + q * a.pitch);
            float value[PH_VECTOR];
            ph_load8(value, dy_row + q * a.pitch);
            const I tap = (I)(row_tap * a.kernel[1] + column_tap);
#pragma unroll
            for (int i = 0; i < PH_VECTOR; i++)
                sum[i] += chosen.value[i] == tap ? value[i] : 0.0f;
        }
    }
    ph_give8(dx + ph_divide(a.vectors, item) * a.pitch + s.channel, sum, add);
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK) mean_backward(pool_args a, const T *dy, T *dx, bool add)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const pool_spot s = pool_spot_of(a, item);
    const windows down = windows_over(a, 0, s.at[0]), across = windows_over(a, 1, s.at[1]);
    float sum[PH_VECTOR] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    for (int r = down.first; r < down.end; r++) {
        const bool hit = tap_on(a, 0, r, s.at[0]) >= 0;
        const int64_t row = (s.plane * (int64_t)a.out_size[0] + r) * a.out_size[1];
        const int rows = counted(a, 0, window_start(a, 0, r));
        for (int q = across.first; hit && q < across.end; q++) {
            if (tap_on(a, 1, q, s.at[1]) < 0)
                continue;
            const float divisor = (float)(rows * counted(a, 1, window_start(a, 1, q))), inverse = 1.0f / divisor;
            float value[PH_VECTOR];
            ph_load8(value, dy + (row + q) * a.pitch + s.channel);
#pragma unroll
            for (int i = 0; i < PH_VECTOR; i++)
                sum[i] += quotient(value[i], divisor, inverse);
        }
    }
    ph_give8(dx + ph_divide(a.vectors, item) * a.pitch + s.channel, sum, add);
}

/* ---- Launching --------------------------------------------------------------------------------------------------- */

/* `planes` of the side whose size is rows x columns, one thread per vector. */
static pool_args pool_part(const ph_cuda_pool &p, int rows, int columns, int64_t planes)
{
    pool_args a;
    const int64_t vectors = p.pitch / PH_VECTOR;
    a.items = (uint32_t)(planes * rows * columns * vectors);
    a.vectors = ph_divisor_of(vectors);
    a.columns = ph_divisor_of(columns);
    a.rows = ph_divisor_of(rows);
    for (int i = 0; i < 2; i++) {
        a.stride[i] = ph_divisor_of(p.stride[i]);
        a.dilation[i] = ph_divisor_of(p.dilation[i]);
        a.kernel[i] = p.kernel[i];
        a.pad_begin[i] = p.pad_begin[i];
        a.pad_end[i] = p.pad_end[i];
    }
    a.size[0] = p.height;
    a.size[1] = p.width;
    a.out_size[0] = p.out_height;
    a.out_size[1] = p.out_width;
    a.pitch = p.pitch;
    a.include_pad = p.include_pad;
    return a;
}

/* Values of a plane on either side. */
static int64_t in_plane(const ph_cuda_pool &p)
{
    return (int64_t)p.height * p.width * p.pitch;
}
static int64_t out_plane(const ph_cuda_pool &p)
{
    return (int64_t)p.out_height * p.out_width * p.pitch;
}

int ph_cuda_pool_index_bytes(ph_cuda_pool pool)
{
    return (int64_t)pool.kernel[0] * pool.kernel[1] <= BYTE_WINDOW ? 1 : 4;
}

template <typename T, typename I>
static cudaError_t max_forward_planes(const ph_cuda_pool &p, const void *x, void *y, void *index, cudaStream_t stream)
{
    const auto kernel = max_forward<T, I>;
    return ph_by_rows(p.planes, out_plane(p) / PH_VECTOR, [=](int64_t first, int64_t planes) {
        const pool_args a = pool_part(p, p.out_height, p.out_width, planes);
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const T *)x + first * in_plane(p),
                         (T *)y + first * out_plane(p), index ? (I *)index + first * out_plane(p) : (I *)nullptr);
    });
}

template <typename T>
static cudaError_t forward_planes(const ph_cuda_pool &p, const void *x, void *y, void *index, cudaStream_t stream)
{
    if (!p.average)
        return ph_cuda_pool_index_bytes(p) == 1 ? max_forward_planes<T, uint8_t>(p, x, y, index, stream)
                                                : max_forward_planes<T, int32_t>(p, x, y, index, stream);
    const bool many = (int64_t)p.kernel[0] * p.kernel[1] >= MEAN_LONG;
    const auto kernel = many ? long_mean_forward<T> : mean_forward<T>;
    return ph_by_rows(p.planes, out_plane(p) / PH_VECTOR, [=](int64_t first, int64_t planes) {
        const pool_args a = pool_part(p, p.out_height, p.out_width, planes);
        const unsigned blocks = many ? (a.items + MEAN_ITEMS - 1) / MEAN_ITEMS : ph_blocks(a.items);
        return PH_LAUNCH(kernel, blocks, PH_BLOCK, stream, a, (const T *)x + first * in_plane(p),
                         (T *)y + first * out_plane(p));
    });
}

cudaError_t ph_cuda_pool_forward(ph_cuda_type type, ph_cuda_pool pool, const void *x, void *y, void *index,
                                 cudaStream_t stream)
{
    if (ph_cuda_maxima_fit(pool))
        return ph_cuda_maxima_forward(type, pool, x, y, (uint8_t *)index, stream);
    return PH_FOR_TYPE(type, forward_planes, pool, x, y, index, stream);
}

template <typename T, typename I>
static cudaError_t max_backward_planes(const ph_cuda_pool &p, const void *index, const void *dy, void *dx, bool add,
                                       cudaStream_t stream)
{
    const auto kernel = max_backward<T, I>;
    return ph_by_rows(p.planes, in_plane(p) / PH_VECTOR, [=](int64_t first, int64_t planes) {
        const pool_args a = pool_part(p, p.height, p.width, planes);
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const I *)index + first * out_plane(p),
                         (const T *)dy + first * out_plane(p), (T *)dx + first * in_plane(p), add);
    });
}

template <typename T>
static cudaError_t backward_planes(const ph_cuda_pool &p, const void *index, const void *dy, void *dx, bool add,
                                   cudaStream_t stream)
{
    if (!p.average)
        return ph_cuda_pool_index_bytes(p) == 1 ? max_backward_planes<T, uint8_t>(p, index, dy, dx, add, stream)
                                                : max_backward_planes<T, int32_t>(p, index, dy, dx, add, stream);
    const auto kernel = mean_backward<T>;
    return ph_by_rows(p.planes, in_plane(p) / PH_VECTOR, [=](int64_t first, int64_t planes) {
        const pool_args a = pool_part(p, p.height, p.width, planes);
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const T *)dy + first * out_plane(p),
                         (T *)dx + first * in_plane(p), add);
    });
}

cudaError_t ph_cuda_pool_backward(ph_cuda_type type, ph_cuda_pool pool, const void *index, const void *dy, void *dx,
                                  bool add, cudaStream_t stream)
{
    if (ph_cuda_maxima_fit(pool))
        return ph_cuda_maxima_backward(type, pool, (const uint8_t *)index, dy, dx, add, stream);
    return PH_FOR_TYPE(type, backward_planes, pool, index, dy, dx, add, stream);
}
