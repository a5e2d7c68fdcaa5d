/* A graphics card that is not there: the calls of the CUDA runtime, cuDNN, cuBLAS and cuFFT that kernels/cuda makes,
 * carried out by the host. Programs that link it instead of the real libraries run the whole CUDA backend. It shows
 * that the backend keeps the contracts of those libraries and computes what it should, and nothing about a real card.
 *
 * A broken contract ends the program: one line on stderr that begins with "cudasim:", then SIGABRT.
 *
 * Work is queued and runs when the host waits for it, as late as a card might; with the environment variable
 * CUDA_LAUNCH_BLOCKING=1 it runs inside the call that queues it, so that a debugger shows who did. */
#ifndef CUDASIM_H
#define CUDASIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets the card up anew; the same text can stand in the environment variable CUDASIM. Settings are key=value, separated
 * by commas:
 *   devices=N    cards (1)
 *   driver=N     version of the driver (13000); 0: none installed; below 13000: too old
 *   compute=NN   compute capability x 10: 75, 80, 90 or 120 (90)
 *   memory=BYTES of a card (8 GiB)
 *   fail=NAME:N  the N-th call (from 1 on) of the function NAME fails, once; NAME may be "any"
 *   code=N       with which error of the library that the function belongs to (its usual one)
 * NULL or "": the defaults. Everything allocated on the card must have been freed. */
void cudasim_configure(const char *settings);

typedef struct cudasim_counts {
    uint64_t calls;      /* of any simulated function since cudasim_configure */
    uint64_t failed;     /* injected failures that have happened */
    uint64_t kernels;    /* of .cu files that have run */
    uint64_t library;    /* calls of cuDNN, cuBLAS and cuFFT that have run */
    uint64_t graphs;     /* recorded graphs that have run */
    int64_t memory;      /* bytes allocated on the card now */
    int64_t most_memory; /* since cudasim_configure */
    bool dead;           /* an error that ends everything has happened */
    int live;            /* allocations, streams, events, graphs, handles, descriptors and plans that exist now */
} cudasim_counts;

cudasim_counts cudasim_count(void);

/* From now on every call gives cudaErrorIllegalAddress, as after a kernel that went astray. */
void cudasim_break(void);

#ifdef __cplusplus
}
#endif
#endif
