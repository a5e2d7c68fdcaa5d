/* Any rearrangement of a picture's values, by a table that all pictures share. */
#include "kernels/cuda/index.cuh"

enum { MAP_FILL = -1 }; /* other negative entries: a pad */

/* V neighbours of the map per thread. */
template <typename T, int V>
static __global__ void __launch_bounds__(PH_BLOCK)
    gather(uint32_t items, ph_divisor per_picture, const int32_t *map, const T *from, int64_t from_step, T *to,
           int64_t to_step, float fill)
{
    const uint32_t item = ph_item();
    if (item >= items)
        return;
    const uint32_t picture = ph_divide(per_picture, item);
    const int64_t at = (item - picture * per_picture.by) * (int64_t)V;
    const ph_piece<int32_t, V> entries = *reinterpret_cast<const ph_piece<int32_t, V> *>(map + at);
    const T *source = from + picture * from_step;
    ph_piece<T, V> piece;
#pragma unroll
    for (int i = 0; i < V; i++) {
        const int32_t entry = entries.value[i];
        const float value = entry >= 0 ? ph_load(source + entry) : entry == MAP_FILL ? fill : 0.0f;
        ph_store(&piece.value[i], value);
    }
    *reinterpret_cast<ph_piece<T, V> *>(to + picture * to_step + at) = piece;
}

template <typename T>
static __global__ void __launch_bounds__(PH_BLOCK)
    gather_vjp(uint32_t items, ph_divisor per_picture, const int32_t *begin, const int32_t *list, const T *from,
               int64_t from_step, T *gradient, int64_t gradient_step, bool add)
{
    const uint32_t item = ph_item();
    if (item >= items)
        return;
    const uint32_t picture = ph_divide(per_picture, item), at = item - picture * per_picture.by;
    const T *source = from + picture * from_step;
    T *place = gradient + picture * gradient_step + at;
    const int32_t end = begin[at + 1];
    float sum = 0.0f;
    for (int32_t j = begin[at]; j < end; j++)
        sum += ph_load(source + list[j]);
    ph_store(place, add ? ph_load(place) + sum : sum);
}

template <typename T>
static cudaError_t gather_all(int64_t pictures, int64_t count, const int32_t *map, const void *from, int64_t from_step,
                              void *to, int64_t to_step, float fill, cudaStream_t stream)
{
    const bool vectors = count % PH_VECTOR == 0 && to_step % PH_VECTOR == 0 && (uintptr_t)to % 16 == 0;
    const auto kernel = vectors ? gather<T, PH_VECTOR> : gather<T, 1>;
    const int64_t items = vectors ? count / PH_VECTOR : count;
    return ph_by_rows(pictures, items, [=](int64_t first, int64_t rows) {
        return PH_LAUNCH(kernel, ph_blocks(rows * items), PH_BLOCK, stream, (uint32_t)(rows * items),
                         ph_divisor_of(items), map, (const T *)from + first * from_step, from_step,
                         (T *)to + first * to_step, to_step, fill);
    });
}

cudaError_t ph_cuda_gather(ph_cuda_type type, int64_t pictures, int64_t count, const int32_t *map, const void *from,
                           int64_t from_step, void *to, int64_t to_step, float fill, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, gather_all, pictures, count, map, from, from_step, to, to_step, fill, stream);
}

template <typename T>
static cudaError_t gather_vjp_all(int64_t pictures, int64_t count, const int32_t *begin, const int32_t *list,
                                  const void *from, int64_t from_step, void *gradient, int64_t gradient_step, bool add,
                                  cudaStream_t stream)
{
    const auto kernel = gather_vjp<T>;
    return ph_by_rows(pictures, count, [=](int64_t first, int64_t rows) {
        return PH_LAUNCH(kernel, ph_blocks(rows * count), PH_BLOCK, stream, (uint32_t)(rows * count),
                         ph_divisor_of(count), begin, list, (const T *)from + first * from_step, from_step,
                         (T *)gradient + first * gradient_step, gradient_step, add);
    });
}

cudaError_t ph_cuda_gather_vjp(ph_cuda_type type, int64_t pictures, int64_t count, const int32_t *begin,
                               const int32_t *list, const void *from, int64_t from_step, void *gradient,
                               int64_t gradient_step, bool add, cudaStream_t stream)
{
    return PH_FOR_TYPE(type, gather_vjp_all, pictures, count, begin, list, from, from_step, gradient, gradient_step,
                       add, stream);
}
