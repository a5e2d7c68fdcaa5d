/* Every access of a kernel to memory. The .cu files are compiled with the instrumentation of the thread sanitizer,
 * which calls the functions below before each of them; its runtime is not there. An access must stay inside one
 * living allocation of the card (or on the thread's stack, in its block's shared memory, in its arguments), be aligned,
 * read only what has been written, and not touch what another thread touches without a barrier between them. */
#include "launch.h"
#include "memory.h"

#include <stdio.h>
#include <stdlib.h>

/* Who touched a byte last: launch, barriers passed, thread. Another thread of the same launch may have it only when
 * both are of one block and a barrier lies between. */
enum { THREAD_BITS = 32, PHASE_BITS = 8 };
static const uint32_t many = UINT32_MAX; /* readers */

static uint64_t tag(void)
{
    return sim_running.launch << (THREAD_BITS + PHASE_BITS) |
           (uint64_t)(sim_running.phase & ((1U << PHASE_BITS) - 1)) << THREAD_BITS | sim_running.thread;
}

extern struct uint3 blockDim;

static bool conflict(uint64_t other, uint64_t mine)
{
    if (other >> (THREAD_BITS + PHASE_BITS) != mine >> (THREAD_BITS + PHASE_BITS) || (uint32_t)other == (uint32_t)mine)
        return false;
    if (other >> THREAD_BITS == mine >> THREAD_BITS) /* same phase */
        return true;
    const uint32_t threads = blockDim.x * blockDim.y * blockDim.z;
    return (uint32_t)other != many && (uint32_t)other / threads != (uint32_t)mine / threads;
}

static void die_of_race(uintptr_t address, uint64_t other, bool write, bool other_wrote) __attribute__((noreturn));
static void die_of_race(uintptr_t address, uint64_t other, bool write, bool other_wrote)
{
    sim_die("%s (%s): thread %u of the grid %s %p, which thread %d %s without a barrier between", sim_running.name,
            sim_running.place, sim_running.thread, write ? "writes" : "reads", (void *)address,
            (uint32_t)other == many ? -1 : (int)(uint32_t)other, other_wrote ? "writes" : "reads");
}

/* Threads may write the same value to the same place. What is written is known when the next access begins. */
enum { WIDEST = 16 };
static struct {
    int count;
    struct {
        uintptr_t address;
        uint64_t other;
        unsigned char value;
    } bytes[WIDEST];
} agreement;

void sim_settle(void)
{
    const int count = agreement.count;
    agreement.count = 0;
    for (int i = 0; i < count; i++)
        if (*(const unsigned char *)agreement.bytes[i].address != agreement.bytes[i].value)
            die_of_race(agreement.bytes[i].address, agreement.bytes[i].other, true, true);
}

static inline void touch(sim_cell *cell, uint64_t mine, bool write, uintptr_t address)
{
    if (conflict(cell->write, mine)) {
        if (!write || agreement.count == WIDEST)
            die_of_race(address, cell->write, write, true);
        agreement.bytes[agreement.count].address = address;
        agreement.bytes[agreement.count].other = cell->write;
        agreement.bytes[agreement.count++].value = *(const unsigned char *)address;
    }
    if (write) {
        if (conflict(cell->read, mine))
            die_of_race(address, cell->read, write, false);
        cell->write = mine;
    } else if (cell->read >> THREAD_BITS == mine >> THREAD_BITS && (uint32_t)cell->read != (uint32_t)mine)
        cell->read |= many;
    else
        cell->read = mine;
}

static void die_of_place(uintptr_t address, size_t bytes, const char *why) __attribute__((noreturn));
static void die_of_place(uintptr_t address, size_t bytes, const char *why)
{
    char what[512];
    snprintf(what, sizeof what, "%s (%s), thread %u of the grid", sim_running.name, sim_running.place,
             sim_running.thread);
    sim_memory_bad(address, bytes, what, why);
}

static void touch_card(uintptr_t address, size_t bytes, bool write)
{
    const uintptr_t offset = address - sim_map.base;
    const uint32_t id = sim_map.pages[offset / SIM_PAGE];
    if (!id || sim_map.list[id].end - address < bytes)
        die_of_place(address, bytes, write ? "written by a kernel" : "read by a kernel");
    uint8_t *written = sim_map.written + offset;
    sim_cell *cells = sim_map.cells + offset;
    const uint64_t mine = tag();
    for (size_t k = 0; k < bytes; k++) {
        if (write)
            written[k] = 1;
        else if (!written[k])
            die_of_place(address + k, bytes, "read by a kernel, never written");
        touch(&cells[k], mine, write, address + k);
    }
}

