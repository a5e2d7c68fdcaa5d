#include "tests/base/fail_alloc.h"

#include <stdatomic.h>
#include <stddef.h>

/* The linker turns malloc into __wrap_malloc and gives the true one as __real_malloc. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

static atomic_long countdown; /* allocations until the failing one; <= 0: past it or disarmed */
static atomic_bool armed, lasting, hit;

static bool fails(void)
{
    if (!armed)
        return false;
    const long left = --countdown;
    if (left > 0 || (left < 0 && !lasting))
        return false;
    hit = true;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return fails() ? NULL : __real_realloc(old, size);
}

void fail_alloc_at(long n)
{
    countdown = n;
    lasting = false;
    hit = false;
    armed = true;
}

void fail_alloc_from(long n)
{
    fail_alloc_at(n);
    lasting = true;
}

bool fail_alloc_stop(void)
{
    armed = false;
    return hit;
}
