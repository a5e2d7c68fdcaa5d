/* An opened card: stream, library handles, workspaces; and how failures of the four libraries become errors. */
#ifndef PH_CUDA_DEVICE_H
#define PH_CUDA_DEVICE_H

#include "host/engine/backend.h"
#include "kernels/cuda/type.h"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn_graph.h>
#include <cufft.h>

/* Replayed steps that may wait in the stream: enough to keep the card busy, few enough to stop soon when asked. */
enum { PH_CUDA_QUEUED = 8 };

struct ph_conv_choice; /* convolution.h */

struct ph_device {
    ph_device_head head;
    int ordinal;
    char name[256];
    int compute;            /* 10 x major + minor */
    ph_precision precision; /* never PH_PRECISION_AUTO */
    ph_cuda_type type;      /* that values of the network have */
    cudaStream_t stream;    /* all work goes here, in order */
    cudnnHandle_t cudnn;
    cublasHandle_t cublas;
    cudnnBackendDescriptor_t properties; /* of the card, for cuDNN's choices */
    void *cublas_workspace;
    cudaEvent_t queued[PH_CUDA_QUEUED]; /* ends of the latest replayed steps */
    unsigned replays;
    bool dead; /* a sticky error was seen: nothing can be done with the card any more */
    int64_t memory_limit;
    struct ph_conv_choice *choices; /* engines chosen so far, by shape */
    size_t choice_count, choice_capacity;
};

/* "cuda: WHAT: reason, what to do" and PH_NO_MEMORY or PH_BACKEND. PH_OK for success. Sticky errors mark the device
 * dead; errors that are not sticky are cleared. `device` may be NULL. */
ph_status ph_cuda_check(struct ph_device *device, cudaError_t code, const char *what, ph_error *err);
ph_status ph_cudnn_check(struct ph_device *device, cudnnStatus_t code, const char *what, ph_error *err);
ph_status ph_cublas_check(struct ph_device *device, cublasStatus_t code, const char *what, ph_error *err);
ph_status ph_cufft_check(struct ph_device *device, cufftResult code, const char *what, ph_error *err);

/* Entries of ph_backend. */
ph_status ph_cuda_probe(char *text, size_t size, ph_error *err);
ph_status ph_cuda_open(const ph_device_options *options, ph_device **out, ph_error *err);
void ph_cuda_describe(const ph_device *device, char *text, size_t size);
void ph_cuda_close(ph_device *device);
ph_status ph_cuda_memory_new(ph_device *device, size_t bytes, void **out, ph_error *err);
void ph_cuda_memory_free(ph_device *device, void *memory);
ph_status ph_cuda_write(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err);
ph_status ph_cuda_read(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err);
int64_t ph_cuda_memory_available(ph_device *device);

void ph_cuda_choices_free(struct ph_device *device); /* convolution.c */

#endif
