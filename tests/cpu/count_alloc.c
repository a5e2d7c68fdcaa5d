#include "tests/cpu/count_alloc.h"

#include <stdatomic.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static atomic_size_t bytes;
static atomic_long left;
static atomic_bool counting, hit;

static bool refuses(size_t size)
{
    if (!counting)
        return false;
    bytes += size;
    if (--left != 0)
        return false;
    hit = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return refuses(size) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return refuses(count * size) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return refuses(size) ? NULL : __real_realloc(old, size);
}

void count_alloc_start(long n)
{
    bytes = 0;
    left = n;
    hit = false;
    counting = true;
}

size_t count_alloc_stop(bool *failed)
{
    counting = false;
    *failed = hit;
    return bytes;
}
