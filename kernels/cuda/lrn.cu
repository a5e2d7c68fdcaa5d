/* LRN over the channels of a position.
 * y = x s^-beta, s_c = bias + alpha/size sum of x^2 over channels c - before … c + after. Backward, from the side of j:
 * dx_j = dy_j s_j^-beta - 2 alpha beta/size x_j sum of t_c over the c whose window holds j, c = j - after … j + before,
 * with t_c = dy_c x_c s_c^(-beta-1). */
#include "kernels/cuda/index.cuh"
#include "kernels/cuda/packed.cuh"
#include "kernels/element/ph_math.h"

#include <math.h>

struct lrn_args {
    ph_vectors v;
    float alpha, beta, bias; /* alpha: divided by size */
    bool rectify;
};

/* 1 / sqrt(s) for normal positive s or NaN, within 2 ulp. */
static __device__ __forceinline__ float inverse_root(float s)
{
#ifdef __CUDA_ARCH__
    float r;
    asm("rsqrt.approx.ftz.f32 %0, %1;" : "=f"(r) : "f"(s));
    return r;
#else
    return ph_inverse_root(s);
#endif
}

/* p = s^-beta and ratio = s^(-beta-1), as on the CPU: s stays in the range of normal numbers, and the usual exponents
 * need no powf. */
enum lrn_power { POWER_ANY, POWER_HALF, POWER_THREE_QUARTERS };

template <lrn_power POWER>
static __device__ __forceinline__ void powers(float sum, const lrn_args &a, float *p, float *ratio)
{
    const float s = ph_smaller_or_nan(ph_larger(fmaf(a.alpha, sum, a.bias), 1e-37f), 1e38f);
    if (POWER == POWER_HALF) {
        const float r = inverse_root(s);
        *p = r;
        *ratio = r * r * r;
    } else if (POWER == POWER_THREE_QUARTERS) {
        const float r = inverse_root(s);
        *p = r * (r * inverse_root(r));
        *ratio = *p * (r * r);
    } else {
        *p = a.beta == 1.0f ? 1.0f / s : powf(s, -a.beta);
        *ratio = *p / s;
    }
}

static __device__ __forceinline__ void powers_of(float sum, const lrn_args &a, float *p, float *ratio)
{
    if (a.beta == 0.5f)
        powers<POWER_HALF>(sum, a, p, ratio);
    else if (a.beta == 0.75f)
        powers<POWER_THREE_QUARTERS>(sum, a, p, ratio);
    else
        powers<POWER_ANY>(sum, a, p, ratio);
}

template <lrn_power POWER>
static __device__ __forceinline__ void powers_of_eight(const float sum[PH_VECTOR], const lrn_args &a,
                                                       float p[PH_VECTOR], float ratio[PH_VECTOR])
{
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        powers<POWER>(sum[i], a, &p[i], &ratio[i]);
}

static __device__ __forceinline__ void clear8(float to[PH_VECTOR])
{
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        to[i] = 0.0f;
}

/* Zeros where there are no channels. */
static __device__ __forceinline__ void clear_pad(float to[PH_VECTOR], int left)
{
    if (left < PH_VECTOR)
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            to[i] = i < left ? to[i] : 0.0f;
}

template <bool SQUARES> static __device__ __forceinline__ float plus(float sum, float value)
{
    return SQUARES ? fmaf(value, value, sum) : sum + value;
}

/* sum[i] over the R neighbours to either side of value[8 + i], of the values or of their squares. Windows of more than
 * eight have a middle in common; what stands to its left and right is added up once for all of them. */
template <int R, bool SQUARES>
static __device__ __forceinline__ void window_sums(const float value[3 * PH_VECTOR], float sum[PH_VECTOR])
{
    enum { V = PH_VECTOR, LOW = 2 * V - 1 - R, HIGH = V + R }; /* the middle: LOW … HIGH */
    if (LOW > HIGH) {
#pragma unroll
        for (int i = 0; i < V; i++) {
            sum[i] = plus<SQUARES>(0.0f, value[V + i - R]);
#pragma unroll
            for (int j = 1 - R; j <= R; j++)
                sum[i] = plus<SQUARES>(sum[i], value[V + i + j]);
        }
        return;
    }
    float middle = 0.0f, before = 0.0f, after = 0.0f;
#pragma unroll
    for (int j = LOW; j <= HIGH; j++)
        middle = plus<SQUARES>(middle, value[j]);
#pragma unroll
    for (int i = V - 1; i >= 0; i--) {
        sum[i] = before + middle;
        if (i > 0)
            before = plus<SQUARES>(before, value[V + i - 1 - R]);
    }
#pragma unroll
    for (int i = 1; i < V; i++) {
        after = plus<SQUARES>(after, value[HIGH + i]);
        sum[i] += after;
    }
}

