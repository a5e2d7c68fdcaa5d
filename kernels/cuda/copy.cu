/* Copies: between row-major and channels-last, between float and the value type, of slices of rows. */
#include "kernels/cuda/index.cuh"

/* ---- Row-major to channels last and back ------------------------------------------------------------------------- */

/* A block moves TILE_CHANNELS channels of TILE_AREA positions through shared memory, so that both sides are read and
 * written in whole lines: 32 neighbouring positions of a plane, 64 neighbouring channels of a position. */
enum {
    TILE_AREA = 32,
    TILE_CHANNELS = 64,
    TILE_LINES = PH_BLOCK / TILE_AREA,
    TILE_VECTORS = TILE_CHANNELS / PH_VECTOR
};

/* [n, channels, area] per picture. `items`: threads of a launch for few channels, else blocks. */
struct swap_args {
    uint32_t items;
    ph_divisor per_picture, per_plane, per_line; /* items; per_line: tiles along the area */
    int64_t step, channels, area, pitch, last_step;
    float scale;
    bool add;
};

/* Where the planes of an item start on both sides, and the item's number within them. */
struct swap_spot {
    int64_t plain, last;
    uint32_t rest;
};

static __device__ __forceinline__ swap_spot swap_spot_of(const swap_args &a, uint32_t item)
{
    const uint32_t picture = ph_divide(a.per_picture, item), within = item - picture * a.per_picture.by;
    const uint32_t plane = ph_divide(a.per_plane, within);
    swap_spot s;
    s.plain = picture * a.step + plane * (a.channels * a.area);
    s.last = picture * a.last_step + plane * (a.area * a.pitch);
    s.rest = within - plane * a.per_plane.by;
    return s;
}

/* At most eight channels: one thread takes all of a position. */
template <typename P, typename T>
static __global__ void __launch_bounds__(PH_BLOCK) pack_few(swap_args a, const P *plain, T *last)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const swap_spot s = swap_spot_of(a, item);
    const P *from = plain + s.plain + s.rest;
    T *to = last + s.last + s.rest * (int64_t)PH_VECTOR;
    float value[PH_VECTOR], old[PH_VECTOR];
    if (a.add)
        ph_load8(old, to);
#pragma unroll
    for (int c = 0; c < PH_VECTOR; c++) {
        value[c] = c < a.channels ? ph_load(from + c * a.area) * a.scale : 0.0f;
        value[c] = a.add ? old[c] + value[c] : value[c];
    }
    ph_store8(to, value);
}

template <typename P, typename T>
static __global__ void __launch_bounds__(PH_BLOCK) unpack_few(swap_args a, const T *last, P *plain)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const swap_spot s = swap_spot_of(a, item);
    P *to = plain + s.plain + s.rest;
    float value[PH_VECTOR];
    ph_load8(value, last + s.last + s.rest * (int64_t)PH_VECTOR);
#pragma unroll
    for (int c = 0; c < PH_VECTOR; c++)
        if (c < a.channels) {
            P *place = to + c * a.area;
            const float result = value[c] * a.scale;
            ph_store(place, a.add ? ph_load(place) + result : result);
        }
}

/* First position and channel of a tile. */
static __device__ __forceinline__ void tile_spot(const swap_args &a, uint32_t rest, int64_t *position, int64_t *channel)
{
    const uint32_t row = ph_divide(a.per_line, rest);
    *position = (rest - row * a.per_line.by) * (int64_t)TILE_AREA;
    *channel = row * (int64_t)TILE_CHANNELS;
}

