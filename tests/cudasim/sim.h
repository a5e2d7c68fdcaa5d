/* What the parts of the simulation share. */
#ifndef CUDASIM_SIM_H
#define CUDASIM_SIM_H

#include "cudasim.h"

#include <cuda_runtime_api.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- sim.c: settings, failures, counts --------------------------------------------------------------------------- */

typedef struct sim_state {
    int devices, driver, compute;
    int64_t memory;
    char fail_name[64];
    int64_t fail_at, fail_code; /* 0: no failure, the usual code */
    cudaError_t last, sticky;
    bool blocking; /* CUDA_LAUNCH_BLOCKING */
    cudasim_counts counts;
} sim_state;

extern sim_state sim;

/* "cudasim: …" on stderr, then SIGABRT. */
void sim_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Every simulated function begins with this. `usual` is the error that the function gives when it is told to fail; the
 * value is 0, or the error to return. */
int sim_call(const char *name, int usual);

/* What every function of the CUDA runtime begins with: sim_call, the errors of a machine without a usable card, and the
 * errors after which nothing works any more. */
cudaError_t sim_enter(const char *name, cudaError_t usual);
/* The driver is there and there is a card: what creating a library's handle depends on. */
bool sim_usable(void);

/* Host memory, zeroed; never NULL. Not by malloc, which some tests let fail: that is for the backend to survive. */
void *sim_new(size_t bytes);
/* The list, or a larger copy of it, with room for one more. */
void *sim_grow(void *list, size_t count, size_t *capacity, size_t size);

/* What the host has of the card: a table of everything that has been made, so that nothing is used that is not what it
 * should be. `kind` is a word for messages; `discard` frees the object when the card itself is thrown away, which
 * happens when it is set up anew after an error that ends everything. */
void sim_born(void *object, const char *kind, void (*discard)(void *object));
void sim_dies(const void *object, const char *kind, const char *function);
void sim_alive(const void *object, const char *kind, const char *function);

/* ---- memory.c: memory of the card ---------------------------------------------------------------------------------
 */

/* NULL when there is not enough. */
void *sim_memory_new(size_t bytes);
void sim_memory_free(void *memory);
void sim_memory_discard(void);             /* everything */
bool sim_memory_owns(const void *address); /* of the card, whatever stands there */
/* Dies unless all bytes are inside one living allocation (and `read`: have been written). `what` is for the message. */
void sim_memory_check(const void *address, size_t bytes, bool read, const char *what);
/* Notes that they have been written, or that they hold nothing worth reading (and fills them with NaN). */
void sim_memory_written(const void *address, size_t bytes);
void sim_memory_spoil(void *address, size_t bytes);
/* The host may touch the card's memory from the first to the second, which nest. */
void sim_memory_open(void);
void sim_memory_close(void);

/* ---- stream.c: queues, recordings ---------------------------------------------------------------------------------
 */

/* One piece of work for the card. */
typedef struct sim_work {
    const char *name; /* of the kernel or function */
    void (*run)(void *state);
    void (*free)(void *state);
    void *state;
    int owners;
} sim_work;

/* Queues or records it; `state` is freed by `free` when it is not needed any more. `twin` is what must have run once
 * outside of a recording before it can be recorded (a kernel, a plan: made ready by their first use), NULL: nothing. */
void sim_submit(cudaStream_t stream, const char *name, void (*run)(void *), void (*free)(void *), void *state,
                const void *twin);
/* Dies while any stream is being recorded. */
void sim_not_recording(const char *function);
bool sim_recording(cudaStream_t stream);
/* Runs what every stream holds. */
void sim_drain(void);
/* The twin is gone; its address may become another's. */
void sim_forget(const void *twin);

/* ---- launch.c: kernels --------------------------------------------------------------------------------------------
 */

/* For PH_LAUNCH (device.h): queues a grid of threads, each of which calls run(state). */
cudaError_t sim_launch(const char *name, const void *kernel, const char *place, dim3 grid, dim3 block,
                       cudaStream_t stream, void (*run)(void *), void (*free)(void *), void *state, size_t state_bytes);
void sim_barrier(const char *place);

/* ---- value.c: numbers of the card ----------------------------------------------------------------------------------
 */

typedef enum sim_type { SIM_FLOAT, SIM_HALF, SIM_BFLOAT } sim_type;

size_t sim_type_size(sim_type type);
double sim_load(sim_type type, const void *array, int64_t index);
void sim_store(sim_type type, void *array, int64_t index, double x); /* rounds to nearest, ties to even */
double sim_round_tf32(double x);

#ifdef __cplusplus
}
#endif
#endif
