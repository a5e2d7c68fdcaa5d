#include "kernels/element/host_memory.h"

#include "host/base/alloc.h"
#include "host/base/status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

ph_status ph_host_memory_new(ph_device *device, size_t bytes, void **out, ph_error *err)
{
    (void)device;
    *out = ph_alloc_aligned(bytes, 1);
    return *out ? PH_OK : ph_fail_memory(err, bytes, "the pictures: use a smaller batch or picture");
}

void ph_host_memory_free(ph_device *device, void *memory)
{
    (void)device;
    ph_free_aligned(memory);
}

ph_status ph_host_memory_copy(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err)
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

int64_t ph_host_memory_available(ph_device *device)
{
    (void)device;
    int64_t bytes = meminfo_available();
    if (bytes < 0) {
        const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
        bytes = pages > 0 && page > 0 ? (int64_t)pages * page / 2 : INT64_MAX / 2;
    }
    return bytes - bytes / 8;
}
