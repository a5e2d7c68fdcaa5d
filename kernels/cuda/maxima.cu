/* Maxima over small square windows K x K by S, channels last. A thread makes eight channels of N neighbours of a row of
 * the output, and on the way back of S rows and N S columns of the input: what all windows over them chose. A block
 * works on at most 64 channels and many positions, because they share most of what they read. */
#include "kernels/cuda/index.cuh"
#include "kernels/cuda/maxima.cuh"
#include "kernels/cuda/packed.cuh"

enum { CHUNK = 8, RESIDENT = 2 }; /* most vectors that a block works on; blocks for which the registers suffice */

/* How many windows of a row a thread makes: fewer of floats, which take twice the registers. */
template <typename T> static constexpr int MANY = sizeof(T) == 2 ? 4 : 2;
template <typename T> static constexpr int SOME = sizeof(T) == 2 ? 2 : 1;

struct maxima_args {
    uint32_t items;
    ph_divisor chunk, strips, rows, chunks; /* item: (plane, chunk, row, strip, vector of the chunk) */
    int vectors, pitch;
    int pad[2], size[2], out_size[2];
};

struct maxima_spot {
    uint32_t plane;
    int row, strip, channel;
};

/* False: this thread has no channels. */
static __device__ __forceinline__ bool maxima_spot_of(const maxima_args &a, maxima_spot *s)
{
    const uint32_t item = ph_item();
    const uint32_t strip = ph_divide(a.chunk, item), row = ph_divide(a.strips, strip), chunk = ph_divide(a.rows, row);
    s->plane = ph_divide(a.chunks, chunk);
    const int vector = (int)((chunk - s->plane * a.chunks.by) * a.chunk.by + (item - strip * a.chunk.by));
    s->row = (int)(row - chunk * a.rows.by);
    s->strip = (int)(strip - row * a.strips.by);
    s->channel = vector * PH_VECTOR;
    return item < a.items && vector < a.vectors;
}

static __device__ __forceinline__ int within(int at, int size)
{
    return at < 0 ? 0 : at < size ? at : size - 1;
}

/* The places of the maxima of eight channels, one after the other; only taken where one of them may be NaN. */
template <typename T, int K>
static __device__ void choose(const maxima_args &a, const T *plane, int top, int left, uint8_t *index)
{
#pragma unroll 1
    for (int i = 0; i < PH_VECTOR; i++) {
        float best = -INFINITY;
        int where = -1;
#pragma unroll 1
        for (int tap = 0; tap < K * K; tap++) {
            const int row = top + tap / K, column = left + tap % K;
            if (row < 0 || row >= a.size[0] || column < 0 || column >= a.size[1])
                continue;
            const float value = ph_load(plane + (row * a.size[1] + column) * a.pitch + i);
            if (where < 0 || (!(value <= best) && best == best)) {
                best = value;
                where = tap;
            }
        }
        index[i] = (uint8_t)where;
    }
}

/* What stands outside the image counts as the nearest place inside, which is in the window too: the maximum is the
 * same. A place is coded as row K + column, from the first column of the strip; codes are clamped to the first row and
 * column inside, so that the smallest code is that of the first maximum. */
template <typename T, int K, int N>
static __device__ __forceinline__ void columns_of(const maxima_args &a, const T *plane, int top, int left,
                                                  ph_packed<T> most[N], ph_packed<T> code[N])
{
    typedef typename ph_pair<T>::type pair;
    const int first_row = top < 0 ? -top : 0;
    const T *row[K];
    pair step[K]; /* how much larger the code of a row is than that of the row above */
#pragma unroll
    for (int r = 0; r < K; r++) {
        row[r] = plane + within(top + r, a.size[0]) * a.size[1] * a.pitch;
        step[r] = ph_number<T>(r > first_row ? K : 0);
    }
#pragma unroll
    for (int j = 0; j < N; j++) {
        const int column = within(left + j, a.size[1]) * a.pitch;
        const pair start = ph_coded<T>(first_row * K + (left + j < 0 ? -left : j));
        ph_packed<T> value[K];
#pragma unroll
        for (int r = 0; r < K; r++)
            value[r] = ph_load_packed(row[r] + column);
#pragma unroll
        for (int i = 0; i < ph_pairs<T>; i++) {
            pair largest = value[0].value[i];
#pragma unroll
            for (int r = 1; r < K; r++)
                largest = ph_larger(largest, value[r].value[i]);
            pair more = step[K - 1];
#pragma unroll
            for (int r = K - 2; r > 0; r--)
                more = ph_multiply_add(ph_differ(value[r].value[i], largest), more, step[r]);
            most[j].value[i] = largest;
            code[j].value[i] = ph_multiply_add(ph_differ(value[0].value[i], largest), more, start);
        }
    }
}

