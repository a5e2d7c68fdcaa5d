/* An opened card: stream, library handles, workspaces; and how failures of the four libraries become errors. */
#ifndef PH_CUDA_DEVICE_H
#define PH_CUDA_DEVICE_H

#include "host/engine/backend.h"
#include "kernels/cuda/type.h"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn_graph.h>
#include <cufft.h>

struct ph_device {
    ph_device_head head;
    int ordinal;
    char name[128];
    int compute;            /* 10 x major + minor */
    ph_precision precision; /* never PH_PRECISION_AUTO */
    ph_cuda_type type;      /* that values of the network have */
    cudaStream_t stream;    /* all work goes here, in order */
    cudnnHandle_t cudnn;
    cublasHandle_t cublas;
    cudnnBackendDescriptor_t properties; /* of the card, for cuDNN's choices */
    void *cublas_workspace;
    void *workspace; /* shared by all calls of the stream that need one; grows when a network is made ready */
    int64_t workspace_bytes;
    bool capturing; /* a step is being recorded */
    bool dead;      /* a sticky error was seen: nothing can be done with the card any more */
    int64_t memory_limit;
};

/* "cuda: WHAT: reason, what to do" and PH_NO_MEMORY or PH_BACKEND. PH_OK for success. Sticky errors mark the device
 * dead; errors that are not sticky are cleared. `device` may be NULL. */
ph_status ph_cuda_check(struct ph_device *device, cudaError_t code, const char *what, ph_error *err);
ph_status ph_cudnn_check(struct ph_device *device, cudnnStatus_t code, const char *what, ph_error *err);
ph_status ph_cublas_check(struct ph_device *device, cublasStatus_t code, const char *what, ph_error *err);
ph_status ph_cufft_check(struct ph_device *device, cufftResult code, const char *what, ph_error *err);

/* Makes the shared workspace at least that large. Not while recording, nor while recordings exist that use it. */
ph_status ph_cuda_workspace(struct ph_device *device, int64_t bytes, ph_error *err);

#endif
