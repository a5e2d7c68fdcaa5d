#include "host/dream/memory.h"

#include "host/base/status.h"

ph_status ph_memory_upload(ph_device *device, void **memory, const void *from, size_t bytes, ph_error *err)
{
    *memory = NULL;
    if (!bytes)
        return PH_OK;
    const ph_backend *backend = ph_device_backend(device);
    PH_TRY(backend->memory_new(device, bytes, memory, err));
    return from ? backend->write(device, *memory, from, bytes, err) : PH_OK;
}

void ph_memory_release(ph_device *device, void *memory)
{
    if (memory)
        ph_device_backend(device)->memory_free(device, memory);
}