template <typename P, typename T>
static __global__ void __launch_bounds__(PH_BLOCK) pack_tiles(swap_args a, const P *plain, T *last)
{
    __shared__ float tile[TILE_CHANNELS][TILE_AREA + 1];
    const swap_spot s = swap_spot_of(a, blockIdx.x);
    int64_t position, channel;
    tile_spot(a, s.rest, &position, &channel);
    const int column = (int)threadIdx.x % TILE_AREA, line = (int)threadIdx.x / TILE_AREA;
    const P *from = plain + s.plain + (channel + line) * a.area + position + column;
#pragma unroll
    for (int i = 0; i < TILE_CHANNELS; i += TILE_LINES) {
        const bool inside = channel + line + i < a.channels && position + column < a.area;
        tile[line + i][column] = inside ? ph_load(from + i * a.area) * a.scale : 0.0f;
    }
    __syncthreads();
    const int group = (int)threadIdx.x % TILE_VECTORS * PH_VECTOR, row = (int)threadIdx.x / TILE_VECTORS;
    if (channel + group >= a.pitch || position + row >= a.area)
        return;
    T *to = last + s.last + (position + row) * a.pitch + channel + group;
    float value[PH_VECTOR], old[PH_VECTOR];
    if (a.add)
        ph_load8(old, to);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        value[i] = a.add ? old[i] + tile[group + i][row] : tile[group + i][row];
    ph_store8(to, value);
}

template <typename P, typename T>
static __global__ void __launch_bounds__(PH_BLOCK) unpack_tiles(swap_args a, const T *last, P *plain)
{
    __shared__ float tile[TILE_CHANNELS][TILE_AREA + 1];
    const swap_spot s = swap_spot_of(a, blockIdx.x);
    int64_t position, channel;
    tile_spot(a, s.rest, &position, &channel);
    const int group = (int)threadIdx.x % TILE_VECTORS * PH_VECTOR, row = (int)threadIdx.x / TILE_VECTORS;
    if (channel + group < a.pitch && position + row < a.area) {
        float value[PH_VECTOR];
        ph_load8(value, last + s.last + (position + row) * a.pitch + channel + group);
#pragma unroll
        for (int i = 0; i < PH_VECTOR; i++)
            tile[group + i][row] = value[i];
    }
    __syncthreads();
    const int column = (int)threadIdx.x % TILE_AREA, line = (int)threadIdx.x / TILE_AREA;
    P *to = plain + s.plain + (channel + line) * a.area + position + column;
#pragma unroll
    for (int i = 0; i < TILE_CHANNELS; i += TILE_LINES)
        if (channel + line + i < a.channels && position + column < a.area) {
            P *place = to + i * a.area;
            const float result = tile[line + i][column] * a.scale;
            ph_store(place, a.add ? ph_load(place) + result : result);
        }
}

/* What a move of pictures needs to know. */
struct swap {
    int64_t pictures, n, step, channels, area, pitch;
    float scale;
    bool add;
};

static bool few_channels(const swap &w)
{
    return w.pitch == PH_VECTOR;
}

static int64_t swap_items(const swap &w)
{
    if (few_channels(w))
        return w.area;
    return (w.area + TILE_AREA - 1) / TILE_AREA * ((w.pitch + TILE_CHANNELS - 1) / TILE_CHANNELS);
}

static swap_args swap_part(const swap &w, int64_t pictures)
{
    const int64_t items = swap_items(w);
    swap_args a;
    a.items = (uint32_t)(pictures * w.n * items);
    a.per_picture = ph_divisor_of(w.n * items);
    a.per_plane = ph_divisor_of(items);
    a.per_line = ph_divisor_of((w.area + TILE_AREA - 1) / TILE_AREA);
    a.step = w.step;
    a.channels = w.channels;
    a.area = w.area;
    a.pitch = w.pitch;
    a.last_step = w.n * w.area * w.pitch;
    a.scale = w.scale;
    a.add = w.add;
    return a;
}

template <typename P, typename T>
static cudaError_t pack(const swap &w, const P *plain, void *last, cudaStream_t stream)
{
    const auto kernel = few_channels(w) ? pack_few<P, T> : pack_tiles<P, T>;
    return ph_by_rows(w.pictures, w.n * swap_items(w), [=](int64_t first, int64_t pictures) {
        const swap_args a = swap_part(w, pictures);
        return PH_LAUNCH(kernel, few_channels(w) ? ph_blocks(a.items) : a.items, PH_BLOCK, stream, a,
                         plain + first * a.step, (T *)last + first * a.last_step);
    });
}

