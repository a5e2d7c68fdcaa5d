/* Softmax along one axis: a block per line where lines are long and lie in one piece, else a thread per line; which one
 * depends on the line alone, and so does the order of the sums. */
#include "kernels/cuda/index.cuh"

#include <math.h>

enum { LONG_LINE = 64 };

struct line_args {
    uint32_t lines;
    ph_divisor per_outer, per_middle;
    int64_t outer_step, middle_step, length, step;
};

static __device__ __forceinline__ int64_t line_start(const line_args &a, uint32_t line)
{
    const uint32_t outer = ph_divide(a.per_outer, line), within = line - outer * a.per_outer.by;
    const uint32_t middle = ph_divide(a.per_middle, within);
    return outer * a.outer_step + middle * a.middle_step + (within - middle * a.per_middle.by);
}

/* The sum (or the largest) over the threads of a block, as a fixed tree; every thread gets it. */
static __device__ __forceinline__ float block_reduce(float value, bool largest)
{
    __shared__ float partial[PH_BLOCK];
    partial[threadIdx.x] = value;
    for (unsigned half = PH_BLOCK / 2; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            const float other = partial[threadIdx.x + half], own = partial[threadIdx.x];
            partial[threadIdx.x] = !largest ? own + other : other > own ? other : own;
        }
    }
    __syncthreads();
    const float result = partial[0];
    __syncthreads();
    return result;
}

template <typename T> static __global__ void __launch_bounds__(PH_BLOCK) softmax_block(line_args a, const T *x, T *y)
{
    const int64_t start = line_start(a, blockIdx.x);
    float most = -INFINITY, sum = 0.0f;
    for (int64_t i = threadIdx.x; i < a.length; i += PH_BLOCK) {
        const float value = ph_load(x + start + i);
        most = value > most ? value : most;
    }
    most = block_reduce(most, true);
    for (int64_t i = threadIdx.x; i < a.length; i += PH_BLOCK)
        sum += expf(ph_load(x + start + i) - most);
    sum = block_reduce(sum, false);
    for (int64_t i = threadIdx.x; i < a.length; i += PH_BLOCK)
        ph_store(y + start + i, expf(ph_load(x + start + i) - most) / sum);
}

template <typename T> static __global__ void __launch_bounds__(PH_BLOCK) softmax_line(line_args a, const T *x, T *y)
{
    const uint32_t line = ph_item();
    if (line >= a.lines)
        return;
    const int64_t start = line_start(a, line);
    float most = -INFINITY;
    double sum = 0.0;
    for (int64_t i = 0; i < a.length; i++) {
        const float value = ph_load(x + start + i * a.step);
        most = value > most ? value : most;
    }
    for (int64_t i = 0; i < a.length; i++)
        sum += (double)expf(ph_load(x + start + i * a.step) - most);
    for (int64_t i = 0; i < a.length; i++)
        ph_store(y + start + i * a.step, expf(ph_load(x + start + i * a.step) - most) / (float)sum);
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    softmax_block_back(line_args a, const T *y, const T *dy, T *dx, bool add)
{
    const int64_t start = line_start(a, blockIdx.x);
    float sum = 0.0f;
    for (int64_t i = threadIdx.x; i < a.length; i += PH_BLOCK)
        sum += ph_load(y + start + i) * ph_load(dy + start + i);
    sum = block_reduce(sum, false);
    for (int64_t i = threadIdx.x; i < a.length; i += PH_BLOCK) {
        const float g = ph_load(y + start + i) * (ph_load(dy + start + i) - sum);
        ph_store(dx + start + i, add ? ph_load(dx + start + i) + g : g);
    }
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    softmax_line_back(line_args a, const T *y, const T *dy, T *dx, bool add)
{
    const uint32_t line = ph_item();
    if (line >= a.lines)
        return;
    const int64_t start = line_start(a, line);
    double sum = 0.0;
    for (int64_t i = 0; i < a.length; i++)
        sum += (double)(ph_load(y + start + i * a.step) * ph_load(dy + start + i * a.step));
    for (int64_t i = 0; i < a.length; i++) {
        const int64_t at = start + i * a.step;
        const float g = ph_load(y + at) * (ph_load(dy + at) - (float)sum);
        ph_store(dx + at, add ? ph_load(dx + at) + g : g);
    }
}

static bool long_lines(const ph_cuda_lines &l)
{
    return l.step == 1 && l.length > LONG_LINE;
}

static line_args line_part(const ph_cuda_lines &l, int64_t outer)
{
    line_args a;
    a.lines = (uint32_t)(outer * l.middle * l.inner);
    a.per_outer = ph_divisor_of(l.middle * l.inner);
    a.per_middle = ph_divisor_of(l.inner);
    a.outer_step = l.outer_step;
    a.middle_step = l.middle_step;
    a.length = l.length;
    a.step = l.step;
    return a;
}

template <typename T>
static cudaError_t softmax_lines(const ph_cuda_lines &l, const void *x, void *y, cudaStream_t stream)
{
    const auto kernel = long_lines(l) ? softmax_block<T> : softmax_line<T>;
    return ph_by_rows(l.outer, l.middle * l.inner, [=](int64_t first, int64_t outer) {
        const line_args a = line_part(l, outer);
        return PH_LAUNCH(kernel, long_lines(l) ? a.lines : ph_blocks(a.lines), PH_BLOCK, stream, a,
                         (const T *)x + first * l.outer_step, (T *)y + first * l.outer_step);
    });
}

cudaError_t ph_cuda_softmax_forward(ph_cuda_type type, ph_cuda_lines l, const void *x, void *y, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, softmax_lines, l, x, y, stream);
}

template <typename T>
static cudaError_t softmax_lines_back(const ph_cuda_lines &l, const void *y, const void *dy, void *dx, bool add,
                                      cudaStream_t stream)
{
    const auto kernel = long_lines(l) ? softmax_block_back<T> : softmax_line_back<T>;
    return ph_by_rows(l.outer, l.middle * l.inner, [=](int64_t first, int64_t outer) {
        const line_args a = line_part(l, outer);
        const int64_t at = first * l.outer_step;
        return PH_LAUNCH(kernel, long_lines(l) ? a.lines : ph_blocks(a.lines), PH_BLOCK, stream, a, (const T *)y + at,
                         (const T *)dy + at, (T *)dx + at, add);
    });
}

cudaError_t ph_cuda_softmax_backward(ph_cuda_type type, ph_cuda_lines l, const void *y, const void *dy, void *dx,
                                     bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, softmax_lines_back, l, y, dy, dx, add, stream);
}
