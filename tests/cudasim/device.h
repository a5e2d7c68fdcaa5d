/* Included before everything else when a .cu file is compiled for the simulation: what nvcc would know by itself. */
#ifndef CUDASIM_DEVICE_H
#define CUDASIM_DEVICE_H

/* Blocks run one after the other, so that their shared memory is one static variable. */
#define __shared__ static
#define __launch_bounds__(...)
/* Everything that a kernel calls becomes part of it: gcc's instrumentation overlooks a structure (a half) that a call
 * returns straight into memory. */
#define __global__ __attribute__((flatten))

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>
#include <math.h>
#include <string.h>
#include <vector_functions.h>

#include "sim.h"

#include <tuple>
#include <type_traits>

/* From here on the code is told that it is for a card. */
#define __CUDACC__

/* Constant for the thread that reads them. */
extern "C" {
extern const uint3 threadIdx, blockIdx, blockDim, gridDim;
}

#define SIM_TEXT_OF(x) #x
#define SIM_TEXT(x) SIM_TEXT_OF(x)
#define __syncthreads() sim_barrier(__FILE__ ":" SIM_TEXT(__LINE__))

static inline float rsqrtf(float x)
{
    return 1.0f / sqrtf(x);
}
template <typename T> static inline T __ldg(const T *p)
{
    return *p;
}
static inline int min(int a, int b)
{
    return a < b ? a : b;
}
static inline int max(int a, int b)
{
    return a > b ? a : b;
}
static inline long min(long a, long b)
{
    return a < b ? a : b;
}
static inline long max(long a, long b)
{
    return a > b ? a : b;
}

/* Arguments are converted and copied when the kernel is queued, as by a launch. */
template <typename... P> struct sim_closure {
    void (*kernel)(P...);
    std::tuple<P...> arguments;

    __attribute__((no_sanitize("thread"))) static void run(void *state)
    {
        auto *me = static_cast<sim_closure *>(state);
        std::apply(me->kernel, me->arguments);
    }
    static void drop(void *state)
    {
        delete static_cast<sim_closure *>(state);
    }
};

template <typename... P, typename... A>
static inline cudaError_t sim_queue(const char *name, const char *place, void (*kernel)(P...), dim3 grid, dim3 block,
                                    cudaStream_t stream, A &&...arguments)
{
    auto *closure = new sim_closure<std::decay_t<P>...>{kernel, std::tuple<std::decay_t<P>...>(arguments...)};
    return sim_launch(name, reinterpret_cast<const void *>(kernel), place, grid, block, stream, closure->run,
                      closure->drop, closure, sizeof *closure);
}

#define PH_LAUNCH(kernel, grid, block, stream, ...)                                                                    \
    sim_queue(#kernel, __FILE__ ":" SIM_TEXT(__LINE__), kernel, dim3(grid), dim3(block), stream, __VA_ARGS__)

#endif
