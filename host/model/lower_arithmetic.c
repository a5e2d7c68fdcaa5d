/* Element-wise arithmetic: computed for constants, AFFINE or BINARY otherwise. */
#include "host/model/affine.h"
#include "host/model/constant.h"

#include <math.h>
#include <string.h>

/* ---- What constants are computed with ---------------------------------------------------------------------------- */

/* Integers wrap around, as ONNX's runtimes do; unsigned arithmetic makes that defined. */
static bool add_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = (int64_t)((uint64_t)a + (uint64_t)b);
    return true;
}

static bool sub_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = (int64_t)((uint64_t)a - (uint64_t)b);
    return true;
}

static bool mul_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = (int64_t)((uint64_t)a * (uint64_t)b);
    return true;
}

static bool div_ints(int64_t a, int64_t b, int64_t *out)
{
    if (b == 0)
        return false;
    *out = b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
    return true;
}

static bool min_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = a < b ? a : b;
    return true;
}

static bool max_ints(int64_t a, int64_t b, int64_t *out)
{
    *out = a > b ? a : b;
    return true;
}

static double add_reals(double a, double b)
{
    return a + b;
}

static double sub_reals(double a, double b)
{
    return a - b;
}

static double mul_reals(double a, double b)
{
    return a * b;
}

static double div_reals(double a, double b)
{
    return a / b;
}

static const ph_constant_fn constant_fns[] = {
    [PH_BINARY_ADD] = {.real = add_reals, .integer = add_ints},
    [PH_BINARY_SUB] = {.real = sub_reals, .integer = sub_ints},
    [PH_BINARY_MUL] = {.real = mul_reals, .integer = mul_ints},
    [PH_BINARY_DIV] = {.real = div_reals, .integer = div_ints},
};

/* ---- Two operands ------------------------------------------------------------------------------------------------ */

/* One operand is a constant that varies along axis 1 at most and the result is exact: AFFINE. */
static ph_status try_affine(ph_lowering *l, ph_binary_kind kind, int x, int c, bool constant_first, int *out)
{
    const ph_tensor *constant = &l->net->tensors[c];
    const ph_shape *shape = ph_tensor_shape(l, x);
    const int64_t count = ph_shape_count(&constant->shape);
    *out = -1;
    if (!constant->constant || l->net->tensors[x].constant || !ph_shape_per_channel(&constant->shape, shape) ||
        !ph_affine_exact(kind, constant_first, constant->constant, count))
        return PH_OK;
    ph_affine_params affine;
    if (!ph_affine_from(l->net, kind, constant_first, constant->constant, count, shape->dim[1], &affine))
        return ph_lowering_memory(l);
    return ph_emit_affine(l, x, affine.scale, affine.shift, out);
}

static ph_status combine(ph_lowering *l, ph_binary_kind kind, int a, int b, int *out)
{
    PH_TRY(try_affine(l, kind, a, b, false, out));
    if (*out < 0)
        PH_TRY(try_affine(l, kind, b, a, true, out));
    return *out < 0 ? ph_emit_binary(l, kind, a, b, out) : PH_OK;
}

/* Up to opset 6 the second operand could be aligned with an axis of the first. */
static ph_status refuse_old_broadcast(ph_lowering *l)
{
    if (l->graph->opset < 7 && ph_node_attribute(l->node, "axis"))
        return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported with the broadcasting of opset %lld",
                                (long long)l->graph->opset);
    return PH_OK;
}

