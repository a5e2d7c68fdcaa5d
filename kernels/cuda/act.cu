/* Activations, rectifier gradients and per-channel maps: all bound by memory, one vector of eight values per thread. */
#include "kernels/cuda/index.cuh"
#include "kernels/element/pointwise.h"

/* ---- Activations ------------------------------------------------------------------------------------------------- */

static __device__ __forceinline__ void act_slopes(const ph_act_params &act, const ph_channels &channels, ph_spot spot,
                                                  float s[PH_VECTOR])
{
    if (act.kind == PH_ACT_PRELU)
        ph_load_channels(s, act.slope, channels, spot, 0.0f);
    else
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            s[i] = 0.0f;
}

/* x may be y. */
template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    act_forward(ph_vectors v, ph_channels channels, ph_act_params act, const T *x, T *y)
{
    const uint32_t item = ph_item();
    if (item >= v.items)
        return;
    const ph_spot spot = ph_spot_of(v, item);
    const int64_t at = spot.row * v.pitch + spot.column;
    float from[PH_VECTOR], to[PH_VECTOR], s[PH_VECTOR];
    ph_load8(from, x + at);
    act_slopes(act, channels, spot, s);
    switch (act.kind) {
#define ACT_CASE(name)                                                                                                 \
    case name:                                                                                                         \
        _Pragma("unroll") for (int i = 0; i < PH_VECTOR; i++) to[i] =                                                  \
            i < spot.left ? ph_act_value(name, act.a, act.b, s[i], from[i]) : 0.0f;                                    \
        break;
        PH_ACT_KINDS(ACT_CASE)
#undef ACT_CASE
    default:
        return;
    }
    ph_store8(y + at, to);
}

/* dx may be dy. */
template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    act_backward(ph_vectors v, ph_channels channels, ph_act_params act, const T *x, bool from_output, const T *dy,
                 T *dx, bool add)
{
    const uint32_t item = ph_item();
    if (item >= v.items)
        return;
    const ph_spot spot = ph_spot_of(v, item);
    const int64_t at = spot.row * v.pitch + spot.column;
    float from[PH_VECTOR], d[PH_VECTOR], s[PH_VECTOR], to[PH_VECTOR];
    ph_load8(from, x + at);
    ph_load8(d, dy + at);
    if (add)
        ph_load8(to, dx + at);
    act_slopes(act, channels, spot, s);
    switch (act.kind) {
#define ACT_CASE(name)                                                                                                 \
    case name:                                                                                                         \
        _Pragma("unroll") for (int i = 0; i < PH_VECTOR; i++) d[i] =                                                   \
            i < spot.left ? ph_act_slope(name, act.a, act.b, s[i], from_output, from[i]) * d[i] : 0.0f;                \
        break;
        PH_ACT_KINDS(ACT_CASE)
#undef ACT_CASE
    default:
        return;
    }
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        to[i] = add ? to[i] + d[i] : d[i];
    ph_store8(dx + at, to);
}

template <typename T>
static cudaError_t act_forward_rows(ph_cuda_rows r, ph_act_params act, const void *x, void *y, cudaStream_t stream)
{
    const auto kernel = act_forward<T>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const ph_vectors v = ph_vectors_of(r, rows);
        return PH_LAUNCH(kernel, ph_blocks(v.items), PH_BLOCK, stream, v, ph_channels_of(r), act,
                         (const T *)x + first * r.pitch, (T *)y + first * r.pitch);
    });
}

cudaError_t ph_cuda_act_forward(ph_cuda_type type, ph_cuda_rows r, ph_act_params act, const void *x, void *y,
                                cudaStream_t stream)
{
    return PH_FOR_TYPE(type, act_forward_rows, r, act, x, y, stream);
}

