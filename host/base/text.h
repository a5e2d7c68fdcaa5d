/* A growing string. Failures stick: append freely, check once at the end. */
#ifndef PH_BASE_TEXT_H
#define PH_BASE_TEXT_H

#include "host/base/status.h"

typedef struct ph_text {
    char *chars; /* NUL-terminated once something was appended; owned: ph_text_free or take it */
    size_t length, capacity;
    bool failed; /* out of memory at some point */
} ph_text;

void ph_text_append(ph_text *text, const char *format, ...) PH_PRINTF(2, 3);
void ph_text_free(ph_text *text);

/* Strict numbers: the whole string must be one finite number in [min, max]. */
bool ph_parse_int(const char *string, int64_t min, int64_t max, int64_t *value);
bool ph_parse_real(const char *string, double min, double max, double *value);
/* "a,b,c": up to `capacity` numbers; returns how many, or -1 when malformed. */
int ph_parse_reals(const char *string, double *values, int capacity);

/* Levenshtein distance, capped at `cap`; a cap above 64 counts as 64. Needs no memory. */
size_t ph_edit_distance(const char *a, const char *b, size_t cap);

#endif