/* p and ratio of the eight channels of `spot` for a window of R channels to either side; own: their x. */
template <typename T, int R>
static __device__ __forceinline__ void powers8(const lrn_args &a, ph_spot spot, const T *row, float own[PH_VECTOR],
                                               float p[PH_VECTOR], float ratio[PH_VECTOR])
{
    float value[3 * PH_VECTOR], sum[PH_VECTOR];
    ph_load8(value + PH_VECTOR, row + spot.column);
    if (spot.column >= PH_VECTOR)
        ph_load8(value, row + spot.column - PH_VECTOR);
    else
        clear8(value);
    if (spot.left > PH_VECTOR)
        ph_load8(value + 2 * PH_VECTOR, row + spot.column + PH_VECTOR);
    else
        clear8(value + 2 * PH_VECTOR);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        own[i] = value[PH_VECTOR + i];
    window_sums<R, true>(value, sum);
    if (a.beta == 0.5f)
        powers_of_eight<POWER_HALF>(sum, a, p, ratio);
    else if (a.beta == 0.75f)
        powers_of_eight<POWER_THREE_QUARTERS>(sum, a, p, ratio);
    else
        powers_of_eight<POWER_ANY>(sum, a, p, ratio);
}

/* Windows of 2 R + 1 <= 17 channels: what the neighbours have loaded is in the cache. */
template <typename T, int R>
static __global__ void __launch_bounds__(PH_BLOCK) lrn_forward(lrn_args a, const T *__restrict__ x, T *__restrict__ y)
{
    const uint32_t item = ph_item();
    if (item >= a.v.items)
        return;
    const ph_spot spot = ph_spot_of(a.v, item);
    const int64_t row = spot.row * a.v.pitch;
    float own[PH_VECTOR], p[PH_VECTOR], ratio[PH_VECTOR];
    powers8<T, R>(a, spot, x + row, own, p, ratio);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        own[i] = own[i] * p[i];
    clear_pad(own, (int)spot.left);
    ph_store8(y + row + spot.column, own);
}

/* t goes to the neighbours through shared memory, so that the powers are computed once. The first and last thread of a
 * block only make t for their neighbours: blocks overlap by two. */
enum { LRN_OWN = PH_BLOCK - 2 };

template <typename T, int R>
static __global__ void __launch_bounds__(PH_BLOCK)
    lrn_backward(lrn_args a, const T *__restrict__ x, const T *__restrict__ dy, T *__restrict__ dx, bool add)
{
    __shared__ ph_eight<float> shared[PH_BLOCK];
    const int64_t item = (int64_t)blockIdx.x * LRN_OWN + threadIdx.x - 1;
    const bool exists = item >= 0 && item < a.v.items;
    ph_spot spot = {0, 0, 0};
    int64_t at = 0;
    float own[PH_VECTOR], d[PH_VECTOR], p[PH_VECTOR], t[3 * PH_VECTOR];
    clear8(t + PH_VECTOR);
    if (exists) {
        float ratio[PH_VECTOR];
        spot = ph_spot_of(a.v, (uint32_t)item);
        at = spot.row * a.v.pitch + spot.column;
        ph_load8(d, dy + at);
        powers8<T, R>(a, spot, x + spot.row * a.v.pitch, own, p, ratio);
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            t[PH_VECTOR + i] = d[i] * own[i] * ratio[i];
        clear_pad(t + PH_VECTOR, (int)spot.left);
    }
    ph_store8(shared[threadIdx.x].value, t + PH_VECTOR);
    __syncthreads();
    if (!exists || threadIdx.x == 0 || threadIdx.x == PH_BLOCK - 1)
        return;
    if (spot.column >= PH_VECTOR)
        ph_load8(t, shared[threadIdx.x - 1].value);
    else
        clear8(t);
    if (spot.left > PH_VECTOR)
        ph_load8(t + 2 * PH_VECTOR, shared[threadIdx.x + 1].value);
    else
        clear8(t + 2 * PH_VECTOR);
    const float factor = -2.0f * a.alpha * a.beta;
    float sum[PH_VECTOR];
    window_sums<R, false>(t, sum);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        sum[i] = !a.rectify || own[i] > 0.0f ? fmaf(factor * own[i], sum[i], d[i] * p[i]) : 0.0f;
    clear_pad(sum, (int)spot.left);
    ph_give8(dx + at, sum, add);
}

