/* A network made ready on the GPU. Entries of ph_backend. */
#ifndef PH_CUDA_ENGINE_H
#define PH_CUDA_ENGINE_H

#include "host/engine/backend.h"

ph_status ph_cuda_engine_bytes(ph_device *device, const ph_net *net, int batch, bool gradient, int64_t *bytes,
                               ph_error *err);
ph_status ph_cuda_engine_new(ph_device *device, const ph_net *net, int batch, bool gradient, ph_engine **out,
                             ph_error *err);
void ph_cuda_engine_free(ph_engine *engine);
float *ph_cuda_engine_input(ph_engine *engine);
float *ph_cuda_engine_input_gradient(ph_engine *engine);
float *ph_cuda_engine_output(ph_engine *engine, int output);
float *ph_cuda_engine_output_gradient(ph_engine *engine, int output);
ph_status ph_cuda_engine_forward(ph_engine *engine, ph_error *err);
ph_status ph_cuda_engine_backward(ph_engine *engine, ph_relu_mode mode, ph_error *err);

#endif
