/* BatchNormalization, LRN. */
#include "host/model/lower_window.h"

#include <math.h>

static ph_status channel_values(ph_lowering *l, int k, int64_t channels, const float **values)
{
    ph_shape shape;
    PH_TRY(ph_input_floats(l, k, values, &shape));
    if (ph_shape_count(&shape) != channels)
        return ph_lowering_misfit(l, "has %lld values as its input %d for %lld channels",
                                  (long long)ph_shape_count(&shape), k, (long long)channels);
    return PH_OK;
}

/* y = (x - mean) / sqrt(variance + epsilon) scale + shift, as one multiplication and addition, made in double. */
ph_status ph_rule_batch_norm(ph_lowering *l)
{
    int in, out;
    PH_TRY(ph_input_tensor(l, 0, &in));
    const ph_shape from = *ph_tensor_shape(l, in);
    if (from.rank < 2)
        return ph_lowering_fail(l, PH_FORMAT, "needs channels but gets a tensor of %d dimensions", from.rank);
    if (ph_node_int(l->node, "training_mode", 0) || !ph_node_int(l->node, "spatial", 1))
        return ph_lowering_fail(l, PH_UNSUPPORTED, "is not supported in training mode or per element");
    const int64_t channels = from.dim[1];
    const float *given[4];
    for (int k = 0; k < 4; k++)
        PH_TRY(channel_values(l, k + 1, channels, &given[k]));
    const double epsilon = (double)ph_node_float(l->node, "epsilon", 1e-5F);
    float *scale = ph_lowering_floats(l, channels), *shift = ph_lowering_floats(l, channels);
    if (!scale || !shift)
        return PH_NO_MEMORY;
    for (int64_t c = 0; c < channels; c++) {
        const double factor = (double)given[0][c] / sqrt((double)given[3][c] + epsilon);
        scale[c] = (float)factor;
        shift[c] = (float)((double)given[1][c] - (double)given[2][c] * factor);
    }
    PH_TRY(ph_emit_affine(l, in, scale, shift, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}

ph_status ph_rule_lrn(ph_lowering *l)
{
    int in, out;
    PH_TRY(ph_input_tensor(l, 0, &in));
    const int rank = ph_tensor_shape(l, in)->rank;
    PH_TRY(ph_emit_as_picture(l, in, &in));
    const int64_t size = ph_node_int(l->node, "size", 0);
    if (size < 1 || size > PH_WINDOW_LIMIT)
        return ph_lowering_fail(l, PH_FORMAT, "has size %lld, outside 1 to %d", (long long)size, PH_WINDOW_LIMIT);
    const ph_op op = {
        .kind = PH_OP_LRN,
        .p.lrn = {.size = size,
                  .alpha = ph_node_float(l->node, "alpha", 1e-4F),
                  .beta = ph_node_float(l->node, "beta", 0.75F),
                  .bias = ph_node_float(l->node, "bias", 1)},
    };
    PH_TRY(ph_emit_one(l, &op, in, &out));
    PH_TRY(ph_emit_as_rank(l, out, rank, &out));
    ph_give_tensor(l, 0, out);
    return PH_OK;
}