/* N windows of a row from `column` on, to y[out] and index[out]. */
template <typename T, int K, int S, int N>
static __device__ __forceinline__ void strip_forward(const maxima_args &a, const T *plane, int row, int column,
                                                     int64_t out, T *y, uint8_t *index)
{
    typedef typename ph_pair<T>::type pair;
    enum { COLUMNS = (N - 1) * S + K, FAR = 64 };
    const int top = row * S - a.pad[0], left = column * S - a.pad[1];
    ph_packed<T> most[COLUMNS], code[COLUMNS];
    columns_of<T, K, COLUMNS>(a, plane, top, left, most, code);
    const pair zero = ph_number<T>(0), far = ph_number<T>(FAR);
    pair infinite = zero; /* NaN as soon as a maximum is infinite or NaN */
#pragma unroll
    for (int o = 0; o < N; o++) {
        ph_packed<T> best = most[o * S], first;
#pragma unroll
        for (int i = 0; i < ph_pairs<T>; i++) {
#pragma unroll
            for (int q = 1; q < K; q++)
                best.value[i] = ph_larger(best.value[i], most[o * S + q].value[i]);
            infinite = ph_multiply_add(best.value[i], zero, infinite);
#pragma unroll
            for (int q = 0; q < K; q++) {
                const pair differs = ph_differ(most[o * S + q].value[i], best.value[i]);
                const pair candidate = ph_multiply_add(differs, far, code[o * S + q].value[i]);
                first.value[i] = q ? ph_smaller(first.value[i], candidate) : candidate;
            }
        }
        if (column + o >= a.out_size[1])
            continue;
        const int64_t at = out + o * a.pitch;
        ph_store_packed(y + at, best);
        if (!index)
            continue;
        uint2 places = ph_decode(first.value);
        places.x -= o * S * 0x01010101u;
        places.y -= o * S * 0x01010101u;
        *reinterpret_cast<uint2 *>(index + at) = places;
    }
    if (index && ph_any_nan(infinite))
#pragma unroll 1
        for (int o = 0; o < N && column + o < a.out_size[1]; o++)
            choose<T, K>(a, plane, top, left + o * S, index + out + o * a.pitch);
}

template <typename T, int K, int S, int N>
static __global__ void __launch_bounds__(PH_BLOCK, RESIDENT)
    maxima_forward(maxima_args a, const T *__restrict__ x, T *__restrict__ y, uint8_t *__restrict__ index)
{
    enum { STEP = ph_pair<T>::NATIVE ? N : N / 2 }; /* what is made of several instructions takes registers too */
    maxima_spot s;
    if (!maxima_spot_of(a, &s))
        return;
    const T *plane = x + s.plane * ((int64_t)a.size[0] * a.size[1] * a.pitch) + s.channel;
    const int64_t out = s.plane * ((int64_t)a.out_size[0] * a.out_size[1] * a.pitch) + s.channel;
#pragma unroll 1
    for (int column = s.strip * N; column < s.strip * N + N; column += STEP) {
        const int64_t at = out + (s.row * a.out_size[1] + column) * a.pitch;
        strip_forward<T, K, S, STEP>(a, plane, s.row, column, at, y, index);
    }
}

/* ---- Backward ---------------------------------------------------------------------------------------------------- */

