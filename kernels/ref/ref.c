#include "kernels/ref/ref.h"
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/element/element_cpu.h"
#include "kernels/element/host_memory.h"
#include "kernels/ref/engine.h"
#include "kernels/ref/fft.h"

#include <stdio.h>

struct ph_device {
    ph_cpu_device_head cpu;
};

static ph_status probe(char *text, size_t size, ph_error *err)
{
    (void)err;
    if (text && size)
        snprintf(text, size, "naive loops in double precision, for checking (slow)");
    return PH_OK;
}

/* One thread: results must not depend on anything, and speed does not matter here. */
static ph_status open_device(const ph_device_options *options, ph_device **out, ph_error *err)
{
    (void)options;
    *out = ph_alloc(1, sizeof **out);
    if (!*out)
        return ph_fail_memory(err, sizeof **out, "the backend ref");
    (*out)->cpu = (ph_cpu_device_head){{&ph_backend_ref}, 1};
    return PH_OK;
}

static void close_device(ph_device *device)
{
    ph_free(device);
}

const ph_backend ph_backend_ref = {
    .name = "ref",
    .useful_batch = 1,
    .probe = probe,
    .open = open_device,
    .close = close_device,
    .memory_new = ph_host_memory_new,
    .memory_free = ph_host_memory_free,
    .write = ph_host_memory_copy,
    .read = ph_host_memory_copy,
    .memory_available = ph_host_memory_available,
    .engine_bytes = ph_ref_engine_bytes,
    .engine_new = ph_ref_engine_new,
    .engine_free = ph_ref_engine_free,
    .engine_input = ph_ref_engine_input,
    .engine_input_gradient = ph_ref_engine_input_gradient,
    .engine_output = ph_ref_engine_output,
    .engine_output_gradient = ph_ref_engine_output_gradient,
    .forward = ph_ref_forward,
    .backward = ph_ref_backward,
    .engine_times = ph_ref_engine_times,
    .element = &ph_element_cpu_kernels,
    .fft_new = ph_ref_fft_new,
    .fft_free = ph_ref_fft_free,
    .fft_c2r = ph_ref_fft_c2r,
    .fft_r2c = ph_ref_fft_r2c,
};
