#include "kernels/ref/ref.h"
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/element/element_cpu.h"
#include "kernels/ref/engine.h"
#include "kernels/ref/fft.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static ph_status memory_new(ph_device *device, size_t bytes, void **out, ph_error *err)
{
    (void)device;
    *out = ph_alloc_aligned(bytes, 1);
    return *out ? PH_OK : ph_fail_memory(err, bytes, "the backend ref: use a smaller batch or picture");
}

static void memory_free(ph_device *device, void *memory)
{
    (void)device;
    ph_free_aligned(memory);
}

static ph_status write_memory(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err)
{
    (void)device;
    (void)err;
    if (bytes)
        memcpy(to, from, bytes);
    return PH_OK;
}

static int64_t memory_available(ph_device *device)
{
    (void)device;
    const long pages = sysconf(_SC_AVPHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (int64_t)pages * page : INT64_MAX;
}

/* A function's result is no constant initializer, so the table here forwards to the one that fits the machine. */
#define PH_ELEMENT(name)                                                                                               \
    static ph_status element_##name(ph_device *device, int64_t count, ph_##name##_args args, ph_error *err)            \
    {                                                                                                                  \
        return ph_element_cpu()->name(device, count, args, err);                                                       \
    }
#include "kernels/element/element.def"
#undef PH_ELEMENT

static const ph_element_kernels element_kernels = {
#define PH_ELEMENT(name) .name = element_##name,
#include "kernels/element/element.def"
#undef PH_ELEMENT
};

const ph_backend ph_backend_ref = {
    .name = "ref",
    .useful_batch = 1,
    .probe = probe,
    .open = open_device,
    .close = close_device,
    .memory_new = memory_new,
    .memory_free = memory_free,
    .write = write_memory,
    .read = write_memory,
    .memory_available = memory_available,
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
    .element = &element_kernels,
    .fft_new = ph_ref_fft_new,
    .fft_free = ph_ref_fft_free,
    .fft_c2r = ph_ref_fft_c2r,
    .fft_r2c = ph_ref_fft_r2c,
};
