/* Device memory of the backends whose device is the host itself: entries of ph_backend, as they are. */
#ifndef PH_ELEMENT_HOST_MEMORY_H
#define PH_ELEMENT_HOST_MEMORY_H

#include "host/engine/backend.h"

ph_status ph_host_memory_new(ph_device *device, size_t bytes, void **out, ph_error *err);
void ph_host_memory_free(ph_device *device, void *memory);
/* write and read alike. */
ph_status ph_host_memory_copy(ph_device *device, void *to, const void *from, size_t bytes, ph_error *err);
/* Bytes that may still be allocated: what the system says could be had without swapping, less an eighth that stays for
 * whoever else runs here. */
int64_t ph_host_memory_available(ph_device *device);

#endif
