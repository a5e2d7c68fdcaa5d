#include "kernels/cuda/index.cuh"
#include "kernels/cuda/join.h"
#include "kernels/element/pointwise.h"

/* Vectors of eight columns, those of all parts in a row: part p has the vectors first[p] … first[p + 1] - 1. */
struct join_args {
    ph_cuda_parts parts;
    uint32_t items, first[PH_CUDA_PARTS + 1];
    ph_divisor per_row;
};

/* Where an item works: its part, row, and column within the part. */
struct join_spot {
    int part;
    int64_t row, column;
};

static __device__ __forceinline__ join_spot join_spot_of(const join_args &a, uint32_t item)
{
    join_spot s;
    s.row = ph_divide(a.per_row, item);
    const uint32_t vector = item - (uint32_t)s.row * a.per_row.by;
    s.part = 0;
#pragma unroll
    for (int p = 1; p < PH_CUDA_PARTS; p++)
        s.part += p < a.parts.count && vector >= a.first[p];
    s.column = (int64_t)(vector - a.first[s.part]) * PH_VECTOR;
    return s;
}

/* V: pieces in which the whole can be accessed where the parts begin. */
template <typename T, int V> static __global__ void __launch_bounds__(PH_BLOCK) join(join_args a, T *whole)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const join_spot s = join_spot_of(a, item);
    const ph_cuda_part &own = a.parts.part[s.part];
    /* The last part also clears the pad of the whole, which may be longer than its own. */
    const int64_t end = s.part == a.parts.count - 1 ? a.parts.pitch - own.at : own.width;
    float value[PH_VECTOR] = {0};
    if (s.column < own.pitch)
        ph_load8(value, (const T *)own.values + s.row * own.pitch + s.column);
    ph_store_some<V>(whole + s.row * a.parts.pitch + own.at + s.column, value, end - s.column);
}

template <typename T, int V>
static __global__ void __launch_bounds__(PH_BLOCK)
    cut(join_args a, const T *whole, const int *dead, int64_t pictures, int64_t first_row, int64_t rows_per_picture)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const join_spot s = join_spot_of(a, item);
    const ph_cuda_part &own = a.parts.part[s.part];
    if (!own.gradient)
        return;
    const int64_t at = s.row * own.pitch + s.column;
    float d[PH_VECTOR], y[PH_VECTOR];
    ph_load_some<V>(d, whole + s.row * a.parts.pitch + own.at + s.column, own.width - s.column);
    if (own.values) {
        ph_load8(y, (const T *)own.values + at);
        const bool redirect = dead && dead[s.part * pictures + (first_row + s.row) / rows_per_picture];
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            d[i] = ph_rectifier_passes(redirect, INFINITY, y[i], d[i]) ? d[i] : 0.0f;
    }
    ph_store8((T *)own.gradient + at, d);
}

/* The largest V of 8, 4, 1 that divides the beginnings of all parts. */
static int join_piece(const ph_cuda_parts *parts)
{
    int64_t all = 0;
    for (int p = 0; p < parts->count; p++)
        all |= parts->part[p].at;
    return all % 8 == 0 ? 8 : all % 4 == 0 ? 4 : 1;
}

/* The part of the rows from `first` on. `padded`: the last part's vectors reach to the end of the whole's pad. */
template <typename T>
static join_args join_part(const ph_cuda_parts *parts, bool padded, int64_t first, int64_t rows, int64_t vectors)
{
    join_args a;
    a.parts = *parts;
    uint32_t at = 0;
    for (int p = 0; p < parts->count; p++) {
        const ph_cuda_part &from = parts->part[p];
        a.first[p] = at;
        const bool last = padded && p == parts->count - 1;
        at += (uint32_t)(((last ? parts->pitch - from.at : from.width) + PH_VECTOR - 1) / PH_VECTOR);
        if (from.values)
            a.parts.part[p].values = (const T *)from.values + first * from.pitch;
        if (from.gradient)
            a.parts.part[p].gradient = (T *)from.gradient + first * from.pitch;
    }
    a.first[parts->count] = at;
    a.items = (uint32_t)(rows * vectors);
    a.per_row = ph_divisor_of(vectors);
    return a;
}

static int64_t join_vectors(const ph_cuda_parts *parts, bool padded)
{
    return join_part<float>(parts, padded, 0, 0, 1).first[parts->count];
}

template <typename T>
static cudaError_t join_rows(int piece, const ph_cuda_parts *parts, void *whole, cudaStream_t stream)
{
    const auto kernel = piece == 8 ? join<T, 8> : piece == 4 ? join<T, 4> : join<T, 1>;
    const int64_t vectors = join_vectors(parts, true);
    return ph_by_rows(parts->rows, vectors, [=](int64_t first, int64_t rows) {
        const join_args a = join_part<T>(parts, true, first, rows, vectors);
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (T *)whole + first * parts->pitch);
    });
}

cudaError_t ph_cuda_join(ph_cuda_type type, const ph_cuda_parts *parts, void *whole, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, join_rows, join_piece(parts), parts, whole, stream);
}

template <typename T>
static cudaError_t cut_rows(int piece, const ph_cuda_parts *parts, const void *whole, const int *dead,
                            int64_t rows_per_picture, cudaStream_t stream)
{
    const auto kernel = piece == 8 ? cut<T, 8> : piece == 4 ? cut<T, 4> : cut<T, 1>;
    const int64_t vectors = join_vectors(parts, false), pictures = parts->rows / rows_per_picture;
    return ph_by_rows(parts->rows, vectors, [=](int64_t first, int64_t rows) {
        const join_args a = join_part<T>(parts, false, first, rows, vectors);
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const T *)whole + first * parts->pitch, dead,
                         pictures, first, rows_per_picture);
    });
}

cudaError_t ph_cuda_cut(ph_cuda_type type, const ph_cuda_parts *parts, const void *whole, const int *dead,
                        int64_t rows_per_picture, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, cut_rows, join_piece(parts), parts, whole, dead, rows_per_picture, stream);
}
