#include "kernels/cuda/graph_description.h"

cudnnBackendDescriptor_t ph_describe(ph_description *d, cudnnBackendDescriptorType_t type)
{
    if (d->status != CUDNN_STATUS_SUCCESS)
        return NULL;
    if (d->count == PH_CUDNN_DESCRIPTORS) {
        d->status = CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
        return NULL;
    }
    cudnnBackendDescriptor_t descriptor = NULL;
    d->status = cudnnBackendCreateDescriptor(type, &descriptor);
    if (d->status != CUDNN_STATUS_SUCCESS)
        return NULL;
    d->all[d->count++] = descriptor;
    return descriptor;
}

void ph_describe_set(ph_description *d, cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                     cudnnBackendAttributeType_t type, int64_t count, const void *value)
{
    if (d->status == CUDNN_STATUS_SUCCESS)
        d->status = cudnnBackendSetAttribute(descriptor, name, type, count, value);
}

void ph_describe_link(ph_description *d, cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                      cudnnBackendDescriptor_t value)
{
    ph_describe_set(d, descriptor, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &value);
}

void ph_describe_end(ph_description *d, cudnnBackendDescriptor_t descriptor)
{
    if (d->status == CUDNN_STATUS_SUCCESS)
        d->status = cudnnBackendFinalize(descriptor);
}

void ph_description_free(ph_description *d)
{
    while (d->count > 0)
        (void)cudnnBackendDestroyDescriptor(d->all[--d->count]);
}

static void set_flag(ph_description *d, cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                     cudnnBackendAttributeType_t type, const void *value)
{
    ph_describe_set(d, descriptor, name, type, 1, value);
}

/* Channels last, whatever the order of `dims` (N, C, H, W) says. */
static cudnnBackendDescriptor_t tensor(ph_description *d, int64_t uid, cudnnDataType_t type, const int64_t dims[4],
                                       bool is_virtual)
{
    const int64_t strides[4] = {dims[1] * dims[2] * dims[3], 1, dims[1] * dims[3], dims[1]};
    const int64_t alignment = 16;
    cudnnBackendDescriptor_t t = ph_describe(d, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    ph_describe_set(d, t, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &uid);
    set_flag(d, t, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, &type);
    ph_describe_set(d, t, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, 4, dims);
    ph_describe_set(d, t, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, 4, strides);
    ph_describe_set(d, t, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1, &alignment);
    set_flag(d, t, CUDNN_ATTR_TENSOR_IS_VIRTUAL, CUDNN_TYPE_BOOLEAN, &is_virtual);
    ph_describe_end(d, t);
    return t;
}

static cudnnBackendDescriptor_t convolution(ph_description *d, const ph_conv_shape *s)
{
    const int64_t spatial = 2;
    const cudnnDataType_t compute = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    cudnnBackendDescriptor_t c = ph_describe(d, CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    ph_describe_set(d, c, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1, &spatial);
    set_flag(d, c, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, &compute);
    set_flag(d, c, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE, &mode);
    ph_describe_set(d, c, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, 2, s->pad_begin);
    ph_describe_set(d, c, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, 2, s->pad_end);
    ph_describe_set(d, c, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64, 2, s->stride);
    ph_describe_set(d, c, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, 2, s->dilation);
    ph_describe_end(d, c);
    return c;
}

static cudnnBackendDescriptor_t pointwise(ph_description *d, cudnnPointwiseMode_t mode, cudnnBackendDescriptor_t x,
                                          cudnnBackendDescriptor_t b, cudnnBackendDescriptor_t y)
{
    const cudnnDataType_t compute = CUDNN_DATA_FLOAT;
    cudnnBackendDescriptor_t how = ph_describe(d, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    set_flag(d, how, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, &mode);
    set_flag(d, how, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, &compute);
    ph_describe_end(d, how);
    cudnnBackendDescriptor_t op = ph_describe(d, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, how);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (b)
        ph_describe_link(d, op, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, b);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    ph_describe_end(d, op);
    return op;
}

typedef struct tensors {
    cudnnBackendDescriptor_t x, w, bias, y;
    cudnnBackendDescriptor_t how;
} tensors;

static cudnnBackendDescriptor_t forward_operation(ph_description *d, const tensors *t, cudnnBackendDescriptor_t y)
{
    const float one = 1, zero = 0;
    cudnnBackendDescriptor_t op = ph_describe(d, CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X, t->x);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W, t->w);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y, y);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC, t->how);
    set_flag(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA, CUDNN_TYPE_FLOAT, &one);
    set_flag(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA, CUDNN_TYPE_FLOAT, &zero);
    ph_describe_end(d, op);
    return op;
}

