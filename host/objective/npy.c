#include "host/objective/npy.h"

#include "host/base/alloc.h"
#include "host/base/file.h"
#include "host/base/status.h"
#include "host/base/text.h"

#include <math.h>
#include <string.h>

static const size_t MAX_FILE = (size_t)64 << 20;
static const char MAGIC[] = "\x93NUMPY";

/* ---- .npy: magic, version, length of the header, header (a Python dictionary), values ---------------------------- */

typedef struct header {
    const char *chars; /* not terminated */
    size_t length;
} header;

static bool skip(header *h, const char *word)
{
    const size_t length = strlen(word);
    if (h->length < length || memcmp(h->chars, word, length) != 0)
        return false;
    h->chars += length;
    h->length -= length;
    return true;
}

static void skip_blanks(header *h)
{
    while (skip(h, " ") || skip(h, "\n") || skip(h, ","))
        continue;
}

/* "(2, 3)", "(5,)", "()": the product, of which at most one factor may differ from 1. */
static bool read_shape(header *h, size_t *count)
{
    size_t long_dimensions = 0;
    *count = 1;
    if (!skip(h, "("))
        return false;
    for (skip_blanks(h); !skip(h, ")"); skip_blanks(h)) {
        size_t dimension = 0, digits = 0;
        for (; h->length && *h->chars >= '0' && *h->chars <= '9'; digits++, h->chars++, h->length--) {
            if (dimension > MAX_FILE)
                return false;
            dimension = 10 * dimension + (size_t)(*h->chars - '0');
        }
        if (!digits)
            return false;
        long_dimensions += dimension != 1;
        *count *= dimension;
        if (long_dimensions > 1)
            return false;
    }
    return true;
}

typedef struct layout {
    size_t width; /* bytes per value: 4 or 8 */
    size_t count;
} layout;

/* The three keys in any order, each once; what differs from what we read is named in *problem. */
static bool read_layout(header h, layout *out, const char **problem)
{
    bool type = false, order = false, shape = false;
    *problem = "its header is damaged";
    skip_blanks(&h);
    if (!skip(&h, "{"))
        return false;
    for (skip_blanks(&h); !skip(&h, "}"); skip_blanks(&h)) {
        if (!type && skip(&h, "'descr': ")) {
            type = true;
            out->width = skip(&h, "'<f4'") ? 4 : skip(&h, "'<f8'") ? 8 : 0;
            if (!out->width) {
                *problem = "its values are not little-endian float32 or float64";
                return false;
            }
        } else if (!order && skip(&h, "'fortran_order': ")) {
            order = true;
            if (!skip(&h, "False") && !skip(&h, "True")) /* the same for one dimension */
                return false;
        } else if (!shape && skip(&h, "'shape': ")) {
            shape = true;
            if (!read_shape(&h, &out->count)) {
                *problem = "it has more than one dimension";
                return false;
            }
        } else {
            return false;
        }
    }
    return type && order && shape;
}

static uint64_t little_endian(const unsigned char *bytes, size_t length)
{
    uint64_t value = 0;
    for (size_t i = length; i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

static float number_at(const unsigned char *bytes, size_t width)
{
    const uint64_t bits = little_endian(bytes, width);
    if (width == 4) {
        const uint32_t narrow = (uint32_t)bits;
        float value;
        memcpy(&value, &narrow, sizeof value);
        return value;
    }
    double value;
    memcpy(&value, &bits, sizeof value);
    return (float)value;
}

/* Where the values are and how many; false with the problem. */
static bool find_values(const unsigned char *bytes, size_t size, layout *out, size_t *start, const char **problem)
{
    const size_t version = sizeof MAGIC - 1;
    *problem = "its header is damaged";
    if (size < version + 6 || bytes[version] < 1 || bytes[version] > 3)
        return false;
    const size_t length_size = bytes[version] == 1 ? 2 : 4, fixed = version + 2 + length_size;
    const size_t length = (size_t)little_endian(bytes + version + 2, length_size);
    if (length > size - fixed || !read_layout((header){(const char *)bytes + fixed, length}, out, problem))
        return false;
    *start = fixed + length;
    *problem = "it is empty";
    if (out->count == 0)
        return false;
    *problem = "its size and its header do not agree";
    return out->count == (size - *start) / out->width && (size - *start) % out->width == 0;
}

static ph_status read_npy(const char *path, const unsigned char *bytes, size_t size, float **values, size_t *count,
                          ph_error *err)
{
    const char *problem = NULL;
    layout found = {0};
    size_t start = 0;
    if (!find_values(bytes, size, &found, &start, &problem))
        return ph_fail(err, PH_FORMAT, "direction '%s': not a vector in .npy format: %s", path, problem);
    *values = ph_alloc(found.count, sizeof **values);
    if (!*values)
        return ph_fail_memory(err, found.count * sizeof **values, "a direction");
    for (size_t i = 0; i < found.count; i++)
        (*values)[i] = number_at(bytes + start + i * found.width, found.width);
    *count = found.count;
    return PH_OK;
}

/* ---- Text ------------------------------------------------------------------------------------------------------- */

/* Ends the next number of *rest with a NUL and returns it, NULL at the end of the text. */
static char *next_number(char **rest)
{
    static const char separators[] = " \t\r\n,;";
    char *start = *rest + strspn(*rest, separators);
    while (*start == '#') {
        start += strcspn(start, "\n");
        start += strspn(start, separators);
    }
    if (!*start)
        return NULL;
    char *end = start + strcspn(start, " \t\r\n,;#");
    /* A comment that touches its number must stay a comment. */
    *rest = end;
    if (*end == '#')
        *rest = end + strcspn(end, "\n");
    if (**rest)
        ++*rest;
    *end = '\0';
    return start;
}

static ph_status read_text(const char *path, char *text, size_t size, float **values, size_t *count, ph_error *err)
{
    size_t capacity = 0;
    if (strlen(text) != size)
        return ph_fail(err, PH_FORMAT, "direction '%s' is neither .npy nor text", path);
    for (char *number = next_number(&text); number; number = next_number(&text)) {
        double value;
        if (!ph_parse_real(number, -HUGE_VAL, HUGE_VAL, &value))
            return ph_fail(err, PH_FORMAT, "direction '%s': entry %zu, '%.40s', is not a finite number", path, *count,
                           number);
        void *grown = *values;
        if (ph_grow(&grown, *count, &capacity, sizeof **values) != 0)
            return ph_fail_memory(err, 2 * capacity * sizeof **values, "a direction");
        *values = grown;
        (*values)[(*count)++] = (float)value;
    }
    if (*count == 0)
        return ph_fail(err, PH_FORMAT, "direction '%s' holds no numbers", path);
    return PH_OK;
}

ph_status ph_vector_read(const char *path, float **values, size_t *count, ph_error *err)
{
    *values = NULL;
    *count = 0;
    void *bytes = NULL;
    size_t size = 0;
    PH_TRY(ph_file_read(path, MAX_FILE, &bytes, &size, err));
    ph_status status;
    if (size >= sizeof MAGIC - 1 && memcmp(bytes, MAGIC, sizeof MAGIC - 1) == 0)
        status = read_npy(path, bytes, size, values, count, err);
    else
        status = read_text(path, bytes, size, values, count, err);
    for (size_t i = 0; i < *count && status == PH_OK; i++)
        if (!isfinite((*values)[i]))
            status = ph_fail(err, PH_FORMAT, "direction '%s': entry %zu is not a finite number", path, i);
    ph_free(bytes);
    if (status != PH_OK) {
        ph_free(*values);
        *values = NULL;
        *count = 0;
    }
    return status;
}
