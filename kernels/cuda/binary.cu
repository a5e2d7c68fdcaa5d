/* BINARY with NumPy broadcasting: every operand is walked with strides of its own. */
#include "kernels/cuda/index.cuh"
#include "kernels/element/pointwise.h"

/* The outer `rank` axes of a loop. Operand k of an index stands at sum_i index_i stride[k][i]. */
template <int K> struct walk {
    int rank;
    ph_divisor size[PH_CUDA_RANK];
    int64_t stride[K][PH_CUDA_RANK];
};

/* Adds where the item's index is on each operand; the item is used up from the innermost axis outwards, and what is
 * left is the index on the outermost. Unrolled, so that the tables stay where the arguments are. */
template <int K> static __device__ __forceinline__ void place(const walk<K> &w, uint32_t item, int64_t at[K])
{
#pragma unroll
    for (int i = PH_CUDA_RANK - 1; i > 0; i--) {
        if (i >= w.rank)
            continue;
        const uint32_t rest = ph_divide(w.size[i], item), index = item - rest * w.size[i].by;
        item = rest;
#pragma unroll
        for (int k = 0; k < K; k++)
            at[k] += index * w.stride[k][i];
    }
#pragma unroll
    for (int k = 0; k < K; k++)
        at[k] += item * w.stride[k][0];
}

/* ---- Forward ----------------------------------------------------------------------------------------------------- */

/* Eight neighbours of an operand whose innermost stride is 1 or, for all of them the same value, 0. */
template <typename T> static __device__ __forceinline__ void load_line(float to[PH_VECTOR], const T *p, bool same)
{
    if (!same) {
        ph_load8(to, p);
        return;
    }
    const float value = ph_load(p);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        to[i] = value;
}

struct lines {
    uint32_t items;
    ph_divisor vectors; /* of the innermost axis */
    int64_t length;     /* of it, in values */
    bool same[4];       /* innermost stride 0 */
};

/* y, a, b aligned: eight values of the innermost axis per thread, behind its end zeros. w: the other axes. */
template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    forward_lines(lines l, walk<3> w, ph_binary_kind kind, const T *a, const T *b, T *y)
{
    const uint32_t item = ph_item();
    if (item >= l.items)
        return;
    const uint32_t line = ph_divide(l.vectors, item);
    const int64_t column = (item - line * l.vectors.by) * (int64_t)PH_VECTOR;
    int64_t at[3] = {column, l.same[1] ? 0 : column, l.same[2] ? 0 : column};
    float left[PH_VECTOR], right[PH_VECTOR];
    place(w, line, at);
    load_line(left, a + at[1], l.same[1]);
    load_line(right, b + at[2], l.same[2]);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        left[i] = column + i < l.length ? ph_binary_value(kind, left[i], right[i]) : 0.0f;
    ph_store8(y + at[0], left);
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    forward_values(uint32_t items, walk<3> w, ph_binary_kind kind, const T *a, const T *b, T *y)
{
    const uint32_t item = ph_item();
    if (item >= items)
        return;
    int64_t at[3] = {0, 0, 0};
    place(w, item, at);
    ph_store(y + at[0], ph_binary_value(kind, ph_load(a + at[1]), ph_load(b + at[2])));
}

/* ---- Backward ---------------------------------------------------------------------------------------------------- */

/* Nothing summed. Operands: gradient, dy, a, b; a and b are missing where the kind does not need them. */
template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    backward_lines(lines l, walk<4> w, ph_binary_kind kind, bool second, const T *dy, const T *a, const T *b,
                   T *gradient, bool add)
{
    const uint32_t item = ph_item();
    if (item >= l.items)
        return;
    const uint32_t line = ph_divide(l.vectors, item);
    const int64_t column = (item - line * l.vectors.by) * (int64_t)PH_VECTOR;
    int64_t at[4] = {column, column, l.same[2] ? 0 : column, l.same[3] ? 0 : column};
    float d[PH_VECTOR], left[PH_VECTOR], right[PH_VECTOR], to[PH_VECTOR];
    place(w, line, at);
    ph_load8(d, dy + at[1]);
    if (a)
        load_line(left, a + at[2], l.same[2]);
    if (b)
        load_line(right, b + at[3], l.same[3]);
    if (add)
        ph_load8(to, gradient + at[0]);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++) {
        const float x = a ? left[i] : 0.0f, z = b ? right[i] : 0.0f;
        const float g = column + i < l.length ? ph_binary_gradient(kind, second, d[i], x, z) : 0.0f;
        to[i] = add ? to[i] + g : g;
    }
    ph_store8(gradient + at[0], to);
}

