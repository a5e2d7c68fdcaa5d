/* Kernels that behave well and badly, for the simulation's own tests. */
#include "kernels.h"

#include "kernels/cuda/launch.cuh"

static __global__ void fill(float *to, int64_t count, float value)
{
    PH_GRID_STRIDE(i, count)
    to[i] = value + (float)i;
}

cudaError_t test_fill(float *to, int64_t count, float value, cudaStream_t stream)
{
    return PH_LAUNCH(fill, ph_grid(count), PH_BLOCK, stream, to, count, value);
}

static __global__ void fill_half(__half *to, float value)
{
    ph_store(to + threadIdx.x, value + (float)threadIdx.x);
}

cudaError_t test_fill_half(void *to, unsigned count, float value, cudaStream_t stream)
{
    return PH_LAUNCH(fill_half, 1, count, stream, static_cast<__half *>(to), value);
}

static __global__ void copy(const float *from, float *to, int64_t count)
{
    PH_GRID_STRIDE(i, count)
    to[i] = from[i];
}

cudaError_t test_copy(const float *from, float *to, int64_t count, cudaStream_t stream)
{
    return PH_LAUNCH(copy, ph_grid(count), PH_BLOCK, stream, from, to, count);
}

static __global__ void copy4(const float *from, float *to)
{
    *reinterpret_cast<float4 *>(to) = *reinterpret_cast<const float4 *>(from);
}

cudaError_t test_copy4(const float *from, float *to, cudaStream_t stream)
{
    return PH_LAUNCH(copy4, 1, 1, stream, from, to);
}

/* Each block turns its part around, through memory that its threads share. */
template <typename T> static __global__ void reverse(const T *from, T *to, bool wait, bool load)
{
    __shared__ T tile[64];
    const unsigned first = blockIdx.x * 64;
    if (load)
        tile[threadIdx.x] = from[first + threadIdx.x];
    if (wait)
        __syncthreads();
    to[first + threadIdx.x] = tile[63 - threadIdx.x];
}

cudaError_t test_reverse(const float *from, float *to, unsigned blocks, bool wait, bool load, cudaStream_t stream)
{
    return PH_LAUNCH(reverse<float>, blocks, 64, stream, from, to, wait, load);
}

static __global__ void part_ways(float *to)
{
    if (threadIdx.x % 2) {
        to[0] = 1;
        __syncthreads();
    } else {
        __syncthreads();
    }
}

cudaError_t test_part_ways(float *to, cudaStream_t stream)
{
    return PH_LAUNCH(part_ways, 1, 2, stream, to);
}

/* All threads write the same place, or read what a neighbour writes. */
static __global__ void collide(float *to, float step)
{
    to[0] = 1 + step * (float)blockIdx.x;
}

cudaError_t test_collide(float *to, float step, cudaStream_t stream)
{
    return PH_LAUNCH(collide, 2, 1, stream, to, step);
}

static __global__ void shift(float *to)
{
    to[threadIdx.x] = to[threadIdx.x + 1];
}

cudaError_t test_shift(float *to, cudaStream_t stream)
{
    return PH_LAUNCH(shift, 1, 2, stream, to);
}

/* As many sums over the block as there are halvings: a barrier in each. */
static __global__ void block_sum(const float *from, float *to)
{
    __shared__ float sums[256];
    sums[threadIdx.x] = from[blockIdx.x * blockDim.x + threadIdx.x];
    for (unsigned half = blockDim.x / 2; half; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half)
            sums[threadIdx.x] += sums[threadIdx.x + half];
    }
    if (!threadIdx.x)
        to[blockIdx.x] = sums[0];
}

cudaError_t test_block_sum(const float *from, float *to, unsigned blocks, cudaStream_t stream)
{
    return PH_LAUNCH(block_sum, blocks, 256, stream, from, to);
}

static __global__ void nothing(int)
{
}

cudaError_t test_block_of(unsigned threads, cudaStream_t stream)
{
    return PH_LAUNCH(nothing, 1, threads, stream, 0);
}
