#include "host/model/onnx_array.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <string.h>

#define TYPE(name) ONNX__TENSOR_PROTO__DATA_TYPE__##name

bool ph_onnx_dtype(int data_type, ph_dtype *dtype, size_t *width)
{
    static const struct {
        int data_type;
        ph_dtype dtype;
        size_t width;
    } table[] = {
        {TYPE(FLOAT), PH_DTYPE_FLOAT, 4},    {TYPE(DOUBLE), PH_DTYPE_FLOAT, 8}, {TYPE(FLOAT16), PH_DTYPE_FLOAT, 2},
        {TYPE(BFLOAT16), PH_DTYPE_FLOAT, 2}, {TYPE(UINT8), PH_DTYPE_INT64, 1},  {TYPE(INT8), PH_DTYPE_INT64, 1},
        {TYPE(UINT16), PH_DTYPE_INT64, 2},   {TYPE(INT16), PH_DTYPE_INT64, 2},  {TYPE(INT32), PH_DTYPE_INT64, 4},
        {TYPE(INT64), PH_DTYPE_INT64, 8},    {TYPE(BOOL), PH_DTYPE_INT64, 1},   {TYPE(UINT32), PH_DTYPE_INT64, 4},
        {TYPE(UINT64), PH_DTYPE_INT64, 8},
    };
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (table[i].data_type == data_type) {
            *dtype = table[i].dtype;
            *width = table[i].width;
            return true;
        }
    return false;
}

ph_array *ph_array_new(ph_dtype dtype, const ph_shape *shape, size_t count)
{
    ph_array *array = ph_alloc(1, sizeof *array);
    if (!array)
        return NULL;
    array->dtype = dtype;
    array->shape = *shape;
    array->data = ph_alloc(count, dtype == PH_DTYPE_FLOAT ? sizeof(float) : sizeof(int64_t));
    if (!array->data)
        ph_array_free(&array);
    return array;
}

void ph_array_free(ph_array **array)
{
    if (!*array)
        return;
    ph_free((*array)->data);
    ph_free(*array);
    *array = NULL;
}

/* ---- Numbers as the file has them: little-endian ---------------------------------------------------------------- */

static uint16_t load16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t load32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint64_t load64(const uint8_t *p)
{
    return (uint64_t)load32(p) | (uint64_t)load32(p + 4) << 32;
}

static float float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static float float_of_double_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static float float_of_half(uint16_t half)
{
    const uint32_t sign = (uint32_t)(half & 0x8000) << 16;
    const uint32_t exponent = half >> 10 & 31, fraction = half & 1023;
    if (exponent == 0) { /* zero and subnormal: fraction x 2^-24 */
        const float magnitude = (float)fraction * 0x1p-24f;
        return sign ? -magnitude : magnitude;
    }
    const uint32_t wide = exponent == 31 ? 255 : exponent + 127 - 15;
    return float_of_bits(sign | wide << 23 | fraction << 13);
}

/* bfloat16 is the upper half of a float. */
static float float_of_bfloat(uint16_t half)
{
    return float_of_bits((uint32_t)half << 16);
}

