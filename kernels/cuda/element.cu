/* element.def as grid-stride kernels: one thread works on one element at a time. */
#include "kernels/cuda/element_launch.h"
#include "kernels/cuda/launch.cuh"

/* Few elements are long sums: small blocks spread them over the card. */
static unsigned block_for(int64_t count)
{
    return count < (1 << 15) ? 64 : PH_BLOCK;
}

static unsigned grid_for(int64_t count, unsigned block)
{
    const int64_t most = 1 << 16, blocks = (count + block - 1) / block;
    return (unsigned)(blocks < most ? blocks : most);
}

/* Two blocks per multiprocessor: asked for more, ptxas spills where a body is long. */
#define PH_ELEMENT(name)                                                                                               \
    static __global__ void __launch_bounds__(PH_BLOCK, 2) ph_kernel_##name(int64_t count, ph_##name##_args args)          \
    {                                                                                                                  \
        PH_GRID_STRIDE(i, count)                                                                                       \
        ph_##name##_at(i, args);                                                                                       \
    }                                                                                                                  \
    cudaError_t ph_cuda_element_##name(int64_t count, ph_##name##_args args, cudaStream_t stream)                      \
    {                                                                                                                  \
        if (count <= 0)                                                                                                \
            return cudaSuccess;                                                                                        \
        const unsigned block = block_for(count);                                                                       \
        return PH_LAUNCH(ph_kernel_##name, grid_for(count, block), block, stream, count, args);                        \
    }
#include "kernels/element/element.def"
#undef PH_ELEMENT

/* Of a spectrum's columns 0 and (even width) width/2: z(k) <- (z(k) + conj z(-k)) / 2, the part that a real plane can
 * have; cuFFT takes for granted that it is all there is. One thread has both k and -k. */
static __global__ void __launch_bounds__(PH_BLOCK)
    project_kernel(float2 *spectrum, int64_t count, int height, int columns, int lines, int sides)
{
    PH_GRID_STRIDE(i, count)
    {
        const int64_t plane = i / (lines * sides);
        const int rest = (int)(i - plane * (lines * sides));
        const int y = rest / sides, column = rest % sides ? columns - 1 : 0;
        const int mirrored = y ? height - y : 0;
        float2 *z = spectrum + (plane * height + y) * columns + column;
        float2 *m = spectrum + (plane * height + mirrored) * columns + column;
        const float2 a = *z, b = *m;
        *z = make_float2(0.5f * (a.x + b.x), 0.5f * (a.y - b.y));
        *m = make_float2(0.5f * (a.x + b.x), 0.5f * (b.y - a.y));
    }
}

cudaError_t ph_cuda_project(float *spectrum, int64_t planes, int width, int height, cudaStream_t stream)
{
    const int columns = width / 2 + 1, lines = height / 2 + 1, sides = width % 2 == 0 && width > 1 ? 2 : 1;
    const int64_t count = planes * lines * sides;
    if (count <= 0)
        return cudaSuccess;
    return PH_LAUNCH(project_kernel, ph_grid(count), PH_BLOCK, stream, reinterpret_cast<float2 *>(spectrum), count,
                     height, columns, lines, sides);
}