/* Adds what window (i, j) of those over the thread's places gives to them: dy at the place that it chose. */
template <int K, int S, int N, int COUNT>
static __device__ __forceinline__ void give_chosen(int i, int j, uint2 chosen, const float value[PH_VECTOR],
                                                   float sum[S][N * S][PH_VECTOR])
{
#pragma unroll
    for (int p = 0; p < S; p++)
#pragma unroll
        for (int q = 0; q < N * S; q++) {
            const int row = S * (COUNT - 1 - i) + p, column = S * (COUNT - 1 - j) + q;
            if (row >= K || column < 0 || column >= K)
                continue;
            const uint32_t tap = (uint32_t)(row * K + column) * 0x01010101u;
            const uint32_t other[2] = {ph_difference(chosen.x, tap), ph_difference(chosen.y, tap)};
#pragma unroll
            for (int k = 0; k < PH_VECTOR; k++)
                if ((other[k / 4] & (0xffu << (8 * (k % 4)))) == 0)
                    sum[p][q][k] += value[k];
        }
}

/* Window w covers the places w S … w S + K - 1 of an axis, counted from the start of the pad. The thread's places start
 * at a multiple of S, so that COUNT windows may reach them, in the same way for every thread. */
template <typename T, int K, int S, int N>
static __global__ void __launch_bounds__(PH_BLOCK, RESIDENT)
    maxima_backward(maxima_args a, const uint8_t *__restrict__ index, const T *__restrict__ dy, T *__restrict__ dx,
                    bool add)
{
    enum { COUNT = (K - 1) / S + 1 };
    maxima_spot s;
    if (!maxima_spot_of(a, &s))
        return;
    const int64_t out = s.plane * ((int64_t)a.out_size[0] * a.out_size[1] * a.pitch) + s.channel;
    const int row = a.pad[0] / S + s.row, column = a.pad[1] / S + s.strip * N;
    float sum[S][N * S][PH_VECTOR];
#pragma unroll
    for (int p = 0; p < S; p++)
#pragma unroll
        for (int q = 0; q < N * S; q++)
#pragma unroll
            for (int k = 0; k < PH_VECTOR; k++)
                sum[p][q][k] = 0.0f;
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
        const int r = row - (COUNT - 1) + i;
        if (r < 0 || r >= a.out_size[0])
            continue;
        const int64_t line = out + r * a.out_size[1] * a.pitch;
#pragma unroll
        for (int j = 0; j < COUNT + N - 1; j++) {
            const int q = column - (COUNT - 1) + j;
            const int64_t at = line + within(q, a.out_size[1]) * a.pitch;
            const uint32_t none = q >= 0 && q < a.out_size[1] ? 0 : ~0u;
            uint2 chosen = *reinterpret_cast<const uint2 *>(index + at);
            chosen.x |= none;
            chosen.y |= none;
            float value[PH_VECTOR];
            ph_load8(value, dy + at);
            give_chosen<K, S, N, COUNT>(i, j, chosen, value, sum);
        }
    }
    T *plane = dx + s.plane * ((int64_t)a.size[0] * a.size[1] * a.pitch) + s.channel;
#pragma unroll
    for (int p = 0; p < S; p++)
#pragma unroll
        for (int q = 0; q < N * S; q++) {
            const int y = row * S + p - a.pad[0], x = column * S + q - a.pad[1];
            if (y >= 0 && y < a.size[0] && x >= 0 && x < a.size[1])
                ph_give8(plane + (y * a.size[1] + x) * a.pitch, sum[p][q], add);
        }
}

/* ---- Launching --------------------------------------------------------------------------------------------------- */

static int up(int64_t n, int64_t by)
{
    return (int)((n + by - 1) / by);
}

/* `items`: of one plane, for rows x strips of them. */
static maxima_args maxima_part(const ph_cuda_pool &p, int rows, int strips)
{
    maxima_args a;
    const int vectors = (int)(p.pitch / PH_VECTOR), chunks = up(vectors, CHUNK), chunk = up(vectors, chunks);
    a.items = (uint32_t)rows * (uint32_t)strips * (uint32_t)(chunks * chunk);
    a.chunk = ph_divisor_of(chunk);
    a.strips = ph_divisor_of(strips);
    a.rows = ph_divisor_of(rows);
    a.chunks = ph_divisor_of(chunks);
    a.vectors = vectors;
    a.pitch = (int)p.pitch;
    for (int i = 0; i < 2; i++)
        a.pad[i] = p.pad_begin[i];
    a.size[0] = p.height;
    a.size[1] = p.width;
    a.out_size[0] = p.out_height;
    a.out_size[1] = p.out_width;
    return a;
}

