#include "kernels/cpu/cpu.h"
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/engine.h"
#include "kernels/cpu/threads.h"
#include "kernels/element/fft_cpu.h"
#include "kernels/element/host_memory.h"

#include <stdio.h>

static ph_status probe(char *text, size_t size, ph_error *err)
{
    ph_edge *edge = NULL;
    PH_TRY(ph_edge_new(&edge, err));
    ph_edge_free(edge);
    char library[128];
    ph_edge_text(library, sizeof library);
    const int threads = ph_cpu_threads_set(0);
    if (text && size)
        snprintf(text, size, "%s, %d thread%s", library, threads, threads == 1 ? "" : "s");
    return PH_OK;
}

static void close_device(ph_device *device)
{
    if (!device)
        return;
    ph_edge_free(device->edge);
    ph_free(device);
}

static ph_status open_device(const ph_device_options *options, ph_device **out, ph_error *err)
{
    *out = NULL;
    ph_device *device = ph_alloc(1, sizeof *device);
    if (!device)
        return ph_fail_memory(err, sizeof *device, "the cpu backend");
    enum { MOST_THREADS = 1024 };
    const int threads = options && options->threads > 0 ? options->threads : ph_cpu_threads_set(0);
    device->cpu = (ph_cpu_device_head){{&ph_backend_cpu}, threads < MOST_THREADS ? threads : MOST_THREADS};
    device->memory_limit = options ? options->memory_limit : 0;
    const ph_status status = ph_edge_new(&device->edge, err);
    if (status != PH_OK) {
        close_device(device);
        return status;
    }
    *out = device;
    return PH_OK;
}

int64_t ph_cpu_memory_available(ph_device *device)
{
    const int64_t bytes = ph_host_memory_available(device);
    return device->memory_limit > 0 && device->memory_limit < bytes ? device->memory_limit : bytes;
}

const ph_backend ph_backend_cpu = {
    .name = "cpu",
    .useful_batch = 1,
    .probe = probe,
    .open = open_device,
    .close = close_device,
    .memory_new = ph_host_memory_new,
    .memory_free = ph_host_memory_free,
    .write = ph_host_memory_copy,
    .read = ph_host_memory_copy,
    .memory_available = ph_cpu_memory_available,
    .engine_bytes = ph_cpu_engine_bytes,
    .engine_new = ph_cpu_engine_new,
    .engine_free = ph_cpu_engine_free,
    .engine_input = ph_cpu_engine_input,
    .engine_input_gradient = ph_cpu_engine_input_gradient,
    .engine_output = ph_cpu_engine_output,
    .engine_output_gradient = ph_cpu_engine_output_gradient,
    .forward = ph_cpu_engine_forward,
    .backward = ph_cpu_engine_backward,
    .engine_times = ph_cpu_engine_times,
    .element = &ph_element_cpu_kernels,
    .fft_new = ph_fft_cpu_new,
    .fft_free = ph_fft_cpu_free,
    .fft_c2r = ph_fft_cpu_c2r,
    .fft_r2c = ph_fft_cpu_r2c,
};
