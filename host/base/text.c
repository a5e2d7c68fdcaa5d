#include "host/base/text.h"

#include "host/base/alloc.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_MAX = 64, DISTANCE_MAX = 64 };

static bool reserve(ph_text *text, size_t more)
{
    const size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return true;
    const size_t doubled = 2 * text->capacity;
    const size_t wanted = needed > doubled ? needed : doubled;
    char *bigger = ph_realloc(text->chars, wanted, 1);
    if (!bigger)
        return false;
    text->chars = bigger;
    text->capacity = wanted;
    return true;
}

void ph_text_append(ph_text *text, const char *format, ...)
{
    if (text->failed)
        return;
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    const int length = vsnprintf(NULL, 0, format, args);
    if (length < 0 || !reserve(text, (size_t)length)) {
        text->failed = true;
    } else {
        vsnprintf(text->chars + text->length, (size_t)length + 1, format, again);
        text->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}

void ph_text_free(ph_text *text)
{
    ph_free(text->chars);
    *text = (ph_text){0};
}

bool ph_parse_int(const char *string, int64_t min, int64_t max, int64_t *value)
{
    const char *digits = string + (*string == '-' || *string == '+');
    if (!*digits || strspn(digits, "0123456789") != strlen(digits))
        return false;
    errno = 0;
    const long long parsed = strtoll(string, NULL, 10);
    if (errno || parsed < min || parsed > max)
        return false;
    *value = parsed;
    return true;
}

/* strtod reads the decimal point of the program's locale, which is the caller's business: "0.5" must mean the same
 * everywhere. `string` need not be terminated. */
static bool parse_real(const char *string, size_t length, double min, double max, double *value)
{
    char copy[NUMBER_MAX];
    if (length == 0 || length >= sizeof copy)
        return false;
    memcpy(copy, string, length);
    copy[length] = '\0';
    if (strspn(copy, "0123456789+-.eE") != length)
        return false;
    const char point = *localeconv()->decimal_point;
    for (char *c = copy; *c; c++)
        if (*c == '.')
            *c = point;
    char *end;
    const double parsed = strtod(copy, &end);
    if (*end || end == copy || !isfinite(parsed) || !(parsed >= min && parsed <= max))
        return false;
    *value = parsed;
    return true;
}

bool ph_parse_real(const char *string, double min, double max, double *value)
{
    return parse_real(string, strlen(string), min, max, value);
}

int ph_parse_reals(const char *string, double *values, int capacity)
{
    int count = 0;
    for (const char *item = string;; item++) {
        const size_t length = strcspn(item, ",");
        if (count == capacity || !parse_real(item, length, -HUGE_VAL, HUGE_VAL, &values[count]))
            return -1;
        count++;
        item += length;
        if (!*item)
            return count;
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Ukkonen's band: a distance below `cap` needs no cell further than `cap` from the diagonal, so one row of 2 cap + 1
 * cells is enough. Cell k of row i stands for column j = i + k - cap. */
size_t ph_edit_distance(const char *a, const char *b, size_t cap)
{
    cap = smaller(cap, DISTANCE_MAX);
    const size_t rows = strlen(a), columns = strlen(b);
    if ((rows > columns ? rows - columns : columns - rows) >= cap)
        return cap;
    size_t band[2 * DISTANCE_MAX + 2];
    const size_t width = 2 * cap + 1;
    for (size_t k = 0; k <= width; k++)
        band[k] = k >= cap && k < width ? k - cap : cap;
    for (size_t i = 1; i <= rows; i++)
        for (size_t k = 0; k < width; k++) {
            const size_t past = i + k; /* j + cap */
            if (past < cap || past - cap > columns) {
                band[k] = cap;
                continue;
            }
            const size_t j = past - cap;
            size_t best = band[k + 1] + 1;
            if (k > 0)
                best = smaller(best, band[k - 1] + 1);
            if (j > 0)
                best = smaller(best, band[k] + (a[i - 1] != b[j - 1]));
            band[k] = smaller(best, cap);
        }
    return band[columns + cap - rows];
}
