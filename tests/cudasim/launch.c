/* Kernels: the blocks of a grid one after the other, the threads of a block one after the other on a stack of their
 * own. A thread that meets a barrier is left there, and another stack carries on with the next thread; when all threads
 * of the block wait (or have ended), they go on. Without barriers one stack serves them all. */
#include "launch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { MOST_THREADS = 1024, STACK = 1 << 16 };

typedef struct fiber {
    ucontext_t context;
    bool made, waiting;
    unsigned thread;
    const char *place; /* of the barrier at which it waits */
} fiber;

typedef struct launch {
    const char *name, *place;
    dim3 grid, block;
    void (*run)(void *);
    void (*free)(void *);
    void *state;
    size_t state_bytes;
} launch;

/* What kernels see. */
struct uint3 threadIdx, blockIdx, blockDim, gridDim;

sim_running_kernel sim_running;

static struct {
    fiber fibers[MOST_THREADS];
    ucontext_t scheduler;
    fiber *current;
    const launch *launch;
    unsigned next, count; /* threads of the block */
} block;

static void set_thread(unsigned thread)
{
    const struct dim3 d = block.launch->block;
    threadIdx = (struct uint3){thread % d.x, thread / d.x % d.y, thread / d.x / d.y};
    sim_running.thread = (uint32_t)(sim_running.block * block.count + thread);
}

static void fiber_main(void)
{
    fiber *me = block.current;
    for (;;) {
        while (block.next < block.count) {
            me->thread = block.next++;
            set_thread(me->thread);
            block.launch->run(block.launch->state);
        }
        swapcontext(&me->context, &block.scheduler);
        me = block.current;
    }
}

static void enter(fiber *f)
{
    if (!f->made) {
        const size_t index = (size_t)(f - block.fibers);
        getcontext(&f->context);
        f->context.uc_stack.ss_sp = (char *)sim_running.stacks + index * STACK;
        f->context.uc_stack.ss_size = STACK;
        f->context.uc_link = NULL;
        makecontext(&f->context, fiber_main, 0);
        f->made = true;
    }
    block.current = f;
    swapcontext(&block.scheduler, &f->context);
}

void sim_barrier(const char *place)
{
    if (!sim_running.name)
        sim_die("__syncthreads outside of a kernel, at %s", place);
    fiber *me = block.current;
    me->waiting = true;
    me->place = place;
    swapcontext(&me->context, &block.scheduler);
    set_thread(me->thread);
}

static void run_block(void)
{
    unsigned used = 0;
    sim_running.phase = 0;
    block.next = 0;
    while (block.next < block.count)
        enter(&block.fibers[used++]); /* the last one has ended or waits, all before it wait */
    for (;;) {
        const char *place = NULL;
        for (unsigned i = 0; i < used; i++) {
            if (!block.fibers[i].waiting)
                continue;
            if (place && place != block.fibers[i].place)
                sim_die("%s (%s): threads of one block wait at different barriers, %s and %s", block.launch->name,
                        block.launch->place, place, block.fibers[i].place);
            place = block.fibers[i].place;
        }
        if (!place)
            return;
        sim_running.phase++;
        for (unsigned i = 0; i < used; i++) {
            if (!block.fibers[i].waiting)
                continue;
            block.fibers[i].waiting = false;
            enter(&block.fibers[i]);
        }
    }
}

static void run_grid(void *state)
{
    const launch *l = state;
    if (!sim_running.stacks) {
        sim_running.stacks = mmap(NULL, (size_t)MOST_THREADS * STACK, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (sim_running.stacks == MAP_FAILED)
            sim_die("no memory for the stacks of threads");
        sim_running.stack_bytes = (size_t)MOST_THREADS * STACK;
    }
    block.launch = l;
    block.count = l->block.x * l->block.y * l->block.z;
    sim_running.name = l->name;
    sim_running.place = l->place;
    sim_running.arguments = l->state;
    sim_running.argument_bytes = l->state_bytes;
    sim_running.launch++;
    blockDim = (struct uint3){l->block.x, l->block.y, l->block.z};
    gridDim = (struct uint3){l->grid.x, l->grid.y, l->grid.z};
    sim_running.block = 0;
    for (unsigned z = 0; z < l->grid.z; z++)
        for (unsigned y = 0; y < l->grid.y; y++)
            for (unsigned x = 0; x < l->grid.x; x++) {
                blockIdx = (struct uint3){x, y, z};
                sim_running.blocks++;
                run_block();
                sim_running.block++;
            }
    sim_settle();
    sim_running.name = NULL;
    sim.counts.kernels++;
}

static void free_launch(void *state)
{
    launch *l = state;
    l->free(l->state);
    free(l);
}

cudaError_t sim_launch(const char *name, const void *kernel, const char *place, dim3 grid, dim3 threads,
                       cudaStream_t stream, void (*run)(void *), void (*release)(void *), void *state,
                       size_t state_bytes)
{
    const cudaError_t code = sim_enter("cudaLaunchKernel", cudaErrorLaunchFailure);
    const uint64_t count = (uint64_t)threads.x * threads.y * threads.z;
    if (!code && (!grid.x || !grid.y || !grid.z || grid.x > 2147483647U || grid.y > 65535 || grid.z > 65535 || !count ||
                  count > MOST_THREADS || threads.z > 64))
        sim_die("%s (%s): no launch of %u x %u x %u blocks of %u x %u x %u threads", name, place, grid.x, grid.y,
                grid.z, threads.x, threads.y, threads.z);
    if (code) {
        release(state);
        return code;
    }
    launch *l = sim_new(sizeof *l);
    *l = (launch){name, place, grid, threads, run, release, state, state_bytes};
    sim_submit(stream, name, run_grid, free_launch, l, kernel);
    return cudaSuccess;
}
