/* The operators that map value by value: what they give, and what a gradient behind them gives to the one before. For
 * every backend but `ref`. With `kind` a constant the switch is gone, and loops over the bodies vectorize: hence & and
 * | where && and || would branch. */
#ifndef PH_ELEMENT_POINTWISE_H
#define PH_ELEMENT_POINTWISE_H

#include <stdbool.h>

#include "host/engine/net.h"
#include "kernels/element/ph_math.h"

/* The first argument stays when either is NaN. */
PH_FN float ph_least(float a, float b)
{
    return b < a ? b : a;
}

PH_FN float ph_most(float a, float b)
{
    return b > a ? b : a;
}

/* ---- Activations ------------------------------------------------------------------------------------------------- */

/* For loops that are written once per kind. */
#define PH_ACT_KINDS(X)                                                                                                \
    X(PH_ACT_RELU)                                                                                                     \
    X(PH_ACT_LEAKY_RELU)                                                                                               \
    X(PH_ACT_PRELU)                                                                                                    \
    X(PH_ACT_CLIP)                                                                                                     \
    X(PH_ACT_ELU)                                                                                                      \
    X(PH_ACT_SIGMOID)                                                                                                  \
    X(PH_ACT_TANH)                                                                                                     \
    X(PH_ACT_HARD_SIGMOID)                                                                                             \
    X(PH_ACT_HARD_SWISH)

/* f(x), s the slope of PRELU. */
PH_FN float ph_act_value(ph_act_kind kind, float a, float b, float s, float x)
{
    switch (kind) {
    case PH_ACT_RELU:
        return ph_most(x, 0.0f);
    case PH_ACT_LEAKY_RELU:
        return x < 0.0f ? a * x : x;
    case PH_ACT_PRELU:
        return x < 0.0f ? s * x : x;
    case PH_ACT_CLIP:
        return ph_least(ph_most(x, a), b);
    case PH_ACT_ELU:
        return x < 0.0f ? a * expm1f(x) : x;
    case PH_ACT_SIGMOID:
        return ph_sigmoid(x);
    case PH_ACT_TANH:
        return tanhf(x);
    case PH_ACT_HARD_SIGMOID:
        return ph_least(ph_most(a * x + b, 0.0f), 1.0f);
    case PH_ACT_HARD_SWISH:
        return x * ph_least(ph_most(x / 6.0f + 0.5f, 0.0f), 1.0f);
    case PH_ACT_COUNT:
        break;
    }
    return NAN;
}

/* Where a x + b = t runs through (0, 1), seen from the left of x at both ends. */
PH_FN float ph_hard_sigmoid_slope(float a, float t)
{
    const bool rises = a > 0.0f ? (t > 0.0f) & (t <= 1.0f) : (t >= 0.0f) & (t < 1.0f);
    return rises ? a : 0.0f;
}

/* f'(x); at a kink that of the left side. x is f(x) for RELU, SIGMOID and TANH when `from_output`. */
PH_FN float ph_act_slope(ph_act_kind kind, float a, float b, float s, bool from_output, float x)
{
    float y;
    switch (kind) {
    case PH_ACT_RELU:
        return x > 0.0f ? 1.0f : 0.0f;
    case PH_ACT_LEAKY_RELU:
        return x > 0.0f ? 1.0f : a;
    case PH_ACT_PRELU:
        return x > 0.0f ? 1.0f : s;
    case PH_ACT_CLIP:
        return ((x > a) & (x <= b)) ? 1.0f : 0.0f;
    case PH_ACT_ELU:
        return x > 0.0f ? 1.0f : a * expf(x);
    case PH_ACT_SIGMOID:
        y = from_output ? x : ph_sigmoid(x);
        return y * (1.0f - y);
    case PH_ACT_TANH:
        y = from_output ? x : tanhf(x);
        return 1.0f - y * y;
    case PH_ACT_HARD_SIGMOID:
        return ph_hard_sigmoid_slope(a, a * x + b);
    case PH_ACT_HARD_SWISH:
        return x <= -3.0f ? 0.0f : x <= 3.0f ? x / 3.0f + 0.5f : 1.0f;
    case PH_ACT_COUNT:
        break;
    }
    return NAN;
}

/* Whether a gradient g passes a rectifier that cuts at `upper` (infinity: ReLU); x may be its output. Redirected
 * (Lucid's redirected_relu): what is cut off passes too where a step along g would bring it back. */
PH_FN bool ph_rectifier_passes(bool redirected, float upper, float x, float g)
{
    const bool normal = (x > 0.0f) & (x <= upper);
    const bool other = ((x > 0.0f) | (g > 0.0f)) & !((x >= upper) & (g > 0.0f));
    return redirected ? other : normal;
}

/* ---- Two operands ------------------------------------------------------------------------------------------------ */

PH_FN float ph_binary_value(ph_binary_kind kind, float a, float b)
{
    switch (kind) {
    case PH_BINARY_ADD:
        return a + b;
    case PH_BINARY_SUB:
        return a - b;
    case PH_BINARY_MUL:
        return a * b;
    case PH_BINARY_DIV:
        return a / b;
    }
    return NAN;
}

/* What d at the output gives to a, or to b (`second`); the operands count for MUL and DIV alone. */
PH_FN float ph_binary_gradient(ph_binary_kind kind, bool second, float d, float a, float b)
{
    switch (kind) {
    case PH_BINARY_ADD:
        return d;
    case PH_BINARY_SUB:
        return second ? -d : d;
    case PH_BINARY_MUL:
        return d * (second ? a : b);
    case PH_BINARY_DIV:
        return second ? -d * a / (b * b) : d / b;
    }
    return NAN;
}

#endif