static cudnnBackendDescriptor_t backward_operation(ph_description *d, const tensors *t, bool add)
{
    const float one = 1, beta = add ? 1.0f : 0.0f;
    cudnnBackendDescriptor_t op = ph_describe(d, CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX, t->x);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W, t->w);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY, t->y);
    ph_describe_link(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC, t->how);
    set_flag(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA, CUDNN_TYPE_FLOAT, &one);
    set_flag(d, op, CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA, CUDNN_TYPE_FLOAT, &beta);
    ph_describe_end(d, op);
    return op;
}

/* Sums stay in float until y: y = relu((conv(x) + z) + bias). In this order, and with z and bias in y's type, cuDNN has
 * engines that are not compiled at run time. Returns how many operations. */
static int64_t forward_operations(ph_description *d, const ph_conv_shape *s, cudnnDataType_t type, const int64_t y[4],
                                  tensors *t, cudnnBackendDescriptor_t operations[])
{
    const int64_t b[4] = {1, s->out_channels, 1, 1};
    const bool relu = ph_conv_has_relu(s->task);
    cudnnBackendDescriptor_t bias = tensor(d, PH_UID_BIAS, type, b, false);
    cudnnBackendDescriptor_t sum = tensor(d, 's', CUDNN_DATA_FLOAT, y, true);
    int64_t count = 0;
    operations[count++] = forward_operation(d, t, sum);
    if (ph_conv_is_residual(s->task)) {
        cudnnBackendDescriptor_t z = tensor(d, PH_UID_Z, type, y, false);
        cudnnBackendDescriptor_t whole = tensor(d, 't', CUDNN_DATA_FLOAT, y, true);
        operations[count++] = pointwise(d, CUDNN_POINTWISE_ADD, sum, z, whole);
        sum = whole;
    }
    cudnnBackendDescriptor_t biased = relu ? tensor(d, 'u', CUDNN_DATA_FLOAT, y, true) : t->y;
    operations[count++] = pointwise(d, CUDNN_POINTWISE_ADD, sum, bias, biased);
    if (relu)
        operations[count++] = pointwise(d, CUDNN_POINTWISE_RELU_FWD, biased, NULL, t->y);
    return count;
}

cudnnBackendDescriptor_t ph_describe_convolution(ph_description *d, const ph_conv_shape *s, ph_cuda_type value_type,
                                                 int64_t pictures)
{
    const cudnnDataType_t type = value_type == PH_CUDA_HALF     ? CUDNN_DATA_HALF
                                 : value_type == PH_CUDA_BFLOAT ? CUDNN_DATA_BFLOAT16
                                                                : CUDNN_DATA_FLOAT;
    const int64_t x[4] = {pictures, s->channels, s->height, s->width};
    const int64_t y[4] = {pictures, s->out_channels, s->out_height, s->out_width};
    const int64_t w[4] = {s->out_channels, s->channels / s->groups, s->kernel[0], s->kernel[1]};
    tensors t = {.x = tensor(d, PH_UID_X, type, x, false),
                 .w = tensor(d, PH_UID_W, type, w, false),
                 .y = tensor(d, PH_UID_Y, type, y, false),
                 .how = convolution(d, s)};
    cudnnBackendDescriptor_t operations[4] = {NULL};
    int64_t count = 1;
    if (ph_conv_is_forward(s->task))
        count = forward_operations(d, s, type, y, &t, operations);
    else
        operations[0] = backward_operation(d, &t, s->task == PH_CONV_BACKWARD_ADD);
    cudnnBackendDescriptor_t graph = ph_describe(d, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    ph_describe_set(d, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, count, operations);
    ph_describe_end(d, graph);
    return d->status == CUDNN_STATUS_SUCCESS ? graph : NULL;
}
