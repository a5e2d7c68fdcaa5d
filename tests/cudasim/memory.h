/* The tables behind memory.c, for the checks of every access that a kernel makes. */
#ifndef CUDASIM_MEMORY_H
#define CUDASIM_MEMORY_H

#include "sim.h"

#define SIM_ADDRESSES ((uintptr_t)64 << 30)
enum { SIM_ALLOCATIONS = 1 << 20, SIM_PAGE = 4096 };

typedef struct sim_allocation {
    uintptr_t begin, end;
    bool freed;
} sim_allocation;

/* Which thread touched a byte last, see access.c. */
typedef struct sim_cell {
    uint64_t write, read;
} sim_cell;

typedef struct sim_memory_map {
    uintptr_t base, next;
    uint32_t *pages;  /* per page: index into list, 0: nothing */
    uint8_t *written; /* per byte */
    sim_cell *cells;  /* per byte */
    sim_allocation *list;
    uint32_t count;
} sim_memory_map;

extern sim_memory_map sim_map;

void sim_memory_bad(uintptr_t address, size_t bytes, const char *what, const char *why) __attribute__((noreturn));

#endif
