/* The CUDA runtime but for streams and kernels: the card, its memory, copies, errors. */
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RUNTIME_VERSION = CUDART_VERSION };

static cudaError_t machine_error(void)
{
    if (sim.driver < RUNTIME_VERSION / 1000 * 1000)
        return cudaErrorInsufficientDriver;
    return sim.devices ? cudaSuccess : cudaErrorNoDevice;
}

bool sim_usable(void)
{
    return !machine_error() && !sim.sticky;
}

static bool is_sticky(cudaError_t code)
{
    return code == cudaErrorIllegalAddress || code == cudaErrorLaunchFailure || code == cudaErrorMisalignedAddress ||
           code == cudaErrorECCUncorrectable || code == cudaErrorIllegalInstruction;
}

cudaError_t sim_enter(const char *name, cudaError_t usual)
{
    cudaError_t code = (cudaError_t)sim_call(name, (int)usual);
    if (sim.sticky)
        return sim.sticky;
    if (is_sticky(code))
        sim.sticky = code;
    if (!code)
        code = machine_error();
    if (code)
        sim.last = code;
    return code;
}

cudaError_t cudaGetLastError(void)
{
    const cudaError_t code = sim.sticky ? sim.sticky : sim.last;
    sim.last = machine_error();
    return code;
}

const char *cudaGetErrorString(cudaError_t error)
{
    switch ((int)error) {
    case cudaSuccess:
        return "no error";
    case cudaErrorMemoryAllocation:
        return "out of memory";
    case cudaErrorInsufficientDriver:
        return "CUDA driver version is insufficient for CUDA runtime version";
    case cudaErrorNoDevice:
        return "no CUDA-capable device is detected";
    case cudaErrorInvalidDevice:
        return "invalid device ordinal";
    case cudaErrorLaunchFailure:
        return "unspecified launch failure";
    default:
        return "an error of the simulated card";
    }
}

/* ---- the card -----------------------------------------------------------------------------------------------------
 */

cudaError_t cudaDriverGetVersion(int *version)
{
    const int code = sim_call("cudaDriverGetVersion", cudaErrorUnknown);
    *version = sim.driver;
    return (cudaError_t)code;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    const int code = sim_call("cudaRuntimeGetVersion", cudaErrorUnknown);
    *version = RUNTIME_VERSION;
    return (cudaError_t)code;
}

/* When there is no card, `count` stays as it is. */
cudaError_t cudaGetDeviceCount(int *count)
{
    const cudaError_t code = sim_enter("cudaGetDeviceCount", cudaErrorUnknown);
    if (!code)
        *count = sim.devices;
    return code;
}

static cudaError_t no_such_device(int device)
{
    return device < 0 || device >= sim.devices ? sim.last = cudaErrorInvalidDevice : cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    const cudaError_t code = sim_enter("cudaSetDevice", cudaErrorUnknown);
    return code ? code : no_such_device(device);
}

cudaError_t cudaGetDeviceProperties(struct cudaDeviceProp *properties, int device)
{
    const cudaError_t code = sim_enter("cudaGetDeviceProperties", cudaErrorUnknown);
    if (code || no_such_device(device))
        return code ? code : cudaErrorInvalidDevice;
    *properties = (struct cudaDeviceProp){.totalGlobalMem = (size_t)sim.memory,
                                          .sharedMemPerBlock = 48 << 10,
                                          .regsPerBlock = 65536,
                                          .warpSize = 32,
                                          .maxThreadsPerBlock = 1024,
                                          .maxThreadsDim = {1024, 1024, 64},
                                          .maxGridSize = {2147483647, 65535, 65535},
                                          .major = sim.compute / 10,
                                          .minor = sim.compute % 10,
                                          .multiProcessorCount = 132};
    snprintf(properties->name, sizeof properties->name, "simulated card");
    return cudaSuccess;
}

/* ---- memory -------------------------------------------------------------------------------------------------------
 */

