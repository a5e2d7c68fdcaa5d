#include "kernels/cuda/device.h"

#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cuda/cuda.h"

#include <stdio.h>
#include <string.h>

/* cuDNN's plans can be made without a handle since 9.8, and the tests do that; engines before it are not known to us.
 */
enum { OLDEST_CUDNN = 90800, OLDEST_COMPUTE = 75 };

/* cuBLAS allocates while recording unless it was given memory; 32 MiB is what it takes on Hopper. */
static const size_t CUBLAS_WORKSPACE = (size_t)32 << 20;

static ph_status check_cudnn_version(ph_error *err)
{
    const size_t version = cudnnGetVersion();
    if (version < OLDEST_CUDNN)
        return ph_fail(err, PH_BACKEND, "cuda: cuDNN %zu is too old: install 9.8 or newer", version);
    return PH_OK;
}

static ph_status count_cards(int *count, ph_error *err)
{
    *count = 0;
    PH_TRY(ph_cuda_check(NULL, cudaGetDeviceCount(count), "looking for a GPU", err));
    return *count > 0 ? PH_OK : ph_cuda_check(NULL, cudaErrorNoDevice, "looking for a GPU", err);
}

static ph_status read_card(int ordinal, struct cudaDeviceProp *card, ph_error *err)
{
    PH_TRY(ph_cuda_check(NULL, cudaGetDeviceProperties(card, ordinal), "asking the GPU for its properties", err));
    const int compute = 10 * card->major + card->minor;
    if (compute < OLDEST_COMPUTE)
        return ph_fail(err, PH_BACKEND,
                       "cuda: %s has compute capability %d.%d: 7.5 or newer is needed; use --backend cpu", card->name,
                       card->major, card->minor);
    return PH_OK;
}

ph_status ph_cuda_probe(char *text, size_t size, ph_error *err)
{
    int count = 0, driver = 0;
    PH_TRY(count_cards(&count, err));
    PH_TRY(check_cudnn_version(err));
    (void)cudaDriverGetVersion(&driver);
    size_t used = 0;
    for (int i = 0; i < count && text && used < size; i++) {
        struct cudaDeviceProp card;
        PH_TRY(read_card(i, &card, err));
        size_t free = 0, total = 0;
        PH_TRY(ph_cuda_check(NULL, cudaSetDevice(i), "opening the GPU", err));
        PH_TRY(ph_cuda_check(NULL, cudaMemGetInfo(&free, &total), "asking the GPU for its memory", err));
        used += (size_t)snprintf(text + used, size - used, "%scuda:%d %s, compute %d.%d, %zu of %zu MiB free",
                                 i ? "; " : "", i, card.name, card.major, card.minor, free >> 20, total >> 20);
    }
    if (text && used < size)
        snprintf(text + used, size - used, "; driver for CUDA %d.%d, cuDNN %zu", driver / 1000, driver % 1000 / 10,
                 cudnnGetVersion());
    return PH_OK;
}

static ph_status choose_precision(ph_device *device, ph_precision wish, ph_error *err)
{
    device->precision = wish == PH_PRECISION_AUTO ? PH_PRECISION_FP16 : wish;
    device->type = device->precision == PH_PRECISION_FP16   ? PH_CUDA_HALF
                   : device->precision == PH_PRECISION_BF16 ? PH_CUDA_BFLOAT
                                                            : PH_CUDA_FLOAT;
    if (device->compute < 80 && (wish == PH_PRECISION_BF16 || wish == PH_PRECISION_TF32))
        return ph_fail(err, PH_UNSUPPORTED,
                       "cuda: %s (compute %d.%d) has no bf16 and tf32: choose --precision fp16 or fp32", device->name,
                       device->compute / 10, device->compute % 10);
    return PH_OK;
}

static ph_status open_cudnn(ph_device *device, ph_error *err)
{
    PH_TRY(check_cudnn_version(err));
    PH_TRY(ph_cudnn_check(device, cudnnCreate(&device->cudnn), "opening cuDNN", err));
    PH_TRY(ph_cudnn_check(device, cudnnSetStream(device->cudnn, device->stream), "opening cuDNN", err));
    const int32_t ordinal = device->ordinal;
    PH_TRY(ph_cudnn_check(device,
                          cudnnBackendCreateDescriptor(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR, &device->properties),
                          "describing the GPU", err));
    PH_TRY(ph_cudnn_check(
        device,
        cudnnBackendSetAttribute(device->properties, CUDNN_ATTR_DEVICEPROP_DEVICE_ID, CUDNN_TYPE_INT32, 1, &ordinal),
        "describing the GPU", err));
    return ph_cudnn_check(device, cudnnBackendFinalize(device->properties), "describing the GPU", err);
}

static ph_status open_cublas(ph_device *device, ph_error *err)
{
    PH_TRY(ph_cublas_check(device, cublasCreate(&device->cublas), "opening cuBLAS", err));
    PH_TRY(ph_cublas_check(device, cublasSetStream(device->cublas, device->stream), "opening cuBLAS", err));
    PH_TRY(ph_cuda_check(device, cudaMalloc(&device->cublas_workspace, CUBLAS_WORKSPACE), "memory of cuBLAS", err));
    PH_TRY(ph_cublas_check(device, cublasSetWorkspace(device->cublas, device->cublas_workspace, CUBLAS_WORKSPACE),
                           "opening cuBLAS", err));
    /* Parts of a long sum are added in float as well. */
    const cublasMath_t math = CUBLAS_DEFAULT_MATH | CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
    PH_TRY(ph_cublas_check(device, cublasSetMathMode(device->cublas, math), "opening cuBLAS", err));
    return ph_cublas_check(device, cublasSetAtomicsMode(device->cublas, CUBLAS_ATOMICS_NOT_ALLOWED), "opening cuBLAS",
                           err);
}

