#include "host/model/constant.h"

#include <math.h>
#include <string.h>

ph_status ph_constant_new(ph_lowering *l, ph_dtype dtype, const ph_shape *shape, ph_array **out)
{
    const int64_t count = ph_shape_count_within(shape, l->fold_budget);
    if (count < 0) {
        char text[PH_SHAPE_TEXT];
        return ph_lowering_misfit(l, "makes a constant of %s values, too large", ph_shape_text(shape, text));
    }
    l->fold_budget -= count;
    ph_array *array = ph_net_alloc(l->net, 1, sizeof *array);
    if (!array)
        return ph_lowering_memory(l);
    *array = (ph_array){.dtype = dtype, .shape = *shape};
    array->data = ph_net_alloc(l->net, (size_t)count, dtype == PH_DTYPE_FLOAT ? sizeof(float) : sizeof(int64_t));
    if (!array->data)
        return ph_lowering_memory(l);
    *out = array;
    return PH_OK;
}

int64_t ph_real_to_int(double x)
{
    if (isnan(x))
        return 0;
    /* 2^63 is exact as a double; the largest int64 is not. */
    if (x >= 0x1p63)
        return INT64_MAX;
    return x < -0x1p63 ? INT64_MIN : (int64_t)x;
}

double ph_constant_real(const ph_array *array, int64_t i)
{
    return array->dtype == PH_DTYPE_FLOAT ? (double)((const float *)array->data)[i]
                                          : (double)((const int64_t *)array->data)[i];
}

int64_t ph_constant_int(const ph_array *array, int64_t i)
{
    return array->dtype == PH_DTYPE_FLOAT ? ph_real_to_int((double)((const float *)array->data)[i])
                                          : ((const int64_t *)array->data)[i];
}

void ph_constant_copy(const ph_array *from, int64_t i, ph_array *to, int64_t j)
{
    if (to->dtype == PH_DTYPE_FLOAT)
        ((float *)to->data)[j] = (float)ph_constant_real(from, i);
    else
        ((int64_t *)to->data)[j] = ph_constant_int(from, i);
}

ph_status ph_constant_gather(ph_lowering *l, const ph_array *in, const ph_shape *shape, const int64_t *stride,
                             int64_t offset, const ph_array **out)
{
    ph_array *array;
    PH_TRY(ph_constant_new(l, in->dtype, shape, &array));
    const int64_t count = ph_shape_count(shape);
    ph_walk walk = ph_walk_start(shape, stride, offset);
    for (int64_t i = 0; i < count; i++, ph_walk_next(&walk))
        ph_constant_copy(in, walk.offset, array, i);
    *out = array;
    return PH_OK;
}

ph_status ph_constant_reshape(ph_lowering *l, const ph_array *in, const ph_shape *shape, const ph_array **out)
{
    ph_array *array = ph_net_alloc(l->net, 1, sizeof *array);
    if (!array)
        return ph_lowering_memory(l);
    *array = *in;
    array->shape = *shape;
    *out = array;
    return PH_OK;
}

ph_status ph_constant_floats(ph_lowering *l, const ph_array *in, const float **out)
{
    if (in->dtype == PH_DTYPE_FLOAT) {
        *out = in->data;
        return PH_OK;
    }
    ph_array *copy;
    PH_TRY(ph_constant_new(l, PH_DTYPE_FLOAT, &in->shape, &copy));
    const int64_t count = ph_shape_count(&in->shape);
    for (int64_t i = 0; i < count; i++)
        ph_constant_copy(in, i, copy, i);
    *out = copy->data;
    return PH_OK;
}

ph_status ph_constant_binary(ph_lowering *l, const ph_constant_fn *fn, const ph_array *a, const ph_array *b,
                             const ph_array **out)
{
    ph_shape shape;
    if (!ph_shape_broadcast(&a->shape, &b->shape, &shape))
        return ph_lowering_misfit(l, "combines constants whose shapes do not fit");
    const bool integers = a->dtype == PH_DTYPE_INT64 && b->dtype == PH_DTYPE_INT64;
    ph_array *result;
    PH_TRY(ph_constant_new(l, integers || fn->truth ? PH_DTYPE_INT64 : PH_DTYPE_FLOAT, &shape, &result));
    int64_t a_stride[PH_MAX_RANK], b_stride[PH_MAX_RANK];
    ph_shape_broadcast_strides(&a->shape, &shape, a_stride);
    ph_shape_broadcast_strides(&b->shape, &shape, b_stride);
    ph_walk at = ph_walk_start(&shape, a_stride, 0), bt = ph_walk_start(&shape, b_stride, 0);
    const int64_t count = ph_shape_count(&shape);
    for (int64_t i = 0; i < count; i++, ph_walk_next(&at), ph_walk_next(&bt)) {
        if (integers) {
            int64_t value = 0;
            if (!fn->integer(ph_constant_int(a, at.offset), ph_constant_int(b, bt.offset), &value))
                return ph_lowering_fail(l, PH_FORMAT, "divides an integer constant by zero");
            ((int64_t *)result->data)[i] = value;
            continue;
        }
        const double value = fn->real(ph_constant_real(a, at.offset), ph_constant_real(b, bt.offset));
        if (fn->truth)
            ((int64_t *)result->data)[i] = value != 0;
        else
            ((float *)result->data)[i] = (float)value;
    }
    *out = result;
    return PH_OK;
}
