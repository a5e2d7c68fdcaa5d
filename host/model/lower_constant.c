/* Operators that shape arithmetic is made of: they work on constants alone. */
#include "host/model/constant.h"

#include <math.h>
#include <string.h>

/* The constant that input k must be; else the operator is not supported. */
static ph_status need(ph_lowering *l, int k, const ph_array **array)
{
    ph_known x;
    PH_TRY(ph_input(l, k, &x));
    *array = x.array;
    return x.array ? PH_OK : ph_lowering_unsupported(l);
}

/* ---- Unary ------------------------------------------------------------------------------------------------------- */

static double reciprocal(double x)
{
    return 1 / x;
}

static double negative(double x)
{
    return -x;
}

static double not(double x)
{
    return x == 0;
}

static double relu(double x)
{
    return x > 0 ? x : 0;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

typedef struct ph_unary {
    const char *op;
    double (*real)(double x);
} ph_unary;

static int64_t unary_int(const char *op, int64_t x)
{
    const int64_t minus = (int64_t)(0 - (uint64_t)x);
    if (!strcmp(op, "Neg"))
        return minus;
    if (!strcmp(op, "Not"))
        return x == 0;
    if (!strcmp(op, "Abs"))
        return x < 0 ? minus : x;
    if (!strcmp(op, "Relu"))
        return x < 0 ? 0 : x;
    return x;
}

ph_status ph_rule_unary(ph_lowering *l)
{
    static const ph_unary table[] = {
        {"Abs", fabs},
        {"Ceil", ceil},
        {"Exp", exp},
        {"Floor", floor},
        {"Neg", negative},
        {"Not", not },
        {"Reciprocal", reciprocal},
        {"Relu", relu},
        {"Sqrt", sqrt},
        {"Sigmoid", sigmoid},
        {"Tanh", tanh},
    };
    const ph_array *in;
    ph_array *out;
    PH_TRY(need(l, 0, &in));
    const ph_unary *fn = NULL;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (!strcmp(table[i].op, l->node->op))
            fn = &table[i];
    if (!fn)
        return ph_lowering_unsupported(l);
    PH_TRY(ph_constant_new(l, in->dtype, &in->shape, &out));
    const int64_t count = ph_shape_count(&in->shape);
    for (int64_t i = 0; i < count; i++) {
        if (in->dtype == PH_DTYPE_INT64)
            ((int64_t *)out->data)[i] = unary_int(l->node->op, ((const int64_t *)in->data)[i]);
        else
            ((float *)out->data)[i] = (float)fn->real((double)((const float *)in->data)[i]);
    }
    ph_give_array(l, 0, out);
    return PH_OK;
}

/* ---- Comparisons ------------------------------------------------------------------------------------------------- */

static double equal_reals(double a, double b)
{
    return a == b;
}

static double greater_reals(double a, double b)
{
    return a > b;
}

static double at_least_reals(double a, double b)
{
    return a >= b;
}

static bool equal_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = a == b;
    return true;
}

static bool greater_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = a > b;
    return true;
}

static bool at_least_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = a >= b;
    return true;
}