/* SUM_KEPT neighbouring elements of the gradient per block, each summed by SUM_PARTS threads: part p takes the terms p,
 * p + SUM_PARTS, …, and the parts are added as a fixed tree. */
enum { SUM_KEPT = 32, SUM_PARTS = PH_BLOCK / SUM_KEPT };

template <typename T>
static __device__ __forceinline__ float term(ph_binary_kind kind, bool second, const int64_t at[4], const T *dy,
                                             const T *a, const T *b)
{
    return ph_binary_gradient(kind, second, ph_load(dy + at[1]), a ? ph_load(a + at[2]) : 0.0f,
                              b ? ph_load(b + at[3]) : 0.0f);
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    backward_sums(uint32_t items, uint32_t terms, walk<4> kept, walk<4> summed, ph_binary_kind kind, bool second,
                  const T *dy, const T *a, const T *b, T *gradient, bool add)
{
    __shared__ float parts[SUM_PARTS][SUM_KEPT];
    const uint32_t item = blockIdx.x * (uint32_t)SUM_KEPT + threadIdx.x % SUM_KEPT, part = threadIdx.x / SUM_KEPT;
    int64_t base[4] = {0, 0, 0, 0};
    float sum = 0.0f;
    if (item < items) {
        place(kept, item, base);
        for (uint32_t t = part; t < terms; t += SUM_PARTS) {
            int64_t at[4] = {base[0], base[1], base[2], base[3]};
            place(summed, t, at);
            sum += term(kind, second, at, dy, a, b);
        }
    }
    parts[part][threadIdx.x % SUM_KEPT] = sum;
    for (uint32_t half = SUM_PARTS / 2; half > 0; half /= 2) {
        __syncthreads();
        if (part < half)
            parts[part][threadIdx.x % SUM_KEPT] += parts[part + half][threadIdx.x % SUM_KEPT];
    }
    if (part > 0 || item >= items)
        return;
    T *place_of = gradient + base[0];
    const float g = parts[0][threadIdx.x];
    ph_store(place_of, add ? ph_load(place_of) + g : g);
}

/* ---- Launching --------------------------------------------------------------------------------------------------- */

/* Elements of the axes from `first` to `end`. */
static int64_t elements(const ph_cuda_loop &l, int first, int end)
{
    int64_t count = 1;
    for (int i = first; i < end; i++)
        count *= l.size[i];
    return count;
}

template <int K> static walk<K> walk_of(const ph_cuda_loop &l, int rank)
{
    walk<K> w;
    w.rank = rank;
    for (int i = 0; i < PH_CUDA_RANK; i++) {
        w.size[i] = ph_divisor_of(i < rank ? l.size[i] : 1);
        for (int k = 0; k < K; k++)
            w.stride[k][i] = i < rank ? l.stride[k][i] : 0;
    }
    return w;
}

/* True when vectors along the innermost axis suit all operands: whoever moves along it does so by 1 and starts at
 * multiples of eight for every other index; operand 0, which is written, moves. */
static bool in_lines(const ph_cuda_loop &l, int operands, const void *const data[])
{
    const int last = l.rank - 1;
    if (l.stride[0][last] != 1)
        return false;
    for (int k = 0; k < operands; k++) {
        if (!data[k] || l.stride[k][last] == 0)
            continue;
        if (l.stride[k][last] != 1 || (uintptr_t)data[k] % 16 != 0)
            return false;
        for (int i = 0; i < last; i++)
            if (l.stride[k][i] % PH_VECTOR != 0)
                return false;
    }
    return true;
}

static int64_t vectors_of(const ph_cuda_loop &l)
{
    return (l.size[l.rank - 1] + PH_VECTOR - 1) / PH_VECTOR;
}

/* Items of one picture. */
static int64_t vector_items(const ph_cuda_loop &l)
{
    return elements(l, 1, l.rank - 1) * vectors_of(l);
}

static lines lines_of(const ph_cuda_loop &l, int64_t pictures)
{
    const int last = l.rank - 1;
    lines s;
    s.items = (uint32_t)(pictures * vector_items(l));
    s.vectors = ph_divisor_of(vectors_of(l));
    s.length = l.size[last];
    for (int k = 0; k < 4; k++)
        s.same[k] = l.stride[k][last] == 0;
    return s;
}

template <typename T>
static cudaError_t forward_all(const ph_cuda_loop &l, ph_binary_kind kind, const T *a, const T *b, T *y,
                               cudaStream_t stream)
{
    const void *const data[3] = {y, a, b};
    const auto by_line = forward_lines<T>;
    const auto by_value = forward_values<T>;
    const bool vectors = in_lines(l, 3, data);
    const int64_t values = elements(l, 1, l.rank);
    return ph_by_rows(l.size[0], vectors ? vector_items(l) : values, [=](int64_t first, int64_t pictures) {
        const T *left = a + first * l.stride[1][0], *right = b + first * l.stride[2][0];
        T *to = y + first * l.stride[0][0];
        if (!vectors)
            return PH_LAUNCH(by_value, ph_blocks(pictures * values), PH_BLOCK, stream, (uint32_t)(pictures * values),
                             walk_of<3>(l, l.rank), kind, left, right, to);
        const lines s = lines_of(l, pictures);
        return PH_LAUNCH(by_line, ph_blocks(s.items), PH_BLOCK, stream, s, walk_of<3>(l, l.rank - 1), kind, left, right,
                         to);
    });
}

template <typename T>
static cudaError_t forward(const ph_cuda_loop &l, ph_binary_kind kind, const void *a, const void *b, void *y,
                           cudaStream_t stream)
{
    return forward_all<T>(l, kind, (const T *)a, (const T *)b, (T *)y, stream);
}

cudaError_t ph_cuda_binary_forward(ph_cuda_type type, ph_cuda_loop loop, ph_binary_kind kind, const void *a,
                                   const void *b, void *y, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, forward, loop, kind, a, b, y, stream);
}