static ph_status open_card(ph_device *device, const ph_device_options *options, ph_error *err)
{
    int count = 0;
    PH_TRY(count_cards(&count, err));
    if (device->ordinal >= count)
        return ph_fail(err, PH_BACKEND, "cuda: there is no GPU number %d: this machine has %d, counted from 0",
                       device->ordinal, count);
    struct cudaDeviceProp card;
    PH_TRY(read_card(device->ordinal, &card, err));
    device->compute = 10 * card.major + card.minor;
    snprintf(device->name, sizeof device->name, "%s", card.name);
    PH_TRY(choose_precision(device, options ? options->precision : PH_PRECISION_AUTO, err));
    PH_TRY(ph_cuda_check(device, cudaSetDevice(device->ordinal), "opening the GPU", err));
    PH_TRY(ph_cuda_check(device, cudaStreamCreateWithFlags(&device->stream, cudaStreamNonBlocking), "opening the GPU",
                         err));
    for (int i = 0; i < PH_CUDA_QUEUED; i++)
        PH_TRY(ph_cuda_check(device, cudaEventCreateWithFlags(&device->queued[i], cudaEventDisableTiming),
                             "opening the GPU", err));
    PH_TRY(open_cudnn(device, err));
    return open_cublas(device, err);
}

ph_status ph_cuda_open(const ph_device_options *options, ph_device **out, ph_error *err)
{
    *out = NULL;
    ph_device *device = ph_alloc(1, sizeof *device);
    if (!device)
        return ph_fail_memory(err, sizeof *device, "the cuda backend");
    device->head.backend = &ph_backend_cuda;
    device->ordinal = options ? options->ordinal : 0;
    device->memory_limit = options ? options->memory_limit : 0;
    const ph_status status = open_card(device, options, err);
    if (status == PH_OK)
        *out = device;
    else
        ph_cuda_close(device);
    return status;
}

void ph_cuda_describe(const ph_device *device, char *text, size_t size)
{
    int runtime = 0, transforms = 0;
    (void)cudaRuntimeGetVersion(&runtime);
    (void)cufftGetVersion(&transforms);
    snprintf(text, size, "%s, compute %d.%d, CUDA %d.%d, cuDNN %zu, cuFFT %d, %s", device->name, device->compute / 10,
             device->compute % 10, runtime / 1000, runtime % 1000 / 10, cudnnGetVersion(), transforms,
             ph_precision_name(device->precision));
}

void ph_cuda_close(ph_device *device)
{
    if (!device)
        return;
    if (device->properties)
        (void)cudnnBackendDestroyDescriptor(device->properties);
    if (!device->dead) {
        if (device->stream)
            (void)cudaStreamSynchronize(device->stream);
        if (device->cudnn)
            (void)cudnnDestroy(device->cudnn);
        if (device->cublas)
            (void)cublasDestroy(device->cublas);
        (void)cudaFree(device->cublas_workspace);
        for (int i = 0; i < PH_CUDA_QUEUED; i++)
            if (device->queued[i])
                (void)cudaEventDestroy(device->queued[i]);
        if (device->stream)
            (void)cudaStreamDestroy(device->stream);
    }
    ph_cuda_choices_free(device);
    ph_free(device);
}

/* ---- Memory ------------------------------------------------------------------------------------------------------ */

ph_status ph_cuda_memory_new(ph_device *device, size_t bytes, void **out, ph_error *err)
{
    *out = NULL;
    void *memory = NULL;
    PH_TRY(ph_cuda_check(device, cudaMalloc(&memory, bytes ? bytes : 1), "memory for the pictures", err));
    const ph_status status =
        ph_cuda_check(device, cudaMemsetAsync(memory, 0, bytes, device->stream), "clearing memory", err);
    if (status == PH_OK)
        *out = memory;
    else
        (void)cudaFree(memory);
    return status;
}

void ph_cuda_memory_free(ph_device *device, void *memory)
{
    if (device->dead || !memory)
        return;
    (void)cudaStreamSynchronize(device->stream);
    (void)cudaFree(memory);
}

static ph_status copy(ph_device *device, void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind,
                      ph_error *err)
{
    if (!bytes)
        return PH_OK;
    const char *what = kind == cudaMemcpyHostToDevice ? "copying to the GPU" : "computing or copying from the GPU";
    PH_TRY(ph_cuda_check(device, cudaMemcpyAsync(to, from, bytes, kind, device->stream), what, err));
    return ph_cuda_check(device, cudaStreamSynchronize(device->stream), what, err);
}

ph_status ph_cuda_write(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err)
{
    return copy(device, to, from, bytes, cudaMemcpyHostToDevice, err);
}

ph_status ph_cuda_read(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err)
{
    return copy(device, to, from, bytes, cudaMemcpyDeviceToHost, err);
}

/* Modules load lazily and the driver keeps some for itself: a twentieth and 256 MiB stay free. */
int64_t ph_cuda_memory_available(ph_device *device)
{
    size_t free = 0, total = 0;
    if (device->dead || cudaMemGetInfo(&free, &total) != cudaSuccess)
        return 0;
    const int64_t spare = (int64_t)(total / 20) + (INT64_C(256) << 20);
    const int64_t bytes = (int64_t)free > spare ? (int64_t)free - spare : 0;
    return device->memory_limit > 0 && device->memory_limit < bytes ? device->memory_limit : bytes;
}