/* Slices say "to the end" by numbers beyond int64. */
static int64_t clamp_unsigned(uint64_t value)
{
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

#define CONVERT(type, expression)                                                                                      \
    case TYPE(type):                                                                                                   \
        for (size_t i = 0; i < count; i++)                                                                             \
            out[i] = (expression);                                                                                     \
        break

static void floats_from_raw(float *out, const uint8_t *raw, size_t count, int data_type)
{
    switch (data_type) {
        CONVERT(FLOAT, float_of_bits(load32(raw + 4 * i)));
        CONVERT(DOUBLE, float_of_double_bits(load64(raw + 8 * i)));
        CONVERT(FLOAT16, float_of_half(load16(raw + 2 * i)));
        CONVERT(BFLOAT16, float_of_bfloat(load16(raw + 2 * i)));
    }
}

static void integers_from_raw(int64_t *out, const uint8_t *raw, size_t count, int data_type)
{
    switch (data_type) {
        CONVERT(UINT8, raw[i]);
        CONVERT(INT8, (int8_t)raw[i]);
        CONVERT(BOOL, raw[i] != 0);
        CONVERT(UINT16, load16(raw + 2 * i));
        CONVERT(INT16, (int16_t)load16(raw + 2 * i));
        CONVERT(UINT32, load32(raw + 4 * i));
        CONVERT(INT32, (int32_t)load32(raw + 4 * i));
        CONVERT(INT64, (int64_t)load64(raw + 8 * i));
        CONVERT(UINT64, clamp_unsigned(load64(raw + 8 * i)));
    }
}

static void floats_from_fields(float *out, const Onnx__TensorProto *t, size_t count)
{
    switch (t->data_type) {
        CONVERT(FLOAT, t->float_data[i]);
        CONVERT(DOUBLE, (float)t->double_data[i]);
        CONVERT(FLOAT16, float_of_half((uint16_t)t->int32_data[i]));
        CONVERT(BFLOAT16, float_of_bfloat((uint16_t)t->int32_data[i]));
    }
}

static void integers_from_fields(int64_t *out, const Onnx__TensorProto *t, size_t count)
{
    switch (t->data_type) {
        CONVERT(UINT8, t->int32_data[i]);
        CONVERT(INT8, t->int32_data[i]);
        CONVERT(BOOL, t->int32_data[i] != 0);
        CONVERT(UINT16, t->int32_data[i]);
        CONVERT(INT16, t->int32_data[i]);
        CONVERT(INT32, t->int32_data[i]);
        CONVERT(UINT32, clamp_unsigned(t->uint64_data[i]));
        CONVERT(INT64, t->int64_data[i]);
        CONVERT(UINT64, clamp_unsigned(t->uint64_data[i]));
    }
}

/* ---- Which of its fields holds a tensor's data ------------------------------------------------------------------ */

static size_t typed_count(const Onnx__TensorProto *t)
{
    switch (t->data_type) {
    case TYPE(FLOAT):
        return t->n_float_data;
    case TYPE(DOUBLE):
        return t->n_double_data;
    case TYPE(INT64):
        return t->n_int64_data;
    case TYPE(UINT32):
    case TYPE(UINT64):
        return t->n_uint64_data;
    default:
        return t->n_int32_data;
    }
}

static int filled_fields(const Onnx__TensorProto *t)
{
    return (t->raw_data.len > 0) + (t->n_float_data > 0) + (t->n_double_data > 0) + (t->n_int32_data > 0) +
           (t->n_int64_data > 0) + (t->n_uint64_data > 0) + (t->n_string_data > 0);
}

/* The product is checked with zeros taken as ones, so that every partial product that others form fits as well. */
static ph_status read_dims(const Onnx__TensorProto *t, const char *file, const char *what, ph_shape *shape,
                           size_t *count, ph_error *err)
{
    int64_t product = 1;
    bool empty = false;
    shape->rank = (int)t->n_dims;
    for (int i = 0; i < shape->rank; i++) {
        const int64_t dim = t->dims[i];
        if (dim < 0)
            return ph_fail(err, PH_FORMAT, "'%.200s': %.200s has the negative dimension %lld", file, what,
                           (long long)dim);
        if (dim > INT64_MAX / 16 / product)
            return ph_fail(err, PH_FORMAT, "'%.200s': the dimensions of %.200s are absurdly large", file, what);
        empty |= dim == 0;
        product *= dim ? dim : 1;
        shape->dim[i] = dim;
    }
    *count = empty ? 0 : (size_t)product;
    return PH_OK;
}

static ph_status check_fields(const Onnx__TensorProto *t, const char *file, const char *what, size_t count,
                              size_t width, ph_error *err)
{
    if (t->segment)
        return ph_fail(err, PH_FORMAT, "'%.200s': %.200s is cut into segments, which nothing writes", file, what);
    if (filled_fields(t) > 1)
        return ph_fail(err, PH_FORMAT, "'%.200s': %.200s holds its data twice", file, what);
    if (t->raw_data.len > 0 && t->raw_data.len != count * width)
        return ph_fail(err, PH_FORMAT, "'%.200s': %.200s has %zu bytes of data, its shape needs %zu", file, what,
                       t->raw_data.len, count * width);
    if (t->raw_data.len == 0 && typed_count(t) != count)
        return ph_fail(err, PH_FORMAT, "'%.200s': %.200s has %zu values, its shape needs %zu", file, what,
                       typed_count(t), count);
    return PH_OK;
}

static ph_status read_external(const Onnx__TensorProto *t, ph_onnx_source *source, const char *what, size_t count,
                               size_t width, uint8_t **bytes, ph_error *err)
{
    if (filled_fields(t) > 0)
        return ph_fail(err, PH_FORMAT, "'%.200s': %.200s holds data and points to external data", source->name, what);
    return ph_onnx_external(t, source, what, count * width, bytes, err);
}

ph_status ph_onnx_array(const Onnx__TensorProto *t, ph_onnx_source *source, const char *what, ph_array **out,
                        ph_error *err)
{
    enum { TYPE_LAST = 64 }; /* later versions of ONNX number their additions on */
    *out = NULL;
    ph_dtype dtype;
    size_t width, count = 0;
    if (t->data_type <= TYPE(UNDEFINED) || t->data_type > TYPE_LAST)
        return ph_fail(err, PH_FORMAT, "'%.200s': %.200s has the unknown data type %d", source->name, what,
                       (int)t->data_type);
    if (!ph_onnx_dtype(t->data_type, &dtype, &width) || t->n_dims > PH_MAX_RANK)
        return PH_OK;
    ph_shape shape = {0};
    PH_TRY(read_dims(t, source->name, what, &shape, &count, err));
    uint8_t *external = NULL;
    if (t->data_location == ONNX__TENSOR_PROTO__DATA_LOCATION__EXTERNAL)
        PH_TRY(read_external(t, source, what, count, width, &external, err));
    else
        PH_TRY(check_fields(t, source->name, what, count, width, err));

    ph_array *array = ph_array_new(dtype, &shape, count);
    if (!array) {
        ph_free(external);
        return ph_fail_memory(err, count * sizeof(float), what);
    }
    const uint8_t *raw = external ? external : t->raw_data.len > 0 ? t->raw_data.data : NULL;
    if (dtype == PH_DTYPE_FLOAT && raw)
        floats_from_raw(array->data, raw, count, t->data_type);
    else if (dtype == PH_DTYPE_FLOAT)
        floats_from_fields(array->data, t, count);
    else if (raw)
        integers_from_raw(array->data, raw, count, t->data_type);
    else
        integers_from_fields(array->data, t, count);
    ph_free(external);
    *out = array;
    return PH_OK;
}
