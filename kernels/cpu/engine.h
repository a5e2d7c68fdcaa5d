/* A planned network with its memory: what the entries engine_*, forward and backward of the CPU backend do. */
#ifndef PH_CPU_ENGINE_H
#define PH_CPU_ENGINE_H

#include "host/engine/backend.h"
#include "kernels/cpu/edge.h"
#include "kernels/element/element_cpu.h"

struct ph_device {
    ph_cpu_device_head cpu;
    ph_edge *edge;
    int64_t memory_limit; /* bytes, 0 = none */
};

/* Bytes that may still be allocated: what the system has available less an eighth, or the device's limit. (cpu.c) */
int64_t ph_cpu_memory_available(ph_device *device);

ph_status ph_cpu_engine_bytes(ph_device *device, const ph_net *net, int batch, bool gradient, int64_t *bytes,
                              ph_error *err);
ph_status ph_cpu_engine_new(ph_device *device, const ph_net *net, int batch, bool gradient, ph_engine **out,
                            ph_error *err);
void ph_cpu_engine_free(ph_engine *engine);
float *ph_cpu_engine_input(ph_engine *engine);
float *ph_cpu_engine_input_gradient(ph_engine *engine);
float *ph_cpu_engine_output(ph_engine *engine, int output);
float *ph_cpu_engine_output_gradient(ph_engine *engine, int output);
ph_status ph_cpu_engine_forward(ph_engine *engine, ph_error *err);
ph_status ph_cpu_engine_backward(ph_engine *engine, ph_relu_mode mode, ph_error *err);
void ph_cpu_engine_times(const ph_engine *engine, double *forward, double *backward);

#endif
