#include "kernels/cpu/cpu.h"
#include "host/base/alloc.h"
#include "host/base/status.h"
#include "kernels/cpu/engine.h"
#include "kernels/cpu/threads.h"
#include "kernels/element/fft_cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static ph_status memory_new(ph_device *device, size_t bytes, void **out, ph_error *err)
{
    (void)device;
    *out = ph_alloc_aligned(bytes, 1);
    return *out ? PH_OK : ph_fail_memory(err, bytes, "the pictures: use a smaller batch or picture");
}

static void memory_free(ph_device *device, void *memory)
{
    (void)device;
    ph_free_aligned(memory);
}

static ph_status copy(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err)
{
    (void)device;
    (void)err;
    if (bytes)
        memcpy(to, from, bytes);
    return PH_OK;
}

/* What Linux says could be had without swapping, in bytes; -1 elsewhere. */
static int64_t meminfo_available(void)
{
    FILE *file = fopen("/proc/meminfo", "r");
    if (!file)
        return -1;
    char line[128];
    long long kibibytes = -1;
    while (kibibytes < 0 && fgets(line, sizeof line, file))
        if (strncmp(line, "MemAvailable:", 13) == 0)
            kibibytes = strtoll(line + 13, NULL, 10);
    fclose(file);
    return kibibytes < 0 ? -1 : kibibytes * 1024;
}

int64_t ph_cpu_memory_available(const ph_device *device)
{
    int64_t bytes = meminfo_available();
    if (bytes < 0) {
        const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
        bytes = pages > 0 && page > 0 ? (int64_t)pages * page / 2 : INT64_MAX / 2;
    }
    /* An eighth stays for whoever else runs here. */
    bytes -= bytes / 8;
    return device->memory_limit > 0 && device->memory_limit < bytes ? device->memory_limit : bytes;
}

static int64_t memory_available(ph_device *device)
{
    return ph_cpu_memory_available(device);
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

const ph_backend ph_backend_cpu = {
    .name = "cpu",
    .useful_batch = 1,
    .probe = probe,
    .open = open_device,
    .close = close_device,
    .memory_new = memory_new,
    .memory_free = memory_free,
    .write = copy,
    .read = copy,
    .memory_available = memory_available,
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
    .element = &element_kernels,
    .fft_new = ph_fft_cpu_new,
    .fft_free = ph_fft_cpu_free,
    .fft_c2r = ph_fft_cpu_c2r,
    .fft_r2c = ph_fft_cpu_r2c,
};
