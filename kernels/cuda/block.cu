#include "kernels/cuda/block.h"
#include "kernels/cuda/index.cuh"

struct block_args {
    ph_cuda_block b;
    uint32_t items;
    ph_divisor per_picture, per_row, per_block; /* pack: vectors; unpack: pixels of all channels, of one, of a line */
};

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK) block_pack(block_args a, const float *plain, T *blocks)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const uint32_t picture = ph_divide(a.per_picture, item), within = item - picture * a.per_picture.by;
    const uint32_t row = ph_divide(a.per_row, within), rest = within - row * a.per_row.by;
    const uint32_t column = ph_divide(a.per_block, rest), vector = rest - column * a.per_block.by;
    const ph_cuda_block &b = a.b;
    const float *from = plain + (int64_t)picture * b.channels * b.height * b.width;
    float value[PH_VECTOR];
#pragma unroll
    for (int i = 0; i < PH_VECTOR; i++) {
        const int channel = (int)vector * PH_VECTOR + i, line = channel / b.side, c = line / b.side;
        const int y = (int)row * b.side - b.origin_y + line % b.side;
        const int x = (int)column * b.side - b.origin_x + channel % b.side;
        const bool inside = c < b.channels && y >= 0 && y < b.height && x >= 0 && x < b.width;
        value[i] = inside ? from[((int64_t)c * b.height + y) * b.width + x] : 0.0f;
    }
    ph_store8(blocks + (int64_t)item * PH_VECTOR, value);
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK) block_unpack(block_args a, const T *blocks, float *plain, float scale)
{
    const uint32_t item = ph_item();
    if (item >= a.items)
        return;
    const ph_cuda_block &b = a.b;
    const uint32_t picture = ph_divide(a.per_picture, item), within = item - picture * a.per_picture.by;
    const uint32_t c = ph_divide(a.per_row, within), rest = within - c * a.per_row.by;
    const uint32_t y = ph_divide(a.per_block, rest), x = rest - y * a.per_block.by;
    const int row = ((int)y + b.origin_y) / b.side, sub_y = ((int)y + b.origin_y) % b.side;
    const int column = ((int)x + b.origin_x) / b.side, sub_x = ((int)x + b.origin_x) % b.side;
    const bool inside = row < b.rows && column < b.columns;
    const int64_t at = (((int64_t)picture * b.rows + row) * b.columns + column) * b.pitch +
                       ((int64_t)c * b.side + sub_y) * b.side + sub_x;
    plain[item] = inside ? ph_load(blocks + at) * scale : 0.0f;
}

template <typename T>
static cudaError_t pack_pictures(const ph_cuda_block *b, int64_t pictures, const float *plain, void *blocks,
                                 cudaStream_t stream)
{
    const auto kernel = block_pack<T>;
    const int64_t vectors = b->pitch / PH_VECTOR, each = (int64_t)b->rows * b->columns * vectors;
    return ph_by_rows(pictures, each, [=](int64_t first, int64_t count) {
        const block_args a = {*b, (uint32_t)(count * each), ph_divisor_of(each), ph_divisor_of(b->columns * vectors),
                              ph_divisor_of(vectors)};
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a,
                         plain + first * b->channels * b->height * b->width,
                         (T *)blocks + first * b->rows * b->columns * b->pitch);
    });
}

cudaError_t ph_cuda_block_pack(ph_cuda_type type, const ph_cuda_block *block, int64_t pictures, const float *plain,
                               void *blocks, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, pack_pictures, block, pictures, plain, blocks, stream);
}

template <typename T>
static cudaError_t unpack_pictures(const ph_cuda_block *b, int64_t pictures, const void *blocks, float *plain,
                                   float scale, cudaStream_t stream)
{
    const auto kernel = block_unpack<T>;
    const int64_t plane = (int64_t)b->height * b->width, each = b->channels * plane;
    return ph_by_rows(pictures, each, [=](int64_t first, int64_t count) {
        const block_args a = {*b, (uint32_t)(count * each), ph_divisor_of(each), ph_divisor_of(plane),
                              ph_divisor_of(b->width)};
        return PH_LAUNCH(kernel, ph_blocks(a.items), PH_BLOCK, stream, a,
                         (const T *)blocks + first * b->rows * b->columns * b->pitch, plain + first * each, scale);
    });
}

cudaError_t ph_cuda_block_unpack(ph_cuda_type type, const ph_cuda_block *block, int64_t pictures, const void *blocks,
                                 float *plain, float scale, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, unpack_pictures, block, pictures, blocks, plain, scale, stream);
}