template <typename T>
static cudaError_t act_backward_rows(ph_cuda_rows r, ph_act_params act, const void *x, bool from_output, const void *dy,
                                     void *dx, bool add, cudaStream_t stream)
{
    const auto kernel = act_backward<T>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const ph_vectors v = ph_vectors_of(r, rows);
        const int64_t at = first * r.pitch;
        return PH_LAUNCH(kernel, ph_blocks(v.items), PH_BLOCK, stream, v, ph_channels_of(r), act, (const T *)x + at,
                         from_output, (const T *)dy + at, (T *)dx + at, add);
    });
}

cudaError_t ph_cuda_act_backward(ph_cuda_type type, ph_cuda_rows r, ph_act_params act, const void *x, bool x_is_output,
                                 const void *dy, void *dx, bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, act_backward_rows, r, act, x, x_is_output, dy, dx, add, stream);
}

/* ---- Rectifiers -------------------------------------------------------------------------------------------------- */

/* Which row of which picture: row `first` of the launch is row `first_row` of all. */
struct relu_rows {
    ph_vectors v;
    float upper;
    int64_t first_row, rows_per_picture;
};

static __device__ __forceinline__ int64_t picture_of(const relu_rows &a, ph_spot spot)
{
    return (a.first_row + spot.row) / a.rows_per_picture;
}

/* dx may be dy: each thread has read its eight before it writes them. */
template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    relu_backward(relu_rows a, const T *x, const T *dy, T *dx, bool add, const int *dead)
{
    const uint32_t item = ph_item();
    if (item >= a.v.items)
        return;
    const ph_spot spot = ph_spot_of(a.v, item);
    const int64_t at = spot.row * a.v.pitch + spot.column;
    float from[PH_VECTOR], d[PH_VECTOR], to[PH_VECTOR];
    ph_load8(from, x + at);
    ph_load8(d, dy + at);
    if (add)
        ph_load8(to, dx + at);
    const bool redirect = dead && dead[picture_of(a, spot)];
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++) {
        const bool pass = ph_rectifier_passes(redirect, a.upper, from[i], d[i]) & (i < spot.left);
        const float g = pass ? d[i] : 0.0f;
        to[i] = add ? to[i] + g : g;
    }
    ph_store8(dx + at, to);
}

/* All threads that find life in a picture store the same number. V: pieces in which dy can be read. */
template <typename T, int V>
static __global__ void __launch_bounds__(PH_BLOCK)
    relu_alive(relu_rows a, const T *x, const T *dy, int64_t dy_pitch, int *dead)
{
    const uint32_t item = ph_item();
    if (item >= a.v.items)
        return;
    const ph_spot spot = ph_spot_of(a.v, item);
    float from[PH_VECTOR], d[PH_VECTOR];
    ph_load8(from, x + spot.row * a.v.pitch + spot.column);
    ph_load_some<V>(d, dy + spot.row * dy_pitch + spot.column, spot.left);
    bool alive = false;
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        alive |= ph_rectifier_passes(false, a.upper, from[i], d[i]) & (d[i] != 0.0f);
    if (alive)
        dead[picture_of(a, spot)] = 0;
}

static __global__ void __launch_bounds__(PH_BLOCK) all_dead(uint32_t pictures, int *dead)
{
    const uint32_t item = ph_item();
    if (item < pictures)
        dead[item] = 1;
}

static relu_rows relu_part(ph_cuda_rows r, float upper, int64_t first, int64_t rows, int64_t rows_per_picture)
{
    const relu_rows a = {ph_vectors_of(r, rows), upper, first, rows_per_picture};
    return a;
}

template <typename T>
static cudaError_t relu_backward_rows(ph_cuda_rows r, float upper, const void *x, const void *dy, void *dx, bool add,
                                      const int *dead, int64_t rows_per_picture, cudaStream_t stream)
{
    const auto kernel = relu_backward<T>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const relu_rows a = relu_part(r, upper, first, rows, rows_per_picture);
        const int64_t at = first * r.pitch;
        return PH_LAUNCH(kernel, ph_blocks(a.v.items), PH_BLOCK, stream, a, (const T *)x + at, (const T *)dy + at,
                         (T *)dx + at, add, dead);
    });
}