/* Which gradient is made from what. */
template <typename T> struct backward_args {
    ph_binary_kind kind;
    bool second, add;
    const T *dy, *a, *b;
    T *gradient;
};

/* The same from picture `first` on. */
template <typename T>
static backward_args<T> from_picture(const ph_cuda_loop &l, const backward_args<T> &all, int64_t first)
{
    backward_args<T> g = all;
    g.gradient += first * l.stride[0][0];
    g.dy += first * l.stride[1][0];
    g.a = g.a ? g.a + first * l.stride[2][0] : g.a;
    g.b = g.b ? g.b + first * l.stride[3][0] : g.b;
    return g;
}

template <typename T>
static cudaError_t backward_all(const ph_cuda_loop &kept, const ph_cuda_loop &summed, const backward_args<T> &all,
                                cudaStream_t stream)
{
    const void *const data[4] = {all.gradient, all.dy, all.a, all.b};
    const auto by_line = backward_lines<T>;
    const auto by_sum = backward_sums<T>;
    const int64_t terms = elements(summed, 0, summed.rank), values = elements(kept, 1, kept.rank);
    const bool vectors = terms == 1 && kept.stride[1][kept.rank - 1] == 1 && in_lines(kept, 4, data);
    if (terms > INT32_MAX)
        return cudaErrorInvalidValue;
    return ph_by_rows(kept.size[0], vectors ? vector_items(kept) : values, [=](int64_t first, int64_t pictures) {
        const backward_args<T> g = from_picture(kept, all, first);
        const lines s = lines_of(kept, pictures);
        const uint32_t items = (uint32_t)(pictures * values), blocks = (items + SUM_KEPT - 1) / SUM_KEPT;
        if (vectors)
            return PH_LAUNCH(by_line, ph_blocks(s.items), PH_BLOCK, stream, s, walk_of<4>(kept, kept.rank - 1), g.kind,
                             g.second, g.dy, g.a, g.b, g.gradient, g.add);
        return PH_LAUNCH(by_sum, blocks, PH_BLOCK, stream, items, (uint32_t)terms, walk_of<4>(kept, kept.rank),
                         walk_of<4>(summed, summed.rank), g.kind, g.second, g.dy, g.a, g.b, g.gradient, g.add);
    });
}

template <typename T>
static cudaError_t backward(const ph_cuda_loop &kept, const ph_cuda_loop &summed, ph_binary_kind kind, bool second,
                            const void *dy, const void *a, const void *b, void *gradient, bool add, cudaStream_t stream)
{
    const backward_args<T> all = {kind, second, add, (const T *)dy, (const T *)a, (const T *)b, (T *)gradient};
    return backward_all<T>(kept, summed, all, stream);
}

cudaError_t ph_cuda_binary_backward(ph_cuda_type type, ph_cuda_loop kept, ph_cuda_loop summed, ph_binary_kind kind,
                                    bool second, const void *dy, const void *a, const void *b, void *gradient, bool add,
                                    cudaStream_t stream)
{
    return PH_FOR_TYPE(type, backward, kept, summed, kind, second, dy, a, b, gradient, add, stream);
}