static ph_status binary(ph_lowering *l, ph_binary_kind kind)
{
    ph_known a, b;
    PH_TRY(refuse_old_broadcast(l));
    PH_TRY(ph_input(l, 0, &a));
    PH_TRY(ph_input(l, 1, &b));
    if (a.array && b.array) {
        const ph_array *result;
        PH_TRY(ph_constant_binary(l, &constant_fns[kind], a.array, b.array, &result));
        ph_give_array(l, 0, result);
        return PH_OK;
    }
    int x, y, out;
    PH_TRY(ph_input_tensor(l, 0, &x));
    PH_TRY(ph_input_tensor(l, 1, &y));
    PH_TRY(combine(l, kind, x, y, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_arithmetic(ph_lowering *l)
{
    static const char *const names[] = {"Add", "Sub", "Mul", "Div"};
    for (int kind = PH_BINARY_ADD; kind < PH_BINARY_DIV; kind++)
        if (!strcmp(l->node->op, names[kind]))
            return binary(l, (ph_binary_kind)kind);
    return binary(l, PH_BINARY_DIV);
}

/* ---- Any number of operands -------------------------------------------------------------------------------------- */

/* Folds the constant operands into one; NULL when there are none. */
static ph_status fold_constants(ph_lowering *l, const ph_constant_fn *fn, const ph_array **folded)
{
    *folded = NULL;
    for (int k = 0; k < l->node->input_count; k++) {
        ph_known x;
        PH_TRY(ph_input(l, k, &x));
        if (x.array && *folded)
            PH_TRY(ph_constant_binary(l, fn, *folded, x.array, folded));
        else if (x.array)
            *folded = x.array;
    }
    return PH_OK;
}

ph_status ph_rule_sum(ph_lowering *l)
{
    const ph_array *constants;
    int sum = -1, next;
    PH_TRY(fold_constants(l, &constant_fns[PH_BINARY_ADD], &constants));
    for (int k = 0; k < l->node->input_count; k++) {
        ph_known x;
        PH_TRY(ph_input(l, k, &x));
        if (x.array)
            continue;
        PH_TRY(ph_input_tensor(l, k, &next));
        if (sum < 0)
            sum = next;
        else
            PH_TRY(ph_emit_binary(l, PH_BINARY_ADD, sum, next, &sum));
    }
    if (sum < 0 && !constants)
        return ph_lowering_fail(l, PH_FORMAT, "has no inputs");
    if (sum < 0) {
        ph_give_array(l, 0, constants);
        return PH_OK;
    }
    if (constants) {
        const float *values;
        PH_TRY(ph_constant_floats(l, constants, &values));
        PH_TRY(ph_constant_tensor(l, values, &constants->shape, &next));
        PH_TRY(combine(l, PH_BINARY_ADD, sum, next, &sum));
    }
    ph_give_tensor(l, 0, sum);
    return PH_OK;
}

/* Min, Max: of constants, or of one computed tensor with one number, which is a Clip. */
ph_status ph_rule_extremum(ph_lowering *l)
{
    static const ph_constant_fn least = {.real = fmin, .integer = min_ints}, most = {.real = fmax, .integer = max_ints};
    const bool max = !strcmp(l->node->op, "Max");
    const ph_array *constants;
    int in = -1, out;
    PH_TRY(fold_constants(l, max ? &most : &least, &constants));
    for (int k = 0; k < l->node->input_count; k++) {
        ph_known x;
        PH_TRY(ph_input(l, k, &x));
        if (x.array)
            continue;
        if (in >= 0 || !constants || ph_shape_count(&constants->shape) != 1 || constants->shape.rank > x.shape.rank)
            return ph_lowering_fail(l, PH_UNSUPPORTED, "is supported between one tensor and one number only");
        PH_TRY(ph_input_tensor(l, k, &in));
    }
    if (in < 0 && !constants)
        return ph_lowering_fail(l, PH_FORMAT, "has no inputs");
    if (in < 0) {
        ph_give_array(l, 0, constants);
        return PH_OK;
    }
    const float bound = (float)ph_constant_real(constants, 0);
    if (max && bound == 0)
        PH_TRY(ph_emit_act(l, in, PH_ACT_RELU, 0, 0, &out));
    else
        PH_TRY(ph_emit_act(l, in, PH_ACT_CLIP, max ? bound : -INFINITY, max ? INFINITY : bound, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_neg(ph_lowering *l)
{
    ph_known x;
    int in, out;
    PH_TRY(ph_input(l, 0, &x));
    if (x.array)
        return ph_rule_unary(l);
    PH_TRY(ph_input_tensor(l, 0, &in));
    PH_TRY(ph_emit_scaled(l, in, -1, 0, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}