template <typename P, typename T>
static cudaError_t unpack(const swap &w, const void *last, P *plain, cudaStream_t stream)
{
    const auto kernel = few_channels(w) ? unpack_few<P, T> : unpack_tiles<P, T>;
    return ph_by_rows(w.pictures, w.n * swap_items(w), [=](int64_t first, int64_t pictures) {
        const swap_args a = swap_part(w, pictures);
        return PH_LAUNCH(kernel, few_channels(w) ? ph_blocks(a.items) : a.items, PH_BLOCK, stream, a,
                         (const T *)last + first * a.last_step, plain + first * a.step);
    });
}

template <typename T> static cudaError_t pack_float(const swap &w, const float *plain, void *last, cudaStream_t stream)
{
    return pack<float, T>(w, plain, last, stream);
}
template <typename T> static cudaError_t pack_value(const swap &w, const void *plain, void *last, cudaStream_t stream)
{
    return pack<T, T>(w, (const T *)plain, last, stream);
}
template <typename T>
static cudaError_t unpack_float(const swap &w, const void *last, float *plain, cudaStream_t stream)
{
    return unpack<float, T>(w, last, plain, stream);
}
template <typename T> static cudaError_t unpack_value(const swap &w, const void *last, void *plain, cudaStream_t stream)
{
    return unpack<T, T>(w, last, (T *)plain, stream);
}

cudaError_t ph_cuda_pack(ph_cuda_type type, const float *plain, void *last, int64_t pictures, int64_t channels,
                         int64_t area, int64_t pitch, float scale, bool add, cudaStream_t stream)
{
    const swap w = {pictures, 1, channels * area, channels, area, pitch, scale, add};
    return PH_FOR_TYPE(type, pack_float, w, plain, last, stream);
}

cudaError_t ph_cuda_unpack(ph_cuda_type type, const void *last, float *plain, int64_t pictures, int64_t channels,
                           int64_t area, int64_t pitch, float scale, cudaStream_t stream)
{
    const swap w = {pictures, 1, channels * area, channels, area, pitch, scale, false};
    return PH_FOR_TYPE(type, unpack_float, w, last, plain, stream);
}

cudaError_t ph_cuda_to_last(ph_cuda_type type, const void *plain, int64_t step, void *last, int64_t pictures, int64_t n,
                            int64_t channels, int64_t area, int64_t pitch, bool add, cudaStream_t stream)
{
    const swap w = {pictures, n, step, channels, area, pitch, 1.0f, add};
    return PH_FOR_TYPE(type, pack_value, w, plain, last, stream);
}

cudaError_t ph_cuda_to_plain(ph_cuda_type type, const void *last, void *plain, int64_t step, int64_t pictures,
                             int64_t n, int64_t channels, int64_t area, int64_t pitch, bool add, cudaStream_t stream)
{
    const swap w = {pictures, n, step, channels, area, pitch, 1.0f, add};
    return PH_FOR_TYPE(type, unpack_value, w, last, plain, stream);
}

/* ---- Rows of float ----------------------------------------------------------------------------------------------- */

template <typename T, int V>
static __global__ void __launch_bounds__(PH_BLOCK)
    from_float(ph_vectors v, const float *from, T *to, float scale, bool add)
{
    const uint32_t item = ph_item();
    if (item >= v.items)
        return;
    const ph_spot spot = ph_spot_of(v, item);
    T *place = to + spot.row * v.pitch + spot.column;
    float value[PH_VECTOR], old[PH_VECTOR];
    ph_load_some<V>(value, from + spot.row * v.width + spot.column, spot.left);
    if (add)
        ph_load8(old, place);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        value[i] = add ? old[i] + value[i] * scale : value[i] * scale;
    ph_store8(place, value);
}