/* Less and LessOrEqual are the greater ones with their operands exchanged. */
ph_status ph_rule_compare(ph_lowering *l)
{
    static const ph_constant_fn equal = {.real = equal_reals, .integer = equal_ints, .truth = true},
                                greater = {.real = greater_reals, .integer = greater_ints, .truth = true},
                                at_least = {.real = at_least_reals, .integer = at_least_ints, .truth = true};
    const char *op = l->node->op;
    const bool exchanged = !strncmp(op, "Less", 4);
    const ph_constant_fn *fn = !strcmp(op, "Equal") ? &equal : strstr(op, "OrEqual") ? &at_least : &greater;
    const ph_array *a, *b, *out;
    PH_TRY(need(l, 0, &a));
    PH_TRY(need(l, 1, &b));
    PH_TRY(ph_constant_binary(l, fn, exchanged ? b : a, exchanged ? a : b, &out));
    ph_give_array(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_where(ph_lowering *l)
{
    const ph_array *in[3];
    ph_shape shape = {0};
    for (int k = 0; k < 3; k++) {
        PH_TRY(need(l, k, &in[k]));
        if (!ph_shape_broadcast(&shape, &in[k]->shape, &shape))
            return ph_lowering_misfit(l, "combines constants whose shapes do not fit");
    }
    const bool integers = in[1]->dtype == PH_DTYPE_INT64 && in[2]->dtype == PH_DTYPE_INT64;
    ph_array *out;
    PH_TRY(ph_constant_new(l, integers ? PH_DTYPE_INT64 : PH_DTYPE_FLOAT, &shape, &out));
    ph_walk walk[3];
    for (int k = 0; k < 3; k++) {
        int64_t stride[PH_MAX_RANK];
        ph_shape_broadcast_strides(&in[k]->shape, &shape, stride);
        walk[k] = ph_walk_start(&shape, stride, 0);
    }
    const int64_t count = ph_shape_count(&shape);
    for (int64_t i = 0; i < count; i++) {
        const int from = ph_constant_real(in[0], walk[0].offset) != 0 ? 1 : 2;
        ph_constant_copy(in[from], walk[from].offset, out, i);
        for (int k = 0; k < 3; k++)
            ph_walk_next(&walk[k]);
    }
    ph_give_array(l, 0, out);
    return PH_OK;
}

/* ---- Making constants -------------------------------------------------------------------------------------------- */

/* ONNX's numbers of element types. */
enum { ONNX_FLOAT = 1, ONNX_STRING = 8, ONNX_BOOL = 9, ONNX_FLOAT16 = 10, ONNX_DOUBLE = 11, ONNX_BFLOAT16 = 16 };

ph_status ph_rule_cast(ph_lowering *l)
{
    const int64_t to = ph_node_int(l->node, "to", 0);
    const bool real = to == ONNX_FLOAT || to == ONNX_FLOAT16 || to == ONNX_DOUBLE || to == ONNX_BFLOAT16;
    ph_known x;
    PH_TRY(ph_input(l, 0, &x));
    if (real && (!x.array || x.array->dtype == PH_DTYPE_FLOAT)) {
        ph_give(l, 0, &x);
        return PH_OK;
    }
    if (!x.array || to < 1 || to > ONNX_BFLOAT16 || to == ONNX_STRING)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "is supported between floating-point types only");
    ph_array *out;
    PH_TRY(ph_constant_new(l, real ? PH_DTYPE_FLOAT : PH_DTYPE_INT64, &x.shape, &out));
    const int64_t count = ph_shape_count(&x.shape);
    for (int64_t i = 0; i < count; i++) {
        if (to == ONNX_BOOL)
            ((int64_t *)out->data)[i] = ph_constant_real(x.array, i) != 0;
        else
            ph_constant_copy(x.array, i, out, i);
    }
    ph_give_array(l, 0, out);
    return PH_OK;
}

/* A list attribute, or one number, as an array. */
static ph_status constant_list(ph_lowering *l, const ph_attribute *a, const ph_array **out)
{
    const bool real = a->kind == PH_ATTR_FLOATS || a->kind == PH_ATTR_FLOAT;
    const bool list = a->kind == PH_ATTR_FLOATS || a->kind == PH_ATTR_INTS;
    if (!real && a->kind != PH_ATTR_INT && a->kind != PH_ATTR_INTS)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "holds a value of an unknown type");
    const ph_shape shape = {.rank = list ? 1 : 0, .dim = {list ? (int64_t)a->count : 1}};
    ph_array *array;
    PH_TRY(ph_constant_new(l, real ? PH_DTYPE_FLOAT : PH_DTYPE_INT64, &shape, &array));
    const void *from = a->kind == PH_ATTR_FLOATS ? (const void *)a->floats
                       : a->kind == PH_ATTR_INTS ? (const void *)a->ints
                       : real                    ? (const void *)&a->f
                                                 : (const void *)&a->i;
    const size_t bytes = (list ? a->count : 1) * (real ? sizeof(float) : sizeof(int64_t));
    if (bytes)
        memcpy(array->data, from, bytes);
    *out = array;
    return PH_OK;
}

ph_status ph_rule_constant(ph_lowering *l)
{
    static const char *const names[] = {"value", "value_float", "value_int", "value_floats", "value_ints"};
    const ph_attribute *a = NULL;
    for (size_t i = 0; !a && i < sizeof names / sizeof names[0]; i++)
        a = ph_node_attribute(l->node, names[i]);
    if (!a)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "holds no dense value");
    const ph_array *array = a->kind == PH_ATTR_ARRAY ? a->array : NULL;
    if (!array)
        PH_TRY(constant_list(l, a, &array));
    ph_give_array(l, 0, array);
    return PH_OK;
}

/* A constant list of dimensions as a shape. */
static ph_status dims_of(ph_lowering *l, int k, ph_shape *shape)
{
    ph_ints dims;
    const ph_array *array;
    PH_TRY(need(l, k, &array));
    PH_TRY(ph_input_ints(l, k, NULL, &dims));
    if (dims.count > PH_MAX_RANK)
        return ph_lowering_fail(l, PH_UNSUPPORTED, "makes more than %d dimensions", PH_MAX_RANK);
    *shape = (ph_shape){.rank = dims.count};
    for (int i = 0; i < dims.count; i++)
        shape->dim[i] = dims.v[i];
    return PH_OK;
}