/* Any window, one block per position: LRN_LINE values t at a time in shared memory. */
enum { LRN_LINE = 4096 };

struct lrn_window {
    int64_t channels, pitch;
    int64_t before, after; /* at most channels - 1 */
};

template <typename T>
static __device__ __forceinline__ void powers_at(const lrn_args &a, const lrn_window &w, const T *x, int64_t c,
                                                 float *p, float *ratio)
{
    const int64_t low = c > w.before ? c - w.before : 0;
    const int64_t high = c + w.after < w.channels ? c + w.after : w.channels - 1;
    float sum = 0.0f;
    for (int64_t j = low; j <= high; j++) {
        const float value = ph_load(x + j);
        sum += value * value;
    }
    powers_of(sum, a, p, ratio);
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK) lrn_any_forward(lrn_args a, lrn_window w, const T *x, T *y)
{
    const int64_t row = blockIdx.x * w.pitch;
    for (int64_t c = threadIdx.x; c < w.pitch; c += PH_BLOCK) {
        float p = 0.0f, ratio = 0.0f, value = 0.0f;
        if (c < w.channels) {
            powers_at(a, w, x + row, c, &p, &ratio);
            value = ph_load(x + row + c) * p;
        }
        ph_store(y + row + c, value);
    }
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    lrn_any_backward(lrn_args a, lrn_window w, const T *x, const T *dy, T *dx, bool add)
{
    __shared__ float t[LRN_LINE];
    const int64_t row = blockIdx.x * w.pitch, step = LRN_LINE - w.before - w.after;
    const float factor = 2.0f * a.alpha * a.beta;
    float p = 0.0f, ratio = 0.0f;
    for (int64_t first = 0; first < w.channels; first += step) {
        const int64_t end = first + step < w.channels ? first + step : w.channels;
        const int64_t low = first > w.after ? first - w.after : 0;
        const int64_t high = end + w.before < w.channels ? end + w.before : w.channels;
        for (int64_t c = low + threadIdx.x; c < high; c += PH_BLOCK) {
            powers_at(a, w, x + row, c, &p, &ratio);
            t[c - low] = ph_load(dy + row + c) * ph_load(x + row + c) * ratio;
        }
        __syncthreads();
        for (int64_t j = first + threadIdx.x; j < end; j += PH_BLOCK) {
            const int64_t last = j + w.before < w.channels ? j + w.before : w.channels - 1;
            float sum = 0.0f;
            for (int64_t c = j > w.after ? j - w.after : 0; c <= last; c++)
                sum += t[c - low];
            powers_at(a, w, x + row, j, &p, &ratio);
            const float own = ph_load(x + row + j), through = ph_load(dy + row + j) * p - factor * own * sum;
            const float g = !a.rectify || own > 0.0f ? through : 0.0f;
            ph_store(dx + row + j, add ? ph_load(dx + row + j) + g : g);
        }
        __syncthreads();
    }
    for (int64_t c = w.channels + threadIdx.x; c < w.pitch && !add; c += PH_BLOCK)
        ph_store(dx + row + c, 0.0f);
}

static lrn_args lrn_part(ph_cuda_rows r, ph_cuda_lrn lrn, int64_t rows)
{
    const lrn_args a = {ph_vectors_of(r, rows), lrn.alpha / (float)lrn.size, lrn.beta, lrn.bias, lrn.rectify};
    return a;
}

static lrn_window lrn_window_of(ph_cuda_rows r, ph_cuda_lrn lrn)
{
    const int64_t before = (lrn.size - 1) / 2, after = lrn.size / 2, most = r.width - 1;
    const lrn_window w = {r.width, r.pitch, before < most ? before : most, after < most ? after : most};
    return w;
}

bool ph_cuda_lrn_fits(ph_cuda_rows r, ph_cuda_lrn lrn)
{
    const lrn_window w = lrn_window_of(r, lrn);
    return w.before + w.after < LRN_LINE;
}

template <typename T>
static cudaError_t lrn_any_forward_rows(ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, void *y, cudaStream_t stream)
{
    const auto kernel = lrn_any_forward<T>;
    return ph_by_rows(r.rows, 1, [=](int64_t first, int64_t rows) {
        return PH_LAUNCH(kernel, (unsigned)rows, PH_BLOCK, stream, lrn_part(r, lrn, 0), lrn_window_of(r, lrn),
                         (const T *)x + first * r.pitch, (T *)y + first * r.pitch);
    });
}

template <typename T>
static cudaError_t lrn_forward_rows(ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, void *y, cudaStream_t stream)
{
    if (lrn.size % 2 == 0 || lrn.size < 3 || lrn.size > 11)
        return lrn_any_forward_rows<T>(r, lrn, x, y, stream);
    const auto kernel = lrn.size == 3   ? lrn_forward<T, 1>
                        : lrn.size == 5 ? lrn_forward<T, 2>
                        : lrn.size == 7 ? lrn_forward<T, 3>
                        : lrn.size == 9 ? lrn_forward<T, 4>
                                        : lrn_forward<T, 5>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const lrn_args a = lrn_part(r, lrn, rows);
        return PH_LAUNCH(kernel, ph_blocks(a.v.items), PH_BLOCK, stream, a, (const T *)x + first * r.pitch,
                         (T *)y + first * r.pitch);
    });
}