template <typename T, int V>
static __global__ void __launch_bounds__(PH_BLOCK) to_float(ph_vectors v, const T *from, float *to, float scale)
{
    const uint32_t item = ph_item();
    if (item >= v.items)
        return;
    const ph_spot spot = ph_spot_of(v, item);
    float value[PH_VECTOR];
    ph_load8(value, from + spot.row * v.pitch + spot.column);
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++)
        value[i] = value[i] * scale;
    ph_store_some<V>(to + spot.row * v.width + spot.column, value, spot.left);
}

template <typename T>
static cudaError_t from_float_rows(int piece, ph_cuda_rows r, const float *from, void *to, float scale, bool add,
                                   cudaStream_t stream)
{
    const auto kernel = piece == 8 ? from_float<T, 8> : piece == 4 ? from_float<T, 4> : from_float<T, 1>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const ph_vectors v = ph_vectors_of(r, rows);
        return PH_LAUNCH(kernel, ph_blocks(v.items), PH_BLOCK, stream, v, from + first * r.width,
                         (T *)to + first * r.pitch, scale, add);
    });
}

template <typename T>
static cudaError_t to_float_rows(int piece, ph_cuda_rows r, const void *from, float *to, float scale,
                                 cudaStream_t stream)
{
    const auto kernel = piece == 8 ? to_float<T, 8> : piece == 4 ? to_float<T, 4> : to_float<T, 1>;
    return ph_by_vectors(r, [=](int64_t first, int64_t rows) {
        const ph_vectors v = ph_vectors_of(r, rows);
        return PH_LAUNCH(kernel, ph_blocks(v.items), PH_BLOCK, stream, v, (const T *)from + first * r.pitch,
                         to + first * r.width, scale);
    });
}

cudaError_t ph_cuda_from_float(ph_cuda_type type, ph_cuda_rows r, const float *from, void *to, float scale, bool add,
                               cudaStream_t stream)
{
    const int piece = ph_piece_of(from, r.width, PH_CUDA_FLOAT);
    return PH_FOR_TYPE(type, from_float_rows, piece, r, from, to, scale, add, stream);
}

cudaError_t ph_cuda_to_float(ph_cuda_type type, ph_cuda_rows r, const void *from, float *to, float scale,
                             cudaStream_t stream)
{
    const int piece = ph_piece_of(to, r.width, PH_CUDA_FLOAT);
    return PH_FOR_TYPE(type, to_float_rows, piece, r, from, to, scale, stream);
}

/* ---- Slices of rows ---------------------------------------------------------------------------------------------- */

/* Items are pieces of V columns; columns width … fill-1 become 0. */
struct copy_args {
    uint32_t items;
    ph_divisor per_picture, per_row;
    int64_t from_step, to_step, from_pitch, to_pitch, width, fill;
    bool add;
};

template <typename T, int V>
static __global__ void __launch_bounds__(PH_BLOCK) copy_rows(copy_args a, const T *from, T *to)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const uint32_t picture = ph_divide(a.per_picture, item), within = item - picture * a.per_picture.by;
    const uint32_t row = ph_divide(a.per_row, within);
    const int64_t column = (within - row * a.per_row.by) * (int64_t)V;
    const T *source = from + picture * a.from_step + row * a.from_pitch + column;
    T *target = to + picture * a.to_step + row * a.to_pitch + column;
    if (column + V <= a.width) {
        ph_piece<T, V> piece = *reinterpret_cast<const ph_piece<T, V> *>(source);
        if (a.add) {
            const ph_piece<T, V> old = *reinterpret_cast<const ph_piece<T, V> *>(target);
#pragma unroll
            for (int i = 0; i < V; i++)
                ph_store(&piece.value[i], ph_load(&old.value[i]) + ph_load(&piece.value[i]));
        }
        *reinterpret_cast<ph_piece<T, V> *>(target) = piece;
        return;
    }
    for (int i = 0; i < V; i++) {
        if (column + i < a.width)
            ph_store(target + i, a.add ? ph_load(target + i) + ph_load(source + i) : ph_load(source + i));
        else if (column + i < a.fill)
            ph_store(target + i, 0.0f);
    }
}