ph_status ph_rule_constant_of_shape(ph_lowering *l)
{
    ph_shape shape;
    PH_TRY(dims_of(l, 0, &shape));
    const ph_attribute *a = ph_node_attribute(l->node, "value");
    const ph_array *value = a && a->kind == PH_ATTR_ARRAY ? a->array : NULL;
    if (value && ph_shape_count(&value->shape) != 1)
        return ph_lowering_fail(l, PH_FORMAT, "needs one number as its value");
    ph_array *out;
    PH_TRY(ph_constant_new(l, value ? value->dtype : PH_DTYPE_FLOAT, &shape, &out));
    const int64_t count = ph_shape_count(&shape);
    for (int64_t i = 0; value && i < count; i++)
        ph_constant_copy(value, 0, out, i);
    ph_give_array(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_range(ph_lowering *l)
{
    const ph_array *in[3]; /* start, limit, step */
    for (int k = 0; k < 3; k++) {
        PH_TRY(need(l, k, &in[k]));
        if (ph_shape_count(&in[k]->shape) != 1)
            return ph_lowering_fail(l, PH_FORMAT, "needs one number as its input %d", k);
    }
    const double start = ph_constant_real(in[0], 0), limit = ph_constant_real(in[1], 0),
                 step = ph_constant_real(in[2], 0);
    const double length = ceil((limit - start) / step);
    if (step == 0 || isnan(length) || length > (double)PH_TENSOR_LIMIT)
        return ph_lowering_fail(l, PH_FORMAT, "counts from %g to %g by %g", start, limit, step);
    const ph_shape shape = {.rank = 1, .dim = {length > 0 ? (int64_t)length : 0}};
    ph_array *out;
    PH_TRY(ph_constant_new(l, in[0]->dtype, &shape, &out));
    for (int64_t i = 0; i < shape.dim[0]; i++) {
        if (out->dtype == PH_DTYPE_FLOAT)
            ((float *)out->data)[i] = (float)(start + (double)i * step);
        else
            ((int64_t *)out->data)[i] =
                (int64_t)((uint64_t)ph_constant_int(in[0], 0) + (uint64_t)i * (uint64_t)ph_constant_int(in[2], 0));
    }
    ph_give_array(l, 0, out);
    return PH_OK;
}

/* ---- Shapes as values -------------------------------------------------------------------------------------------- */

static int64_t clamp_axis(int64_t axis, int rank)
{
    const int64_t counted = axis < 0 ? axis + rank : axis;
    return counted < 0 ? 0 : counted > rank ? rank : counted;
}

/* start and end: opset 15. */
ph_status ph_rule_shape(ph_lowering *l)
{
    ph_known x;
    PH_TRY(ph_input(l, 0, &x));
    const int64_t start = clamp_axis(ph_node_int(l->node, "start", 0), x.shape.rank);
    const int64_t end = clamp_axis(ph_node_int(l->node, "end", x.shape.rank), x.shape.rank);
    const ph_shape shape = {.rank = 1, .dim = {end > start ? end - start : 0}};
    ph_array *out;
    PH_TRY(ph_constant_new(l, PH_DTYPE_INT64, &shape, &out));
    for (int64_t i = 0; i < shape.dim[0]; i++)
        ((int64_t *)out->data)[i] = x.shape.dim[start + i];
    ph_give_array(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_size(ph_lowering *l)
{
    ph_known x;
    ph_array *out;
    PH_TRY(ph_input(l, 0, &x));
    PH_TRY(ph_constant_new(l, PH_DTYPE_INT64, &(ph_shape){0}, &out));
    ((int64_t *)out->data)[0] = ph_shape_count(&x.shape);
    ph_give_array(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_reduce_prod(ph_lowering *l)
{
    const ph_array *in;
    ph_ints axes;
    bool reduced[PH_MAX_RANK];
    PH_TRY(need(l, 0, &in));
    PH_TRY(ph_input_ints(l, 1, "axes", &axes));
    PH_TRY(ph_mark_axes(l, &axes, in->shape.rank, !ph_node_int(l->node, "noop_with_empty_axes", 0), reduced));
    const bool keep = ph_node_int(l->node, "keepdims", 1) != 0;
    ph_shape full = in->shape, shape = {0};
    for (int axis = 0; axis < full.rank; axis++) {
        full.dim[axis] = reduced[axis] ? 1 : full.dim[axis];
        if (keep || !reduced[axis])
            shape.dim[shape.rank++] = full.dim[axis];
    }
    ph_array *out;
    PH_TRY(ph_constant_new(l, in->dtype, &shape, &out));
    const int64_t count = ph_shape_count(&in->shape), results = ph_shape_count(&shape);
    for (int64_t i = 0; i < results; i++) {
        if (out->dtype == PH_DTYPE_FLOAT)
            ((float *)out->data)[i] = 1;
        else
            ((int64_t *)out->data)[i] = 1;
    }
    int64_t stride[PH_MAX_RANK];
    ph_shape_broadcast_strides(&full, &in->shape, stride);
    ph_walk walk = ph_walk_start(&in->shape, stride, 0);
    for (int64_t i = 0; i < count; i++, ph_walk_next(&walk)) {
        if (out->dtype == PH_DTYPE_FLOAT)
            ((float *)out->data)[walk.offset] *= ((const float *)in->data)[i];
        else
            ((int64_t *)out->data)[walk.offset] =
                (int64_t)((uint64_t)((int64_t *)out->data)[walk.offset] * (uint64_t)((const int64_t *)in->data)[i]);
    }
    ph_give_array(l, 0, out);
    return PH_OK;
}