cudaError_t ph_cuda_lrn_forward(ph_cuda_type type, ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, void *y,
                                cudaStream_t stream)
{
    return PH_FOR_TYPE(type, lrn_forward_rows, r, lrn, x, y, stream);
}

template <typename T>
static cudaError_t lrn_any_backward_rows(ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, const void *dy, void *dx,
                                         bool add, cudaStream_t stream)
{
    const auto kernel = lrn_any_backward<T>;
    if (!ph_cuda_lrn_fits(r, lrn))
        return cudaErrorInvalidValue;
    return ph_by_rows(r.rows, 1, [=](int64_t first, int64_t rows) {
        const int64_t at = first * r.pitch;
        return PH_LAUNCH(kernel, (unsigned)rows, PH_BLOCK, stream, lrn_part(r, lrn, 0), lrn_window_of(r, lrn),
                         (const T *)x + at, (const T *)dy + at, (T *)dx + at, add);
    });
}

template <typename T>
static cudaError_t lrn_backward_rows(ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, const void *dy, void *dx, bool add,
                                     cudaStream_t stream)
{
    if (lrn.size % 2 == 0 || lrn.size < 3 || lrn.size > 11)
        return lrn_any_backward_rows<T>(r, lrn, x, dy, dx, add, stream);
    const auto kernel = lrn.size == 3   ? lrn_backward<T, 1>
                        : lrn.size == 5 ? lrn_backward<T, 2>
                        : lrn.size == 7 ? lrn_backward<T, 3>
                        : lrn.size == 9 ? lrn_backward<T, 4>
                                        : lrn_backward<T, 5>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const lrn_args a = lrn_part(r, lrn, rows);
        const unsigned blocks = (a.v.items + LRN_OWN - 1) / LRN_OWN;
        const int64_t at = first * r.pitch;
        return PH_LAUNCH(kernel, blocks, PH_BLOCK, stream, a, (const T *)x + at, (const T *)dy + at, (T *)dx + at, add);
    });
}

cudaError_t ph_cuda_lrn_backward(ph_cuda_type type, ph_cuda_rows r, ph_cuda_lrn lrn, const void *x, const void *dy,
                                 void *dx, bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, lrn_backward_rows, r, lrn, x, dy, dx, add, stream);
}
