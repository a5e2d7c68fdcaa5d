/* The kernel that runs now, for the checks of its accesses. */
#ifndef CUDASIM_LAUNCH_H
#define CUDASIM_LAUNCH_H

#include "sim.h"

typedef struct sim_running_kernel {
    const char *name, *place; /* NULL: none runs */
    const void *arguments;
    size_t argument_bytes;
    void *stacks;
    size_t stack_bytes;
    uint64_t launch; /* number of this launch */
    uint64_t blocks; /* number of this block, over all launches */
    uint64_t block;  /* in its grid */
    uint32_t thread; /* in the grid */
    uint32_t phase;  /* barriers that the block has passed */
} sim_running_kernel;

extern sim_running_kernel sim_running;

/* Checks what the last access has written (access.c). */
void sim_settle(void);

#endif
