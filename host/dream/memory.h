/* Device memory in one call each. */
#ifndef PH_DREAM_MEMORY_H
#define PH_DREAM_MEMORY_H

#include "host/engine/backend.h"

/* New device memory with a copy of `bytes` from the host (NULL: zeroed); *memory stays NULL when there are none. */
ph_status ph_memory_upload(ph_device *device, void **memory, const void *from, size_t bytes, ph_error *err);
/* NULL is fine. */
void ph_memory_release(ph_device *device, void *memory);

#endif