cudaError_t cudaMemGetInfo(size_t *available, size_t *total)
{
    const cudaError_t code = sim_enter("cudaMemGetInfo", cudaErrorUnknown);
    if (code)
        return code;
    *available = (size_t)(sim.memory - sim.counts.memory);
    *total = (size_t)sim.memory;
    return cudaSuccess;
}

cudaError_t(cudaMalloc)(void **memory, size_t bytes)
{
    const cudaError_t code = sim_enter("cudaMalloc", cudaErrorMemoryAllocation);
    if (code)
        return code;
    sim_not_recording("cudaMalloc");
    *memory = NULL;
    if (!bytes)
        return cudaSuccess;
    *memory = sim_memory_new(bytes);
    return *memory ? cudaSuccess : (sim.last = cudaErrorMemoryAllocation);
}

cudaError_t cudaFree(void *memory)
{
    const cudaError_t code = sim_enter("cudaFree", cudaErrorUnknown);
    if (!memory)
        return code;
    sim_not_recording("cudaFree");
    sim_drain();
    sim_memory_free(memory);
    return code;
}

typedef struct copy {
    void *to;
    const void *from;
    size_t bytes;
    enum cudaMemcpyKind kind;
    int value; /* of a fill */
    void *staged;
} copy;

static void run_copy(void *state)
{
    copy *c = state;
    if (c->kind != cudaMemcpyHostToDevice)
        sim_memory_check(c->from, c->bytes, true, "cudaMemcpy from the card");
    if (c->kind != cudaMemcpyDeviceToHost)
        sim_memory_check(c->to, c->bytes, false, "cudaMemcpy to the card");
    const char *to = c->to, *from = c->from;
    if (from < to + c->bytes && to < from + c->bytes && c->bytes)
        sim_die("cudaMemcpy: source and destination overlap");
    memcpy(c->to, c->staged ? c->staged : c->from, c->bytes);
    if (c->kind != cudaMemcpyDeviceToHost)
        sim_memory_written(c->to, c->bytes);
}

static void free_copy(void *state)
{
    free(((copy *)state)->staged);
    free(state);
}

static void check_kind(const char *name, const void *to, const void *from, enum cudaMemcpyKind kind)
{
    const bool to_card = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool from_card = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if (!to_card && !from_card)
        sim_die("%s: only copies that the card takes part in are simulated, this is of kind %d", name, (int)kind);
    if (to_card != sim_memory_owns(to))
        sim_die("%s: the destination is %sof the card, against the kind of the copy", name, to_card ? "not " : "");
    if (from_card != sim_memory_owns(from))
        sim_die("%s: the source is %sof the card, against the kind of the copy", name, from_card ? "not " : "");
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, enum cudaMemcpyKind kind, cudaStream_t stream)
{
    const cudaError_t code = sim_enter("cudaMemcpyAsync", cudaErrorUnknown);
    if (code)
        return code;
    check_kind("cudaMemcpyAsync", to, from, kind);
    if (kind != cudaMemcpyDeviceToDevice && sim_recording(stream))
        sim_die("cudaMemcpyAsync: a copy between host and card inside a recording");
    copy *c = sim_new(sizeof *c);
    *c = (copy){to, from, bytes, kind, 0, NULL};
    if (kind == cudaMemcpyHostToDevice) { /* pageable memory is read before the call returns */
        c->staged = sim_new(bytes);
        memcpy(c->staged, from, bytes);
    }
    sim_submit(stream, "cudaMemcpyAsync", run_copy, free_copy, c, NULL);
    return cudaSuccess;
}

static void run_fill(void *state)
{
    copy *c = state;
    sim_memory_check(c->to, c->bytes, false, "cudaMemsetAsync");
    memset(c->to, c->value, c->bytes);
    sim_memory_written(c->to, c->bytes);
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    const cudaError_t code = sim_enter("cudaMemsetAsync", cudaErrorUnknown);
    if (code)
        return code;
    copy *c = sim_new(sizeof *c);
    *c = (copy){.to = to, .bytes = bytes, .value = value};
    sim_submit(stream, "cudaMemsetAsync", run_fill, free_copy, c, NULL);
    return cudaSuccess;
}