/* Static variables of the program that are not constants: the shared memory of blocks stands among them. */
extern char __data_start[], _end[];

typedef struct shared_byte {
    sim_cell cell;
    uint64_t block; /* that wrote it */
} shared_byte;

static void touch_shared(uintptr_t address, size_t bytes, bool write)
{
    static shared_byte *table;
    if (!table)
        table = sim_new((size_t)(_end - __data_start) * sizeof *table);
    shared_byte *at = table + (address - (uintptr_t)__data_start);
    const uint64_t mine = tag();
    for (size_t k = 0; k < bytes; k++) {
        if (write && at[k].block != sim_running.blocks)
            at[k] = (shared_byte){{0, 0}, sim_running.blocks};
        else if (at[k].block != sim_running.blocks)
            sim_die("%s (%s): shared memory is read before the block has written it", sim_running.name,
                    sim_running.place);
        touch(&at[k].cell, mine, write, address + k);
    }
}

static inline void touch_any(const void *pointer, size_t bytes, bool write, bool aligned)
{
    if (!sim_running.name)
        return;
    if (agreement.count)
        sim_settle();
    const uintptr_t address = (uintptr_t)pointer;
    if (address - (uintptr_t)sim_running.stacks < sim_running.stack_bytes)
        return;
    if (aligned && address % bytes)
        sim_die("%s (%s): %zu bytes at %p are not aligned", sim_running.name, sim_running.place, bytes, pointer);
    if (address - sim_map.base < SIM_ADDRESSES)
        touch_card(address, bytes, write);
    else if (address - (uintptr_t)__data_start < (uintptr_t)(_end - __data_start))
        touch_shared(address, bytes, write);
    else if (write || address - (uintptr_t)sim_running.arguments >= sim_running.argument_bytes)
        sim_die("%s (%s): the kernel %s memory of the host at %p", sim_running.name, sim_running.place,
                write ? "writes" : "reads", pointer);
}

/* The interface between the instrumentation and its runtime, as gcc and clang know it. */
#define ACCESS(bytes)                                                                                                  \
    void __tsan_read##bytes(const void *p);                                                                            \
    void __tsan_write##bytes(const void *p);                                                                           \
    void __tsan_unaligned_read##bytes(const void *p);                                                                  \
    void __tsan_unaligned_write##bytes(const void *p);                                                                 \
    void __tsan_read_write##bytes(const void *p);                                                                      \
    void __tsan_unaligned_read_write##bytes(const void *p);                                                            \
    void __tsan_read##bytes(const void *p)                                                                             \
    {                                                                                                                  \
        touch_any(p, bytes, false, true);                                                                              \
    }                                                                                                                  \
    void __tsan_write##bytes(const void *p)                                                                            \
    {                                                                                                                  \
        touch_any(p, bytes, true, true);                                                                               \
    }                                                                                                                  \
    void __tsan_unaligned_read##bytes(const void *p)                                                                   \
    {                                                                                                                  \
        touch_any(p, bytes, false, false);                                                                             \
    }                                                                                                                  \
    void __tsan_unaligned_write##bytes(const void *p)                                                                  \
    {                                                                                                                  \
        touch_any(p, bytes, true, false);                                                                              \
    }                                                                                                                  \
    void __tsan_read_write##bytes(const void *p)                                                                       \
    {                                                                                                                  \
        touch_any(p, bytes, false, true);                                                                              \
        touch_any(p, bytes, true, true);                                                                               \
    }                                                                                                                  \
    void __tsan_unaligned_read_write##bytes(const void *p)                                                             \
    {                                                                                                                  \
        touch_any(p, bytes, false, false);                                                                             \
        touch_any(p, bytes, true, false);                                                                              \
    }
ACCESS(1)
ACCESS(2)
ACCESS(4)
ACCESS(8)
ACCESS(16)

void __tsan_read_range(const void *p, size_t bytes);
void __tsan_write_range(const void *p, size_t bytes);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);
void __tsan_init(void);

void __tsan_read_range(const void *p, size_t bytes)
{
    touch_any(p, bytes, false, false);
}

void __tsan_write_range(const void *p, size_t bytes)
{
    touch_any(p, bytes, true, false);
}

void __tsan_func_entry(void *caller)
{
    (void)caller;
}

void __tsan_func_exit(void)
{
}

void __tsan_init(void)
{
}