bool ph_cuda_maxima_fit(const ph_cuda_pool &p)
{
    const int k = p.kernel[0], s = p.stride[0];
    if (p.average || k != p.kernel[1] || s != p.stride[1] || p.dilation[0] != 1 || p.dilation[1] != 1 ||
        !((k == 3 && (s == 1 || s == 2)) || (k == 2 && s == 2)))
        return false;
    const int size[2] = {p.height, p.width}, out[2] = {p.out_height, p.out_width};
    for (int i = 0; i < 2; i++)
        if (p.pad_begin[i] >= k || (int64_t)(out[i] - 1) * s - p.pad_begin[i] >= size[i])
            return false;
    /* with room for the windows beyond the last row and column */
    const int64_t largest = INT32_MAX / 2;
    return ((int64_t)p.height + 4) * ((int64_t)p.width + 8) <= largest / (p.pitch + PH_VECTOR * CHUNK) &&
           ((int64_t)p.out_height + 4) * ((int64_t)p.out_width + 8) <= largest / (p.pitch + PH_VECTOR * CHUNK);
}

template <typename T, int K, int S, int N>
static cudaError_t forward_planes(const ph_cuda_pool &p, const void *x, void *y, uint8_t *index, cudaStream_t stream)
{
    const auto kernel = maxima_forward<T, K, S, N>;
    const maxima_args plane = maxima_part(p, p.out_height, up(p.out_width, N));
    const int64_t in = (int64_t)p.height * p.width * p.pitch, out = (int64_t)p.out_height * p.out_width * p.pitch;
    return ph_by_rows(p.planes, plane.items, [=](int64_t first, int64_t planes) {
        maxima_args a = plane;
        a.items *= (uint32_t)planes;
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, (const T *)x + first * in,
                         (T *)y + first * out, index ? index + first * out : (uint8_t *)nullptr);
    });
}

template <typename T>
static cudaError_t forward_of(const ph_cuda_pool &p, const void *x, void *y, uint8_t *index, cudaStream_t stream)
{
    return p.kernel[0] == 2   ? forward_planes<T, 2, 2, 2>(p, x, y, index, stream)
           : p.stride[0] == 2 ? forward_planes<T, 3, 2, SOME<T>>(p, x, y, index, stream)
                              : forward_planes<T, 3, 1, MANY<T>>(p, x, y, index, stream);
}

cudaError_t ph_cuda_maxima_forward(ph_cuda_type type, const ph_cuda_pool &pool, const void *x, void *y, uint8_t *index,
                                   cudaStream_t stream)
{
    return PH_FOR_TYPE(type, forward_of, pool, x, y, index, stream);
}

template <typename T, int K, int S, int N>
static cudaError_t backward_planes(const ph_cuda_pool &p, const uint8_t *index, const void *dy, void *dx, bool add,
                                   cudaStream_t stream)
{
    const auto kernel = maxima_backward<T, K, S, N>;
    const int rows = up((int64_t)p.height + p.pad_begin[0], S) - p.pad_begin[0] / S;
    const int columns = up((int64_t)p.width + p.pad_begin[1], S) - p.pad_begin[1] / S;
    const maxima_args plane = maxima_part(p, rows, up(columns, N));
    const int64_t in = (int64_t)p.height * p.width * p.pitch, out = (int64_t)p.out_height * p.out_width * p.pitch;
    return ph_by_rows(p.planes, plane.items, [=](int64_t first, int64_t planes) {
        maxima_args a = plane;
        a.items *= (uint32_t)planes;
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a, index + first * out,
                         (const T *)dy + first * out, (T *)dx + first * in, add);
    });
}

template <typename T>
static cudaError_t backward_of(const ph_cuda_pool &p, const uint8_t *index, const void *dy, void *dx, bool add,
                               cudaStream_t stream)
{
    return p.kernel[0] == 2   ? backward_planes<T, 2, 2, 1>(p, index, dy, dx, add, stream)
           : p.stride[0] == 2 ? backward_planes<T, 3, 2, 1>(p, index, dy, dx, add, stream)
                              : backward_planes<T, 3, 1, 4>(p, index, dy, dx, add, stream);
}

cudaError_t ph_cuda_maxima_backward(ph_cuda_type type, const ph_cuda_pool &pool, const uint8_t *index, const void *dy,
                                    void *dx, bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, backward_of, pool, index, dy, dx, add, stream);
}
