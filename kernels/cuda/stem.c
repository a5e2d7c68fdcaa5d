/* Whether the network's first convolution can read the picture in blocks (block.h), and how the blocks lie. */
#include "kernels/cuda/plan.h"

/* Networks see three channels, or one; with more the pads are no loss. */
enum { MOST_CHANNELS = 4, MOST_SIDE = 4, MOST_SIZE = 1 << 20 };

/* The only reader of the input, a convolution of one group and equal strides above 1; NULL otherwise. */
static const ph_op *find_stem(const ph_net *net)
{
    const ph_op *stem = NULL;
    for (int i = 0; i < net->op_count; i++)
        for (int k = 0; k < net->ops[i].in_count; k++)
            if (net->ops[i].in[k] == net->input) {
                if (stem)
                    return NULL;
                stem = &net->ops[i];
            }
    for (int i = 0; i < net->output_count; i++)
        if (net->outputs[i] == net->input)
            return NULL;
    return stem && stem->kind == PH_OP_CONV ? stem : NULL;
}

static bool suits(const ph_conv_params *p, const ph_shape *in)
{
    bool good = p->groups == 1 && p->stride[0] == p->stride[1] && p->stride[0] > 1 && p->stride[0] <= MOST_SIDE &&
                in->dim[0] == 1 && in->dim[1] <= MOST_CHANNELS;
    for (int i = 0; i < 2; i++)
        good = good && p->dilation[i] == 1 && p->pad_begin[i] >= 0 && p->pad_begin[i] < p->kernel[i] &&
               p->kernel[i] < MOST_SIZE && in->dim[2 + i] < MOST_SIZE;
    return good;
}

int64_t ph_cuda_stem_shift(const ph_cuda_block *block, const ph_conv_params *p, int axis)
{
    return (axis ? block->origin_x : block->origin_y) - p->pad_begin[axis];
}

int64_t ph_cuda_stem_kernel(const ph_cuda_block *block, const ph_conv_params *p, int axis)
{
    return (p->kernel[axis] - 1 + ph_cuda_stem_shift(block, p, axis)) / block->side + 1;
}

ph_cuda_block ph_cuda_stem_block(const ph_net *net)
{
    ph_cuda_block b = {.side = 0};
    const ph_op *stem = find_stem(net);
    if (!stem || !suits(&stem->p.conv, &net->tensors[net->input].shape))
        return b;
    const ph_conv_params *p = &stem->p.conv;
    const ph_shape *in = &net->tensors[net->input].shape, *out = &net->tensors[stem->out].shape;
    const int side = (int)p->stride[0];
    b = (ph_cuda_block){.side = side,
                        .channels = (int)in->dim[1],
                        .height = (int)in->dim[2],
                        .width = (int)in->dim[3],
                        .origin_y = ((int)p->pad_begin[0] + side - 1) / side * side,
                        .origin_x = ((int)p->pad_begin[1] + side - 1) / side * side,
                        .pitch = (in->dim[1] * side * side + 7) / 8 * 8};
    b.rows = (int)(out->dim[2] - 1 + ph_cuda_stem_kernel(&b, p, 0));
    b.columns = (int)(out->dim[3] - 1 + ph_cuda_stem_kernel(&b, p, 1));
    return b;
}
