#include "host/base/alloc.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 64 };

void *ph_alloc(size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 2 / size)
        return NULL;
    const size_t bytes = count * size;
    return calloc(bytes ? bytes : 1, 1);
}

void *ph_realloc(void *old, size_t count, size_t size)
{
    if (size && count > SIZE_MAX / 2 / size)
        return NULL;
    const size_t bytes = count * size;
    return realloc(old, bytes ? bytes : 1);
}

void *ph_alloc_aligned(size_t count, size_t size)
{
    if (size && count > (SIZE_MAX / 2 - 2 * ALIGNMENT) / size)
        return NULL;
    /* The pointer that calloc gave stands just below the aligned block. */
    char *raw = calloc(count * size + ALIGNMENT + sizeof(void *), 1);
    if (!raw)
        return NULL;
    const uintptr_t start = (uintptr_t)raw + sizeof(void *);
    const size_t skip = (size_t)(-(intptr_t)start & (ALIGNMENT - 1));
    char *aligned = raw + sizeof(void *) + skip;
    memcpy(aligned - sizeof(void *), &raw, sizeof raw);
    return aligned;
}

void ph_free_aligned(void *pointer)
{
    if (!pointer)
        return;
    void *raw;
    memcpy(&raw, (char *)pointer - sizeof(void *), sizeof raw);
    free(raw);
}

char *ph_strndup(const char *string, size_t length)
{
    char *copy = ph_alloc(length + 1, 1);
    if (copy)
        memcpy(copy, string, length);
    return copy;
}

char *ph_strdup(const char *string)
{
    return ph_strndup(string, strlen(string));
}

void ph_free(void *pointer)
{
    free(pointer);
}

int ph_grow(void **array, size_t count, size_t *capacity, size_t element_size)
{
    if (count < *capacity)
        return 0;
    const size_t wanted = *capacity ? 2 * *capacity : 8;
    void *bigger = ph_realloc(*array, wanted, element_size);
    if (!bigger)
        return -1;
    *array = bigger;
    *capacity = wanted;
    return 0;
}
