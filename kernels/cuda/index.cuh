/* Which elements a thread works on, and access to neighbours whose alignment is known at launch only.
 *
 * Items are numbered with 31 bits: divisions become a multiplication, and a grid of one thread per item is legal.
 * More items than that take several launches, over whole rows (ph_by_rows). */
#ifndef PH_CUDA_INDEX_CUH
#define PH_CUDA_INDEX_CUH

#include "kernels/cuda/launch.cuh"

/* n / by for n < 2^31, 1 <= by < 2^31, as (n factor) >> shift: factor = ceil(2^shift / by), 2^(shift-31) >= by. The
 * excess factor by - 2^shift is below `by`, so n times it stays below 2^shift and the floor is right (Granlund and
 * Montgomery, Division by Invariant Integers using Multiplication, 1994). */
typedef struct ph_divisor {
    uint32_t by, factor, shift;
} ph_divisor;

static inline ph_divisor ph_divisor_of(int64_t by)
{
    ph_divisor d = {(uint32_t)by, 0, 31};
    while (((int64_t)1 << (d.shift - 31)) < by)
        d.shift++;
    d.factor = (uint32_t)((((uint64_t)1 << d.shift) + (uint64_t)by - 1) / (uint64_t)by);
    return d;
}

static __device__ __forceinline__ uint32_t ph_divide(ph_divisor d, uint32_t n)
{
    return (uint32_t)(((uint64_t)n * d.factor) >> d.shift);
}

/* The number of this thread among all of the launch. */
static __device__ __forceinline__ uint32_t ph_item(void)
{
    return blockIdx.x * (uint32_t)PH_BLOCK + threadIdx.x;
}

/* Blocks for `items` < 2^31 threads. */
static inline unsigned ph_blocks(int64_t items)
{
    return (unsigned)((items + PH_BLOCK - 1) / PH_BLOCK);
}

/* launch(first, count) for all `rows` rows of `items` items each, as few calls as 31 bits allow. No rows or items:
 * nothing. */
template <typename F> static inline cudaError_t ph_by_rows(int64_t rows, int64_t items, F launch)
{
    if (rows <= 0 || items <= 0)
        return cudaSuccess;
    if (items > INT32_MAX)
        return cudaErrorInvalidValue;
    const int64_t most = INT32_MAX / items;
    for (int64_t first = 0; first < rows; first += most) {
        const cudaError_t code = launch(first, rows - first < most ? rows - first : most);
        if (code != cudaSuccess)
            return code;
    }
    return cudaSuccess;
}

/* V neighbours moved at once, aligned to their size or 16 bytes. */
template <typename T, int V> struct alignas(V * sizeof(T) < 16 ? V * sizeof(T) : 16) ph_piece {
    T value[V];
};

/* The largest V of 8, 4, 1 with which rows that start at `p` and are `pitch` apart can be accessed. */
static inline int ph_piece_of(const void *p, int64_t pitch, ph_cuda_type type)
{
    const uintptr_t at = (uintptr_t)p;
    const size_t four = 4 * ph_cuda_type_size(type);
    return pitch % 8 == 0 && at % 16 == 0 ? 8 : pitch % 4 == 0 && at % four == 0 ? 4 : 1;
}

/* Eight neighbours in pieces of V, of which the first `left` exist; the others read as 0. */
template <int V, typename T>
static __device__ __forceinline__ void ph_load_some(float to[PH_VECTOR], const T *p, int64_t left)
{
    if (left >= PH_VECTOR) {
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i += V) {
            const ph_piece<T, V> piece = *reinterpret_cast<const ph_piece<T, V> *>(p + i);
#pragma unroll
            for (int j = 0; j < V; j++)
                to[i + j] = ph_load(&piece.value[j]);
        }
        return;
    }
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        to[i] = i < left ? ph_load(p + i) : 0.0f;
}
template <int V, typename T>
static __device__ __forceinline__ void ph_store_some(T *p, const float from[PH_VECTOR], int64_t left)
{
    if (left >= PH_VECTOR) {
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i += V) {
            ph_piece<T, V> piece;
#pragma unroll
            for (int j = 0; j < V; j++)
                ph_store(&piece.value[j], from[i + j]);
            *reinterpret_cast<ph_piece<T, V> *>(p + i) = piece;
        }
        return;
    }
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        if (i < left)
            ph_store(p + i, from[i]);
}

/* Vectors of eight of ph_cuda_rows: `vectors` per row, pads included. */
typedef struct ph_vectors {
    uint32_t items;
    ph_divisor per_row;
    int64_t pitch;
    int64_t width;
} ph_vectors;

/* launch(first, count) for all rows, one item per vector. */
template <typename F> static inline cudaError_t ph_by_vectors(ph_cuda_rows r, F launch)
{
    return r.pitch > INT32_MAX ? cudaErrorInvalidValue : ph_by_rows(r.rows, r.pitch / PH_VECTOR, launch);
}

static inline ph_vectors ph_vectors_of(ph_cuda_rows r, int64_t rows)
{
    const int64_t vectors = r.pitch / PH_VECTOR;
    const ph_vectors v = {(uint32_t)(rows * vectors), ph_divisor_of(vectors), r.pitch, r.width};
    return v;
}

/* Row, column and how many columns from there on are no pad (0 or less: none) of an item. */
typedef struct ph_spot {
    uint32_t row, column;
    int64_t left;
} ph_spot;

static __device__ __forceinline__ ph_spot ph_spot_of(const ph_vectors &v, uint32_t item)
{
    ph_spot s;
    s.row = ph_divide(v.per_row, item);
    s.column = (item - s.row * v.per_row.by) * PH_VECTOR;
    s.left = v.width - (int64_t)s.column;
    return s;
}

/* The channel of columns, (column / inner) % channels, for rows of fewer than 2^31 columns. */
typedef struct ph_channels {
    bool direct; /* the column itself */
    ph_divisor inner, channels;
} ph_channels;

static inline ph_channels ph_channels_of(ph_cuda_rows r)
{
    const ph_channels c = {r.inner == 1 && r.width <= r.channels, ph_divisor_of(r.inner), ph_divisor_of(r.channels)};
    return c;
}

/* to[i] = table[channel of column + i]; pads get `missing`. */
static __device__ __forceinline__ void ph_load_channels(float to[PH_VECTOR], const float *table, const ph_channels &c,
                                                        ph_spot spot, float missing)
{
    if (c.direct && spot.left >= PH_VECTOR) {
        ph_load8(to, table + spot.column);
        return;
    }
    uint32_t channel = spot.column, rest = 0;
    if (!c.direct) {
        const uint32_t plane = ph_divide(c.inner, spot.column);
        rest = spot.column - plane * c.inner.by;
        channel = plane - ph_divide(c.channels, plane) * c.channels.by;
    }
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++) {
        to[i] = i < spot.left ? table[channel] : missing;
        if (++rest == c.inner.by) {
            rest = 0;
            if (++channel == c.channels.by)
                channel = 0;
        }
    }
}

#endif