cudaError_t ph_cuda_relu_backward(ph_cuda_type type, ph_cuda_rows r, float upper, const void *x, const void *dy,
                                  void *dx, bool add, const int *dead, int64_t rows_per_picture, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, relu_backward_rows, r, upper, x, dy, dx, add, dead, rows_per_picture, stream);
}

template <typename T>
static cudaError_t relu_alive_rows(int piece, ph_cuda_rows r, float upper, const void *x, const void *dy,
                                   int64_t dy_pitch, int *dead, int64_t rows_per_picture, cudaStream_t stream)
{
    const auto kernel = piece == 8 ? relu_alive<T, 8> : piece == 4 ? relu_alive<T, 4> : relu_alive<T, 1>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const relu_rows a = relu_part(r, upper, first, rows, rows_per_picture);
        return PH_LAUNCH(kernel, ph_blocks(a.v.items), PH_BLOCK, stream, a, (const T *)x + first * r.pitch,
                         (const T *)dy + first * dy_pitch, dy_pitch, dead);
    });
}

cudaError_t ph_cuda_relu_dead(ph_cuda_type type, ph_cuda_rows r, float upper, const void *x, const void *dy,
                              int64_t dy_pitch, int *dead, int64_t pictures, int64_t rows_per_picture,
                              cudaStream_t stream)
{
    const int piece = ph_piece_of(dy, dy_pitch, type);
    const cudaError_t code = ph_by_rows(pictures, 1, [=](int64_t first, int64_t count) {
        return PH_LAUNCH(all_dead, ph_blocks(count), PH_BLOCK, stream, (uint32_t)count, dead + first);
    });
    if (code != cudaSuccess)
        return code;
    return PH_FOR_TYPE(type, relu_alive_rows, piece, r, upper, x, dy, dy_pitch, dead, rows_per_picture, stream);
}

/* ---- Scale and shift --------------------------------------------------------------------------------------------- */

struct affine_args {
    ph_vectors v;
    ph_channels channels;
    const float *scale, *shift;
    bool relu, add;
};

/* x may be y. */
template <typename T> static __global__ void __launch_bounds__(PH_BLOCK) affine(affine_args a, const T *x, T *y)
{
    const uint32_t item = ph_item();
    if (item >= a.v.items)
        return;
    const ph_spot spot = ph_spot_of(a.v, item);
    const int64_t at = spot.row * a.v.pitch + spot.column;
    float value[PH_VECTOR], table[PH_VECTOR], to[PH_VECTOR];
    ph_load8(value, x + at);
    if (a.add)
        ph_load8(to, y + at);
    if (a.scale) {
        ph_load_channels(table, a.scale, a.channels, spot, 0.0f);
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            value[i] = value[i] * table[i];
    }
    if (a.shift) {
        ph_load_channels(table, a.shift, a.channels, spot, 0.0f);
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            value[i] = value[i] + table[i];
    }
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++) {
        const float result = i >= spot.left ? 0.0f : a.relu ? ph_most(value[i], 0.0f) : value[i];
        to[i] = a.add ? to[i] + result : result;
    }
    ph_store8(y + at, to);
}

template <typename T>
static cudaError_t affine_rows(ph_cuda_rows r, const float *scale, const float *shift, bool relu, const void *x,
                               void *y, bool add, cudaStream_t stream)
{
    const auto kernel = affine<T>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const affine_args a = {ph_vectors_of(r, rows), ph_channels_of(r), scale, shift, relu, add};
        return PH_LAUNCH(kernel, ph_blocks(a.v.items), PH_BLOCK, stream, a, (const T *)x + first * r.pitch,
                         (T *)y + first * r.pitch);
    });
}

cudaError_t ph_cuda_affine(ph_cuda_type type, ph_cuda_rows r, const float *scale, const float *shift, bool relu,
                           const void *x, void *y, bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, affine_rows, r, scale, shift, relu, x, y, add, stream);
}
