/* cuDNN descriptors in C: creating, filling, finalizing, and keeping them together until their plan goes. */
#ifndef PH_CUDA_GRAPH_DESCRIPTION_H
#define PH_CUDA_GRAPH_DESCRIPTION_H

#include "kernels/cuda/convolution.h"

enum { PH_CUDNN_DESCRIPTORS = 40 };

/* Descriptors refer to each other: they live until the last one that needs them. */
typedef struct ph_description {
    cudnnBackendDescriptor_t all[PH_CUDNN_DESCRIPTORS];
    int count;
    cudnnStatus_t status; /* of the first call that failed; nothing is done after it */
} ph_description;

/* NULL after a failure. */
cudnnBackendDescriptor_t ph_describe(ph_description *d, cudnnBackendDescriptorType_t type);
void ph_describe_set(ph_description *d, cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                     cudnnBackendAttributeType_t type, int64_t count, const void *value);
void ph_describe_link(ph_description *d, cudnnBackendDescriptor_t descriptor, cudnnBackendAttributeName_t name,
                      cudnnBackendDescriptor_t value);
void ph_describe_end(ph_description *d, cudnnBackendDescriptor_t descriptor); /* finalize */
void ph_description_free(ph_description *d);

/* Unique ids of the tensors of a convolution's graph. */
enum { PH_UID_X = 'x', PH_UID_W = 'w', PH_UID_BIAS = 'b', PH_UID_Z = 'z', PH_UID_Y = 'y' };

/* The operation graph of a task for `pictures` pictures; NULL after a failure (d->status). */
cudnnBackendDescriptor_t ph_describe_convolution(ph_description *d, const ph_conv_shape *shape, ph_cuda_type type,
                                                 int64_t pictures);

#endif
