#include "kernels/cuda/element.h"

#include "kernels/cuda/device.h"
#include "kernels/cuda/element_launch.h"

#define PH_ELEMENT(name)                                                                                               \
    static ph_status name##_run(struct ph_device *device, int64_t count, ph_##name##_args args, ph_error *err)         \
    {                                                                                                                  \
        return ph_cuda_check(device, ph_cuda_element_##name(count, args, device->stream), "kernel " #name, err);       \
    }
#include "kernels/element/element.def"
#undef PH_ELEMENT

const ph_element_kernels ph_cuda_element_kernels = {
#define PH_ELEMENT(name) .name = name##_run,
#include "kernels/element/element.def"
#undef PH_ELEMENT
};
