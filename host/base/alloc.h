/* All memory of the host code comes from here, so that tests can make the N-th allocation fail (they wrap malloc,
 * calloc and realloc at link time). Sizes are multiplied with a check: an overflow gives NULL, as a full heap does. */
#ifndef PH_BASE_ALLOC_H
#define PH_BASE_ALLOC_H

#include <stddef.h>

/* count x size bytes, zeroed. A zero size gives a valid pointer. */
void *ph_alloc(size_t count, size_t size);
/* As realloc(old, count x size); the new part is not zeroed; `old` survives a failure. */
void *ph_realloc(void *old, size_t count, size_t size);
/* Zeroed, aligned to 64 bytes; free with ph_free_aligned. */
void *ph_alloc_aligned(size_t count, size_t size);
void ph_free_aligned(void *pointer);
char *ph_strdup(const char *string);
char *ph_strndup(const char *string, size_t length);
void ph_free(void *pointer);

/* Grows *array so that one more element fits; doubles. Returns 0 on success, -1 on failure (array unchanged). */
int ph_grow(void **array, size_t count, size_t *capacity, size_t element_size);

#endif