/* One description of what is copied, rows within pictures. */
struct copy {
    int64_t pictures, from_step, to_step, rows, width, from_pitch, to_pitch, fill;
    bool add;
};

static int copy_piece(ph_cuda_type type, const copy &w, const void *from, const void *to)
{
    const int pieces[4] = {ph_piece_of(from, w.from_pitch, type), ph_piece_of(to, w.to_pitch, type),
                           ph_piece_of(from, w.from_step, type), ph_piece_of(to, w.to_step, type)};
    int least = PH_VECTOR;
    for (int i = 0; i < 4; i++)
        least = pieces[i] < least ? pieces[i] : least;
    return least;
}

template <typename T>
static cudaError_t copy_pictures(int piece, const copy &w, const void *from, void *to, cudaStream_t stream)
{
    const auto kernel = piece == 8 ? copy_rows<T, 8> : piece == 4 ? copy_rows<T, 4> : copy_rows<T, 1>;
    const int64_t columns = w.width > w.fill ? w.width : w.fill, items = (columns + piece - 1) / piece;
    if (w.rows <= 0)
        return cudaSuccess;
    return ph_by_rows(w.pictures, w.rows * items, [=](int64_t first, int64_t pictures) {
        copy_args a;
        a.items = (uint32_t)(pictures * w.rows * items);
        a.per_picture = ph_divisor_of(w.rows * items);
        a.per_row = ph_divisor_of(items);
        a.from_step = w.from_step;
        a.to_step = w.to_step;
        a.from_pitch = w.from_pitch;
        a.to_pitch = w.to_pitch;
        a.width = w.width;
        a.fill = w.add ? w.width : w.fill;
        a.add = w.add;
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const T *)from + first * w.from_step,
                         (T *)to + first * w.to_step);
    });
}

cudaError_t ph_cuda_copy_pictures(ph_cuda_type type, int64_t pictures, int64_t from_step, int64_t to_step, int64_t rows,
                                  int64_t width, const void *from, int64_t from_pitch, void *to, int64_t to_pitch,
                                  int64_t fill, bool add, cudaStream_t stream)
{
    const copy w = {pictures, from_step, to_step, rows, width, from_pitch, to_pitch, fill, add};
    return PH_FOR_TYPE(type, copy_pictures, copy_piece(type, w, from, to), w, from, to, stream);
}

/* The rows as pictures of one row each, of which any number is fine. */
cudaError_t ph_cuda_copy_rows(ph_cuda_type type, int64_t rows, int64_t width, const void *from, int64_t from_pitch,
                              void *to, int64_t to_pitch, int64_t fill, bool add, cudaStream_t stream)
{
    return ph_cuda_copy_pictures(type, rows, from_pitch, to_pitch, 1, width, from, from_pitch, to, to_pitch, fill, add,
                                 stream);
}

/* ---- Pads -------------------------------------------------------------------------------------------------------- */

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    clear_pad(uint32_t items, ph_divisor pad, int64_t width, int64_t pitch, T *to)
{
    const uint32_t item = ph_item();
    if (item >= items)
        return;
    const uint32_t row = ph_divide(pad, item);
    ph_store(to + row * pitch + width + (item - row * pad.by), 0.0f);
}

template <typename T>
static cudaError_t clear_pads(int64_t rows, int64_t width, int64_t pitch, void *to, cudaStream_t stream)
{
    const auto kernel = clear_pad<T>;
    const int64_t pad = pitch - width;
    return ph_by_rows(rows, pad, [=](int64_t first, int64_t count) {
        return PH_LAUNCH(kernel, ph_blocks(count * pad), PH_BLOCK, stream, (uint32_t)(count * pad), ph_divisor_of(pad),
                         width, pitch, (T *)to + first * pitch);
    });
}

cudaError_t ph_cuda_clear_pad(ph_cuda_type type, int64_t rows, int64_t width, int64_t pitch, void *to,
                              cudaStream_t stream)
{
    return PH_FOR_TYPE(type, clear_pads, rows, width, pitch, to, stream);
}
