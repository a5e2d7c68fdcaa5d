/* Memory of the card: addresses that the host cannot touch. One stretch of address space is reserved for all
 * allocations, each begins on a page of its own behind an unused one, and no address is ever given out twice, so that
 * any use of freed memory is seen. Beside it stand a table of pages (which allocation) and one byte per byte (has it
 * been written). All of them are mapped without being backed until used. */
#include "sim.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "launch.h"
#include "memory.h"

enum { PAGE = SIM_PAGE };

sim_memory_map sim_map;

static struct sigaction before;
static int opened;
static uint32_t *live; /* allocations */
static size_t live_count, live_capacity;

static void *reserve(size_t bytes, int protection)
{
    void *memory = mmap(NULL, bytes, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        sim_die("no address space for %zu bytes", bytes);
    return memory;
}

/* The name of a place for messages. */
static void describe(uintptr_t address, char *text, size_t size)
{
    const sim_allocation *a = NULL;
    for (uint32_t i = 1; i <= sim_map.count; i++)
        if (sim_map.list[i].begin <= address)
            a = &sim_map.list[i];
    if (!a)
        snprintf(text, size, "memory of the card that was never allocated");
    else if (address >= a->end)
        snprintf(text, size, "%llu bytes behind the end of %sallocation %ld of %llu bytes",
                 (unsigned long long)(address - a->end), a->freed ? "the freed " : "", (long)(a - sim_map.list),
                 (unsigned long long)(a->end - a->begin));
    else
        snprintf(text, size, "byte %llu of %sallocation %ld of %llu bytes", (unsigned long long)(address - a->begin),
                 a->freed ? "the freed " : "", (long)(a - sim_map.list), (unsigned long long)(a->end - a->begin));
}

static void on_fault(int signal, siginfo_t *info, void *context)
{
    const uintptr_t address = (uintptr_t)info->si_addr;
    if (address - sim_map.base < SIM_ADDRESSES) {
        char where[200];
        describe(address, where, sizeof where);
        sim_die("%s touches memory of the card: %s", sim_running.name ? sim_running.name : "the host", where);
    }
    if (before.sa_flags & SA_SIGINFO)
        before.sa_sigaction(signal, info, context);
    else
        sigaction(signal, &before, NULL); /* the instruction runs again and dies of it */
}

static void start(void)
{
    sim_map.base = (uintptr_t)reserve(SIM_ADDRESSES, PROT_NONE);
    sim_map.next = sim_map.base + PAGE;
    sim_map.pages = reserve(SIM_ADDRESSES / PAGE * sizeof *sim_map.pages, PROT_READ | PROT_WRITE);
    sim_map.written = reserve(SIM_ADDRESSES, PROT_READ | PROT_WRITE);
    sim_map.cells = reserve((size_t)SIM_ADDRESSES * sizeof *sim_map.cells, PROT_READ | PROT_WRITE);
    sim_map.list = reserve(SIM_ALLOCATIONS * sizeof *sim_map.list, PROT_READ | PROT_WRITE);
    struct sigaction action = {0};
    action.sa_sigaction = on_fault;
    action.sa_flags = SA_SIGINFO;
    sigaction(SIGSEGV, &action, &before);
}

/* One by one: what lies between them must stay closed, and what was freed has page tables that take time to walk. */
static void protect(int protection)
{
    for (size_t i = 0; i < live_count; i++) {
        const sim_allocation *a = &sim_map.list[live[i]];
        mprotect((void *)a->begin, a->end - a->begin, protection);
    }
}

void *sim_memory_new(size_t bytes)
{
    if (!sim_map.base)
        start();
    if (!bytes || bytes > (size_t)sim.memory || sim.counts.memory > sim.memory - (int64_t)bytes)
        return NULL;
    const size_t pages = (bytes + PAGE - 1) / PAGE;
    if (sim_map.count + 1 >= SIM_ALLOCATIONS ||
        (sim_map.next - sim_map.base) / PAGE + pages + 1 >= SIM_ADDRESSES / PAGE)
        sim_die("the simulation has run out of addresses");
    const uint32_t id = ++sim_map.count;
    const uintptr_t begin = sim_map.next;
    sim_map.list[id] = (sim_allocation){begin, begin + bytes, false};
    for (size_t k = 0; k < pages; k++)
        sim_map.pages[(begin - sim_map.base) / PAGE + k] = id;
    sim_map.next = begin + (pages + 1) * PAGE;
    sim.counts.memory += (int64_t)bytes;
    if (sim.counts.memory > sim.counts.most_memory)
        sim.counts.most_memory = sim.counts.memory;
    sim.counts.live++;
    live = sim_grow(live, live_count, &live_capacity, sizeof *live);
    live[live_count++] = id;
    return (void *)begin;
}

static uint32_t page_of(uintptr_t address)
{
    return address - sim_map.base < SIM_ADDRESSES ? sim_map.pages[(address - sim_map.base) / PAGE] : 0;
}

void sim_memory_free(void *memory)
{
    const uintptr_t address = (uintptr_t)memory;
    const uint32_t id = sim_map.base ? page_of(address) : 0;
    sim_allocation *a = &sim_map.list[id];
    if (!id || a->begin != address || a->freed)
        sim_die("cudaFree: %p is not the beginning of a living allocation", memory);
    a->freed = true;
    for (size_t i = 0; i < live_count; i++)
        if (live[i] == id)
            live[i--] = live[--live_count];
    const size_t pages = (a->end - a->begin + PAGE - 1) / PAGE, first = (address - sim_map.base) / PAGE;
    for (size_t k = 0; k < pages; k++)
        sim_map.pages[first + k] = 0;
    madvise(memory, pages * PAGE, MADV_DONTNEED);
    madvise(sim_map.written + first * PAGE, pages * PAGE, MADV_DONTNEED);
    madvise(sim_map.cells + first * PAGE, pages * PAGE * sizeof *sim_map.cells, MADV_DONTNEED);
    sim.counts.memory -= (int64_t)(a->end - a->begin);
    sim.counts.live--;
}

void sim_memory_discard(void)
{
    for (uint32_t i = 1; i <= sim_map.count; i++)
        if (!sim_map.list[i].freed)
            sim_memory_free((void *)sim_map.list[i].begin);
}

bool sim_memory_owns(const void *address)
{
    return sim_map.base && (uintptr_t)address - sim_map.base < SIM_ADDRESSES;
}

void sim_memory_bad(uintptr_t address, size_t bytes, const char *what, const char *why)
{
    char where[200];
    describe(address, where, sizeof where);
    sim_die("%s: %zu bytes at %p: %s: %s", what, bytes, (void *)address, why, where);
}

void sim_memory_check(const void *pointer, size_t bytes, bool read, const char *what)
{
    const uintptr_t address = (uintptr_t)pointer;
    if (!bytes)
        return;
    if (!sim_memory_owns(pointer))
        sim_die("%s: %p is not memory of the card", what, pointer);
    const uint32_t id = page_of(address);
    if (!id)
        sim_memory_bad(address, bytes, what, "nothing is allocated there");
    if (sim_map.list[id].end - address < bytes)
        sim_memory_bad(sim_map.list[id].end, bytes, what, "reaches out of the allocation");
    if (!read)
        return;
    const uint8_t *written = sim_map.written + (address - sim_map.base);
    const uint8_t *hole = memchr(written, 0, bytes);
    if (hole)
        sim_memory_bad(address + (uintptr_t)(hole - written), bytes, what, "never written");
}

void sim_memory_written(const void *address, size_t bytes)
{
    if (bytes)
        memset(sim_map.written + ((uintptr_t)address - sim_map.base), 1, bytes);
}

void sim_memory_spoil(void *address, size_t bytes)
{
    if (!bytes)
        return;
    memset(address, 0xff, bytes);
    memset(sim_map.written + ((uintptr_t)address - sim_map.base), 0, bytes);
}

void sim_memory_open(void)
{
    if (!opened++)
        protect(PROT_READ | PROT_WRITE);
}

void sim_memory_close(void)
{
    if (!--opened)
        protect(PROT_NONE);
}
