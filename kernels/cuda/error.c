/* What the four libraries say, as one line each. */
#include "host/base/status.h"
#include "kernels/cuda/device.h"

static bool is_out_of_memory(cudaError_t code)
{
    return code == cudaErrorMemoryAllocation;
}

/* After these the process cannot use the card any more ("the process must be terminated", driver_types.h). */
static bool is_sticky(cudaError_t code)
{
    switch ((int)code) {
    case cudaErrorIllegalAddress:
    case cudaErrorLaunchTimeout:
    case cudaErrorHardwareStackError:
    case cudaErrorIllegalInstruction:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorLaunchFailure:
    case cudaErrorECCUncorrectable:
    case cudaErrorContained:
    case cudaErrorAssert:
        return true;
    default:
        return false;
    }
}

static const char *advice(cudaError_t code)
{
    switch ((int)code) {
    case cudaErrorInsufficientDriver:
        return "install the NVIDIA driver, or a newer one (CUDA 13 needs series 580)";
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice:
        return "no such card: see 'phosphene info --backends' and the variable CUDA_VISIBLE_DEVICES";
    case cudaErrorStubLibrary:
        return "the toolkit's stub libcuda comes first in the library path: remove it from there";
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
    case cudaErrorJitCompilationDisabled:
        return "this build has no code for the card: build with its architecture in CMAKE_CUDA_ARCHITECTURES";
    case cudaErrorSystemNotReady:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorCompatNotSupportedOnDevice:
        return "the driver does not fit the kernel module or the card: reboot or install it anew";
    case cudaErrorMemoryAllocation:
        return "use a smaller --batch or --size";
    default:
        return is_sticky(code) ? "the card cannot be used any more by this process; please report it"
                               : "please report it";
    }
}

ph_status ph_cuda_check(struct ph_device *device, cudaError_t code, const char *what, ph_error *err)
{
    if (code == cudaSuccess)
        return PH_OK;
    if (device && is_sticky(code))
        device->dead = true;
    if (!is_sticky(code))
        (void)cudaGetLastError(); /* what does not stick is read once and gone */
    return ph_fail(err, is_out_of_memory(code) ? PH_NO_MEMORY : PH_BACKEND, "cuda: %s: %s (%d): %s", what,
                   cudaGetErrorString(code), (int)code, advice(code));
}

ph_status ph_cudnn_check(struct ph_device *device, cudnnStatus_t code, const char *what, ph_error *err)
{
    (void)device;
    if (code == CUDNN_STATUS_SUCCESS)
        return PH_OK;
    const bool memory =
        code == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED || code == CUDNN_STATUS_ALLOC_FAILED;
    char detail[256] = "";
    cudnnGetLastErrorString(detail, sizeof detail);
    return ph_fail(err, memory ? PH_NO_MEMORY : PH_BACKEND, "cuda: %s: cuDNN %zu: %s (%d) %.200s: %s", what,
                   cudnnGetVersion(), cudnnGetErrorString(code), (int)code, detail,
                   memory ? "use a smaller --batch or --size" : "check that the whole of cuDNN is installed");
}

ph_status ph_cublas_check(struct ph_device *device, cublasStatus_t code, const char *what, ph_error *err)
{
    (void)device;
    if (code == CUBLAS_STATUS_SUCCESS)
        return PH_OK;
    const bool memory = code == CUBLAS_STATUS_ALLOC_FAILED;
    return ph_fail(err, memory ? PH_NO_MEMORY : PH_BACKEND, "cuda: %s: cuBLAS: %s (%d)%s", what,
                   cublasGetStatusString(code), (int)code, memory ? ": use a smaller --batch or --size" : "");
}

ph_status ph_cufft_check(struct ph_device *device, cufftResult code, const char *what, ph_error *err)
{
    (void)device;
    if (code == CUFFT_SUCCESS)
        return PH_OK;
    const bool memory = code == CUFFT_ALLOC_FAILED;
    return ph_fail(err, memory ? PH_NO_MEMORY : PH_BACKEND, "cuda: %s: cuFFT error %d%s", what, (int)code,
                   memory ? ": use a smaller --batch or --size" : "");
}
