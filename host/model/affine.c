#include "host/model/affine.h"

#include <math.h>

bool ph_affine_exact(ph_binary_kind kind, bool constant_first, const float *c, int64_t count)
{
    if (kind != PH_BINARY_DIV)
        return true;
    if (constant_first)
        return false;
    for (int64_t i = 0; i < count; i++) {
        int exponent;
        const float mantissa = frexpf(c[i], &exponent);
        if (fabsf(mantissa) != 0.5F || !isnormal(1 / c[i]))
            return false;
    }
    return true;
}

bool ph_affine_from(ph_net *net, ph_binary_kind kind, bool constant_first, const float *c, int64_t count,
                    int64_t channels, ph_affine_params *affine)
{
    float *scale = ph_net_alloc(net, (size_t)channels, 2 * sizeof *scale);
    if (!scale)
        return false;
    float *shift = scale + channels;
    for (int64_t i = 0; i < channels; i++) {
        const float value = c[count == 1 ? 0 : i];
        scale[i] = 1;
        if (kind == PH_BINARY_ADD)
            shift[i] = value;
        else if (kind == PH_BINARY_SUB)
            shift[i] = constant_first ? value : -value;
        else
            scale[i] = kind == PH_BINARY_MUL ? value : 1 / value;
        if (kind == PH_BINARY_SUB && constant_first)
            scale[i] = -1;
    }
    *affine = (ph_affine_params){.scale = scale, .shift = shift};
    return true;
}
