#include "kernels/cuda/cuda.h"

#include "kernels/cuda/device.h"
#include "kernels/cuda/element.h"
#include "kernels/cuda/engine.h"
#include "kernels/cuda/fft.h"
#include "kernels/cuda/recording.h"

const ph_backend ph_backend_cuda = {
    .name = "cuda",
    .precisions = true,
    .useful_batch = 256,
    .probe = ph_cuda_probe,
    .open = ph_cuda_open,
    .describe = ph_cuda_describe,
    .close = ph_cuda_close,
    .memory_new = ph_cuda_memory_new,
    .memory_free = ph_cuda_memory_free,
    .write = ph_cuda_write,
    .read = ph_cuda_read,
    .memory_available = ph_cuda_memory_available,
    .engine_bytes = ph_cuda_engine_bytes,
    .engine_new = ph_cuda_engine_new,
    .engine_free = ph_cuda_engine_free,
    .engine_input = ph_cuda_engine_input,
    .engine_input_gradient = ph_cuda_engine_input_gradient,
    .engine_output = ph_cuda_engine_output,
    .engine_output_gradient = ph_cuda_engine_output_gradient,
    .forward = ph_cuda_engine_forward,
    .backward = ph_cuda_engine_backward,
    .element = &ph_cuda_element_kernels,
    .fft_new = ph_cuda_fft_new,
    .fft_free = ph_cuda_fft_free,
    .fft_c2r = ph_cuda_fft_c2r,
    .fft_r2c = ph_cuda_fft_r2c,
    .record_begin = ph_cuda_record_begin,
    .record_end = ph_cuda_record_end,
    .replay = ph_cuda_replay,
    .recording_free = ph_cuda_recording_free,
};
