/* Per-element kernels and the FFT as the CPU backends share them: what is not the network. */
#ifndef PH_ELEMENT_CPU_H
#define PH_ELEMENT_CPU_H

#include "host/engine/backend.h"

/* The devices of the backends `cpu` and `ref` start with this: ph_element_cpu and ph_fft_cpu_new read `threads` through
 * the ph_device pointer that they are given. */
typedef struct ph_cpu_device_head {
    ph_device_head head;
    int threads; /* OpenMP threads, at least 1 */
} ph_cpu_device_head;

/* The table for the best instruction set of this machine. All tables give the same bits. */
const ph_element_kernels *ph_element_cpu(void);
/* The same as a constant, for the const ph_backend structs. */
extern const ph_element_kernels ph_element_cpu_kernels;

/* The table for one instruction set, worst first: index 0 (baseline) always exists; NULL where this build or this
 * machine has no such variant. *name, unless NULL, becomes its name ("base", "v3", "v4"). */
enum { PH_ELEMENT_CPU_VARIANTS = 3 };
const ph_element_kernels *ph_element_cpu_variant(int index, const char **name);

#endif
